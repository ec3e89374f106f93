"""Catalogs, their items, and the vectors of these."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from placket_local.database.columns import flag, identity, instant, text
from placket_postgres.search.halfvec import HalfVector

revision = "s0001"
down_revision = None


def upgrade() -> None:
    """Make the tables and their indexes. The graphs over vectors are made when a catalog is large."""
    op.create_table(
        "search_catalogs",
        *identity(),
        text("name"),
        instant("created_at"),
        sa.Column("model", sa.Text, nullable=False, server_default=""),
        sa.Column("color_weight", sa.Double, nullable=False, server_default="0"),
    )
    op.create_table(
        "search_items",
        sa.Column("key", sa.BigInteger, primary_key=True, autoincrement=True),
        sa.Column("catalog", sa.BigInteger, sa.ForeignKey("search_catalogs.number"), nullable=False),
        *map(text, ("id", "url", "path")),
        flag("kept"),
        sa.Column("sha256", sa.LargeBinary, nullable=False),
        sa.Column("metadata", JSONB, nullable=False),
        sa.Column("words", JSONB, nullable=False, server_default="{}"),
        sa.Column("indexed", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("error", sa.Text, nullable=False, server_default=""),
    )
    op.create_index("search_items_by_id", "search_items", ["catalog", "id"], unique=True)
    for name, condition in (("unread", "NOT indexed AND error = ''"), ("failed", "error <> ''")):
        op.create_index(f"search_items_{name}", "search_items", ["catalog", "key"], postgresql_where=sa.text(condition))
    op.create_index("search_items_kept", "search_items", ["sha256"], postgresql_where=sa.text("kept"))
    for name, classes in (("metadata", {"metadata": "jsonb_path_ops"}), ("words", {})):
        op.create_index(f"search_items_{name}", "search_items", [name], postgresql_using="gin", postgresql_ops=classes)
    op.create_table(
        "search_vectors",
        sa.Column("item", sa.BigInteger, sa.ForeignKey("search_items.key", ondelete="CASCADE"), primary_key=True),
        sa.Column("catalog", sa.BigInteger, nullable=False),
        sa.Column("vector", HalfVector, nullable=False),
        sa.Column("seen", JSONB, nullable=False),
    )
    op.create_index("search_vectors_by_catalog", "search_vectors", ["catalog", "item"])

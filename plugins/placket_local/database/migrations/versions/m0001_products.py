"""Products with their full-text index, shots and exports."""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_TEXTS = ("sku", "name", "brand", "collection", "season", "gender", "product_type", "shot_status")
_KEYS = ("words", "name_key", "brand_key", "collection_key", "season_key")
_FLAGS = ("enabled", "archived", "public", "demo", "filler", "complete")

_FILTERED = ("brand_key", "collection_key", "season_key", "year", "gender", "product_type", "shot_status")
"""Each with the time of creation behind it, the order in which lists run unless they say otherwise."""

_SORTED = ("created_at", "updated_at", "name_key", "sku")

_SQLITE = """
CREATE VIRTUAL TABLE products_words USING fts5(
    words, content='products', content_rowid='number', tokenize='unicode61', prefix='2 3'
);
CREATE TRIGGER products_words_insert AFTER INSERT ON products BEGIN
    INSERT INTO products_words(rowid, words) VALUES (new.number, new.words);
END;
CREATE TRIGGER products_words_delete AFTER DELETE ON products BEGIN
    INSERT INTO products_words(products_words, rowid, words) VALUES ('delete', old.number, old.words);
END;
CREATE TRIGGER products_words_update AFTER UPDATE OF words ON products BEGIN
    INSERT INTO products_words(products_words, rowid, words) VALUES ('delete', old.number, old.words);
    INSERT INTO products_words(rowid, words) VALUES (new.number, new.words);
END;
"""
"""The index holds no second copy of the words; triggers keep it in step, whoever writes to the table."""

_POSTGRESQL = """
ALTER TABLE products ADD COLUMN word_vector tsvector GENERATED ALWAYS AS (to_tsvector('simple', words)) STORED;
CREATE INDEX ix_products_word_vector ON products USING gin (word_vector);
"""


def upgrade() -> None:
    """Make the tables, their indexes, and what the database's own full-text search needs."""
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "products",
        sa.Column("number", number, primary_key=True, autoincrement=True),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in _TEXTS),
        sa.Column("year", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in _KEYS),
        *(sa.Column(name, sa.Boolean, nullable=False) for name in _FLAGS),
        sa.Column("claims", sa.LargeBinary, nullable=False),
    )
    for name in _FILTERED:
        op.create_index(f"ix_products_{name}", "products", [name, "created_at", "number"])
    for name in _SORTED:
        op.create_index(f"ix_products_{name}", "products", [name, "number"])
    op.create_table(
        "shots",
        sa.Column("id", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("product_id", "look_id", "shot_type", "state")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("file", "media_type")),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_shots_product_id", "shots", ["product_id", "state"])
    op.create_index("ix_shots_look_id", "shots", ["look_id", "state"])
    op.create_table(
        "exports",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("request", sa.LargeBinary, nullable=False),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("items_total", "items_done")),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("created_at", "beat_at")),
    )
    statements = _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL
    for statement in re.split(r";\n(?=CREATE|ALTER|$)", statements.lstrip()):
        if statement:
            op.execute(statement)

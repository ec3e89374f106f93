"""Shoots, AR content, and the work that is to be done for them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables, and widen that of the shots."""
    for column in ("sku_id", "message", "preview", "revision_id"):
        op.add_column("shots", sa.Column(column, sa.Text, nullable=False, server_default=""))
    op.create_index("ix_shots_sku_id", "shots", ["sku_id", "shot_type"])
    _numbered("projects", _text("name"), _json("details"))
    _numbered("skus", _count("version"), _moment("created_at"), _moment("updated_at"), _text("sku"), _json("claims"))
    op.create_index("ix_skus_sku", "skus", ["sku"])
    op.create_table("sku_projects", _key("sku_id"), _key("project_id"))
    op.create_index("ix_sku_projects_project_id", "sku_projects", ["project_id"])
    _numbered("looks", _text("name"), _json("details"))
    op.create_table("look_skus", _key("look_id"), _key("sku_id"), _count("position"))
    op.create_index("ix_look_skus_sku_id", "look_skus", ["sku_id"])
    _numbered("briefs", _text("name"), _text("project_id"), _json("skus"), _json("wanted"))
    op.create_index("ix_briefs_project_id", "briefs", ["project_id", "number"])
    _numbered(
        "tasks",
        _text("owner"),
        _text("subject"),
        _json("request"),
        _text("state"),
        _text("message"),
        _moment("taken_at"),
        _text("taken_by"),
    )
    op.create_index("ix_tasks_owner", "tasks", ["owner", "state", "number"])
    op.create_index("ix_tasks_subject", "tasks", ["subject"])
    op.create_table("shot_tasks", _key("task_id"), _key("shot_id"), _text("brief_id"), _text("revision_id"))
    op.create_index("ix_shot_tasks_brief_id", "shot_tasks", ["brief_id"])
    op.create_index("ix_shot_tasks_shot_id", "shot_tasks", ["shot_id"])
    _numbered(
        "revisions",
        *(_text(name) for name in ("shot_id", "state", "note", "file", "media_type", "sha256")),
        _count("width"),
        _count("height"),
        _moment("made_at"),
    )
    op.create_index("ix_revisions_shot_id", "revisions", ["shot_id", "number"])
    op.create_table("selected_shots", _key("sku_id"), _key("shot_type"), _text("picture"))
    op.create_table(
        "ar_products",
        _key("id"),
        *(_text(name) for name in ("name", "sku", "type")),
        _json("request"),
        _json("result"),
        _moment("created_at"),
        _moment("updated_at"),
    )


def _numbered(name: str, *columns: sa.Column[object]) -> None:
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        name,
        sa.Column("number", number, primary_key=True, autoincrement=True),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        *columns,
    )


def _key(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Text, primary_key=True)


def _text(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Text, nullable=False)


def _count(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Integer, nullable=False)


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.BigInteger, nullable=False)


def _json(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.LargeBinary, nullable=False)

"""Shoots, AR content, and the work that is to be done for them."""

from __future__ import annotations

from alembic import op

from placket_local.database.columns import added_text, count, identity, instant, json, key, text

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables, and widen that of the shots."""
    for column in ("sku_id", "message", "preview", "revision_id"):
        op.add_column("shots", added_text(column))
    op.create_index("ix_shots_sku_id", "shots", ["sku_id", "shot_type"])
    op.create_table("projects", *identity(), text("name"), json("details"))
    details = count("version"), instant("created_at"), instant("updated_at"), text("sku"), json("claims")
    op.create_table("skus", *identity(), *details)
    op.create_index("ix_skus_sku", "skus", ["sku"])
    op.create_table("sku_projects", key("sku_id"), key("project_id"))
    op.create_index("ix_sku_projects_project_id", "sku_projects", ["project_id"])
    op.create_table("looks", *identity(), text("name"), json("details"))
    op.create_table("look_skus", key("look_id"), key("sku_id"), count("position"))
    op.create_index("ix_look_skus_sku_id", "look_skus", ["sku_id"])
    op.create_table("briefs", *identity(), text("name"), text("project_id"), json("skus"), json("wanted"))
    op.create_index("ix_briefs_project_id", "briefs", ["project_id", "number"])
    work = text("owner"), text("subject"), json("request"), text("state"), text("message")
    op.create_table("tasks", *identity(), *work, instant("taken_at"), text("taken_by"))
    op.create_index("ix_tasks_owner", "tasks", ["owner", "state", "number"])
    op.create_index("ix_tasks_subject", "tasks", ["subject"])
    op.create_table("shot_tasks", key("task_id"), key("shot_id"), text("brief_id"), text("revision_id"))
    op.create_index("ix_shot_tasks_brief_id", "shot_tasks", ["brief_id"])
    op.create_index("ix_shot_tasks_shot_id", "shot_tasks", ["shot_id"])
    made = map(text, ("shot_id", "state", "note", "file", "media_type", "sha256"))
    op.create_table("revisions", *identity(), *made, count("width"), count("height"), instant("made_at"))
    op.create_index("ix_revisions_shot_id", "revisions", ["shot_id", "number"])
    op.create_table("selected_shots", key("sku_id"), key("shot_type"), text("picture"))
    names, times = map(text, ("name", "sku", "type")), map(instant, ("created_at", "updated_at"))
    op.create_table("ar_products", key("id"), *names, json("request"), json("result"), *times)

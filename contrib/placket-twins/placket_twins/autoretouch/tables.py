"""The tables of the autoRetouch twin: SKUs, projects, briefs and what came of them."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Integer, MetaData, Table

from ..state import AnyText

METADATA = MetaData()

SKUS = Table(
    "autoretouch_skus",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", AnyText, nullable=False, unique=True),
    Column("name", AnyText, nullable=False),
    Column("front_image", AnyText, nullable=False),
    Column("back_image", AnyText),
    Column("gender", AnyText),
    Column("is_in_wardrobe", Boolean, nullable=False),
    Column("category", AnyText),
    Column("created_at", AnyText, nullable=False),
    Column("updated_at", AnyText, nullable=False),
)

SKU_PROJECTS = Table(
    "autoretouch_sku_projects",
    METADATA,
    Column("sku_id", AnyText, ForeignKey(SKUS.c.id, ondelete="CASCADE"), primary_key=True),
    Column("project_id", Integer, primary_key=True, index=True),
)

PROJECTS = Table(
    "autoretouch_projects",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("name", AnyText, nullable=False),
)

BRIEFS = Table(
    "autoretouch_briefs",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("name", AnyText, nullable=False),
    Column("project_id", Integer),
)

RESULTS = Table(
    "autoretouch_results",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", AnyText, nullable=False, unique=True),
    Column("brief_id", Integer, ForeignKey(BRIEFS.c.id), nullable=False, index=True),
    Column("sku_id", AnyText, nullable=False),
    Column("shot_type", AnyText, nullable=False),
    Column("status", AnyText, nullable=False),
    Column("sha256", AnyText, nullable=False, default=""),
    Column("media_type", AnyText, nullable=False, default=""),
    Column("reason", AnyText, nullable=False, default=""),
    Column("created_at", AnyText, nullable=False),
    Column("finished_at", AnyText),
)

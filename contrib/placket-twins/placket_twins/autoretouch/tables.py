"""The tables of the autoRetouch twin: SKUs, projects, briefs and what came of them."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Integer, MetaData, Table, Text

METADATA = MetaData()

SKUS = Table(
    "autoretouch_skus",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("front_image", Text, nullable=False),
    Column("back_image", Text),
    Column("gender", Text),
    Column("is_in_wardrobe", Boolean, nullable=False),
    Column("category", Text),
    Column("created_at", Text, nullable=False),
    Column("updated_at", Text, nullable=False),
)

SKU_PROJECTS = Table(
    "autoretouch_sku_projects",
    METADATA,
    Column("sku_id", Text, ForeignKey(SKUS.c.id, ondelete="CASCADE"), primary_key=True),
    Column("project_id", Integer, primary_key=True, index=True),
)

PROJECTS = Table(
    "autoretouch_projects",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("name", Text, nullable=False),
)

BRIEFS = Table(
    "autoretouch_briefs",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("name", Text, nullable=False),
    Column("project_id", Integer),
)

RESULTS = Table(
    "autoretouch_results",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("brief_id", Integer, ForeignKey(BRIEFS.c.id), nullable=False, index=True),
    Column("sku_id", Text, nullable=False),
    Column("shot_type", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("sha256", Text, nullable=False, default=""),
    Column("media_type", Text, nullable=False, default=""),
    Column("reason", Text, nullable=False, default=""),
    Column("created_at", Text, nullable=False),
    Column("finished_at", Text),
)

"""The tables of the twin: images of catalogs, catalog files that were not read yet, and usage."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, MetaData, Table, Text, UniqueConstraint

METADATA = MetaData()

FRESH, INDEXED, FAILED = 0, 1, 2
"""Where an image stands: not indexed yet, indexed, or it could not be."""

IMAGES = Table(
    "images",
    METADATA,
    Column("key", Integer, primary_key=True, autoincrement=True),
    Column("catalog", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("picture", LargeBinary),
    Column("crop", Text, nullable=False),
    Column("metadata", Text, nullable=False),
    Column("state", Integer, nullable=False),
    Column("error", Text, nullable=False),
    UniqueConstraint("catalog", "id"),
    Index("images_by_state", "catalog", "state"),
)
"""``metadata`` is JSON, and empty where there are none; ``crop`` is a JSON list, and empty for the whole picture."""

FILES = Table(
    "catalog_files",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("catalog", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
)
"""Catalog files that were taken and not read yet."""

USAGE = Table(
    "usage",
    METADATA,
    Column("month", Text, primary_key=True),
    Column("operation", Text, primary_key=True),
    Column("calls", Integer, nullable=False),
    Column("images", Integer, nullable=False),
)
"""``month`` as the vendor writes it, ``2017-1``."""

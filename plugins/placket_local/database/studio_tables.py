"""The tables of shoots and of AR content, and of the work that is still to be done for them.

What is JSON is bytes, as the codec wrote it. ``number`` puts rows in the order in which they were made.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, Table, Text

from .tables import METADATA, NUMBER

PROJECTS = Table(
    "projects",
    METADATA,
    Column("number", NUMBER, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("details", LargeBinary, nullable=False),
)

SKUS = Table(
    "skus",
    METADATA,
    Column("number", NUMBER, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("version", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("sku", Text, nullable=False),
    Column("claims", LargeBinary, nullable=False),
)
"""One row a garment of the shoots. By its ``sku`` it is linked to a product of the store, where there is one."""

SKU_PROJECTS = Table(
    "sku_projects",
    METADATA,
    Column("sku_id", Text, primary_key=True),
    Column("project_id", Text, primary_key=True),
)

LOOKS = Table(
    "looks",
    METADATA,
    Column("number", NUMBER, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("details", LargeBinary, nullable=False),
)

LOOK_SKUS = Table(
    "look_skus",
    METADATA,
    Column("look_id", Text, primary_key=True),
    Column("sku_id", Text, primary_key=True),
    Column("position", Integer, nullable=False),
)
"""The garments of a look; the one at position 0 is the one that it is made for."""

BRIEFS = Table(
    "briefs",
    METADATA,
    Column("number", NUMBER, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("project_id", Text, nullable=False),
    Column("skus", LargeBinary, nullable=False),
    Column("wanted", LargeBinary, nullable=False),
)

TASKS = Table(
    "tasks",
    METADATA,
    Column("number", NUMBER, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("owner", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("request", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("taken_at", BigInteger, nullable=False),
    Column("taken_by", Text, nullable=False),
)
"""One row a piece of work. ``owner`` is the brief or the AR product that it is a part of, ``subject`` the garment.

A task that is pending may be taken by any process when nobody has taken it, or whoever did has been silent.
"""

SHOT_TASKS = Table(
    "shot_tasks",
    METADATA,
    Column("task_id", Text, primary_key=True),
    Column("shot_id", Text, primary_key=True),
    Column("brief_id", Text, nullable=False),
    Column("revision_id", Text, nullable=False),
)
"""Which shots a task makes, and the revision that it made of each; empty before."""

REVISIONS = Table(
    "revisions",
    METADATA,
    Column("number", NUMBER, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("shot_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("made_at", BigInteger, nullable=False),
)
"""One row a version of a shot. ``file`` is the path of its picture below the folder of media."""

SELECTED_SHOTS = Table(
    "selected_shots",
    METADATA,
    Column("sku_id", Text, primary_key=True),
    Column("shot_type", Text, primary_key=True),
    Column("picture", Text, nullable=False),
)

AR_PRODUCTS = Table(
    "ar_products",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("sku", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("request", LargeBinary, nullable=False),
    Column("result", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
)
"""One row an AR product: ``request`` is what it is made from, ``result`` what was made, empty before."""

"""The tables of shoots and of AR content, and of the work that is still to be done for them."""

from __future__ import annotations

from sqlalchemy import Table

from .columns import count, identity, instant, json, key, text
from .tables import METADATA

PROJECTS = Table("projects", METADATA, *identity(), text("name"), json("details"))

SKUS = Table(
    "skus",
    METADATA,
    *identity(),
    count("version"),
    instant("created_at"),
    instant("updated_at"),
    text("sku"),
    json("claims"),
)
"""One row a garment of the shoots. By its ``sku`` it is linked to a product of the store, where there is one."""

SKU_PROJECTS = Table("sku_projects", METADATA, key("sku_id"), key("project_id"))

LOOKS = Table("looks", METADATA, *identity(), text("name"), json("details"))

LOOK_SKUS = Table("look_skus", METADATA, key("look_id"), key("sku_id"), count("position"))
"""The garments of a look; the one at position 0 is the one that it is made for."""

BRIEFS = Table("briefs", METADATA, *identity(), text("name"), text("project_id"), json("skus"), json("wanted"))

TASKS = Table(
    "tasks",
    METADATA,
    *identity(),
    text("owner"),
    text("subject"),
    json("request"),
    text("state"),
    text("message"),
    instant("taken_at"),
    text("taken_by"),
)
"""One row a piece of work. ``owner`` is the brief or the AR product that it is a part of, ``subject`` the garment.

A task that is pending may be taken by any process when nobody has taken it, or whoever did has been silent.
"""

SHOT_TASKS = Table("shot_tasks", METADATA, key("task_id"), key("shot_id"), text("brief_id"), text("revision_id"))
"""Which shots a task makes, and the revision that it made of each; empty before."""

REVISIONS = Table(
    "revisions",
    METADATA,
    *identity(),
    *map(text, ("shot_id", "state", "note", "file", "media_type", "sha256")),
    count("width"),
    count("height"),
    instant("made_at"),
)
"""One row a version of a shot. ``file`` is the path of its picture below the folder of media."""

SELECTED_SHOTS = Table("selected_shots", METADATA, key("sku_id"), key("shot_type"), text("picture"))

AR_PRODUCTS = Table(
    "ar_products",
    METADATA,
    key("id"),
    *map(text, ("name", "sku", "type")),
    json("request"),
    json("result"),
    instant("created_at"),
    instant("updated_at"),
)
"""One row an AR product: ``request`` is what it is made from, ``result`` what was made, empty before."""

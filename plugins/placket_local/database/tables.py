"""The tables of the store, as the newest migration leaves them. Those of shoots and AR content are `studio_tables`."""

from __future__ import annotations

from sqlalchemy import MetaData, Table

from .columns import added_text, count, flag, identity, instant, json, key, text

METADATA = MetaData()

FLAGS = ("enabled", "archived", "public", "demo", "filler")
"""What a product is or is not."""

PRODUCTS = Table(
    "products",
    METADATA,
    *identity(),
    count("version"),
    instant("created_at"),
    instant("updated_at"),
    *map(text, ("sku", "name", "brand", "collection", "season")),
    count("year"),
    *map(text, ("gender", "product_type", "shot_status", "words")),
    *map(text, ("name_key", "brand_key", "collection_key", "season_key")),
    *map(flag, (*FLAGS, "complete")),
    json("claims"),
)
"""One row a product. ``claims`` is the truth; the other columns repeat what is filtered and sorted by.

Keys are case-folded; ``words`` is what the full-text index is made of.
"""

SHOTS = Table(
    "shots",
    METADATA,
    key("id"),
    *map(text, ("product_id", "look_id", "shot_type", "state", "file", "media_type")),
    instant("updated_at"),
    *map(added_text, ("sku_id", "message", "preview", "revision_id")),
)
"""One row a shot of a product. ``file`` is the path of its picture below the folder of media.

``sku_id`` is the garment of the shoots that it shows; ``message`` says why there is no picture, and ``preview`` is the
path of one that shows it.
"""

EXPORTS = Table(
    "exports",
    METADATA,
    key("id"),
    text("state"),
    text("message"),
    json("request"),
    *map(count, ("items_total", "items_done")),
    *map(instant, ("created_at", "beat_at")),
)
"""One row an export. ``beat_at`` is when whoever packs it was last seen alive."""

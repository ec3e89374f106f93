"""The tables, as the newest migration leaves them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, MetaData, Table, Text

METADATA = MetaData()

NUMBER = BigInteger().with_variant(Integer, "sqlite")
"""SQLite numbers rows by itself only where the type is spelt INTEGER."""

PRODUCTS = Table(
    "products",
    METADATA,
    Column("number", NUMBER, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("version", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("sku", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("brand", Text, nullable=False),
    Column("collection", Text, nullable=False),
    Column("season", Text, nullable=False),
    Column("year", Integer, nullable=False),
    Column("gender", Text, nullable=False),
    Column("product_type", Text, nullable=False),
    Column("shot_status", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("name_key", Text, nullable=False),
    Column("brand_key", Text, nullable=False),
    Column("collection_key", Text, nullable=False),
    Column("season_key", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("archived", Boolean, nullable=False),
    Column("public", Boolean, nullable=False),
    Column("demo", Boolean, nullable=False),
    Column("filler", Boolean, nullable=False),
    Column("complete", Boolean, nullable=False),
    Column("claims", LargeBinary, nullable=False),
)
"""One row a product. ``claims`` is the truth, as JSON; the other columns repeat what is filtered and sorted by.

Times are microseconds since 1970. Keys are case-folded; ``words`` is what the full-text index is made of. What is
not known is empty or 0, so that sorting needs no null.
"""

SHOTS = Table(
    "shots",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("product_id", Text, nullable=False),
    Column("look_id", Text, nullable=False),
    Column("shot_type", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    *(
        Column(name, Text, nullable=False, server_default="")
        for name in ("sku_id", "message", "preview", "revision_id")
    ),
)
"""One row a shot of a product. ``file`` is the path of its picture below the folder of media.

``sku_id`` is the garment of the shoots that it shows; ``message`` says why there is no picture, and ``preview`` is the
path of one that shows it.
"""

EXPORTS = Table(
    "exports",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("request", LargeBinary, nullable=False),
    Column("items_total", Integer, nullable=False),
    Column("items_done", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("beat_at", BigInteger, nullable=False),
)
"""One row an export. ``beat_at`` is when whoever packs it was last seen alive."""

"""What makes lists of many products fast: wide indexes, and how many products have which properties.

An index holds all that products are filtered by, so that any filters with any order need only one of them.
"""

from __future__ import annotations

import re

from alembic import op

revision = "0003"
down_revision = "0002"

_FLAGS = ("enabled", "archived", "public", "demo", "filler")

_OF_FEW_VALUES = ("year", "season_key", "gender", "shot_status", "product_type")

_PROPERTIES = (*_OF_FEW_VALUES, "collection_key", "brand_key")
"""Each followed by the time of creation, which is the order among products that have it in common.

An index holds the short ones first, because reading one means passing those before it.
"""

_TIMES_AND_NAME = ("created_at", "updated_at", "name_key")

_SQLITE = """
CREATE TABLE product_counts (
    enabled, archived, public, demo, filler, year, season_key, gender, shot_status, product_type,
    products INTEGER NOT NULL,
    PRIMARY KEY (enabled, archived, public, demo, filler, year, season_key, gender, shot_status, product_type)
) WITHOUT ROWID;
INSERT INTO product_counts
    SELECT enabled, archived, public, demo, filler, year, season_key, gender, shot_status, product_type, count(*)
    FROM products GROUP BY enabled, archived, public, demo, filler, year, season_key, gender, shot_status, product_type;
CREATE TRIGGER product_counts_insert AFTER INSERT ON products BEGIN
    INSERT INTO product_counts VALUES (
        new.enabled, new.archived, new.public, new.demo, new.filler,
        new.year, new.season_key, new.gender, new.shot_status, new.product_type, 1
    ) ON CONFLICT DO UPDATE SET products = products + 1;
END;
CREATE TRIGGER product_counts_delete AFTER DELETE ON products BEGIN
    UPDATE product_counts SET products = products - 1
    WHERE enabled = old.enabled AND archived = old.archived AND public = old.public AND demo = old.demo
    AND filler = old.filler AND year = old.year AND season_key = old.season_key AND gender = old.gender
    AND shot_status = old.shot_status AND product_type = old.product_type;
END;
CREATE TRIGGER product_counts_update
AFTER UPDATE OF enabled, archived, public, demo, filler, year, season_key, gender, shot_status, product_type ON products
BEGIN
    UPDATE product_counts SET products = products - 1
    WHERE enabled = old.enabled AND archived = old.archived AND public = old.public AND demo = old.demo
    AND filler = old.filler AND year = old.year AND season_key = old.season_key AND gender = old.gender
    AND shot_status = old.shot_status AND product_type = old.product_type;
    INSERT INTO product_counts VALUES (
        new.enabled, new.archived, new.public, new.demo, new.filler,
        new.year, new.season_key, new.gender, new.shot_status, new.product_type, 1
    ) ON CONFLICT DO UPDATE SET products = products + 1;
END;
"""
"""SQLite has one writer at a time, so that a row that many writers change costs nothing; elsewhere they would queue."""


def upgrade() -> None:
    """Put wide indexes in the place of narrow ones; a SKU is only ever looked up."""
    for name in (*_PROPERTIES, *_TIMES_AND_NAME, "sku"):
        op.drop_index(f"ix_products_{name}", "products")
    for name in _PROPERTIES:
        held = [other for other in _PROPERTIES if other != name]
        op.create_index(f"ix_products_{name}", "products", [name, "created_at", "number", *_FLAGS, *held])
    for name in _TIMES_AND_NAME:
        op.create_index(f"ix_products_{name}", "products", [name, "number", *_FLAGS, *_PROPERTIES])
    op.create_index("ix_products_sku", "products", ["sku"])
    if op.get_bind().dialect.name == "sqlite":
        for statement in re.split(r";\n(?=CREATE|INSERT INTO product_counts\n|$)", _SQLITE.lstrip()):
            if statement:
                op.execute(statement)

"""Products with their full-text index, shots and exports."""

from __future__ import annotations

import re

from alembic import op

from placket_local.database.columns import count, flag, identity, instant, json, key, text

revision = "0001"
down_revision = None

_TEXTS = ("sku", "name", "brand", "collection", "season", "gender", "product_type", "shot_status")
_KEYS = ("words", "name_key", "brand_key", "collection_key", "season_key")
_FLAGS = ("enabled", "archived", "public", "demo", "filler", "complete")

_FILTERED = ("brand_key", "collection_key", "season_key", "year", "gender", "product_type", "shot_status")
"""Each with the time of creation behind it, the order in which lists run unless they say otherwise."""

_SORTED = ("created_at", "updated_at", "name_key", "sku")

_SQLITE = """
CREATE VIRTUAL TABLE products_words USING fts5(
    words, content='products', content_rowid='number', tokenize='unicode61', prefix='2 3'
);
CREATE TRIGGER products_words_insert AFTER INSERT ON products BEGIN
    INSERT INTO products_words(rowid, words) VALUES (new.number, new.words);
END;
CREATE TRIGGER products_words_delete AFTER DELETE ON products BEGIN
    INSERT INTO products_words(products_words, rowid, words) VALUES ('delete', old.number, old.words);
END;
CREATE TRIGGER products_words_update AFTER UPDATE OF words ON products BEGIN
    INSERT INTO products_words(products_words, rowid, words) VALUES ('delete', old.number, old.words);
    INSERT INTO products_words(rowid, words) VALUES (new.number, new.words);
END;
"""
"""The index holds no second copy of the words; triggers keep it in step, whoever writes to the table."""

_POSTGRESQL = """
ALTER TABLE products ADD COLUMN word_vector tsvector GENERATED ALWAYS AS (to_tsvector('simple', words)) STORED;
CREATE INDEX ix_products_word_vector ON products USING gin (word_vector);
"""


def upgrade() -> None:
    """Make the tables, their indexes, and what the database's own full-text search needs."""
    op.create_table(
        "products",
        *identity(),
        count("version"),
        instant("created_at"),
        instant("updated_at"),
        *map(text, _TEXTS),
        count("year"),
        *map(text, _KEYS),
        *map(flag, _FLAGS),
        json("claims"),
    )
    for name in _FILTERED:
        op.create_index(f"ix_products_{name}", "products", [name, "created_at", "number"])
    for name in _SORTED:
        op.create_index(f"ix_products_{name}", "products", [name, "number"])
    texts = map(text, ("product_id", "look_id", "shot_type", "state", "file", "media_type"))
    op.create_table("shots", key("id"), *texts, instant("updated_at"))
    op.create_index("ix_shots_product_id", "shots", ["product_id", "state"])
    op.create_index("ix_shots_look_id", "shots", ["look_id", "state"])
    op.create_table(
        "exports",
        key("id"),
        *map(text, ("state", "message")),
        json("request"),
        *map(count, ("items_total", "items_done")),
        *map(instant, ("created_at", "beat_at")),
    )
    statements = _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL
    for statement in re.split(r";\n(?=CREATE|ALTER|$)", statements.lstrip()):
        if statement:
            op.execute(statement)

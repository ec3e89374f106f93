"""The tables of the Pictofit twin: products, their configurations, the pictures of those, and what came of them."""

from __future__ import annotations

from sqlalchemy import Column, Float, ForeignKey, Integer, MetaData, Table, Text

METADATA = MetaData()

PRODUCTS = Table(
    "pictofit_products",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("customer_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("type_id", Integer, nullable=False),
    Column("sku", Text),
    Column("created_at", Float, nullable=False),
    Column("modified_at", Float, nullable=False),
)

CONFIGURATIONS = Table(
    "pictofit_configurations",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("product_id", Text, ForeignKey(PRODUCTS.c.id), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("sku", Text),
    Column("created_at", Float, nullable=False),
    Column("modified_at", Float, nullable=False),
    Column("is_ready", Integer, nullable=False, default=0),
    Column("outcome", Text, nullable=False, default=""),
    Column("reason", Text, nullable=False, default=""),
)
"""``outcome`` is empty until it was built, then ``finished`` or ``rejected``, for a ``reason``."""

PICTURES = Table(
    "pictofit_pictures",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("configuration_id", Text, ForeignKey(CONFIGURATIONS.c.id), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("type_id", Integer, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("created_at", Float, nullable=False),
)

RESULTS = Table(
    "pictofit_results",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("configuration_id", Text, ForeignKey(CONFIGURATIONS.c.id), nullable=False, index=True),
    Column("type", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", Text, nullable=False),
)

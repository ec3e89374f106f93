"""The tables of the Pictofit twin: products, their configurations, the pictures of those, and what came of them."""

from __future__ import annotations

from sqlalchemy import Column, Float, ForeignKey, Integer, MetaData, Table

from ..state import AnyText

METADATA = MetaData()

PRODUCTS = Table(
    "pictofit_products",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", AnyText, nullable=False, unique=True),
    Column("customer_id", AnyText, nullable=False),
    Column("name", AnyText, nullable=False),
    Column("type_id", Integer, nullable=False),
    Column("sku", AnyText),
    Column("created_at", Float, nullable=False),
    Column("modified_at", Float, nullable=False),
)

CONFIGURATIONS = Table(
    "pictofit_configurations",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", AnyText, nullable=False, unique=True),
    Column("product_id", AnyText, ForeignKey(PRODUCTS.c.id), nullable=False, index=True),
    Column("name", AnyText, nullable=False),
    Column("sku", AnyText),
    Column("created_at", Float, nullable=False),
    Column("modified_at", Float, nullable=False),
    Column("is_ready", Integer, nullable=False, default=0),
    Column("outcome", AnyText, nullable=False, default=""),
    Column("reason", AnyText, nullable=False, default=""),
)
"""``outcome`` is empty until it was built, then ``finished`` or ``rejected``, for a ``reason``."""

PICTURES = Table(
    "pictofit_pictures",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", AnyText, nullable=False, unique=True),
    Column("configuration_id", AnyText, ForeignKey(CONFIGURATIONS.c.id), nullable=False, index=True),
    Column("name", AnyText, nullable=False),
    Column("type_id", Integer, nullable=False),
    Column("media_type", AnyText, nullable=False),
    Column("sha256", AnyText, nullable=False),
    Column("created_at", Float, nullable=False),
)

RESULTS = Table(
    "pictofit_results",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", AnyText, nullable=False, unique=True),
    Column("configuration_id", AnyText, ForeignKey(CONFIGURATIONS.c.id), nullable=False, index=True),
    Column("type", AnyText, nullable=False),
    Column("name", AnyText, nullable=False),
    Column("media_type", AnyText, nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", AnyText, nullable=False),
)

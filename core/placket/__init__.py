"""Placket puts garment-AI vendors behind five vendor-neutral interfaces.

::

    async with placket.open("placket.toml") as router:
        record = await router.tag("photo.jpg")

    print(record.color, record.why("color"))

What is here is what most programs need. Plugin authors find the rest in `placket.interfaces`, `placket.record`,
`placket.registry`, `placket.transport` and `placket.errors`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import (
    AllProvidersFailed,
    ConfigError,
    InvalidInput,
    PlacketError,
    PluginError,
    ProviderError,
    Unsupported,
)
from .lazy import lazy_names

if TYPE_CHECKING:
    from .app import open  # noqa: A004 - placket.open, as in gzip.open
    from .blocking import SyncRouter, open_sync
    from .interfaces import Garment, GarmentImage, Image
    from .jobs import Router
    from .record import Claim, GarmentRecord
    from .registry import hookimpl

__version__ = "2026.11.0"

_HOMES = {
    "Claim": "record",
    "Garment": "interfaces",
    "GarmentImage": "interfaces",
    "GarmentRecord": "record",
    "Image": "interfaces",
    "Router": "jobs",
    "SyncRouter": "blocking",
    "hookimpl": "registry",
    "open": "app",
    "open_sync": "blocking",
}

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_names(__name__, _HOMES)

__all__ = [
    "AllProvidersFailed",
    "Claim",
    "ConfigError",
    "Garment",
    "GarmentImage",
    "GarmentRecord",
    "Image",
    "InvalidInput",
    "PlacketError",
    "PluginError",
    "ProviderError",
    "Router",
    "SyncRouter",
    "Unsupported",
    "hookimpl",
    "open",
    "open_sync",
]

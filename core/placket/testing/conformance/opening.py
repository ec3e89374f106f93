"""Building a provider as `placket.open` does, from settings that a test states plainly."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from functools import cache
from typing import Any, get_type_hints
from urllib.parse import urlsplit

import attrs

from ...app import open as open_router
from ...config import Config, HttpConfig, ProviderConfig, Route
from ...interfaces import Clock, Interface
from ...registry import ProviderType, Rate, Secret
from .secrecy import secrets_in
from .stand import Place, Stand

NAME = "under-test"
"""The provider's name in the configuration of a check."""

UNLIMITED = "1000000/s"
"""Keeping a vendor's rate is core's business, and would only make the checks slow."""


@asynccontextmanager
async def opened(
    interface: type[Interface],
    kind: ProviderType,
    plugin: str,
    settings: Mapping[str, Any],
    more: Mapping[str, Any],
    place: Place,
    *,
    clock: Clock,
    plugins: Iterable[object] = (),
) -> AsyncIterator[Stand]:
    """A stand with one provider; ``more`` are further tables of the configuration."""
    options = {key: _wrapped(kind, key, value) for key, value in settings.items()}
    config = _config(interface, plugin, options, more, place)
    async with open_router(config, plugins=plugins, clock=clock, environ={}, data_folder=place.folder) as router:
        provider = router.target(NAME).provider
        secrets = tuple(secrets_in(options))
        yield Stand(NAME, interface, provider, kind, clock, place, secrets)


def _config(
    interface: type[Interface], plugin: str, options: Mapping[str, Any], more: Mapping[str, Any], place: Place
) -> Config | Mapping[str, Any]:
    parts = urlsplit(place.server.url if place.server is not None else "")
    trusted = (f"{parts.hostname}:{parts.port}",) if parts.hostname else ()
    name = interface.interface_name
    if more:
        return {
            "providers": {NAME: {"plugin": plugin, "rate_limit": UNLIMITED, **options}},
            "routes": {name: {"targets": [NAME]}},
            **more,
            "http": {"trusted_hosts": list(trusted), **more.get("http", {})},
        }
    # Reading a mapping costs as much as all the rest of a check.
    return Config(
        providers={NAME: ProviderConfig(plugin=plugin, rate_limit=Rate.parse(UNLIMITED), options=options)},
        routes={name: Route(targets=(NAME,))},
        http=HttpConfig(trusted_hosts=trusted),
    )


def _wrapped(kind: ProviderType, key: str, value: Any) -> Any:
    """A text for a setting that is a secret becomes a secret: a test may say it plainly."""
    if not isinstance(value, str):
        return value
    return Secret(value) if key in _secret_settings(kind.settings) else value


@cache
def _secret_settings(settings: type) -> frozenset[str]:
    hints = get_type_hints(settings)
    annotations = {field.alias or field.name: hints.get(field.name) for field in attrs.fields(settings)}
    return frozenset(key for key, hint in annotations.items() if Secret in (hint, *getattr(hint, "__args__", ())))

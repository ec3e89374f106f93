"""The Thread Genius API: labels of a picture, and visual search in catalogs of pictures.

Settings, what maps to what, and what the vendor's page leaves open: ``docs/vendors/threadgenius.md``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from attrs import frozen

import placket
from placket.errors import ConfigError
from placket.interfaces import Capabilities, CatalogState, GarmentTagger, Level, VisualSearch
from placket.registry import Duration, ProviderContext, ProviderType, Secret, Url, setting

if TYPE_CHECKING:
    from .provider import ThreadGenius


def _needed_for_a_token(settings: Any, _attribute: object, value: Secret | None) -> None:
    if settings.protocol == "v0" and not value:
        raise ConfigError(
            'is missing: protocol "v0" exchanges api_key and api_secret for a token; "v1" needs api_key only',
            path="api_secret",
        )


def _of_the_protocol(settings: Any, _attribute: object, value: Url | None) -> None:
    version = "" if value is None else str(value).rstrip("/").rpartition("/")[2]
    if version in ("v0", "v1") and version != settings.protocol:
        raise ConfigError(
            f'is that of {version}, and the protocol is {settings.protocol}: write protocol = "{version}", '
            f"or the address of {settings.protocol}",
            path="base_url",
        )


@frozen(kw_only=True)
class ThreadGeniusSettings:
    """What an operator can say about this provider."""

    api_key: Secret = setting(doc="The API key.")
    protocol: Literal["v0", "v1"] = setting(default="v0", doc="The version of the vendor's protocol.")
    api_secret: Secret | None = setting(
        default=None, validator=_needed_for_a_token, doc="The secret that belongs to the key; v0 needs it, v1 does not."
    )
    base_url: Url | None = setting(
        default=None,
        validator=_of_the_protocol,
        doc="Where the service is. Left out, where the vendor has the chosen version.",
    )
    authorization: Literal["bearer", "token"] = setting(
        default="bearer", doc="How v0 is shown the token: after the word Bearer, or by itself."
    )
    trailing_slash: bool = setting(default=False, doc="Whether v0's addresses end in a slash, as in its reference.")
    boxes: Literal["pixels", "fractions"] | None = setting(
        default=None, doc="In what detected boxes are told. Left out, in pixels by v0 and in fractions by v1."
    )
    catalog_file_header: bool = setting(default=False, doc="Whether v0's catalog file begins with a line of names.")
    catalog_file_quoting: Literal["none", "csv"] = setting(
        default="none", doc="Whether the fields of v0's catalog file are quoted as in CSV."
    )
    upload_timeout: Duration = setting(
        default=Duration(3600.0), above=0, doc="How long one upload of a catalog file may take."
    )
    poll_interval: Duration = setting(
        default=Duration(5.0),
        minimum=1,
        doc="The pause between the first two looks at a catalog that is being indexed; it grows up to a minute.",
    )
    deadline: Duration = setting(
        default=Duration(3600.0), above=0, doc="How long an index is waited for where nobody sets an earlier end."
    )
    states: Mapping[str, CatalogState] = setting(
        factory=dict, doc="Further words for the status of a catalog, and what they mean."
    )


def _build(settings: ThreadGeniusSettings, context: ProviderContext) -> ThreadGenius:
    from .provider import ThreadGenius

    return ThreadGenius(settings, context)


CAPABILITIES = Capabilities(
    operations={
        "garment_tagger.tag": Level.FULL,
        "garment_tagger.submit": Level.FULL,
        "visual_search.create_catalog": Level.FULL,
        "visual_search.list_catalogs": Level.FULL,
        "visual_search.get_catalog": Level.FULL,
        "visual_search.delete_catalog": Level.FULL,
        "visual_search.add_items": Level.PARTIAL,
        "visual_search.list_items": Level.PARTIAL,
        "visual_search.delete_items": Level.PARTIAL,
        "visual_search.index": Level.FULL,
        "visual_search.search": Level.PARTIAL,
        "visual_search.detect": Level.FULL,
        "visual_search.usage": Level.FULL,
    },
    fields={
        "category": Level.FULL,
        "color": Level.FULL,
        "labels": Level.FULL,
        "extra": Level.FULL,
        **dict.fromkeys(("boot_style", "fabric", "fit", "pattern"), Level.PARTIAL),
    },
)
"""Partial: pictures without an address need an image host, and whether an id that exists is replaced is not told; v0
neither lists nor deletes items, and searches by whole pictures only; nothing filters. Fields that a label fills only
when its word says so."""


@placket.hookimpl
def placket_provider_types() -> Iterable[ProviderType]:
    """Register the one provider type."""
    return [
        ProviderType(
            name="threadgenius",
            title="Thread Genius API",
            description="Labels of a picture, garments in it, and visual search in catalogs.",
            homepage="http://docs.threadgenius.co/",
            settings=ThreadGeniusSettings,
            factory=_build,
            interfaces=(GarmentTagger, VisualSearch),
            capabilities=CAPABILITIES,
        )
    ]

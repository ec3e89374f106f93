"""The autoRetouch AI Shoot API: the garments of AI photo shoots, and what their briefs have yielded.

Settings, what maps to what, and what the vendor's page leaves open: ``docs/vendors/autoretouch.md``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from attrs import frozen

import placket
from placket.interfaces import Capabilities, Level, ShootManager
from placket.registry import Duration, ProviderContext, ProviderType, Secret, Url, setting

from . import wire

if TYPE_CHECKING:
    from .provider import AutoretouchShoots


def _filled(_settings: object, attribute: Any, value: str) -> None:
    if not value.strip():
        raise ValueError(f"{attribute.name} must not be empty")


def _absolute(_settings: object, attribute: Any, value: str) -> None:
    if value and not value.startswith("/"):
        raise ValueError(f'{attribute.name} must begin with a slash, as in "/v1/upload"')


def _known_words(_settings: object, _attribute: object, value: Mapping[str, str]) -> None:
    for category, word in value.items():
        if word not in wire.SKU_CATEGORIES:
            known = ", ".join(wire.SKU_CATEGORIES)
            raise ValueError(f"sku_categories must give each category one of {known}, not {category} = {word}")


@frozen(kw_only=True)
class AutoretouchSettings:
    """What an operator can say about this provider."""

    client_id: str = setting(doc="The id of the OAuth client, which the vendor gives.", validator=_filled)
    refresh_token: Secret | None = setting(
        default=None, doc="A refresh token to begin with, where nobody runs `placket login`."
    )
    token_store: Literal["file", "keyring"] = setting(
        default="file", doc="Where the refresh token is kept: a file in the data folder, or the system's keyring."
    )
    base_url: Url = setting(default=Url(wire.BASE_URL), doc="Where the service is.")
    auth_url: Url = setting(default=Url(wire.AUTH_URL), doc="Where the login server is.")
    audience: str = setting(default=wire.BASE_URL, doc="The audience that a login asks for.")
    scope: str = setting(default=wire.SCOPE, doc="The scope that a login asks for.")
    renew_before: Duration = setting(
        default=Duration(120.0), minimum=0, doc="How long before its end an access token is renewed."
    )
    organization: str = setting(default="", doc="The id of the organization that uploads belong to.")
    organization_in_shoots: bool = setting(
        default=False, doc="Send the organization with the AI Shoot requests as well."
    )
    first_page: int = setting(default=1, minimum=0, doc="The number of a list's first page.")
    page_size: int = setting(default=100, minimum=1, doc="How many results of a brief are asked for at a time.")
    find_by_filter: bool = setting(
        default=True, doc="Look for one SKU with `skuIdFilter`; if not, by reading the whole list."
    )
    check_updates: bool = setting(
        default=True, doc="Read a SKU again after an update, to notice that somebody else wrote at the same time."
    )
    send_back: tuple[str, ...] = setting(
        default=(), doc="Further keys of a SKU that an update sends back as they were read."
    )
    sku_categories: Mapping[str, str] = setting(
        factory=dict, validator=_known_words, doc="Further categories, by taxonomy id, and the vendor's word for each."
    )
    upload_path: str = setting(default=wire.UPLOAD, validator=_absolute, doc="The path of the upload.")
    check_uploads: bool = setting(
        default=True, doc="Ask before an upload whether the vendor has the same bytes already."
    )
    content_hash: Literal["hex", "base64"] = setting(
        default="hex", doc="How the SHA-256 is written when the vendor is asked for an upload."
    )
    result_prefix: str = setting(
        default="/v1", validator=_absolute, doc="What stands before a result's path in its address."
    )


def _build(settings: AutoretouchSettings, context: ProviderContext) -> AutoretouchShoots:
    from .provider import AutoretouchShoots

    return AutoretouchShoots(settings, context)


FULL_FIELDS = "external_ids extra name shoot"
PARTIAL_FIELDS = "category created_at gender media updated_at"
CAPABILITIES = Capabilities(
    operations={
        "shoot_manager.list_skus": Level.FULL,
        "shoot_manager.list_global_skus": Level.PARTIAL,
        "shoot_manager.create_sku": Level.FULL,
        "shoot_manager.update_sku": Level.PARTIAL,
        "shoot_manager.delete_sku": Level.FULL,
        "shoot_manager.brief_results": Level.FULL,
    },
    fields={
        **dict.fromkeys(FULL_FIELDS.split(), Level.FULL),
        **dict.fromkeys(PARTIAL_FIELDS.split(), Level.PARTIAL),
    },
)
"""Partial: global SKUs have no filters; a writer that comes between the reading and the writing of an update can be
overwritten unseen; six categories and two genders; pictures as identifiers without an address; times that the page
does not show."""


@placket.hookimpl
def placket_provider_types() -> Iterable[ProviderType]:
    """Register the one provider type."""
    return [
        ProviderType(
            name="autoretouch",
            title="autoRetouch AI Shoot API",
            description="The garments of AI photo shoots, and the pictures that briefs have yielded.",
            homepage="https://docs.autoretouch.com/api/ai-shoot/",
            settings=AutoretouchSettings,
            factory=_build,
            interfaces=(ShootManager,),
            capabilities=CAPABILITIES,
        )
    ]

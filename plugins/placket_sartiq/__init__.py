"""The Sartiq Backend: products with their brands and seasons, and the AI photo shoots made of them.

Settings, what maps to what, and what the vendor's page leaves open: ``docs/vendors/sartiq.md``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Literal

from attrs import frozen

import placket
from placket.interfaces import Capabilities, Level, ProductStore, ShootManager
from placket.registry import ByteSize, Duration, ProviderContext, ProviderType, Secret, Url, setting

if TYPE_CHECKING:
    from .provider import Sartiq

BASE_URL = "https://api.sartiq.com/api/v1"


def _filled(_settings: object, attribute: object, value: str) -> None:
    if not value.strip():
        raise ValueError(f"{getattr(attribute, 'name', 'it')} must not be empty")


def _facts(_settings: object, _attribute: object, value: Mapping[str, str]) -> None:
    for key, fact in value.items():
        if fact not in ("filename", "content_type"):
            raise ValueError(f'presigned_request.{key} must be "filename" or "content_type", not {fact!r}')


@frozen(kw_only=True)
class SartiqSettings:
    """What an operator can say about this provider."""

    username: str = setting(doc="The e-mail address of the account.", validator=_filled)
    password: Secret = setting(doc="The password of the account.")
    organization_id: str = setting(
        default="", doc="The organisation whose products are meant; empty for the account's personal ones."
    )
    base_url: Url = setting(default=Url(BASE_URL), doc="Where the service is.")
    image_upload: Literal["presigned", "base64", "data-url"] = setting(
        default="presigned",
        doc="How bytes get there: uploaded to an address that the vendor gives, or inside the request.",
    )
    presigned_request: Mapping[str, str] = setting(
        factory=lambda: {"filename": "filename", "content_type": "content_type"},
        validator=_facts,
        doc="The keys of the request for an upload address, and which of filename and content_type each holds.",
    )
    sync_captioning: bool = setting(
        default=True, doc="Whether creating a product waits until the vendor has written its description."
    )
    captioning_timeout: Duration = setting(
        default=Duration(180.0), above=0, doc="How long such a request may take; other requests follow timeout."
    )
    captions_generated: bool = setting(
        default=True, doc="Whether the short description counts as written by a model; the vendor does not say."
    )
    age_classes: Mapping[str, str] = setting(
        factory=dict, doc="The vendor's codes for age groups, by Placket's ids: kids, adults, and others."
    )
    poll_interval: Duration = setting(
        default=Duration(5.0), minimum=1, doc="The pause between the first looks at an export; it grows to a minute."
    )
    export_deadline: Duration = setting(
        default=Duration(3600.0), above=0, doc="How long an export is waited for where nobody sets an earlier end."
    )
    export_limit: int | None = setting(
        default=None, minimum=1, doc="The limit sent with the filters of an export; left out, the vendor chooses."
    )
    download_from: Literal["route", "download-url"] = setting(
        default="route", doc="Where an export is fetched: at its task's address, or where its download_url points."
    )
    max_download: ByteSize = setting(
        default=ByteSize(20 * 10**9), minimum=1, doc="The largest export that is downloaded."
    )


def _build(settings: SartiqSettings, context: ProviderContext) -> Sartiq:
    from .provider import Sartiq

    return Sartiq(settings, context)


FULL_OPERATIONS = (
    "product_store.create product_store.get product_store.update product_store.delete product_store.archive "
    "product_store.facet product_store.start_export product_store.list_exports product_store.get_export "
    "product_store.cancel_export product_store.dismiss_export product_store.download_export "
    "shoot_manager.list_looks shoot_manager.list_shots shoot_manager.revisions shoot_manager.list_generations "
    "shoot_manager.select_shot shoot_manager.export_approved"
)
FULL_FIELDS = (
    "access brand category category_text collection color color_name created_at descriptions external_ids extra "
    "gender in_store_date length master_code material_text name neckline pattern season shoot sku style_code theme "
    "updated_at visibility fit closure"
)
CAPABILITIES = Capabilities(
    operations={
        **dict.fromkeys(FULL_OPERATIONS.split(), Level.FULL),
        "product_store.list": Level.PARTIAL,
        "shoot_manager.list_skus": Level.PARTIAL,
    },
    fields={
        **dict.fromkeys(FULL_FIELDS.split(), Level.FULL),
        **dict.fromkeys(["age_group", "composition", "fabric", "labels", "media", "sleeve_length"], Level.PARTIAL),
    },
)
"""Partial: lists, because disabled products come only where they are asked for; codes of age that the vendor does not
list; fibres and fabrics, read out of a text; of pictures, what a media item has room for; sleeves, whose shape is a
label."""


@placket.hookimpl
def placket_provider_types() -> Iterable[ProviderType]:
    """Register the one provider type."""
    return [
        ProviderType(
            name="sartiq",
            title="Sartiq Backend",
            description="Products with brands, collections and seasons, and the shots, looks and exports of AI shoots.",
            homepage="https://docs.sartiq.com/apis/backend/endpoints/products",
            settings=SartiqSettings,
            factory=_build,
            interfaces=(ProductStore, ShootManager),
            capabilities=CAPABILITIES,
        )
    ]

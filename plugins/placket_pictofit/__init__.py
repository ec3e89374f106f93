"""The Pictofit Content Service: garments to try on in augmented reality, made from a few pictures.

Settings, what maps to what, and what the vendor's pages leave open: ``docs/vendors/pictofit.md``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from attrs import frozen

import placket
from placket.interfaces import ARContentBuilder, Capabilities, Level, operations_of
from placket.registry import ByteSize, Duration, ProviderContext, ProviderType, Secret, Url, setting

from . import wire

if TYPE_CHECKING:
    from .provider import PictofitBuilder

_PLACE = re.compile(r"\{(\w*)\}")

State = Literal["queued", "running", "succeeded", "failed", "cancelled", "unknown"]


def _filled(_settings: object, attribute: Any, value: str) -> None:
    if not value.strip():
        raise ValueError(f"{attribute.name} must not be empty")


def _path_with(*places: str) -> Any:
    def check(_settings: object, attribute: Any, value: str) -> None:
        if not value.startswith("/") or sorted(_PLACE.findall(value)) != sorted(places):
            wanted = " and ".join(f"{{{place}}}" for place in places)
            raise ValueError(f"{attribute.name} must start with / and hold {wanted or 'no {places}'}")

    return check


def _one_way_in(settings: Any, _attribute: object, value: Login | None) -> None:
    if (settings.api_key is None) is (value is None):
        raise ValueError("give either api_key or login: one of the two")


@frozen(kw_only=True)
class Login:
    """The login of the service's older versions: a user's name and password, exchanged for a token."""

    username: str = setting(doc="The user's name.", validator=_filled)
    password: Secret = setting(doc="The user's password.")
    client_secret: Secret = setting(doc="The client's secret, from the vendor.")
    client_id: str = setting(default=wire.CLIENT_ID, doc="The client's id.")
    scope: str = setting(default=wire.SCOPE, doc="What the token is for.")
    token_url: Url = setting(default=Url(wire.TOKEN_URL), doc="Where tokens are obtained.")


@frozen(kw_only=True)
class PictofitSettings:
    """What an operator can say about this provider."""

    customer_id: str = setting(doc="The customer id that products belong to.", validator=_filled)
    api_key: Secret | None = setting(default=None, doc="The API key, created on the CMS's profile page.")
    login: Login | None = setting(default=None, doc="An older login, in place of api_key.", validator=_one_way_in)
    base_url: Url = setting(default=Url(wire.BASE_URL), doc="Where the service is, version included.")

    product_type: str = setting(default=wire.GARMENT_2D, doc="The type of products that name none.", validator=_filled)
    product_type_ids: Mapping[str, int] = setting(
        factory=dict, doc="Ids of product types; GARMENT_2D is 1, and the service is asked about the others."
    )
    image_type_ids: Mapping[str, int] = setting(
        factory=dict, doc="Ids of image types; FRONTAL is 1, and the service is asked about the others."
    )
    roles: Mapping[str, str] = setting(
        factory=dict, doc="The image type of each role; front is FRONTAL, reference is REFERENCE_ADDITIONAL."
    )
    states: Mapping[str, State] = setting(
        factory=dict, doc="What the numbers of a configuration's state mean; only 4, finished, is sure."
    )

    first_poll: Duration = setting(default=Duration(1.0), minimum=0, doc="The pause before the first look.")
    poll_interval: Duration = setting(
        default=Duration(2.0), minimum=1, doc="The pause between the next two looks; it grows by half each time."
    )
    poll_maximum: Duration = setting(default=Duration(3600.0), minimum=10, doc="The longest pause between two looks.")
    deadline: Duration = setting(
        default=Duration(7 * 86400.0), above=0, doc="How long a product is waited for where the caller sets no end."
    )

    rehost: bool = setting(default=True, doc="Download finished files and publish or keep them.")
    preferred_result: str = setting(default=wire.MOBILE, doc="The type of result that comes first.")
    result_types: tuple[str, ...] = setting(
        default=(), doc="The types of result to download; all of them when none is named."
    )
    max_result_size: ByteSize = setting(default=ByteSize(256 * 2**20), above=0, doc="Larger files are not downloaded.")
    results_base: Url | None = setting(
        default=None, doc="Where relative addresses of files begin; base_url if left out."
    )

    files_path: str = setting(default=wire.FILES, doc="Where pictures are sent to.", validator=_path_with())
    ready_path: str = setting(
        default=wire.READY, doc="Where a configuration is flagged as ready.", validator=_path_with("configuration")
    )
    callback_types_path: str = setting(
        default=wire.CALLBACK_TYPES, doc="Where the types of callback are listed.", validator=_path_with()
    )
    callbacks_path: str = setting(
        default=wire.CALLBACKS, doc="Where a callback is registered.", validator=_path_with("customer", "type")
    )
    trigger_path: str = setting(
        default=wire.TRIGGER, doc="Where a test call is asked for.", validator=_path_with("customer", "type", "id")
    )
    trigger_method: Literal["POST", "PUT", "GET"] = setting(default="POST", doc="How a test call is asked for.")
    register_by: Literal["id", "name"] = setting(default="id", doc="What names a callback type when it is registered.")
    trigger_by: Literal["id", "name"] = setting(default="name", doc="What names a callback type in a test call.")
    callback_url_slash: bool = setting(
        default=True, doc="End callback addresses with a slash, so that the appended id is a segment of its own."
    )
    repeat_posts: bool = setting(
        default=True,
        doc="Whether a picture or a ready flag that got no answer may be sent again; 409 then means it is there.",
    )


def _build(settings: PictofitSettings, context: ProviderContext) -> PictofitBuilder:
    from .provider import PictofitBuilder

    return PictofitBuilder(settings, context)


CAPABILITIES = Capabilities(
    operations={f"ar_content_builder.{name}": Level.FULL for name in operations_of(ARContentBuilder)}
    | {"ar_content_builder.get_product": Level.PARTIAL},
    fields={
        **dict.fromkeys(("ar", "external_ids", "extra", "variants"), Level.FULL),
        **dict.fromkeys(("media", "name", "sku"), Level.PARTIAL),
    },
)
"""Partial: the service has no way to read a product's own name, SKU and pictures back, only its configurations; they
are claimed, as echoes, when it is made."""


@placket.hookimpl
def placket_provider_types() -> Iterable[ProviderType]:
    """Register the one provider type."""
    return [
        ProviderType(
            name="pictofit",
            title="Pictofit Content Service",
            description="Garments to try on in augmented reality, made from a few pictures.",
            homepage="https://docs.pictofit.com/content-service/latest/using-the-service",
            settings=PictofitSettings,
            factory=_build,
            interfaces=(ARContentBuilder,),
            capabilities=CAPABILITIES,
        )
    ]

"""The Aistetic Listing API: garment tags, measurements and a description from one picture.

Settings, what maps to what, and what the vendor's page leaves open: ``docs/vendors/aistetic.md``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Literal

from attrs import frozen

import placket
from placket.interfaces import Capabilities, GarmentTagger, Level
from placket.registry import Duration, ProviderContext, ProviderType, Rate, Secret, Url, setting

from . import wire

if TYPE_CHECKING:
    from .provider import AisteticTagger


def _filled(_settings: object, _attribute: object, value: str) -> None:
    if not value.strip():
        raise ValueError("domain must not be empty; write it as it is registered in the vendor's dashboard")


def _probabilities(_settings: object, _attribute: object, value: Mapping[str, float]) -> None:
    for word, confidence in value.items():
        if not 0 <= confidence <= 1:
            raise ValueError(f"confidence must give each word a number from 0 to 1, not {word} = {confidence:g}")


@frozen(kw_only=True)
class AisteticSettings:
    """What an operator can say about this provider."""

    api_key: Secret = setting(doc="The API key, created in the vendor's dashboard.")
    domain: str = setting(doc="The domain as it is registered in the vendor's dashboard.", validator=_filled)
    base_url: Url = setting(default=Url(wire.BASE_URL), doc="Where the service is.")
    send_attributes: bool = setting(
        default=True, doc="Send what is known (brand, category, gender, material, studio) as hints."
    )
    typical_latency: Duration | None = setting(
        default=None,
        minimum=0,
        doc="How long the vendor usually takes: the first query waits so long. Left out, it is learnt.",
    )
    poll_interval: Duration = setting(
        default=Duration(10.0),
        minimum=10,
        doc="The pause between the first two queries for a garment; it grows up to a minute.",
    )
    deadline: Duration = setting(
        default=Duration(600.0), above=0, doc="How long a garment is waited for where the route sets no earlier end."
    )
    confidence: Mapping[str, float] = setting(
        factory=dict,
        validator=_probabilities,
        doc="Probabilities for the vendor's words: High, Medium, Low, and others.",
    )
    uuid_from: Literal["garment", "random"] = setting(
        default="garment",
        doc="The uuid of an upload: the garment's id, or a new one each time.",
    )
    repeat_upload: bool = setting(
        default=False, doc="Whether an upload that got no answer may be sent again with the same uuid."
    )
    status_at: tuple[str, ...] = setting(
        default=wire.STATUS_PLACES,
        doc="Where in the answer to a query the processing status may be; the first text counts.",
    )
    refused_query: Literal["job-failed", "not-found"] = setting(
        default="job-failed", doc="What it means when a query is answered with status false."
    )


def _build(settings: AisteticSettings, context: ProviderContext) -> AisteticTagger:
    from .provider import AisteticTagger

    return AisteticTagger(settings, context)


FULL_FIELDS = "category category_text closure color external_ids extra fabric fit"
PARTIAL_FIELDS = (
    "age_group boot_style brand composition descriptions dress_occasion dress_style features gender length "
    "material_text measurements media neckline pattern sleeve_length waist_rise"
)
CAPABILITIES = Capabilities(
    operations={"garment_tagger.tag": Level.FULL, "garment_tagger.submit": Level.FULL},
    fields={
        **dict.fromkeys(FULL_FIELDS.split(), Level.FULL),
        **dict.fromkeys(PARTIAL_FIELDS.split(), Level.PARTIAL),
    },
)
"""Partial: fields that come as an echo, or only when the item type names them; one description, the long one; lengths
of which the vendor does not say between which points they lie."""


@placket.hookimpl
def placket_provider_types() -> Iterable[ProviderType]:
    """Register the one provider type."""
    return [
        ProviderType(
            name="aistetic",
            title="Aistetic Listing API",
            description="Tags, measurements and a description from one picture at a public address.",
            homepage="https://api-docs.aistetic.com/docs/api/intro",
            settings=AisteticSettings,
            factory=_build,
            interfaces=(GarmentTagger,),
            capabilities=CAPABILITIES,
            rate_limit=Rate.parse(wire.RATE_LIMIT),
        )
    ]

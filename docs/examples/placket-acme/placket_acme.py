"""Acme for Placket: a garment tagger.

Written for a service that answers one POST with JSON. Change the paths, words and fields to what your vendor's page
says; ``pytest`` tells when it is done.
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

import placket
from placket.interfaces import Capabilities, Findings, Garment, GarmentTagger, Level
from placket.record import ClaimBuilder
from placket.registry import ProviderContext, ProviderType, Secret, Url, setting
from placket.transport import StaticHeaders


@frozen(kw_only=True)
class AcmeSettings:
    """The keys of the provider's table in placket.toml."""

    api_key: Secret = setting(doc="The key from Acme's dashboard.")
    base_url: Url = setting(default=Url("https://api.acme.example"), doc="Where Acme's service is.")
    language: str = setting(default="en", doc="The language of Acme's descriptions.")


class AcmeTagger(GarmentTagger):
    """Sends a garment's front picture and reads what comes back."""

    def __init__(self, settings: AcmeSettings, context: ProviderContext) -> None:
        self._settings = settings
        self._context = context
        self._http = context.http(settings.base_url, StaticHeaders({"X-Key": settings.api_key}))

    async def tag(self, garment: Garment) -> Findings:
        """Ask Acme; its answer is the same however often it is asked, so the POST may be repeated."""
        picture = await self._context.content(garment.image("front"))
        answer = await self._http.post(
            "/v1/tags", data=picture, params={"language": self._settings.language}, repeatable=True
        )
        said = answer.json_object()
        build = ClaimBuilder(self._context.source("tag", answer.request_id), self._context.vocabulary)
        build.text("brand", said.get("brand"), path="brand")
        build.word("color", said.get("colour"), path="colour", confidence=_share(said.get("sure")))
        build.measure("Waist", said.get("waist_cm"), "cm", path="waist_cm")
        words = said.get("words")
        for word in words if isinstance(words, list) else []:
            build.label(word, path="words")
        for key in said.keys() - {"brand", "colour", "sure", "waist_cm", "words"}:
            build.extra("acme", key, said[key])
        return Findings(build.claims, raw=said)


def _share(sure: object) -> float | None:
    """Acme's certainty as 0 to 1; None where it says nothing usable."""
    try:
        number = float(str(sure))
    except ValueError:
        return None
    return number if 0 <= number <= 1 else None


@placket.hookimpl
def placket_provider_types() -> Iterable[ProviderType]:
    """Register the provider type: what it is called, what it can do, how it is made."""
    yield ProviderType(
        name="acme",
        title="Acme Tagging",
        homepage="https://acme.example",
        settings=AcmeSettings,
        factory=AcmeTagger,
        interfaces=(GarmentTagger,),
        capabilities=Capabilities(
            operations={"garment_tagger.tag": Level.FULL, "garment_tagger.submit": Level.FULL},
            fields={
                "brand": Level.FULL,
                "color": Level.FULL,
                "measurements": Level.PARTIAL,
                "labels": Level.FULL,
                "extra": Level.FULL,
            },
        ),
    )

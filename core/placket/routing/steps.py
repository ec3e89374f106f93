"""The steps of ``enrich``: each asks one interface about this garment and gives a part.

A garment that merely looks alike is no evidence about this one, so similar garments make no claims.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

from attrs import define, field

from ..errors import NotFound, PlacketError, Unsupported
from ..interfaces import (
    ARContentBuilder,
    ArProduct,
    Attempt,
    Clock,
    Deadline,
    Findings,
    Garment,
    GarmentTagger,
    Image,
    Interface,
    JobState,
    Outcome,
    Product,
    ProductQuery,
    ProductStore,
    Query,
    Ref,
    SearchResults,
    ShootManager,
    Sku,
    SkuQuery,
    VisualSearch,
    operations_of,
)
from ..record import Claim, Source
from .caller import Caller
from .parts import EnrichmentRules, Part, PartState, Step
from .target import ProviderTarget

CANDIDATES = 50
"""How many products or SKUs are looked at for one whose code is exactly the one that is known."""
PICTURES = 200
"""How many looks, and how many shots, of one garment are read."""


@define
class Asking:
    """One step while it is taken."""

    caller: Caller
    garment: Garment
    refs: Sequence[Ref]
    rules: EnrichmentRules
    deadline: Deadline
    clock: Clock
    attempts: list[Attempt] = field(factory=list)

    async def call(
        self,
        interface: type[Interface],
        operation: str,
        *arguments: Any,
        stream: Callable[[Any], Awaitable[Any]] | None = None,
    ) -> Any:
        """Ask by the route; the attempts are noted, however it ends."""
        left = self.deadline.left()
        declared = operations_of(interface)[operation]
        try:
            answer, attempts = await self.caller.call(
                interface.interface_name, declared, arguments, stream, None if left == math.inf else left
            )
        except PlacketError as error:
            self.attempts += error.attempts
            raise
        self.attempts += attempts
        return answer

    async def listed(self, most: int, interface: type[Interface], operation: str, *arguments: Any) -> list[Any]:
        """At most the first ``most`` of a list, read within the one call."""

        async def read(stream: Any) -> list[Any]:
            items: list[Any] = []
            try:
                async for item in stream:
                    items.append(item)
                    if len(items) >= most:
                        break
            finally:
                await stream.aclose()
            return items

        found: list[Any] = await self.call(interface, operation, *arguments, stream=read)
        return found

    async def optional(self, most: int, operation: str, ref: Ref) -> list[Any]:
        """A list of the shoot manager about one SKU; nothing where nobody can say it or knows the SKU."""
        try:
            return await self.listed(most, ShootManager, operation, ref)
        except (Unsupported, NotFound):
            return []

    def picture(self) -> Image | None:
        """The front, or the first picture that there is."""
        images = sorted(self.garment.images, key=lambda item: item.role != "front")
        return images[0].image if images else None

    def code(self, name: str) -> str:
        """A code that the caller knows, empty when not."""
        value = self.garment.known.get(name)
        return "" if value is None else str(value).strip()

    def held(self, interface: type[Interface], operation: str) -> tuple[Ref, ...]:
        """Where this garment is: as the caller says, by a reference or by its external ids."""
        if self.refs:
            return tuple(self.refs)
        kind: str = getattr(interface, "ref_kind", "")
        return tuple(
            Ref(target.name, kind, code)
            for target in self.caller.providers
            if target.can(interface.interface_name, operation) and (code := self._id_at(target))
        )

    def _id_at(self, target: ProviderTarget) -> str:
        return self.code(f"external_ids.{target.name}") or self.code(f"external_ids.{target.type}")

    def source(self, provider: str, operation: str) -> Source:
        """The source of claims that are made here from what a provider answered."""
        return Source(provider, plugin=self.caller.target(provider).plugin, operation=operation)

    def claims(self, name: str, values: Iterable[Any], provider: str, operation: str) -> tuple[Claim, ...]:
        """One claim for each value."""
        source, now = self.source(provider, operation), self.clock.now()
        return tuple(Claim(name, value, source, observed_at=now) for value in values)


async def _tag(asking: Asking) -> Part:
    if not asking.garment.images:
        return Part(Step.TAG, PartState.SKIPPED, note="the garment has no picture")
    findings: Findings = await asking.call(GarmentTagger, "tag", asking.garment)
    return _answered(Step.TAG, findings.claims, findings)


async def _search(asking: Asking) -> Part:
    picture, catalogs = asking.picture(), asking.rules.catalogs
    if picture is None or not catalogs:
        missing = "no catalog is named in [enrich] catalogs" if picture else "the garment has no picture"
        return Part(Step.SEARCH, PartState.SKIPPED, note=missing)
    query = Query(image=picture, limit=asking.rules.similar)
    results: SearchResults = await asking.call(VisualSearch, "search", query, catalogs)
    return Part(Step.SEARCH, PartState.ANSWERED if results.hits else PartState.NOTHING, found=results)


async def _detect(asking: Asking) -> Part:
    picture = asking.picture()
    if picture is None:
        return Part(Step.DETECT, PartState.SKIPPED, note="the garment has no picture")
    detections = await asking.call(VisualSearch, "detect", picture)
    [provider, *_] = [each.provider for each in reversed(asking.attempts) if each.outcome is Outcome.SUCCEEDED]
    return _answered(Step.DETECT, asking.claims("detections", detections, provider, "detect"), detections)


async def _store(asking: Asking) -> Part:
    found: list[Product] = []
    note = ""
    refs = asking.held(ProductStore, "get")
    for ref in refs:
        try:
            found.append(await asking.call(ProductStore, "get", ref))
        except NotFound:
            note = f"there is no {ref}"
    codes = {name: code for name in ("sku", "gtin") if (code := asking.code(name))}
    if not refs:
        if not codes:
            return Part(Step.STORE, PartState.SKIPPED, note="neither a reference nor a SKU or GTIN is known")
        for name, code in codes.items():
            candidates = await asking.listed(CANDIDATES, ProductStore, "list", ProductQuery(search=code))
            found, note = _exactly(candidates, name, code)
            if found:
                break
    return _answered(Step.STORE, [claim for product in found for claim in product.claims], tuple(found), note)


async def _shoot(asking: Asking) -> Part:
    refs = list(asking.held(ShootManager, "list_shots"))
    code = asking.code("sku")
    if not refs and not code:
        return Part(Step.SHOOT, PartState.SKIPPED, note="neither a reference nor a SKU is known")
    skus: list[Sku] = []
    note = ""
    if code:
        candidates = await asking.listed(CANDIDATES, ShootManager, "list_skus", SkuQuery(sku=code))
        known_there = [sku for sku in candidates if not refs or sku.ref in refs]
        skus, note = _exactly(known_there, "sku", code)
        refs += [sku.ref for sku in skus if sku.ref not in refs]
    claims = [claim for sku in skus for claim in sku.claims]
    for ref in refs:
        for name, operation in (("shoot.looks", "list_looks"), ("shoot.shots", "list_shots")):
            claims += asking.claims(name, await asking.optional(PICTURES, operation, ref), ref.provider, operation)
    return _answered(Step.SHOOT, claims, tuple(skus), note)


async def _ar(asking: Asking) -> Part:
    refs = asking.held(ARContentBuilder, "get_product")
    if not refs:
        return Part(Step.AR, PartState.SKIPPED, note="neither a reference nor an external id of it is known")
    found: list[ArProduct] = []
    note = ""
    claims: list[Claim] = []
    for ref in refs:
        try:
            product: ArProduct = await asking.call(ARContentBuilder, "get_product", ref)
        except NotFound:
            note = f"there is no {ref}"
            continue
        found.append(product)
        claims += product.claims
        said = {claim.field for claim in product.claims}
        state = () if product.state is JobState.UNKNOWN else (product.state.value,)
        told: Mapping[str, Iterable[Any]] = {
            "ar.assets": product.assets,
            "ar.type": (product.type,) if product.type else (),
            "ar.state": state,
        }
        for name in told.keys() - said:
            claims += asking.claims(name, told[name], ref.provider, "get_product")
    return _answered(Step.AR, claims, tuple(found), note)


TAKE: Mapping[Step, Callable[[Asking], Awaitable[Part]]] = {
    Step.TAG: _tag,
    Step.SEARCH: _search,
    Step.DETECT: _detect,
    Step.STORE: _store,
    Step.SHOOT: _shoot,
    Step.AR: _ar,
}


def _answered(step: Step, claims: Iterable[Claim], found: Any, note: str = "") -> Part:
    claims = tuple(claims)
    return Part(step, PartState.ANSWERED if claims else PartState.NOTHING, claims, found, note)


def _exactly(candidates: Sequence[Any], name: str, code: str) -> tuple[list[Any], str]:
    """The one candidate that itself says that it has this code; a store's search finds what merely contains it."""
    same = [one for one in candidates if any(claim.field == name and claim.value == code for claim in one.claims)]
    if len(same) == 1:
        return same, ""
    if not same:
        return [], f"nobody has exactly the {name} {code}"
    return [], f"several have the {name} {code}: {', '.join(str(one.ref) for one in same)}; name one with refs"

"""The steps: tag, search, store, shoot, AR. Each asks one interface, as a host application would."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any

import aiohttp
from attrs import evolve, frozen
from msgspec.structs import replace

from placket.errors import JobFailed, NotFound, ProtocolError, Unavailable
from placket.interfaces import (
    ArConfiguration,
    ARContentBuilder,
    ArProduct,
    ArProductDraft,
    CatalogItem,
    Findings,
    GarmentImage,
    GarmentTagger,
    Image,
    Product,
    ProductDraft,
    ProductStore,
    Query,
    Ref,
    SearchResults,
    ShootManager,
    Sku,
    SkuDraft,
    VisualSearch,
)
from placket.record import ArAsset, Claim, MediaItem, Method, Shot

from ..evidence import label_of, shown
from ..passage import File, Model, Picture, Similar, Stored
from ..pictures import small
from ..still import ANGLES, still_of
from .journey import PAUSE, Journey
from .sample import garments

NEAREST = 5

COLORS = ("red", "green")
"""Further colours of the garment: shot, and then built in three dimensions."""

WANTED = (
    {"kind": "pack-shot", "preset": "square-gray"},
    {"kind": "detail"},
    *({"kind": "color", "preset": "square-gray", "color": color} for color in COLORS),
)
"""The brief: what is to be made of the garment."""

KEPT = (
    "sku",
    "name",
    "brand",
    "category",
    "gender",
    "age_group",
    "color",
    "pattern",
    "material_text",
    "neckline",
    "sleeve_length",
    "fit",
    "closure",
)
"""Fields that a product is made with, as far as the record has them."""

OWN = ("access", "created_at", "external_ids", "extra", "shoot", "updated_at", "visibility")
"""Fields that a store knows by itself. Whatever else it says of a product that was just made, it was told."""

PRIMARY = "As photographed"

ENDED = {"COMPLETED", "FAILED"}


@frozen
class Brought:
    """What a step brought: a line that says it, what did not work, and whether there is anything at all."""

    said: str
    problems: tuple[str, ...] = ()
    is_empty: bool = False


async def tag(journey: Journey) -> Brought:
    """Three taggers look, and what they say is merged."""
    findings: Findings = await journey.ask(GarmentTagger, "tag", journey.garment)
    journey.claims += findings.claims
    record = journey.record
    seen = [*(color.term.label for color in record.color[:2]), shown(record.pattern), shown(record.category)]
    said = " ".join(word.lower() for word in seen if word) or "nothing that could be named"
    return Brought(f"{len(findings.claims)} claims: {said}", tuple(_advice(findings.claims)))


def _advice(claims: Sequence[Claim]) -> list[str]:
    """What the embedded provider says of a photo in which it cannot tell the garment from what is around it."""
    found = [claim.value for claim in claims if claim.field == "extra.local.cutout"]
    return [f"the photo: {advice}" for cutout in found if cutout["quality"] < 0.5 for advice in cutout["advice"]]


async def search(journey: Journey) -> Brought:
    """A catalog is filled with a few garments and indexed, and asked for what looks like the photo."""
    pictures = dict(garments())

    async def items() -> AsyncIterator[CatalogItem]:
        for name, picture in pictures.items():
            yield CatalogItem(name, Image.of(picture), {"name": _named(name)})

    catalog = await journey.ask(VisualSearch, "create_catalog", "Placket demo")
    await journey.ask(VisualSearch, "add_items", catalog.ref, items())
    await journey.finished(await journey.ask(VisualSearch, "index", catalog.ref))
    query = Query(journey.garment.image(), limit=NEAREST)
    results: SearchResults = await journey.ask(VisualSearch, "search", query, [catalog.ref])
    journey.similar = tuple(Similar(_named(hit.id), hit.distance, pictures[hit.id]) for hit in results.hits)
    if not journey.similar:
        raise NotFound("the search found nothing in a catalog that is not empty")
    return Brought(f"{len(pictures)} garments indexed; the nearest: {journey.similar[0].name.lower()}")


async def store(journey: Journey) -> Brought:
    """A product is made of the record, and read back."""
    resolved = journey.record.resolutions
    fields = journey.named | {name: resolved[name].value for name in KEPT if name in resolved}
    draft = ProductDraft(fields, (GarmentImage(journey.front),))
    made: Product = await journey.ask(ProductStore, "create", draft)
    product: Product = await journey.ask(ProductStore, "get", made.ref)
    own = [claim for claim in product.claims if claim.field.partition(".")[0] in OWN]
    told = [replace(claim, method=Method.ECHO) for claim in product.claims if claim not in own]
    journey.claims += own + told
    values: dict[str, list[str]] = {}
    for claim in told:
        if claim.field.partition(".")[0] in KEPT:
            values.setdefault(label_of(claim.field), []).append(shown(claim.value) or str(claim.raw))
    journey.stored = Stored(str(product.ref), tuple((name, ", ".join(said)) for name, said in values.items()))
    return Brought(f"kept with {len(fields)} fields and read back")


async def shoot(journey: Journey) -> Brought:
    """A SKU and a brief are made, and the pictures that come of it are downloaded."""
    resolved = journey.record.resolutions
    fields = {name: resolved[name].value for name in ("category", "gender") if name in resolved}
    fields["name"] = journey.named["name"]
    sku: Sku = await journey.ask(ShootManager, "create_sku", SkuDraft(fields, (GarmentImage(journey.front),)))
    journey.claims += sku.claims
    brief = await _brief(journey, sku.ref)
    while True:
        shots = await journey.ask(ShootManager, "brief_results", brief, stream=_collected, noted=False)
        if shots and all(shot.state in ENDED for shot in shots):
            break
        await journey.clock.sleep(PAUSE)
    shots = await journey.ask(ShootManager, "brief_results", brief, stream=_collected)
    order = [wanted["kind"] for wanted in WANTED]
    shots.sort(key=lambda shot: (order.index(_kind(shot)) if _kind(shot) in order else len(order), shot.shot_type))
    source = journey.source(brief.provider, "brief_results")
    refused: dict[str, list[str]] = {}
    for shot in shots:
        if shot.image is None:
            reason = shot.details["extra.autoretouch.result"].get("errorMessage", "")
            refused.setdefault(reason or "not made, and the vendor does not say why", []).append(shot.shot_type)
        else:
            shot = await _downloaded(journey, shot, shot.image)
        journey.claims.append(Claim("shoot.shots", shot, source, observed_at=journey.now))
    problems = tuple(f"{', '.join(names)}: {reason}" for reason, names in refused.items())
    return Brought(f"{len(journey.pictures)} of {len(shots)} pictures made", problems, not journey.pictures)


async def _brief(journey: Journey, sku: Ref) -> Ref:
    """Order the pictures, as people do in the vendor's application: its API has no way to."""
    order = {"name": "Placket demo", "skuIds": [sku.id], "shots": WANTED}
    try:
        async with journey.http.post(journey.briefs, json=order) as answer:
            answer.raise_for_status()
            document = await answer.json()
    except aiohttp.ClientError as error:
        raise Unavailable(f"the brief could not be made: {error}") from error
    return Ref(sku.provider, "brief", str(document["id"]))


async def _collected(stream: Any) -> list[Any]:
    return [item async for item in stream]


async def _downloaded(journey: Journey, shot: Shot, image: MediaItem) -> Shot:
    data = await journey.download(image.url)
    picture = Image.of(data)
    name = await journey.write(f"{shot.shot_type.replace('/', '-')}{picture.suffix}", data)
    journey.pictures += (Picture(_title(shot), await asyncio.to_thread(small, data), name),)
    if _kind(shot) == "color":
        color = shot.shot_type.rpartition("/")[2]
        journey.colors = {**journey.colors, color: picture}
    kept = replace(image, url="", path=name, sha256=picture.sha256, media_type=picture.media_type)
    return evolve(shot, image=kept)


async def ar(journey: Journey) -> Brought:
    """A product with a configuration for each colour is built, and its files are downloaded."""
    pictures = {PRIMARY: journey.front, **{color.capitalize(): image for color, image in journey.colors.items()}}
    configurations = tuple(
        ArConfiguration(name, (GarmentImage(image),), id=str(uuid.uuid4())) for name, image in pictures.items()
    )
    named = journey.named
    draft = ArProductDraft(named["name"], configurations, sku=named["sku"], id=str(uuid.uuid4()))
    made: ArProduct = await journey.ask(ARContentBuilder, "create_product", draft)
    journey.claims += made.claims
    job = await journey.ask(ARContentBuilder, "mark_ready", made.ref)
    problems: tuple[str, ...] = ()
    try:
        built: ArProduct = await journey.finished(job)
    except JobFailed as error:
        # Other colours may have been built.
        built, problems = await journey.ask(ARContentBuilder, "get_product", made.ref), (str(error),)
        if not built.assets:
            raise
    files: dict[str, ArAsset] = {}
    for configuration in configurations:
        journey.models += await _model(journey, configuration, built.assets, files)
    if not files:
        raise ProtocolError("the vendor has finished the product and shows no file of it")
    for claim in built.claims:
        if claim.field == "ar.assets":
            claim = replace(claim, value=files[claim.value.sha256])
        journey.claims.append(claim)
    colors = len(journey.models)
    said = f"{len(files)} files of {colors} {'colour' if colors == 1 else 'colours'}"
    return Brought(said, problems)


async def _model(
    journey: Journey, configuration: ArConfiguration, assets: Sequence[ArAsset], files: dict[str, ArAsset]
) -> tuple[Model, ...]:
    """Download what was built of one configuration; ``files`` notes each asset, by its hash, as it lies here."""
    kept: list[File] = []
    models: list[bytes] = []
    stem = "garment" if configuration.name == PRIMARY else f"garment-{configuration.name.lower()}"
    mine = [asset for asset in assets if asset.variant == configuration.id and asset.url]
    for asset in sorted(mine, key=lambda each: -(each.byte_size or 0)):
        data = await journey.download(asset.url)
        again = sum(each.format == asset.format for each in kept)
        ending = f"min.{asset.format}" if again else asset.format
        name = await journey.write(f"{stem}.{ending}", data)
        files[asset.sha256] = replace(asset, url="", path=name, variant=configuration.name)
        kept.append(File(name, asset.format, len(data)))
        if asset.format == "glb":
            models.append(data)
    if not models:
        return ()
    # The smallest: a page that holds it stays small enough to send.
    model = min(models, key=len)
    angles = ANGLES if configuration.name == PRIMARY else ANGLES[:1]
    still = await asyncio.to_thread(still_of, model, angles)
    return (Model(configuration.name, model, still, tuple(kept)),)


def _named(garment: str) -> str:
    """The name of a garment of the catalog, whose id ends with its colour."""
    kind, _, color = garment.rpartition("-")
    return f"{_words(kind)}, {color}"


def _kind(shot: Shot) -> str:
    return shot.shot_type.partition("/")[0]


def _title(shot: Shot) -> str:
    kind, _, rest = shot.shot_type.partition("/")
    return f"In {rest.rpartition('/')[2]}" if kind == "color" else _words(kind)


def _words(name: str) -> str:
    words = name.replace("/", " ").replace("-", " ").replace("t shirt", "T-shirt")
    return words[:1].upper() + words[1:]


STEPS: Mapping[str, tuple[Callable[[Journey], Awaitable[Brought]], tuple[str, ...]]] = {
    "tag": (tag, ("here", "aistetic", "threadgenius")),
    "search": (search, ("threadgenius",)),
    "store": (store, ("sartiq",)),
    "shoot": (shoot, ("autoretouch",)),
    "ar": (ar, ("pictofit",)),
}
"""Each step with the providers that it asks."""

ROUNDS = (("tag",), ("search", "store", "shoot"), ("ar",))
"""The order in which they are taken: a product is made of what the tagging said, and the 3D of what the shoot made."""

"""From the vendor's words and shapes to Placket's: claims of labels, detections of boxes, hits, catalogs, usage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from placket.interfaces import Catalog, CatalogState, Hit, Ref, StoredItem, Usage
from placket.record import Box, Claim, ClaimBuilder, Detection, ValueMap, normalize_word

from . import wire
from .protocol import Told

VENDOR = "threadgenius"

FIELDS_OF_KIND: Mapping[str, tuple[str, ...]] = {
    wire.COLOR: ("color",),
    "colour": ("color",),
    "shape": ("category",),
    "category": ("category",),
    "": ("category", "color", "pattern", "fabric"),
}
"""Types of labels and the fields that their names fill. The page shows color and shape; v1 gives no types."""

FIELDS_OF_OTHERS = ("pattern", "fabric")
"""What labels of any other type may fill: with words that the vocabulary has."""

STATES: Mapping[str, CatalogState] = {
    wire.NEW: CatalogState.EMPTY,
    wire.UPLOADING: CatalogState.UPLOADING,
    wire.UPLOAD_DONE: CatalogState.UPLOADED,
    wire.UPLOAD_ERROR: CatalogState.FAILED,
    wire.INDEXING: CatalogState.INDEXING,
    wire.INDEX_IN_PROGRESS: CatalogState.INDEXING,
    wire.INDEX_ERROR: CatalogState.FAILED,
    wire.READY_FOR_QUERY: CatalogState.READY,
}


def claims_of_labels(build: ClaimBuilder, values: ValueMap, told: Told[wire.Label]) -> tuple[Claim, ...]:
    """A label becomes the words that it means; one that means nothing known stays a label.

    A colour that the vocabulary lacks is claimed as an unknown word. What the page does not name goes to ``extra``.
    """
    for place, label in enumerate(told.items):
        path = f"labels[{place}]"
        if label.name:
            _claim_label(build, values, label, path)
        for key, said in label.rest.items():
            build.extra(VENDOR, f"labels.{place}.{key}", said)
    for key, said in told.rest.items():
        build.extra(VENDOR, key, said)
    return build.claims


def _claim_label(build: ClaimBuilder, values: ValueMap, label: wire.Label, path: str) -> None:
    kind, name = normalize_word(label.kind), _without_kind(label)
    stated = wire.number(label.confidence)
    confidence = stated if stated is not None and 0 <= stated <= 1 else None
    told = "" if confidence is not None or label.confidence is None else str(label.confidence)
    known = FIELDS_OF_KIND.get(kind, FIELDS_OF_OTHERS)
    meant = [field for field in known if values.meaning(field, name)]
    if known == ("color",):
        meant = ["color"]
    for field in meant:
        build.word(field, label.name, spelt=name, path=path, confidence=confidence, raw_confidence=told)
    if not meant or kind not in FIELDS_OF_KIND:
        build.label(label.name, label.kind, path=path, confidence=confidence, raw_confidence=told)


def _without_kind(label: wire.Label) -> str:
    """The name without its type before it: "charcoal" of "color charcoal". Labels without a type may say it too."""
    first, _, rest = label.name.partition(" ")
    kind = label.kind or wire.COLOR
    return rest.strip() if rest.strip() and first.casefold() == kind.casefold() else label.name


def detections(
    boxes: Sequence[wire.Box], values: ValueMap, *, size: tuple[int, int] | None, media: str
) -> tuple[Detection, ...]:
    """Boxes as fractions of the picture, in the vendor's order; ``size`` in pixels where the vendor counts those."""
    return tuple(
        Detection(
            values.meaning("category", box.category).get("category"),
            _fractions(box.corners, size or (1, 1)),
            box.score,
            box.category,
            box.corners,
            media,
        )
        for box in boxes
    )


def _fractions(corners: Sequence[float], size: tuple[int, int]) -> Box:
    """Corners within the picture: a box may reach a little beyond its edge."""
    width, height = size
    left, top, right, bottom = (
        min(max(corner / side, 0.0), 1.0) for corner, side in zip(corners, (width, height, width, height), strict=True)
    )
    return left, top, right, bottom


def hits(similars: Sequence[wire.Similar], catalog: Ref) -> list[Hit]:
    """Results in the vendor's order. Where it tells no distance, the score is that of the rank."""
    return [
        Hit(
            id=similar.id,
            catalog=catalog,
            score=1 / (1 + (rank if similar.distance is None else max(0.0, similar.distance))),
            distance=similar.distance,
            image_url=similar.url,
            metadata=similar.metadata,
            providers=(catalog.provider,),
        )
        for rank, similar in enumerate(similars)
    ]


def catalog_of(said: wire.Catalog, provider: str, states: Mapping[str, CatalogState]) -> Catalog:
    """A catalog; ``states`` are those that the operator names beyond the page's, by the vendor's word."""
    word = normalize_word(said.status)
    return Catalog(
        ref=Ref(provider, "catalog", said.id),
        name=said.name,
        state=states.get(word) or STATES.get(word, CatalogState.UNKNOWN),
        raw_state=said.status,
        items_total=said.total,
        items_indexed=said.indexed,
        errors=said.errors,
        created_at=said.created,
    )


def stored_item(said: wire.Stored) -> StoredItem:
    """An item as its catalog holds it."""
    return StoredItem(said.id, said.url, said.metadata)


def usage_of(uses: Sequence[wire.Use]) -> tuple[Usage, ...]:
    """What was used, by month and operation."""
    return tuple(
        Usage(use.month, use.kind, use.calls, use.images) for use in sorted(uses, key=lambda use: (use.month, use.kind))
    )

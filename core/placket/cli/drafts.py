"""Products to be put into a store: JSON Lines of plain values, or of records that `placket tag` wrote."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import define, field

from ..errors import InvalidInput
from ..interfaces import GarmentImage, Image, ProductDraft
from ..record import (
    RECORD_SCHEMA,
    Claim,
    Method,
    Source,
    Vocabulary,
    claim_from_json,
    claims_of_known,
    field_of,
    record_from_json,
)
from ..record.record import path_of_pointer
from .json_sources import documents_in, refuse_untagged
from .known import known_of_json
from .output import complain
from .tagging import STDIN
from .text import plain

TABLES = (".csv", ".tsv", ".xls", ".xlsx", ".ods")
"""What the name of a table ends with: each of its lines would be refused by itself."""

OF_A_STORE = ("created_at", "updated_at", "visibility")
"""Fields that say nothing of the garment: the store that a record is put into has its own."""


@define
class Drafts:
    """The drafts in ``sources``, which are files or ``-`` for stdin; ``known`` is added to each.

    A file holds one JSON document, or one a line. ``refused`` fills while they are read: by SKU where it is known, else
    by place. ``doubtful`` names, by SKU, what is kept although nobody knows what it means.
    """

    sources: Sequence[str]
    known: Mapping[str, Any]
    vocabulary: Vocabulary
    refused: list[tuple[str, str]] = field(factory=list)
    doubtful: list[tuple[str, str]] = field(factory=list)

    async def drafts(self) -> AsyncIterator[ProductDraft]:
        """Each draft, read from the disk as it is asked for."""
        for source in self.sources:
            if source.lower().endswith(TABLES):
                self.refused.append((source, 'it is a table; write each row as JSON: {"sku": "A-1", "name": "Shirt"}'))
                continue
            folder = Path() if source == STDIN else Path(source).parent
            for place, document in documents_in(source, self._refuse):
                try:
                    draft = self._draft(document, folder)
                except InvalidInput as error:
                    self._refuse(place, str(error))
                    continue
                yield draft

    def _refuse(self, place: str, reason: str) -> None:
        self.refused.append((place, reason))

    def _draft(self, document: Any, folder: Path) -> ProductDraft:
        if not isinstance(document, dict):
            raise InvalidInput('it is no product, which is as {"sku": "A-1", "name": "Shirt", "color": ["navy"]}')
        if "schema" in document:
            return self._of_record(document)
        refuse_untagged(document)
        images = document.pop("images", [])
        return self._checked(known_of_json(document), tuple(_images(images, folder)))

    def _of_record(self, document: Mapping[str, Any]) -> ProductDraft:
        said = claims_of_record(document, self.vocabulary)
        claims = tuple(claim for claim in said if claim.field.partition(".")[0] not in OF_A_STORE)
        # What a person or a seller called it identifies the product; what a model called it is a claim like others.
        named = any(claim.field == "name" and claim.method in (Method.HUMAN, Method.MERCHANT) for claim in claims)
        identifying = ("sku", "name") if named else ("sku",)
        told = {name: document[name] for name in identifying if isinstance(document.get(name), str)}
        return self._checked(told, tuple(_tagged(document.get("input"))), claims)

    def _checked(
        self, fields: Mapping[str, Any], images: tuple[GarmentImage, ...] = (), claims: tuple[Claim, ...] = ()
    ) -> ProductDraft:
        fields = {**fields, **self.known}
        if not str(fields.get("sku") or "").strip():
            raise InvalidInput("it has no SKU, by which it would be found again; --set sku=... gives one product one")
        self.doubtful += doubts_of(str(fields["sku"]), fields, self.vocabulary)
        return ProductDraft(fields, images, claims=claims)


def claims_of_record(document: Mapping[str, Any], vocabulary: Vocabulary) -> tuple[Claim, ...]:
    """What a record's document says, as claims: all of them where they were written, else those that it cites.

    Raises InvalidInput when it is no record.
    """
    if "claims" in document or document.get("schema") != RECORD_SCHEMA:
        return tuple(record_from_json(document, vocabulary=vocabulary).claims)
    try:
        return tuple(
            claim_from_json(
                {"field": path_of_pointer(pointer), **cited, "source": _source_of(cited)},
                vocabulary=vocabulary,
            )
            for pointer, told in document.get("provenance", {}).items()
            for cited in (*told["support"], *told["dissent"])
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidInput(f"the record's provenance is damaged: {error!r}") from None


def doubts_of(which: str, fields: Mapping[str, Any], vocabulary: Vocabulary) -> list[tuple[str, str]]:
    """What of ``which`` is kept although nobody knows what it means, each beside ``which``.

    Raises InvalidInput for what no record can hold.
    """
    claims = claims_of_known(fields, source=Source("merchant"), vocabulary=vocabulary)
    return [(which, _doubt(claim)) for claim in claims if claim.value is None]


def tell_doubts(doubtful: Iterable[tuple[str, str]]) -> None:
    """Say on stderr what `doubts_of` found, each with what it was found in."""
    for which, doubt in doubtful:
        complain(f"warning: {plain(which)}: {plain(doubt)}; it is kept as it is")


def _doubt(claim: Claim) -> str:
    if not field_of(claim.field).attribute:
        return f"{claim.field} cannot be {claim.raw} {claim.raw_unit}".rstrip()
    return f"the vocabulary does not have {claim.field} {claim.raw!r}"


def _source_of(cited: Mapping[str, Any]) -> dict[str, Any]:
    return {name: cited[name] for name in ("provider", "lineage") if name in cited}


def _tagged(source: Any) -> Iterator[GarmentImage]:
    """The picture that was tagged, where it still is; ``-`` was stdin."""
    if isinstance(source, str) and source != STDIN and ("://" in source or Path(source).is_file()):
        yield picture(source, "front")


def _images(given: Any, folder: Path) -> Iterator[GarmentImage]:
    if not isinstance(given, list):
        raise InvalidInput('images is a list of paths or addresses, or of {"image": "back.jpg", "role": "back"}')
    for place, each in enumerate(given):
        said = {"image": each} if isinstance(each, str) else each
        if not isinstance(said, dict) or not isinstance(said.get("image"), str):
            raise InvalidInput('images is a list of paths or addresses, or of {"image": "back.jpg", "role": "back"}')
        yield picture(said["image"], str(said.get("role") or ("front" if place == 0 else "reference")), folder)


def picture(where: str, role: str, folder: Path = Path()) -> GarmentImage:
    """A picture of a garment, at an address or in a file; raises InvalidInput when the file is no image."""
    image = Image.of(where if "://" in where else folder / where)
    if not image.is_remote:
        image.content()
    return GarmentImage(image, role)


def pictures(pairs: Sequence[str]) -> tuple[GarmentImage, ...]:
    """``["shirt.jpg", "back=shirt-back.jpg"]``: the first is the front, unless a role is said."""
    found = []
    for place, pair in enumerate(pairs):
        role, separator, where = pair.partition("=")
        if not separator or Path(pair).exists() or "://" in role:
            role, where = ("front" if place == 0 else "reference"), pair
        if not where:
            raise InvalidInput(f"--image takes a picture, or ROLE=PICTURE as back=back.jpg, not {pair!r}")
        found.append(picture(where, role))
    return tuple(found)

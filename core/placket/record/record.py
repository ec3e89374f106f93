"""The canonical garment record: a set of claims, and the view resolved from them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from attrs import field, frozen

from ..errors import InvalidInput
from .claim import Claim, Method
from .fields import Keyed, Many, One, RecordField
from .terms import Term
from .values import (
    ArAsset,
    ArContent,
    Color,
    Detection,
    Fibre,
    Label,
    Look,
    Measurement,
    MediaItem,
    Price,
    Season,
    Shoot,
    Shot,
    Size,
    Variant,
)


def _as_written(value: Any) -> str:
    """Give a value as it is compared: JSON makes a list of a tuple, and a text of an amount or a time."""
    from .codec import value_to_json

    return json.dumps(value_to_json(value), sort_keys=True)


@frozen
class Resolution:
    """How the claims of one field became its value.

    ``score`` is 0..1: how sure the evidence makes the value. ``support`` are the claims that agree with it,
    ``dissent`` those that say otherwise; ``conflict`` is set when independent sources contradict each other.
    """

    value: Any = field(eq=_as_written)
    score: float
    conflict: bool
    policy: str
    support: tuple[Claim, ...]
    dissent: tuple[Claim, ...] = ()


@frozen
class Why:
    """The whole story of one field, as `GarmentRecord.why` tells it.

    ``echoes`` repeat what their source was told and count for nothing; ``unknown_words`` could not be placed in the
    vocabulary.
    """

    field: str
    value: Any
    score: float | None
    conflict: bool
    policy: str
    support: tuple[Claim, ...]
    dissent: tuple[Claim, ...]
    echoes: tuple[Claim, ...]
    unknown_words: tuple[Claim, ...]


@frozen
class GarmentRecord:
    """One garment: every claim about it, and plain values resolved from the claims.

    Build one with `placket.merge.merge`. A value is plain (``record.fit`` is a term, ``record.name`` a text);
    ``record.why("fit")`` says where it comes from.
    """

    id: str
    claims: Collection[Claim] = field(default=(), eq=frozenset, repr=lambda claims: f"<{len(claims)} claims>")
    """All of them, each once; their order means nothing."""

    resolutions: Mapping[str, Resolution] = field(factory=dict, repr=lambda found: f"<{', '.join(found)}>")

    sku = One[str](str, "vote", "The seller's stock-keeping unit.")
    gtin = One[str](str, "vote", "GS1 trade item number: 8, 12, 13 or 14 digits.")
    style_code = One[str](str, "vote", "The style's code, shared by its sizes and colours.")
    master_code = One[str](str, "vote", "The code of the item this one derives from.")
    external_ids = Keyed[str](str, "latest", "The garment's id at each provider that stores it.")
    name = One[str](str, "prefer", "The product's name, as a shop shows it.")
    brand = One[str](str, "vote", "The brand.")
    collection = One[str](str, "vote", "The brand's collection.")
    theme = One[str](str, "vote", "The theme within the collection.")
    season = One[Season](Season, "vote", "Season and year.")
    in_store_date = One[datetime](datetime, "prefer", "When it is on sale from.")
    category = One[Term](Term, "vote", "The product category, as deep as the evidence agrees.", attribute="category")
    category_text = Keyed[str](str, "prefer", "Category words of the sources, by their own name for them.")
    gender = One[Term](Term, "vote", "Who it is made for.", attribute="gender")
    age_group = One[Term](Term, "vote", "The age it is made for.", attribute="age_group")
    color = Many[Color](Color, "include", "Colours, the most important first.", attribute="color")
    color_name = One[str](str, "prefer", "The colour in the seller's own words.")
    pattern = One[Term](Term, "vote", "Pattern of the surface.", attribute="pattern")
    fabric = Many[Term](Term, "include", "Fabrics: fibres, weaves, knits and finishes.", attribute="fabric")
    material_text = One[str](str, "prefer", "The material in the source's own words.")
    composition = Many[Fibre](Fibre, "single_source", "Fibres and their percentages.")
    neckline = One[Term](Term, "vote", "Neckline.", attribute="neckline")
    sleeve_length = One[Term](Term, "vote", "Sleeve length.", attribute="sleeve_length")
    fit = One[Term](Term, "vote", "Fit.", attribute="fit")
    length = One[Term](Term, "vote", "Length class, as in cropped or maxi.", attribute="length")
    closure = Many[Term](Term, "include", "How it is fastened.", attribute="closure")
    waist_rise = One[Term](Term, "vote", "Waist rise.", attribute="waist_rise")
    boot_style = One[Term](Term, "vote", "Style of boots.", attribute="boot_style")
    dress_style = One[Term](Term, "vote", "Style of a dress.", attribute="dress_style")
    dress_occasion = Many[Term](Term, "include", "What it is worn for.", attribute="dress_occasion")
    size = One[Size](Size, "vote", "Size label, with its system.")
    measurements = Keyed[Measurement](Measurement, "cluster", "Lengths on the garment, by kind.")
    descriptions = Keyed[str](str, "prefer", "Descriptions: short, back and long.")
    care = Many[Term](Term, "include", "Care instructions.", attribute="care")
    features = Many[Term](Term, "include", "Features, as in waterproof.", attribute="features")
    price = One[Price](Price, "prefer", "Price.")
    origin = One[str](str, "vote", "Country of origin, ISO 3166-1 alpha-2.")
    media = Many[MediaItem](MediaItem, "collect", "Pictures and films.")
    labels = Many[Label](Label, "collect", "Free words of the sources.")
    detections = Many[Detection](Detection, "collect", "Garments found in the pictures.")
    variants = Many[Variant](Variant, "collect", "Sizes and colours that exist on their own.")
    ar_state = One[str](str, "latest", "State of the augmented-reality content.", path="ar.state")
    ar_type = One[str](str, "latest", "Type of the augmented-reality content.", path="ar.type")
    ar_assets = Many[ArAsset](ArAsset, "collect", "Augmented-reality files.", path="ar.assets")
    shoot_state = One[str](str, "latest", "State of the photo shoot.", path="shoot.state")
    shoot_project_ids = Many[str](str, "collect", "Shoot projects the garment is part of.", path="shoot.project_ids")
    shoot_looks = Many[Look](Look, "collect", "Looks the garment is part of.", path="shoot.looks")
    shoot_shots = Many[Shot](Shot, "collect", "Shots of the garment.", path="shoot.shots")
    shoot_selected = Many[str](str, "collect", "Ids of the shots that were chosen.", path="shoot.selected")
    visibility = Keyed[bool](bool, "latest", "Flags: public, enabled, archived, demo, filler.")
    access = Keyed[str](str, "latest", "Who owns it: owner_id, organization_id.")
    created_at = One[datetime](datetime, "earliest", "When a store first knew it.")
    updated_at = One[datetime](datetime, "latest", "When a store last changed it.")
    extra = Keyed[Any](Any, "latest", "What a vendor says that has no field here, by vendor and path; lossless.")

    @property
    def ar(self) -> ArContent | None:
        """Augmented-reality content, or None while there is none."""
        if self.ar_state is None and self.ar_type is None and not self.ar_assets:
            return None
        return ArContent(self.ar_state, self.ar_type, self.ar_assets)

    @property
    def shoot(self) -> Shoot | None:
        """What photo shoots say, or None while there is none."""
        parts = (self.shoot_project_ids, self.shoot_looks, self.shoot_shots, self.shoot_selected)
        if self.shoot_state is None and not any(parts):
            return None
        return Shoot(self.shoot_state, *parts)

    def claims_about(self, path: str) -> tuple[Claim, ...]:
        """Every claim about one field, in a fixed order."""
        return tuple(sorted(claim for claim in self.claims if claim.field == path))

    def why(self, path: str) -> Why:
        """Tell where a field's value comes from, who agrees, who does not, and what did not count.

        ``path`` is a field name, with a key where the field is a map: ``color``, ``measurements.waist``. A JSON
        pointer such as ``/measurements/waist`` is understood as well. Raises InvalidInput for a field that no record
        has.
        """
        path = path_of_pointer(path)
        spec = field_of(path)
        claims = self.claims_about(path)
        resolution = self.resolutions.get(path)
        return Why(
            field=path,
            value=resolution.value if resolution else (() if spec.many else None),
            score=resolution.score if resolution else None,
            conflict=resolution.conflict if resolution else False,
            policy=resolution.policy if resolution else spec.policy,
            support=resolution.support if resolution else (),
            dissent=resolution.dissent if resolution else (),
            echoes=tuple(claim for claim in claims if claim.method is Method.ECHO),
            unknown_words=tuple(claim for claim in claims if claim.is_unknown_word),
        )

    @property
    def conflicts(self) -> tuple[str, ...]:
        """The fields in which independent sources contradict each other."""
        return tuple(path for path, found in self.resolutions.items() if found.conflict)

    @property
    def unknown_words(self) -> tuple[Claim, ...]:
        """Claims whose word the vocabulary does not have: kept raw, never guessed."""
        return tuple(sorted(claim for claim in self.claims if claim.is_unknown_word))


RECORD_FIELDS: Mapping[str, RecordField[Any]] = {
    member.path: member for member in vars(GarmentRecord).values() if isinstance(member, RecordField)
}
"""Every field of the record by its path, in the order in which the record declares them."""

_EXTRA = RECORD_FIELDS["extra"]


def field_of(path: str) -> RecordField[Any]:
    """The declaration of the field that a path names; raises InvalidInput when there is none."""
    found = RECORD_FIELDS.get(path)
    if found is None:
        name, _, key = path.partition(".")
        found = RECORD_FIELDS.get(name)
        if found is None or found.keyed is not bool(key):
            known = ", ".join(map(_spelled, RECORD_FIELDS.values()))
            raise InvalidInput(f"a garment record has no field {path!r}; fields: {known}")
    elif found.keyed:
        raise InvalidInput(f"the field {path!r} is a map: name a key, as in {path}.something")
    if found is _EXTRA and "." not in path.removeprefix("extra."):
        raise InvalidInput(f"the field {path!r} is a vendor's map: name a key, as in {path}.something")
    return found


def _spelled(spec: RecordField[Any]) -> str:
    if spec is _EXTRA:
        return f"{spec.path}.<vendor>.<key>"
    return f"{spec.path}.<key>" if spec.keyed else spec.path


def keys_of_path(path: str) -> list[str]:
    """The keys under which a record's JSON has a field: those of ``measurements.waist`` are measurements and waist.

    What follows a vendor's name in ``extra`` is one key, dots included.
    """
    return path.split(".", 2 if path.startswith("extra.") else 1)


def pointer_of_path(path: str) -> str:
    """The JSON pointer (RFC 6901) of a field path: ``measurements.waist`` is ``/measurements/waist``."""
    return "".join(f"/{key.replace('~', '~0').replace('/', '~1')}" for key in keys_of_path(path))


def path_of_pointer(pointer: str) -> str:
    """The field path of a JSON pointer; a path is returned as it is."""
    if not pointer.startswith("/"):
        return pointer
    return ".".join(part.replace("~1", "/").replace("~0", "~") for part in pointer[1:].split("/"))

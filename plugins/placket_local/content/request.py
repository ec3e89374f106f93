"""What an AR product is made from: a draft, checked, as JSON that a later process can work from."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from attrs import asdict, evolve, field, frozen

from placket.errors import InvalidInput
from placket.interfaces import ArConfiguration, ArProductDraft
from placket.record import Measurement, Vocabulary, to_millimetres
from placket.registry import did_you_mean

from ..facts import checked_length

TYPE = "preview-2.5d"
"""The one type of product: outline from the photo, depth made up."""

ROLES = ("front", "back", "mask", "back-mask")
"""Pictures of a configuration; a mask is white where the garment is, and as large as its photo or of its shape."""


@frozen
class Configuration:
    """One colour of the garment. ``pictures`` maps roles to files below the folder of media."""

    id: str
    name: str
    sku: str = ""
    color: str = ""
    pictures: Mapping[str, str] = field(factory=dict)


@frozen
class ArRequest:
    """A product to be made. ``length`` is the garment's in millimetres, None when nobody said it."""

    configurations: tuple[Configuration, ...]
    length: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> ArRequest:
        """Read what `to_json` wrote."""
        return cls(tuple(Configuration(**each) for each in stored["configurations"]), stored["length"])

    def same_as(self, other: ArRequest) -> bool:
        """Whether both ask for the same, whatever ids were made up for configurations that had none."""
        return self._nameless() == other._nameless()

    def _nameless(self) -> ArRequest:
        return evolve(self, configurations=tuple(evolve(each, id="") for each in self.configurations))


def request_of(draft: ArProductDraft, pictures: Mapping[str, Mapping[str, str]], vocabulary: Vocabulary) -> ArRequest:
    """The request of a draft whose pictures are files already: by the name of the configuration, then by role.

    Raises InvalidInput for a draft that nothing can be made of.
    """
    colors = draft.details.get("colors", {})
    if not isinstance(colors, Mapping):
        raise InvalidInput('details["colors"] maps the names of configurations to colours, as in {"Summer": "navy"}')
    unknown = sorted(set(map(str, colors)) - {each.name for each in draft.configurations})
    if unknown:
        raise InvalidInput(f'details["colors"] names {unknown[0]!r}, which is no configuration of the product')
    made = [
        Configuration(
            each.id or str(uuid.uuid4()),
            each.name,
            each.sku,
            "" if "front" in pictures[each.name] else _color(each, colors.get(each.name, ""), vocabulary),
            dict(pictures[each.name]),
        )
        for each in draft.configurations
    ]
    if "front" not in made[0].pictures:
        raise InvalidInput(
            f"the first configuration, {made[0].name!r}, needs a front picture; the others may name a colour instead"
        )
    return ArRequest(tuple(made), _length(draft.details.get("length")))


def check(draft: ArProductDraft) -> None:
    """Raise InvalidInput for a draft whose names, type or roles cannot be right."""
    if draft.type not in ("", TYPE):
        raise InvalidInput(f"{draft.type!r} is no type of product; there is {TYPE}")
    if not draft.configurations:
        raise InvalidInput("an AR product needs at least one configuration, with a front picture")
    for what in ("name", "id"):
        said = [value for value in (getattr(each, what) for each in draft.configurations) if value]
        if len(set(said)) < len(said):
            raise InvalidInput(f"the configurations of an AR product differ in their {what}; two have the same")
    for each in draft.configurations:
        if not each.name.strip():
            raise InvalidInput("each configuration of an AR product needs a name")
        roles = [image.role for image in each.images]
        for role in roles:
            if role not in ROLES:
                raise InvalidInput(f"{role!r} is no role of a picture{did_you_mean(role, ROLES)}: {', '.join(ROLES)}")
            if roles.count(role) > 1:
                raise InvalidInput(f"the configuration {each.name!r} has two {role} pictures; give one")
        for mask, photo in (("mask", "front"), ("back-mask", "back"), ("back", "front")):
            if mask in roles and photo not in roles:
                raise InvalidInput(f"the configuration {each.name!r} has a {mask} picture and no {photo} picture")


def _color(configuration: ArConfiguration, word: str, vocabulary: Vocabulary) -> str:
    asked = str(word) or configuration.name
    term = vocabulary.get("color", asked) or vocabulary.find("color", asked)
    if term is None or vocabulary.lab(term) is None:
        known = [each.id for each in vocabulary.terms("color") if vocabulary.lab(each) is not None]
        raise InvalidInput(
            f"the configuration {configuration.name!r} has no front picture, and {asked!r} is no colour to make it in"
            f'{did_you_mean(asked, known)}: give it a picture, or a colour in details["colors"]'
        )
    return term.id


def _length(said: Any) -> float | None:
    """Millimetres, from a number of them, a pair of number and unit, or a `Measurement`."""
    if said is None:
        return None
    if isinstance(said, Measurement):
        return checked_length(said.mm)
    if isinstance(said, list | tuple) and len(said) == 2:
        return checked_length(to_millimetres(said[0], str(said[1])))
    if isinstance(said, int | float) and not isinstance(said, bool):
        return checked_length(float(said))
    raise InvalidInput('details["length"] is a number of millimetres, or a pair of number and unit, as in (68, "cm")')

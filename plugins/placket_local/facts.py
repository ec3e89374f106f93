"""What the studio must know of a garment, read from the claims about it: its kind, its length, its pictures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from placket.errors import InvalidInput
from placket.record import Claim, Measurement, MediaItem, Method, Term

KINDS: tuple[tuple[str, str], ...] = (
    ("aa-1-4", "dress"),
    ("aa-1-10", "outerwear"),
    ("x:blazer", "outerwear"),
    ("aa-1-12", "bottom"),
    ("aa-1-14", "bottom"),
    ("aa-1-15", "bottom"),
    ("aa-8", "shoes"),
    ("aa-1", "top"),
    ("aa", "accessory"),
)
"""Category -> how it lies in a collage; the first that is the category, or one above it, counts."""

SHORTEST, LONGEST = 20.0, 3000.0
"""Millimetres; a garment's length outside of these is a mistake, mostly of the unit."""

_RANKS = {Method.HUMAN: 3, Method.MERCHANT: 2, Method.ECHO: -1}


def best(claims: Iterable[Claim], name: str) -> Any:
    """The value of a field: what a person says counts most, then what the merchant says, then what is surest."""
    said = [claim for claim in claims if claim.field == name and claim.value is not None]
    if not said:
        return None
    return max(said, key=lambda claim: (_RANKS.get(claim.method, 1), claim.confidence or 0.0)).value


def pictures(claims: Iterable[Claim]) -> dict[str, MediaItem]:
    """The pictures that lie on this machine, by their role; of several in one role the first."""
    found: dict[str, MediaItem] = {}
    for claim in claims:
        if claim.field == "media" and isinstance(claim.value, MediaItem) and claim.value.path:
            found.setdefault(claim.value.role, claim.value)
    return found


def kind_of(claims: Iterable[Claim]) -> str:
    """How a garment lies in a collage; what nobody has categorised lies like a top."""
    category = best(claims, "category")
    if not isinstance(category, Term):
        return "top"
    lineage = {category.id, *(term.id for term in category.lineage)}
    return next((kind for above, kind in KINDS if above in lineage), "top")


def height_of(claims: Iterable[Claim]) -> float | None:
    """The measured length in metres, None when there is none; raises InvalidInput for one that cannot be."""
    said = [claim for claim in claims if claim.field == "measurements.length" and claim.method is not Method.ECHO]
    length = best(said, "measurements.length")
    if isinstance(length, Measurement):
        return checked_length(length.mm) / 1000
    if said:
        raise InvalidInput(
            f"the length {said[0].raw!r} {said[0].raw_unit} cannot be right; check the number and its unit"
        )
    return None


def checked_length(mm: float) -> float:
    """The length, in millimetres; raises InvalidInput for one that no garment has."""
    if not SHORTEST <= mm <= LONGEST:
        raise InvalidInput(
            f"a garment of {mm / 1000:g} m cannot be right; its length is {SHORTEST / 1000:g} to {LONGEST / 1000:g} m: "
            "check the measurement and its unit"
        )
    return mm

"""A claim: one statement by one source about one field of one garment."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from numbers import Real
from typing import Any

from attrs import field, frozen
from msgspec import Struct
from msgspec.structs import force_setattr

from ..errors import InvalidClaim


class Method(StrEnum):
    """How a claim came about."""

    MODEL = "model"
    """A model looked at a picture or a text."""
    HUMAN = "human"
    """A person looked and decided; outranks everything else."""
    MERCHANT = "merchant"
    """The seller says so."""
    ECHO = "echo"
    """The source repeats what it was told: never evidence."""
    RULE = "rule"
    """Derived by a fixed rule or a table."""


class Source(Struct, frozen=True, cache_hash=True):
    """Who made a claim: a configured provider, in one answer.

    ``lineage`` names the model or vendor behind the provider when several providers resell the same one.
    """

    provider: str
    plugin: str = ""
    operation: str = ""
    request_id: str = ""
    lineage: str = ""

    @property
    def voice(self) -> str:
        """Sources of one voice say the same thing for the same reason: together they count about once."""
        return self.lineage or self.provider


def _probability(confidence: float | None, about: str = "") -> float | None:
    """Give a confidence as Python's own float, whatever number it is: a model plugin's is numpy's."""
    if confidence is None:
        return None
    if isinstance(confidence, Real) and 0.0 <= confidence <= 1.0:
        return float(confidence)
    raise InvalidClaim(f"{about}confidence must be between 0 and 1, or None, not {confidence!r}")


@frozen
class Alternative:
    """A value that the source held possible as well. ``confidence`` is None when the source only names it."""

    value: Any
    raw: Any = None
    confidence: float | None = field(default=None, converter=_probability)


class Claim(Struct, frozen=True, eq=False, dict=True, weakref=True):
    """One statement by one source about one field of one garment; immutable.

    A changed copy is ``msgspec.structs.replace(claim, path="...")``.

    ``field`` is a record field, with a key after a dot where the field is a map, as in ``color`` or
    ``measurements.waist``. ``value`` is canonical: a term, a text, a measurement; it is None when the source's word
    is not in the vocabulary, and ``raw`` keeps the word. ``confidence`` is 0..1, or None when the source gives none;
    ``raw_confidence`` keeps a vendor's own word for it. ``path`` is where in the vendor's answer it was found.
    ``generated`` marks text that a model wrote.

    A confidence may be any real number, such as numpy's; InvalidClaim is raised for one that is not from 0 to 1.

    Two claims are equal when their ids are. Nothing derives from this class.
    """

    field: str
    value: Any
    source: Source
    raw: Any = None
    raw_unit: str = ""
    confidence: float | None = None
    raw_confidence: str = ""
    alternatives: tuple[Alternative, ...] = ()
    path: str = ""
    method: Method = Method.MODEL
    generated: bool = False
    observed_at: datetime | None = None

    def __post_init__(self) -> None:
        confidence = self.confidence
        if confidence is not None and (type(confidence) is not float or not 0.0 <= confidence <= 1.0):
            force_setattr(self, "confidence", _probability(confidence, f"{self.field}: "))

    @cached_property
    def id(self) -> str:
        """A hash of everything the claim says: the same statement repeated is the same claim."""
        from .codec import claim_to_json

        document = json.dumps(claim_to_json(self), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        # Half of a character, as a cut-off emoji leaves it, is no UTF-8, and told apart all the same.
        return hashlib.blake2b(document.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()

    def __hash__(self) -> int:
        # Cheap on purpose: the id is only computed for claims that agree on all of this. A word that is an enum
        # hashes as its text.
        raw = self.raw
        word = str.__hash__(raw if isinstance(raw, str) else _as_text(raw))
        return hash((self.field, self.source.provider, self.path, self.confidence, self.observed_at, word))

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Claim):
            return NotImplemented
        return hash(self) == hash(other) and self.id == other.id

    def __ne__(self, other: object) -> bool:  # a Struct has one of its own, which compares identities
        return not self == other

    def __lt__(self, other: Claim) -> bool:
        """A fixed order, for listing and for ties: by field, provider, path, the source's own word, and id."""
        mine, theirs = self._order, other._order
        return mine < theirs if mine != theirs else self.id < other.id

    @property
    def _order(self) -> tuple[str, str, str, str]:
        return (self.field, self.source.provider, self.path, _as_text(self.raw))

    @property
    def name(self) -> str:
        """The field without its key: ``measurements`` of ``measurements.waist``."""
        return self.field.partition(".")[0]

    @property
    def key(self) -> str:
        """The key within a map field: ``waist`` of ``measurements.waist``; empty for plain fields."""
        return self.field.partition(".")[2]

    @property
    def is_evidence(self) -> bool:
        """Whether it speaks for a value: an echo does not, nor does a word that nobody could place."""
        return self.value is not None and self.method is not Method.ECHO

    @property
    def is_unknown_word(self) -> bool:
        """The source said something, and the vocabulary has no place for it."""
        return self.value is None and self.raw is not None


def _as_text(raw: Any) -> str:
    """Give the source's own word where it is one, or is written as one."""
    if isinstance(raw, str):
        return raw
    if isinstance(raw, Decimal):
        return str(raw)
    return raw.isoformat() if isinstance(raw, datetime) else ""


def repeated(claims: Iterable[Claim], source: Source, observed_at: datetime | None) -> list[Claim]:
    """The same statements, made by another source at another time."""
    # A copy has not got what was remembered of the claim, such as its id.
    copies: list[Claim] = [said.__copy__() for said in claims]  # type: ignore[attr-defined]
    for claim in copies:
        force_setattr(claim, "source", source)
        force_setattr(claim, "observed_at", observed_at)
    return copies

"""From the vendor's words to claims: every value becomes one, and what has no field of its own goes to ``extra``."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec

from placket.record import (
    FIBRES,
    Alternative,
    Claim,
    ClaimBuilder,
    Fibre,
    Method,
    Source,
    ValueMap,
    normalize_word,
    parse_labelled_measurement,
)

from . import wire

VENDOR = "aistetic"

WORD_FIELDS: Mapping[str, str] = {
    "Closure": "closure",
    "Colour": "color",
    "Fabric Type": "fabric",
    "Fit": "fit",
    "Gender": "gender",
    "Item Type": "category",
}
"""Tags whose words the vocabulary has, or else lacks."""

TEXT_FIELDS: Mapping[str, str] = {
    "Brand": "brand",
    "Category": "category_text.category",
    "Item Type": "category_text.item_type",
    "Material": "material_text",
}
"""Tags whose words are kept as a text."""

HINTED_FIELDS: Mapping[str, str] = {"Category": "category", "Material": "fabric"}
"""Texts that count as words as well where the vocabulary has them; where it has not, nothing is missing."""

AMBIGUOUS = frozenset({"length"})
"""Measurements of which the vendor does not say between which points they lie: of trousers, inside or outside leg."""

_SCALARS = (str, int, float)

REMEMBERED = 4096
LONGEST_REMEMBERED = 400
"""How many attributes are remembered, and how many bytes they may have: the vendor's words must not fill memory."""

Memory = dict[bytes, tuple[Claim, ...]]
"""What the words of one attribute and its companions became, whatever the garment.

The keys are MessagePack of all that the claims depend on: equal for what is equal, and telling 29 from 29.0.
"""

_encode = msgspec.msgpack.Encoder().encode


class Translation:
    """Makes the claims of one answer about one garment.

    ``sent`` are the hints that went with the upload. ``memory`` is shared by the translations of one provider: the
    vendor says the same few things over and over.
    """

    def __init__(
        self,
        source: Source,
        values: ValueMap,
        *,
        observed_at: datetime | None = None,
        sent: Mapping[str, Any],
        memory: Memory | None = None,
    ) -> None:
        self._build = ClaimBuilder(source, values.vocabulary, values=values, observed_at=observed_at)
        self._values = values
        self._sent = sent
        self._typed = False
        self._memory: Memory = {} if memory is None else memory

    def claims(
        self, data: Mapping[str, Any], uuid: str, *, job_places: Collection[str] = wire.STATUS_PLACES
    ) -> tuple[Claim, ...]:
        """All that ``data`` says; a word at one of ``job_places`` is about the job and not about the garment."""
        build = self._build
        build.text(f"external_ids.{VENDOR}", uuid, path="data.uuid", method=Method.RULE)
        self._pictures(data.get("annotated_img"))
        tag, measurements, description = data.get("tag"), data.get("measurements"), data.get("description")
        if isinstance(tag, dict):
            types = _words(tag.get("Item Type")) or ()
            self._typed = any(self._values.meaning("category", str(word)) for word in types)
            self._translate("tag", tag, self._tags)
        else:
            self._keep("tag", tag)
        if isinstance(measurements, dict):
            self._translate("measurements", measurements, self._measurements)
        else:
            self._keep("measurements", measurements)
        if isinstance(description, _SCALARS):
            build.text("descriptions.long", description, path="data.description", generated=True)
        else:
            self._keep("description", description)
        for key, value in data.items():
            if key not in wire.DATA_KEYS and not (isinstance(value, str) and f"data.{key}" in job_places):
                self._keep(key, value)
        return build.claims

    def _translate(self, part: str, said: Mapping[str, Any], translate: Callable[[Mapping[str, Any]], None]) -> None:
        """Translate what is said, family by family, or repeat the claims that the same words became before."""
        build, memory, sent, typed = self._build, self._memory, self._sent, self._typed
        known: list[Claim] = []
        for names, values in wire.families(tuple(said)):
            try:
                key = _encode((part, names, values(said), typed, sent and [sent.get(name) for name in names]))
            except (ValueError, OverflowError, RecursionError):  # half a character, more than 64 bits, deep lists
                key = b""
            found = memory.get(key)
            if found is not None:
                known += found
                continue
            build.repeat(known)
            known = []
            before = len(build)
            translate({name: said[name] for name in names})
            if 0 < len(key) <= LONGEST_REMEMBERED and len(memory) < REMEMBERED:
                memory[key] = build.claims[before:]
        build.repeat(known)

    def _keep(self, place: str, value: Any, **details: Any) -> None:
        self._build.add(f"extra.{VENDOR}.{place}", value, raw=value, **{"path": f"data.{place}", **details})

    def _pictures(self, raw: Any) -> None:
        for url in raw if isinstance(raw, list) else [raw]:
            if isinstance(url, str) and url.strip().startswith(("https://", "http://")):
                self._build.media("annotated", url.strip(), path="data.annotated_img")
            else:
                self._keep("annotated_img", url)

    def _tags(self, family: Mapping[str, Any]) -> None:
        for tag in wire.tags(family):
            self._tag(tag)

    def _tag(self, tag: wire.Tag) -> None:
        name, place = tag.name, f"tag.{tag.name}"
        confidence = tag.confidence
        details: dict[str, Any] = {
            "path": f"data.{place}",
            "confidence": self._probability(confidence),
            "raw_confidence": "" if confidence is None else str(confidence),
        }
        others = _words(tag.alternatives)
        if others is None:
            others = []
            self._keep(place + wire.ALTERNATIVES, tag.alternatives)
        words = _words(tag.value) if name in WORD_FIELDS or name in TEXT_FIELDS else None
        if words is None:
            method = Method.ECHO if self._is_echo(name, tag.value) else None
            self._keep(place, tag.value, alternatives=_as_texts(others), method=method, **details)
            return
        for word in words:
            details["method"] = Method.ECHO if self._is_echo(name, word) else None
            if name in WORD_FIELDS:
                self._build.word(WORD_FIELDS[name], word, alternatives=others, **details)
            if name in TEXT_FIELDS:
                self._build.text(TEXT_FIELDS[name], word, alternatives=_as_texts(others), **details)
            if name in HINTED_FIELDS:
                self._hinted(HINTED_FIELDS[name], word, others, details)

    def _hinted(self, field: str, word: Any, others: list[Any], details: dict[str, Any]) -> None:
        meaning = self._values.meaning(field, str(word))
        # "Clothing" adds nothing to "Skinny Jeans", and two claims of one source would weaken each other.
        if not meaning or (field == "category" and self._typed):
            return
        self._build.word(field, word, alternatives=others, **details)
        term = meaning.get("fabric")
        if term is not None and term.id in FIBRES:
            self._build.add("composition", Fibre(FIBRES[term.id]), raw=word, **details)

    def _measurements(self, family: Mapping[str, Any]) -> None:
        for name, value in family.items():
            labelled = _labelled(name)
            if labelled is None or not isinstance(value, _SCALARS):
                self._keep(f"measurements.{name}", value)
                continue
            kind, unit, ambiguous = labelled
            self._build.measure(kind, value, unit, ambiguous=ambiguous, path=f"data.measurements.{name}")

    def _is_echo(self, name: str, word: Any) -> bool:
        """Whether the vendor repeats what we told it, in its own spelling: "Womens" for "Women's"."""
        sent = self._sent.get(name)
        if sent is None:
            return False
        if word == sent or normalize_word(str(word)) == normalize_word(str(sent)):
            return True
        field = WORD_FIELDS.get(name) or HINTED_FIELDS.get(name)
        meaning = self._values.meaning(field, str(word)) if field else {}
        return bool(meaning) and field is not None and meaning == self._values.meaning(field, str(sent))

    def _probability(self, raw: Any) -> float | None:
        """A word by the table, or a number from 0 to 1; anything else is not guessed at."""
        if raw is None or isinstance(raw, bool) or not isinstance(raw, _SCALARS):
            return None
        if isinstance(raw, str) and (stated := self._values.confidence(raw)) is not None:
            return stated
        try:
            number = float(raw)
        except (ValueError, OverflowError):
            return None
        return number if 0 <= number <= 1 else None


@lru_cache(256)
def _labelled(name: str) -> tuple[str, str, bool] | None:
    """Kind, unit, and whether the kind is ambiguous; None for a name that is not of the form "Waist (inches)"."""
    labelled = parse_labelled_measurement(name)
    # Keys are made of plain letters and digits: of "Ärmel" too little would be left, of "()" nothing.
    if labelled is None or not labelled[0].isascii() or not any(map(str.isalnum, labelled[0])):
        return None
    return *labelled, normalize_word(labelled[0]) in AMBIGUOUS


def _words(raw: Any) -> list[Any] | None:
    """The words in a value, which is one or a list of them; None when it is something else."""
    words = raw if isinstance(raw, list) else [raw]
    found = []
    for word in words:
        if isinstance(word, _SCALARS):
            if not wire.says_nothing(word):
                found.append(word)
        elif word is not None:
            return None
    return found


def _as_texts(words: list[Any]) -> tuple[Alternative, ...]:
    return tuple([Alternative(str(word).strip(), word) for word in words])

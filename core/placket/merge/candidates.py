"""When two claims say the same, and when one says the same less exactly."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Mapping
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

from ..errors import InvalidInput
from ..record.claim import Claim
from ..record.codec import value_to_json
from ..record.terms import Term
from ..record.values import ArAsset, Color, Fibre, Label, Measurement, MediaItem, Season, Size

Step = tuple[Hashable, Any]
"""The key of a value, and the value."""


def moment(time: datetime) -> float:
    """Seconds since 1970; a time without a zone is read as UTC, so that no machine's own zone decides."""
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()


def folded(text: str) -> str:
    """Give a text as it is compared: without case, blanks collapsed."""
    return " ".join(text.split()).casefold()


def _size(size: Size) -> Hashable:
    return (folded(size.label), size.system.id if size.system else "")


def _media(item: MediaItem) -> Hashable:
    return item.identity or exactly(item)


def _asset(asset: ArAsset) -> Hashable:
    return asset.sha256 or asset.url or asset.path or exactly(asset)


def exactly(value: Any) -> Hashable:
    """Give the key of a value that must be equal in every part."""
    # In a tuple, so that the number 1 and the text "1" stay apart.
    return (json.dumps(value_to_json(value), sort_keys=True),)


def key_of_other(claim: Claim) -> Hashable:
    """Give the key of a claim's value that has none of its own in `KEYS`; the field is named where it has none."""
    try:
        return exactly(claim.value)
    except InvalidInput as error:
        raise InvalidInput(f"{claim.field}: {error}") from error


KEYS: Mapping[type, Callable[[Any], Hashable]] = {
    str: folded,
    Term: attrgetter("id"),
    Color: attrgetter("term.id"),
    Label: lambda label: (folded(label.name), folded(label.kind)),
    MediaItem: _media,
    ArAsset: _asset,
    Season: lambda season: (folded(season.name), season.year),
    Size: _size,
    Fibre: lambda part: (folded(part.fibre), folded(part.component)),
    Measurement: attrgetter("mm"),
    datetime: moment,
}
"""Type -> the key of its values; for all others it is `exactly`."""


def key_of(value: Any) -> Hashable:
    """Give what is the same for all values that say the same.

    Texts are compared without case and with blanks collapsed; terms and colours by the term's id; labels by name and
    kind; pictures by their identity and files by theirs; seasons by name and year; measurements by length; sizes by
    label and system; fibres by fibre and component; times by the moment. Everything else must be equal in every part.
    """
    return KEYS.get(type(value), exactly)(value)


def above(value: Any) -> tuple[Step, ...]:
    """List whatever says the same as a value less exactly, the nearest first.

    Above a term or colour are its broader terms, above a season with a year the season, above a size with a system the
    label alone.
    """
    broader = _BROADER.get(type(value))
    return () if broader is None else broader(value)


def down_to(value: Any, key: Hashable) -> tuple[Step, ...]:
    """List whatever says the same as a value less exactly, the nearest last, and the value itself with its key."""
    if type(value) is Term and not value.broader:
        return ((key, value),)
    return (*reversed(above(value)), (key, value))


def ladder(value: Any) -> list[Hashable]:
    """List the keys of a value and of what is above it, the nearest first."""
    return [key_of(value), *keys_above(value)]


def keys_above(value: Any) -> tuple[Hashable, ...]:
    """List the keys of what is above a value, the nearest first."""
    if type(value) is Color:
        value = value.term  # whose keys are the colour's
    if type(value) is Term:
        return tuple([broader.id for broader in value.above]) if value.broader else ()
    return tuple([key for key, _ in above(value)])


def _terms_above(term: Term) -> tuple[Step, ...]:
    return tuple([(broader.id, broader) for broader in term.above]) if term.broader else ()


def _colors_above(color: Color) -> tuple[Step, ...]:
    return tuple([(key, Color(term)) for key, term in _terms_above(color.term)])


def _season_above(season: Season) -> tuple[Step, ...]:
    general = Season(season.name)
    return () if season.year is None else ((key_of(general), general),)


def _size_above(size: Size) -> tuple[Step, ...]:
    general = Size(size.label)
    return () if size.system is None else ((key_of(general), general),)


_BROADER: Mapping[type, Callable[[Any], tuple[Step, ...]]] = {
    Term: _terms_above,
    Color: _colors_above,
    Season: _season_above,
    Size: _size_above,
}

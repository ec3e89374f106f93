"""When two claims say the same, and when one says the same less exactly."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Mapping
from datetime import UTC, datetime
from typing import Any

from ..record.codec import value_to_json
from ..record.terms import Term
from ..record.values import ArAsset, Color, Fibre, Label, MediaItem, Season, Size

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
    return item.identity or _exactly(item)


def _asset(asset: ArAsset) -> Hashable:
    return asset.sha256 or asset.url or asset.path or _exactly(asset)


def _exactly(value: Any) -> Hashable:
    # In a tuple, so that the number 1 and the text "1" stay apart.
    return (json.dumps(value_to_json(value), sort_keys=True),)


_KEYS: Mapping[type, Callable[[Any], Hashable]] = {
    str: folded,
    Term: lambda term: term.id,
    Color: lambda color: color.term.id,
    Label: lambda label: (folded(label.name), folded(label.kind)),
    MediaItem: _media,
    ArAsset: _asset,
    Season: lambda season: (folded(season.name), season.year),
    Size: _size,
    Fibre: lambda part: (folded(part.fibre), folded(part.component)),
    datetime: moment,
}


def key_of(value: Any) -> Hashable:
    """Give what is the same for all values that say the same.

    Texts are compared without case and with blanks collapsed; terms and colours by the term's id; labels by name and
    kind; pictures by their identity and files by theirs; seasons by name and year; sizes by label and system; fibres
    by fibre and component; times by the moment. Everything else must be equal in every part.
    """
    return _KEYS.get(type(value), _exactly)(value)


def ladder(value: Any) -> tuple[Step, ...]:
    """List a value and whatever says the same less exactly, the nearest first.

    Above a term are its broader terms, above a season with a year the season, above a size with a system the label.
    """
    if isinstance(value, Term):
        return tuple([(term.id, term) for term in value.lineage])
    own = (key_of(value), value)
    if isinstance(value, Color) and value.term.broader is not None:
        return (own, *((term.id, Color(term)) for term in value.term.broader.lineage))
    if isinstance(value, Season) and value.year is not None:
        above: Any = Season(value.name)
    elif isinstance(value, Size) and value.system is not None:
        above = Size(value.label)
    else:
        return (own,)
    return (own, (key_of(above), above))

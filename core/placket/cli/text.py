"""Words and values of a record as text for people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from ..record import (
    Color,
    Detection,
    Fibre,
    Label,
    Measurement,
    MediaItem,
    Price,
    Season,
    Size,
    Term,
)
from ..record.codec import value_to_json

LONGEST = 160
"""Characters of one value in a table; ``--json`` has the whole of it."""


def plain(text: str) -> str:
    """The text in one line, with control characters spelled out: what a vendor says must not steer the terminal."""
    return "".join(one if one.isprintable() else _spelled(one) for one in text)


def _spelled(character: str) -> str:
    return " " if character in "\n\t" else character.encode("unicode_escape", "surrogatepass").decode("ascii")


def shown(value: Any) -> str:
    """A value of a record in a few words."""
    text = plain(_worded(value))
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def _worded(value: Any) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case str():
            return value
        case tuple():
            return ", ".join(_worded(one) for one in value) or "-"
        case Term():
            return value.label
        case Color():
            return value.term.label if value.share is None else f"{value.term.label} {value.share:.0%}"
        case Measurement():
            return f"{value.mm:g} mm" + (" (ambiguous)" if value.ambiguous else "")
        case Size():
            return f"{value.label} ({value.system.label})" if value.system else value.label
        case Season():
            return f"{value.name} {value.year}" if value.year else value.name
        case Price():
            return f"{value.amount} {value.currency}" if value.currency else str(value.amount)
        case Fibre():
            share = "" if value.percent is None else f"{value.percent:g}% "
            return share + value.fibre + (f" ({value.component})" if value.component else "")
        case Label():
            return f"{value.kind}: {value.name}" if value.kind else value.name
        case MediaItem():
            return f"{value.role}: {value.url or value.path or value.vendor_ref or value.sha256}"
        case Detection():
            return value.category.label if value.category else value.raw_category or "a garment"
        case datetime():
            return value.isoformat(sep=" ", timespec="seconds")
        case int() | float():
            return f"{value:g}" if isinstance(value, float) else str(value)
        case Mapping():
            return json.dumps(value_to_json(value), ensure_ascii=False)
        case _:
            return json.dumps(value_to_json(value), ensure_ascii=False, default=str)


def paired(words: Mapping[str, Any]) -> str:
    """Keys and values in one line, as ``brand=Acme, price=49``."""
    plain_words = {plain(str(key)): tuple(value) if isinstance(value, list) else value for key, value in words.items()}
    return ", ".join(f"{key}={shown(value)}" for key, value in plain_words.items())


def count(number: int | None) -> str:
    """How many there are, where somebody says it."""
    return "?" if number is None else str(number)


def amount(number: Decimal) -> str:
    """An amount of whatever costs are counted in, without the zeros that say nothing."""
    return f"{number.normalize():f}"


def seconds(duration: float) -> str:
    """A duration as people say it."""
    return f"{duration * 1000:.0f} ms" if duration < 1 else f"{duration:.1f} s"

"""Filters on metadata, as JSON paths that the server's index on it can follow."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator

from sqlalchemy import ColumnElement, cast, false, literal, or_
from sqlalchemy.dialects.postgresql import JSONPATH

from placket.interfaces import Filter
from placket_local.search.facts import LONGEST, Condition, storable

from .tables import ITEMS


def matching(wanted: Filter) -> ColumnElement[bool]:
    """Items that a filter lets through; raises InvalidInput for one that makes no sense.

    A list is met when one of its members is. ``a.b`` is the key ``b`` inside ``a``, or a key of that very name.
    """
    asked = Condition.of(wanted)
    test = " || ".join(_tests(asked))
    if not test or not storable(wanted.key):
        return false()
    whole, inside = [wanted.key], wanted.key.split(".")
    paths = ["$" + "".join(f".{json.dumps(step)}" for step in steps) for steps in (whole, inside)]
    # A path is lax: it looks into a list where it finds one.
    return or_(*(_found(f"{path} ? ({test})") for path in dict.fromkeys(paths)))


def _found(path: str) -> ColumnElement[bool]:
    return ITEMS.c.metadata.bool_op("@?")(cast(literal(path), JSONPATH))


def _tests(asked: Condition) -> Iterator[str]:
    """What a value must be, one of these; none where nothing can be."""
    if asked.values:
        for value in asked.values:
            if storable(value) if isinstance(value, str) else isinstance(value, int) or math.isfinite(value):
                yield f"@ == {json.dumps(value)}"
        return
    # As in SQLite, where of a long text only the digest can be compared.
    limits = [f'@ like_regex "^.{{0,{LONGEST}}}$" flag "s"' if asked.of_texts else '@.type() == "number"']
    if asked.low is not None:
        limits.append(f"@ >= {json.dumps(asked.low)}")
    if asked.high is not None:
        limits.append(f"@ <= {json.dumps(asked.high)}")
    yield " && ".join(limits)

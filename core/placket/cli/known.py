"""What a person writes of a garment, as ``FIELD=VALUE`` or as JSON, in the plain values that a garment takes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from ..errors import InvalidInput
from ..record import RECORD_FIELDS, Measurement, Price, Season, Size, field_of
from ..registry import did_you_mean

_NUMBER_AND_WORD = re.compile(r"\s*([-+]?[0-9]*\.?[0-9]+)\s*(\S*)\s*")
_IN_ONE_TEXT = {"price": "as in 29.90 EUR", "season": "as in SS 2026"}
"""Fields that a record's JSON has as objects."""

_WORD_AND_YEAR = re.compile(r"\s*(.*?\S)\s*((?<!\d)(?:(?:19|20)[0-9]{2}|2100))?\s*")
"""A season's name and its year, from 1900 to 2100: other digits, as those of "Drop 4711", belong to the name."""


def record_field(path: str) -> Any:
    """The declaration of a record's field; raises InvalidInput with a suggestion when there is none."""
    try:
        return field_of(path)
    except InvalidInput as error:
        name = path.partition(".")[0]
        if name not in RECORD_FIELDS:
            hint = did_you_mean(path, RECORD_FIELDS) or did_you_mean(name, RECORD_FIELDS)
            raise InvalidInput(f"a garment record has no field {path!r}{hint}") from None
        if not RECORD_FIELDS[name].keyed:
            raise InvalidInput(f"the field {name!r} has no parts, so there is no {path!r}; write {name}") from None
        raise error


def parse_known(pairs: Iterable[str]) -> dict[str, Any]:
    """``["brand=Acme", "measurements.waist=38 cm"]`` as known values; a field that has several may be given again."""
    return _parsed(pairs, "--known ")


def parse_changes(pairs: Iterable[str]) -> dict[str, Any]:
    """As `parse_known`, without the option's name; ``brand=`` with nothing after it takes the field away, as None."""
    return _parsed(pairs, "", clearing=True)


def _parsed(pairs: Iterable[str], option: str, *, clearing: bool = False) -> dict[str, Any]:
    known: dict[str, Any] = {}
    for pair in pairs:
        name, separator, text = pair.partition("=")
        if not separator or not name or not (text.strip() or clearing):
            what = option.strip() or "a change"
            raise InvalidInput(
                f"{what} {'takes' if option else 'is'} FIELD=VALUE, as in {option}brand=Acme, not {pair!r}"
            )
        spec = record_field(name)
        value = _value(option + name, text.strip(), spec.value_type) if text.strip() else None
        if spec.many and value is not None:
            if known.setdefault(name, []) is None:
                raise InvalidInput(f"{option}{name} cannot be taken away and set at once")
            known[name].append(value)
        elif name in known:
            raise InvalidInput(f"{option}{name} is given twice, and the field has one value")
        else:
            known[name] = value
    return known


def value_of(said: str, name: str, text: str) -> Any:
    """The plain value of one field that a text means; ``said`` names the text in messages."""
    return _value(said, text.strip(), record_field(name).value_type)


def known_of_json(document: Mapping[str, Any]) -> dict[str, Any]:
    """``{"brand": "Acme", "color": ["navy"], "measurements": {"waist": "38 cm"}}`` as known values; null is none."""
    known: dict[str, Any] = {}
    for name, given in _flat(document):
        spec = record_field(name)
        several = given if isinstance(given, list) else [given]
        if len(several) != 1 and not spec.many:
            raise InvalidInput(f"{name} has one value, not {len(several)}")
        values = [_value(name, one.strip(), spec.value_type) if isinstance(one, str) else one for one in several]
        known[name] = values if spec.many else values[0]
    return known


def _flat(document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, given in document.items():
        if isinstance(given, Mapping):
            if given and name in _IN_ONE_TEXT:
                raise InvalidInput(f"there is no {name}.{next(iter(given))}: {name} is one text, {_IN_ONE_TEXT[name]}")
            yield from ((f"{name}.{key}", value) for key, value in _flat(given))
        elif given not in (None, "", []):
            yield name, given


def _value(said: str, text: str, kind: Any) -> Any:
    """The value that a text means; ``said`` names it in messages."""
    if kind is Measurement:
        number, unit = _number_and_word(said, text, "a length with its unit, as in 38.5 cm")
        if not unit:
            raise InvalidInput(f"{said} needs a unit, as in {number} cm")
        return int(number) if number == int(number) else float(number), unit
    if kind is Price:
        amount, currency = _number_and_word(said, text, "an amount and a currency, as in 29.90 EUR")
        return Price(amount, currency.upper() or None)
    if kind is Season:
        found = _WORD_AND_YEAR.fullmatch(text)
        return Season(found[1], int(found[2]) if found[2] else None) if found else Season(text)
    if kind is Size:
        return Size(text)
    if kind is bool:
        if text.lower() not in ("yes", "no", "true", "false"):
            raise InvalidInput(f"{said} is yes or no, not {text!r}")
        return text.lower() in ("yes", "true")
    if kind is datetime:
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            raise InvalidInput(f"{said} is a date, as in 2026-11-30, not {text!r}") from None
    return text


def _number_and_word(said: str, text: str, wanted: str) -> tuple[Decimal, str]:
    found = _NUMBER_AND_WORD.fullmatch(text)
    if found is None:
        raise InvalidInput(f"{said} is {wanted}, not {text!r}")
    return Decimal(found[1]), found[2]

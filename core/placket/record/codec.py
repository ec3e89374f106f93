"""Records and claims to JSON and back, without loss."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from math import isfinite
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import attrs
from msgspec import Struct, structs

from ..errors import InvalidInput
from .claim import Alternative, Claim, Method, Source
from .fields import RecordField
from .record import GarmentRecord, Resolution, field_of, keys_of_path, path_of_pointer, pointer_of_path
from .terms import Term
from .values import ArAsset, Color, Detection, MediaItem, Size, Variant

if TYPE_CHECKING:
    from cattrs import Converter

    from .vocabulary import Vocabulary

RECORD_SCHEMA = "placket/garment-record/1"

DEEPEST = 64
"""How many levels of lists and mappings a value may have: far below what Python's own recursion allows, which depends
on where in a program it is asked."""

_METHODS = {str(method): method for method in Method}

_DAMAGE = (AttributeError, KeyError, TypeError, ValueError, ExceptionGroup)
"""What comes of reading a document that nobody here has written; the last is cattrs'."""


class TooDeepError(InvalidInput):
    """A value has more than `DEEPEST` levels."""


def value_to_json(value: Any) -> Any:
    """Any value of a record as JSON: terms as id, gid and label, times as ISO 8601, amounts of money as text.

    Raises InvalidInput for what JSON cannot say: another type, a number that is not finite, a key that is no text. It
    also does for more than `DEEPEST` levels, of which the tuple that holds a field's several values is not counted.
    """
    if type(value) is tuple:
        return [_shown(item, DEEPEST) for item in value]
    return _shown(value, DEEPEST)


def _shown(value: Any, levels: int) -> Any:
    if value is None or isinstance(value, (str, int)):
        return value
    if isinstance(value, float):
        return _finite(value)
    if not levels:
        raise TooDeepError(
            f"a record holds at most {DEEPEST} levels of lists and mappings; give what is deeper as text"
        )
    below = levels - 1
    if isinstance(value, Term):
        return {"id": value.id, "gid": value.gid, "label": value.label}
    if isinstance(value, Color):
        shown = _shown(value.term, below)
        if value.share is not None:
            shown["share"] = _shown(value.share, below)
        if value.lab is not None:
            shown["lab"] = _shown(value.lab, below)
        return shown
    if isinstance(value, tuple | list):
        return [_shown(item, below) for item in value]
    if isinstance(value, Mapping):
        return {_key(key): _shown(item, below) for key, item in value.items()}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(_finite(value))
    kind: Any = type(value)
    if _defaults(kind):
        return _without_defaults(value, below)
    return _number(value)


def _finite(number: Any) -> Any:
    if not isfinite(number):
        raise InvalidInput(f"a record cannot hold the number {number}; leave it out, or give a text")
    return number


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise InvalidInput(f"a record cannot hold the key {key!r}; give a text")
    return key


def _number(value: Any) -> int | float:
    """Give a number of another kind, such as numpy's, as Python's own, where that is the same number."""
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real) and _finite(float(value)) == value:
        return float(value)
    raise InvalidInput(
        f"a record cannot hold a {type(value).__name__}; give a text, a number, true or false, a time, or a list or "
        "mapping of these"
    )


@lru_cache(maxsize=256)
def _defaults(kind: type) -> Mapping[str, Any]:
    """The fields of a class, attrs' or msgspec's, and what each is where nothing is said; empty for any other class."""
    if attrs.has(kind):
        return {each.name: each.default for each in attrs.fields(kind)}
    if issubclass(kind, Struct):
        return {each.name: each.default for each in structs.fields(kind)}
    return {}


def _without_defaults(value: Any, levels: int = DEEPEST) -> dict[str, Any]:
    shown = {}
    kind: Any = type(value)
    for name, default in _defaults(kind).items():
        item = getattr(value, name)
        if not _is_default(item, default):
            shown[name] = _shown(item, levels)
    return shown


def _is_default(item: Any, default: Any) -> bool:
    if isinstance(default, attrs.Factory):  # type: ignore[arg-type]
        return not item
    # A zero is a statement; only its equal, False, may be a default.
    return type(item) is type(default) and bool(item == default)


def claim_to_json(claim: Claim) -> dict[str, Any]:
    """One claim, everything it says; what it leaves open is left out.

    Raises InvalidInput that names the field for a value that `value_to_json` refuses.
    """
    try:
        return _claim_to_json(claim)
    except InvalidInput as error:
        raise InvalidInput(f"{claim.field}: {error}") from error


def _claim_to_json(claim: Claim) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "field": claim.field,
        "value": value_to_json(claim.value),
        "source": dict(_source_to_json(claim.source)),
        "method": str(claim.method),
    }
    if claim.raw is not None:
        shown["raw"] = value_to_json(claim.raw)
    if claim.confidence is not None:
        shown["confidence"] = claim.confidence
    for name in ("raw_unit", "raw_confidence", "path", "generated"):
        if stated := getattr(claim, name):
            shown[name] = stated
    if claim.alternatives:
        shown["alternatives"] = [_without_defaults(alternative) for alternative in claim.alternatives]
    if claim.observed_at is not None:
        shown["observed_at"] = claim.observed_at.isoformat()
    return shown


@lru_cache(maxsize=256)
def _source_to_json(source: Source) -> Mapping[str, Any]:
    """Cached, because all claims of an answer have one source: this halves the time of writing them."""
    return _without_defaults(source)


def record_to_json(record: GarmentRecord, *, claims: bool = False) -> dict[str, Any]:
    """The record as a JSON document: its fields, and under ``provenance`` who says so, by JSON pointer.

    With ``claims`` every claim is included, and `record_from_json` gives the same record back.
    """
    shown: dict[str, Any] = {"schema": RECORD_SCHEMA, "id": record.id}
    provenance: dict[str, Any] = {}
    for path, resolution in record.resolutions.items():
        *parents, last = keys_of_path(path)
        place = shown
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = value_to_json(resolution.value)
        provenance[pointer_of_path(path)] = {
            "value": value_to_json(resolution.value),
            "score": resolution.score,
            "conflict": resolution.conflict,
            "policy": resolution.policy,
            "support": [_cited(claim) for claim in resolution.support],
            "dissent": [_cited(claim) for claim in resolution.dissent],
        }
    shown["provenance"] = provenance
    if unknown := record.unknown_words:
        shown["unknown_words"] = [
            {"field": claim.field, "raw": value_to_json(claim.raw), "provider": claim.source.provider}
            for claim in unknown
        ]
    if claims:
        ordered = sorted(record.claims, key=lambda claim: (claim.field, claim.id))
        shown["claims"] = [{"id": claim.id, **claim_to_json(claim)} for claim in ordered]
    return shown


def _cited(claim: Claim) -> dict[str, Any]:
    cited: dict[str, Any] = {
        "claim": claim.id,
        "provider": claim.source.provider,
        "method": str(claim.method),
        "value": value_to_json(claim.value),
        "confidence": claim.confidence,
    }
    if claim.raw is not None:
        cited["raw"] = value_to_json(claim.raw)
    if claim.source.lineage:
        cited["lineage"] = claim.source.lineage
    return cited


def claim_from_json(document: Mapping[str, Any], *, vocabulary: Vocabulary | None = None) -> Claim:
    """A claim from what `claim_to_json` wrote; raises InvalidInput when the document is none."""
    try:
        said = document.get
        spec = field_of(document["field"])
        return Claim(
            document["field"],
            _value_from_json(said("value"), spec.value_type, spec.attribute, vocabulary),
            _source_from_json(tuple(document["source"].items())),
            said("raw"),
            said("raw_unit", ""),
            said("confidence"),
            said("raw_confidence", ""),
            _alternatives(document, spec, vocabulary) if "alternatives" in document else (),
            said("path", ""),
            _METHODS[said("method", Method.MODEL)],
            said("generated", False),
            _time(said("observed_at")),
        )
    except _DAMAGE as error:
        raise InvalidInput(f"this is not a claim as Placket writes them: {error!r}") from error


def _alternatives(
    document: Mapping[str, Any], spec: RecordField[Any], vocabulary: Vocabulary | None
) -> tuple[Alternative, ...]:
    return tuple(
        Alternative(
            _value_from_json(item["value"], spec.value_type, spec.attribute, vocabulary),
            item.get("raw"),
            item.get("confidence"),
        )
        for item in document["alternatives"]
    )


@lru_cache(maxsize=256)
def _source_from_json(document: tuple[tuple[str, Any], ...]) -> Source:
    """Cached as `_source_to_json` is: one source object for all claims of an answer."""
    return Source(**dict(document))


def record_from_json(document: Mapping[str, Any], *, vocabulary: Vocabulary | None = None) -> GarmentRecord:
    """A record from what `record_to_json` wrote with ``claims=True``; raises InvalidInput otherwise.

    ``vocabulary`` (by default the built-in one) supplies what lies above a term; a term that it does not have is
    taken as written.
    """
    try:
        if (schema := document.get("schema")) != RECORD_SCHEMA:
            raise InvalidInput(f"this is not a garment record: its schema is {schema!r}, not {RECORD_SCHEMA!r}")
        if "claims" not in document:
            raise InvalidInput("this record was written without its claims; write it with claims=True (--claims)")
        claims = {item["id"]: claim_from_json(item, vocabulary=vocabulary) for item in document["claims"]}
        resolutions = {
            path_of_pointer(pointer): _resolution(path_of_pointer(pointer), item, claims, vocabulary)
            for pointer, item in document.get("provenance", {}).items()
        }
        return GarmentRecord(document["id"], tuple(claims.values()), resolutions)
    except _DAMAGE as error:
        raise InvalidInput(f"this is no record, or its claims or provenance is damaged: {error!r}") from error


def _resolution(
    path: str, item: Mapping[str, Any], claims: Mapping[str, Claim], vocabulary: Vocabulary | None
) -> Resolution:
    spec = field_of(path)
    value = item["value"]
    if spec.many:
        value = tuple(_value_from_json(one, spec.value_type, spec.attribute, vocabulary) for one in value)
    else:
        value = _value_from_json(value, spec.value_type, spec.attribute, vocabulary)
    return Resolution(
        value=value,
        score=item["score"],
        conflict=item["conflict"],
        policy=item["policy"],
        support=tuple(claims[cited["claim"]] for cited in item["support"]),
        dissent=tuple(claims[cited["claim"]] for cited in item["dissent"]),
    )


def _value_from_json(shown: Any, kind: Any, attribute: str, vocabulary: Vocabulary | None) -> Any:
    if shown is None or kind in (Any, str, bool):
        return shown
    if kind is Term:
        return _term(shown, attribute, vocabulary)
    if kind is Color:
        lab = shown.get("lab")
        return Color(_term(shown, attribute, vocabulary), shown.get("share"), tuple(lab) if lab else None)
    return _converter(vocabulary).structure(shown, kind)


def _term(shown: Mapping[str, Any], attribute: str, vocabulary: Vocabulary | None) -> Term:
    if vocabulary is None:
        from .vocabulary import Vocabulary

        vocabulary = Vocabulary.default()
    return vocabulary.get(attribute, shown["id"]) or Term(attribute, shown["id"], shown["label"], shown.get("gid"))


def _time(shown: Any) -> datetime | None:
    return None if shown is None else datetime.fromisoformat(shown)


def _plain_struct(shown: Mapping[str, Any], kind: Any) -> Any:
    """Read as it is written: a member of another type than it should have is another statement if it is made fit."""
    return kind(**{name: shown[name] for name in _defaults(kind) if name in shown})


@lru_cache(maxsize=8)
def _converter(vocabulary: Vocabulary | None) -> Converter:
    """Cached for the few vocabularies that are in use at a time; a host may open many Plackets, each with its own."""
    from cattrs import Converter
    from cattrs.gen import make_dict_structure_fn, override

    converter = Converter()
    converter.register_structure_hook(datetime, lambda shown, _: datetime.fromisoformat(shown))
    converter.register_structure_hook(Decimal, lambda shown, _: Decimal(shown))
    # A number keeps its type: 29 stays 29, or a claim that is read back would not be the one that was written.
    converter.register_structure_hook(float, lambda shown, _: shown)
    converter.register_structure_hook(int | float | str, lambda shown, _: shown)

    for plain in (MediaItem, ArAsset):  # of texts, numbers and truth values
        converter.register_structure_hook(plain, _plain_struct)

    def one(attribute: str) -> Any:
        return override(struct_hook=lambda shown, _: None if shown is None else _term(shown, attribute, vocabulary))

    def several(attribute: str) -> Any:
        return override(struct_hook=lambda shown, _: tuple(_term(i, attribute, vocabulary) for i in shown))

    hooks: dict[type, dict[str, Any]] = {
        Size: {"system": one("size_system"), "group": several("size_group")},
        Detection: {"category": one("category")},
        Variant: {"color": one("color")},
    }
    for kind, overrides in hooks.items():
        converter.register_structure_hook(kind, make_dict_structure_fn(kind, converter, **overrides))
    return converter

"""A record as rows for people: what each field is, who says so, who says otherwise, and what did not count."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from attrs import frozen

from placket.record import (
    ArAsset,
    Claim,
    Color,
    Fibre,
    GarmentRecord,
    Label,
    Measurement,
    MediaItem,
    Method,
    Price,
    Resolution,
    Season,
    Shot,
    Size,
    Term,
    Variant,
    value_to_json,
)

_ASIDE = frozenset(
    ("access", "ar", "created_at", "external_ids", "extra", "media", "shoot", "updated_at", "variants", "visibility")
)
"""Fields that are kept for programs, or that are files: shown apart from what describes the garment."""

_ABBREVIATIONS = ("ar", "gtin", "sku")


@frozen
class Statement:
    """One claim, told: who says what, in which word, how surely.

    ``raw`` is empty when the source's word is the value's own; ``word`` is the vendor's word for its confidence.
    """

    field: str
    source: str
    value: str
    raw: str
    confidence: float | None
    word: str
    method: str
    generated: bool


@frozen
class Row:
    """One resolved field. ``values`` has one text a member, best first; none when no member was sure enough."""

    path: str
    label: str
    values: tuple[str, ...]
    score: float
    policy: str
    conflict: bool
    support: tuple[Statement, ...]
    dissent: tuple[Statement, ...]

    def repeats(self, statement: Statement) -> bool:
        """Whether a statement's value is all that the row says anyway."""
        return not self.conflict and self.values == (statement.value,)


def rows_of(record: GarmentRecord) -> tuple[Row, ...]:
    """The fields that describe the garment, in the record's order."""
    return tuple(_row(path, found) for path, found in record.resolutions.items() if not _aside(path))


def rows_aside(record: GarmentRecord) -> tuple[Row, ...]:
    """Ids, dates, files, and what vendors said that has no field here."""
    return tuple(_row(path, found) for path, found in record.resolutions.items() if _aside(path))


def echoes_of(record: GarmentRecord) -> tuple[Statement, ...]:
    """What sources repeated of what they were told."""
    return _statements(claim for claim in record.claims if claim.method is Method.ECHO)


def unknown_words_of(record: GarmentRecord) -> tuple[Statement, ...]:
    """Words that the vocabulary does not have."""
    return _statements(claim for claim in record.unknown_words if claim.method is not Method.ECHO)


def voices_of(record: GarmentRecord) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Each lineage that several sources share, with these sources: together they count about once."""
    shared: dict[str, set[str]] = {}
    for claim in record.claims:
        if claim.source.lineage:
            shared.setdefault(claim.source.lineage, set()).add(claim.source.provider)
    return tuple((lineage, tuple(sorted(sources))) for lineage, sources in sorted(shared.items()) if len(sources) > 1)


def by_source(row: Row) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What each source says about a field, those who contradict its value first."""
    said: dict[str, list[str]] = {}
    agreeing = {statement.source for statement in row.support}
    contradicting = [statement for statement in row.dissent if statement.source not in agreeing]
    for statement in (*contradicting, *row.support):
        said.setdefault(statement.source, []).append(statement.value or statement.raw)
    return tuple((source, tuple(values)) for source, values in said.items())


def label_of(path: str) -> str:
    """A field's name for people: ``measurements.waist`` is "Measurements: waist"."""
    name, _, key = path.partition(".")
    shown = name.upper() if name in _ABBREVIATIONS else f"{name[:1].upper()}{name[1:]}".replace("_", " ")
    return f"{shown}{': ' if key else ''}{key.replace('_', ' ')}"


def _aside(path: str) -> bool:
    return path.partition(".")[0] in _ASIDE


def _row(path: str, found: Resolution) -> Row:
    many = isinstance(found.value, tuple)
    return Row(
        path=path,
        label=label_of(path),
        values=tuple(shown(member) for member in found.value) if many else (shown(found.value),),
        score=found.score,
        policy=found.policy,
        conflict=found.conflict,
        support=_statements(found.support),
        dissent=_statements(found.dissent),
    )


def _statements(claims: Iterable[Claim]) -> tuple[Statement, ...]:
    return tuple(_statement(claim) for claim in sorted(claims, key=_order))


def _order(claim: Claim) -> tuple[Any, ...]:
    share = claim.value.share if isinstance(claim.value, Color) else None
    return (claim.field, claim.source.provider, -(share or 0.0), -(claim.confidence or 0.0), claim.id)


def _statement(claim: Claim) -> Statement:
    raw = shown(claim.raw)
    term = claim.value.term if isinstance(claim.value, Color) else claim.value
    own_words = {each.casefold() for each in ((term.label, term.id) if isinstance(term, Term) else (shown(term),))}
    return Statement(
        field=label_of(claim.field),
        source=claim.source.provider,
        value=shown(claim.value),
        raw=raw if isinstance(claim.raw, str | int | float) and raw.casefold() not in own_words else "",
        confidence=claim.confidence,
        word=claim.raw_confidence,
        method=str(claim.method),
        generated=claim.generated,
    )


def shown(value: Any) -> str:
    """Any value of a record in one line for people; empty for None."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Term | int | float):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, Color):
        return value.term.label + (f" {value.share:.0%}" if value.share is not None else "")
    if isinstance(value, Measurement):
        stated = f" ({value.raw} {value.raw_unit})" if value.raw_unit and value.raw_unit != "mm" else ""
        return f"{value.mm:.0f} mm{stated}" + (", between which points is not said" if value.ambiguous else "")
    if isinstance(value, Price):
        return f"{value.amount} {value.currency or ''}".strip()
    if isinstance(value, Season):
        return f"{value.name} {value.year or ''}".strip()
    if isinstance(value, Fibre):
        percent = f"{value.percent:g} % " if value.percent is not None else ""
        return f"{percent}{value.fibre}" + (f" ({value.component})" if value.component else "")
    if isinstance(value, Size):
        return value.label + (f" ({value.system})" if value.system else "")
    if isinstance(value, Label):
        return f"{value.name} ({value.kind})" if value.kind else value.name
    if isinstance(value, ArAsset):
        where = value.path or value.url
        return f"{value.format}{f', {value.variant}' if value.variant else ''}{f': {where}' if where else ''}"
    if isinstance(value, Shot):
        picture = value.image and (value.image.path or value.image.url)
        return f"{value.shot_type or value.id}: {picture or value.state}"
    if isinstance(value, Variant):
        return ", ".join(filter(None, (value.name, value.sku))) or json.dumps(value_to_json(value))
    if isinstance(value, MediaItem):
        return f"{value.role}: {value.url or value.path or value.vendor_ref}"
    plain = value_to_json(value)
    if isinstance(plain, Mapping) and plain and all(isinstance(each, str | int | float) for each in plain.values()):
        return ", ".join(f"{name} {each}" for name, each in plain.items())
    return json.dumps(plain, ensure_ascii=False)

"""Records and attempts as tables for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..interfaces import Attempt
from ..record import Claim, GarmentRecord, Resolution
from .output import write_line, write_table
from .text import amount, plain, seconds, shown

CONFLICT = "!"


def write_record(record: GarmentRecord) -> None:
    """The fields of a record with who says so and who says otherwise, and the words that nobody could place."""
    fields = {path: found for path, found in record.resolutions.items() if not path.startswith("extra.")}
    if fields:
        write_table(
            ("Field", "Value", "Score", "Says so", "Says otherwise"),
            ([path, *_row(found)] for path, found in fields.items()),
        )
    else:
        _write_reasons(record)
    if record.conflicts:
        write_line(f"{CONFLICT} independent sources contradict each other; ask: placket why FIELD")
    if fields and (kept := len(record.resolutions) - len(fields)):
        write_line(f"{kept} more {'value is' if kept == 1 else 'values are'} kept under extra; --json shows them.")
    if unknown := record.unknown_words:
        write_line("Words that the vocabulary does not have:", style="bold")
        for claim in unknown:
            write_line(f"  {claim.field}: {plain(str(claim.raw))!r} ({claim.source.provider})")


def _write_reasons(record: GarmentRecord) -> None:
    """What the providers say instead of an answer, which is all that there is."""
    write_line("Nobody could say anything about it.")
    for path, found in record.resolutions.items():
        write_line(f"  {plain(path.removeprefix('extra.'))}: {'; '.join(_parts(found.value))}")


def _parts(value: Any) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield shown(tuple(value) if isinstance(value, list) else value)
        return
    for name, part in value.items():
        if part not in (None, "", [], (), {}):
            yield f"{plain(str(name))} {', '.join(_parts(part))}"


def _row(found: Resolution) -> Iterator[str]:
    yield shown(found.value)
    yield f"{found.score:.2f}{f' {CONFLICT}' if found.conflict else ''}"
    several = isinstance(found.value, tuple) and len(found.value) > 1
    yield "\n".join(dict.fromkeys(_says(claim) if several else name_of(claim) for claim in found.support))
    yield "\n".join(dict.fromkeys(_says(claim) for claim in found.dissent))


def _says(claim: Claim) -> str:
    return f"{name_of(claim)}: {shown(claim.value)}"


def name_of(claim: Claim) -> str:
    """Who makes a claim, with how sure it is: in the source's own word where it has one, else in numbers."""
    if claim.raw_confidence:
        return plain(f"{claim.source.provider} ({claim.raw_confidence})")
    if claim.confidence is not None:
        return plain(f"{claim.source.provider} ({claim.confidence:.2f})")
    return plain(claim.source.provider)


def write_attempts(attempts: Sequence[Attempt]) -> None:
    """Who was asked, what came of it, how long it took, and what it cost where anything has a price."""
    if not attempts:
        return
    priced = any(attempt.cost is not None for attempt in attempts)
    headings = ["Provider", "Operation", "Outcome", "Time", *(["Cost"] if priced else []), "Error"]
    rows = []
    for attempt in attempts:
        cost = ["-" if attempt.cost is None else amount(attempt.cost)] if priced else []
        row = [attempt.provider, attempt.operation, attempt.outcome.value, seconds(attempt.seconds), *cost]
        rows.append([*row, plain(attempt.error)])
    if not any(row[-1] for row in rows):
        headings, rows = headings[:-1], [row[:-1] for row in rows]
    write_table(headings, rows)

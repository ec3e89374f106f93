"""``placket why``: the whole story of one field."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from ..errors import InvalidInput
from ..record import Claim, GarmentRecord, Why, claim_to_json, record_from_json
from ..record.codec import value_to_json
from ..record.record import path_of_pointer
from .invocation import Invocation, pass_invocation, shared_options
from .json_lines import LARGEST_RECORD
from .known import record_field
from .options import json_option
from .output import waiting, write_json, write_line, write_table
from .tables import name_of
from .text import plain, shown


@click.command("why")
@click.argument("field")
@click.argument("source", metavar="RECORD.json|PHOTO")
@json_option()
@shared_options
@pass_invocation
def command(invocation: Invocation, field: str, source: str, as_json: bool) -> None:
    """Tell where the value of one field comes from.

    FIELD is a field of the record, as color or measurements.waist. RECORD.json was written by
    `placket tag PHOTO --json --claims`; a PHOTO is tagged first.
    """
    path = path_of_pointer(field)
    record_field(path)
    why = _record(invocation, source).why(path)
    if as_json:
        write_json(why_to_json(why))
    else:
        write_why(why)


def _record(invocation: Invocation, source: str) -> GarmentRecord:
    document = _document_in(source)
    if document is not None:
        return record_from_json(document)
    from .tagging import tag_one

    with waiting("tagging"):
        return asyncio.run(tag_one(invocation.config, source)).record


def _document_in(source: str) -> Mapping[str, Any] | None:
    """The JSON document in a file; None when it is no JSON, and so a picture or an address."""
    try:
        with Path(source).open("rb") as file:
            content = file.read(LARGEST_RECORD + 1)
    except (OSError, ValueError):
        if source.lower().endswith(".json") and "://" not in source:
            raise InvalidInput(f"the record {source} cannot be read; is there such a file?") from None
        return None
    # With the byte-order mark, or in the UTF-16, in which some shells write what is sent into a file.
    if not content[:64].decode(json.detect_encoding(content), "ignore").lstrip().startswith("{"):
        return None
    if len(content) > LARGEST_RECORD:
        raise InvalidInput(f"{source} has more than {LARGEST_RECORD // 2**20} MiB, too much for one record")
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        if "Extra data" in str(error):
            raise InvalidInput(f"{source} holds several JSON documents; give one record per file") from None
        raise InvalidInput(f"{source} is not JSON: {error}") from None
    assert isinstance(document, dict)
    return document


def why_to_json(why: Why) -> dict[str, Any]:
    """The story of a field as JSON, with every claim."""
    return {
        "field": why.field,
        "value": value_to_json(why.value),
        "score": why.score,
        "conflict": why.conflict,
        "policy": why.policy,
        **{
            name: [{"id": claim.id, **claim_to_json(claim)} for claim in claims]
            for name, claims in (
                ("support", why.support),
                ("dissent", why.dissent),
                ("echoes", why.echoes),
                ("unknown_words", why.unknown_words),
            )
        },
    }


def write_why(why: Why) -> None:
    """The story of a field as tables."""
    write_line(f"{plain(why.field)}: {shown(why.value)}", style="bold")
    if why.score is None:
        write_line("Nobody makes a claim that counts for this field.")
    else:
        write_line(f"score {why.score:.2f}, by the policy {why.policy}")
    if why.conflict:
        write_line("Independent sources contradict each other.", style="bold")
    for title, claims in (
        ("Says so", why.support),
        ("Says otherwise", why.dissent),
        ("Repeats what it was told, and counts for nothing", why.echoes),
        ("Words that the vocabulary does not have", why.unknown_words),
    ):
        if claims:
            write_table(("Who", "Value", "In its own words", "How", "Where"), map(_row, claims), title=title)


def _row(claim: Claim) -> tuple[str, ...]:
    raw = "" if claim.raw is None else f"{claim.raw} {claim.raw_unit}".rstrip()
    others = ", ".join(
        shown(each.raw if each.value is None else each.value) + (f" {each.confidence:.2f}" if each.confidence else "")
        for each in claim.alternatives
    )
    return (
        name_of(claim),
        shown(claim.value),
        "\n".join(part for part in (shown(raw) if raw else "", f"or {others}" if others else "") if part),
        f"{claim.method}{', generated' if claim.generated else ''}",
        plain(" ".join(part for part in (claim.path, claim.source.request_id) if part)),
    )

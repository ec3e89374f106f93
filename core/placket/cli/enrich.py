"""``placket enrich``: everything that the configured providers know about one garment."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from ..app import open as open_router
from ..errors import AllProvidersFailed, InvalidInput, PlacketError, Unsupported
from ..interfaces import Garment, Ref
from ..record import record_to_json
from ..routing import Step
from .failures import DONE, PARTLY_DONE, exit_code, message_of
from .invocation import Invocation, pass_invocation, shared_options
from .known import parse_known
from .options import claims_option, json_option, known_option, require_beside
from .output import complain, waiting, write_json, write_line, write_table
from .tables import write_attempts, write_record
from .tagging import attempt_to_json, image_of
from .text import plain

if TYPE_CHECKING:
    from ..routing import Enriched, Part


@click.command("enrich")
@click.argument("photo", required=False)
@known_option("sku=A-1 or external_ids.shop=17")
@click.option(
    "--ref",
    "refs",
    metavar="PROVIDER/KIND/ID",
    multiple=True,
    help="The product, SKU or AR product that it is, as shop/product/17.",
)
@click.option(
    "--step",
    "steps",
    type=click.Choice([step.value for step in Step]),
    multiple=True,
    help="Only this; may be given again.",
)
@json_option()
@claims_option("--json")
@shared_options
@pass_invocation
@click.pass_context
def command(
    context: click.Context,
    invocation: Invocation,
    photo: str | None,
    known: tuple[str, ...],
    refs: tuple[str, ...],
    steps: tuple[str, ...],
    as_json: bool,
    claims: bool,
) -> None:
    """Tag a garment, and add what stores, shoots and AR builders know about it.

    PHOTO is a path, an http(s) address, or - for stdin; it may be left out where --known or --ref say which garment is
    meant. Others are asked about the garment that --ref names, else about the one with the known external id, else
    about the only one with exactly the known sku or gtin. Similar garments from the catalogs of [enrich] are shown
    beside the record, and nothing of theirs is in it. Exit code 3: a step failed, and others brought something.
    """
    require_beside(claims, as_json, beside="--json")
    facts = parse_known(known)
    if photo is None and not facts and not refs:
        raise InvalidInput("give a PHOTO, or say which garment is meant with --known sku=... or --ref")
    named = [Ref.parse(ref) for ref in refs]
    try:
        enriched = asyncio.run(_enrich(invocation, photo, facts, named, steps))
    except (AllProvidersFailed, Unsupported) as error:
        invocation.show_traceback(error)
        complain(f"error: {message_of(error)}")
        _tell_failure(photo, error, as_json)
        context.exit(exit_code(error))
    for part in enriched.failed:
        assert part.error is not None
        invocation.show_traceback(part.error)
        complain(f"error: {part.step}: {message_of(part.error)}")
    if as_json:
        write_json(_document(photo, enriched, claims))
    else:
        _show(photo, enriched)
    context.exit(PARTLY_DONE if enriched.failed else DONE)


async def _enrich(
    invocation: Invocation, photo: str | None, known: Mapping[str, Any], refs: Sequence[Ref], steps: Sequence[str]
) -> Enriched:
    with waiting("asking everybody"):
        async with open_router(invocation.config) as router:
            garment = Garment(str(uuid.uuid4())) if photo is None else image_of(photo)
            return await router.enrich_with_evidence(garment, known=known, refs=refs, steps=steps or None)


def _document(photo: str | None, enriched: Enriched, claims: bool) -> dict[str, Any]:
    return {
        **record_to_json(enriched.record, claims=claims),
        **({} if photo is None else {"input": photo}),
        "steps": [_step(part) for part in enriched.parts],
        "similar": [
            {
                "id": hit.id,
                "catalog": str(hit.catalog),
                "score": hit.score,
                "image_url": hit.image_url,
                "metadata": dict(hit.metadata),
            }
            for hit in enriched.similar
        ],
        "attempts": [attempt_to_json(attempt) for attempt in enriched.attempts],
    }


def _tell_failure(photo: str | None, error: PlacketError, as_json: bool) -> None:
    if not as_json:
        write_attempts(error.attempts)
        return
    write_json(
        {
            **({} if photo is None else {"input": photo}),
            "error": {"type": type(error).__name__, "message": str(error)},
            "attempts": [attempt_to_json(attempt) for attempt in error.attempts],
        }
    )


def _step(part: Part) -> dict[str, Any]:
    document: dict[str, Any] = {"step": part.step.value, "state": part.state.value, "claims": len(part.claims)}
    if part.note:
        document["note"] = part.note
    if part.error is not None:
        document["error"] = {"type": type(part.error).__name__, "message": str(part.error)}
    return document


def _show(photo: str | None, enriched: Enriched) -> None:
    if photo is not None:
        write_line(plain(photo), style="bold")
    write_record(enriched.record)
    if enriched.similar:
        rows = [(plain(hit.id), str(hit.catalog), f"{hit.score:.2f}", plain(hit.image_url)) for hit in enriched.similar]
        write_table(
            ("Id", "Catalog", "Score", "Picture"), rows, title="Similar garments, which say nothing about this one"
        )
    steps = [
        (part.step.value, part.state.value, str(len(part.claims)), plain(part.note or str(part.error or "")))
        for part in enriched.parts
    ]
    write_table(("Step", "Outcome", "Claims", "Note"), steps)
    write_attempts(enriched.attempts)

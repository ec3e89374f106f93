"""``placket tag``: pictures in, records out, with who says what."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import PlacketError
from ..jobs.router import CONCURRENCY
from ..record import record_to_json
from .bulk import tag_into
from .failures import DONE, PARTLY_DONE, exit_code, message_of
from .invocation import Invocation, pass_invocation, shared_options
from .known import parse_known
from .options import claims_option, json_option, known_option, require_beside
from .output import complain, waiting, write_json, write_line
from .tables import write_attempts, write_record
from .tagging import attempt_to_json, tag_each
from .text import plain

if TYPE_CHECKING:
    from ..jobs import Outcome
    from ..routing import Tagged


@click.command("tag")
@click.argument("photos", metavar="PHOTO...", nargs=-1, required=True)
@known_option("brand=Acme or measurements.waist='38 cm'")
@json_option("One JSON document; JSON Lines for several pictures.")
@click.option(
    "--jsonl",
    "file",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the records into this file, one a line, and leave out the pictures that it has already.",
)
@claims_option("--json or --jsonl")
@click.option(
    "--concurrency",
    metavar="N",
    type=click.IntRange(min=1),
    default=CONCURRENCY,
    show_default=True,
    help="How many pictures are tagged at a time.",
)
@shared_options
@pass_invocation
@click.pass_context
def command(
    context: click.Context,
    invocation: Invocation,
    photos: tuple[str, ...],
    known: tuple[str, ...],
    as_json: bool,
    file: Path | None,
    claims: bool,
    concurrency: int,
) -> None:
    """Tag pictures of garments and show who says what.

    PHOTO is a path, an http(s) address, or - for stdin; each is one garment. Several are tagged at a time, and answered
    in their order. Exit code 3: some could be tagged and some could not.

    With --jsonl, records come in the order in which they are ready. A run that was interrupted is started again with
    the same command: it leaves out the pictures that the file has, and takes up the jobs that vendors are still working
    on instead of paying for them again.
    """
    require_beside(claims, as_json, file, beside="--json or --jsonl")
    if as_json and file:
        raise click.UsageError("--json writes to stdout and --jsonl into a file; choose one")
    facts = parse_known(known)
    if file is not None:
        into = tag_into(
            file,
            invocation,
            photos,
            facts,
            concurrency=concurrency,
            document=lambda outcome: _document(outcome.source, outcome, claims),
        )
        context.exit(asyncio.run(into))
    context.exit(asyncio.run(_tag(invocation, photos, facts, as_json, claims, concurrency)))


async def _tag(
    invocation: Invocation,
    photos: tuple[str, ...],
    known: Mapping[str, Any],
    as_json: bool,
    claims: bool,
    concurrency: int,
) -> int:
    several = len(photos) > 1
    failures: list[int] = []
    with waiting(f"tagging {len(photos)} pictures" if several else "tagging", len(photos) if several else None) as wait:
        async with aclosing(tag_each(invocation.config, photos, known, concurrency)) as results:
            async for photo, tagged in results:
                wait.advance()
                with wait.paused():
                    if isinstance(tagged, PlacketError):
                        failures.append(exit_code(tagged))
                        invocation.show_traceback(tagged)
                        complain(f"error: {f'{plain(photo)}: ' if several else ''}{message_of(tagged)}")
                    if as_json:
                        write_json(_document(photo, tagged, claims), lines=several)
                    else:
                        _show(photo, tagged)
    if failures and len(failures) < len(photos):
        return PARTLY_DONE
    return min(failures, default=DONE)


def _document(photo: str, tagged: Tagged | Outcome | PlacketError, claims: bool) -> dict[str, Any]:
    document: dict[str, Any] = {"input": photo}
    if isinstance(tagged, PlacketError):
        document["error"] = {"type": type(tagged).__name__, "message": str(tagged)}
    elif tagged.record is not None:
        document = {**record_to_json(tagged.record, claims=claims), **document}
    return {**document, "attempts": [attempt_to_json(attempt) for attempt in tagged.attempts]}


def _show(photo: str, tagged: Tagged | PlacketError) -> None:
    if not isinstance(tagged, PlacketError):
        write_line(plain(photo), style="bold")
        write_record(tagged.record)
    write_attempts(tagged.attempts)

"""``placket demo``, the command. Errors are raised: the ``placket`` program tells them and chooses the exit code."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import webbrowser
from collections.abc import Callable, Iterable, Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from placket.cli import (
    DONE,
    PARTLY_DONE,
    PROVIDER_FAILURE,
    complain,
    parse_known,
    plain,
    waiting,
    write_attempts,
    write_json,
    write_line,
    write_table,
)
from placket.errors import InvalidInput
from placket.interfaces import Image, Outcome

if TYPE_CHECKING:
    from placket.record import GarmentRecord

    from .demo import Demonstration
    from .evidence import Row, Statement
    from .passage import Step


@click.command()
@click.argument("photo", required=False, type=click.Path(path_type=Path))
@click.option(
    "--output",
    "folder",
    type=click.Path(path_type=Path),
    default=Path("placket-demo"),
    show_default=True,
    help="Where record.json, report.html and the files that vendors make go.",
)
@click.option(
    "--known",
    multiple=True,
    metavar="FIELD=VALUE",
    help="What you know already, as brand=Acme; it counts as the seller's word.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout, and nothing else there.")
@click.option("--no-open", is_flag=True, help="Do not open the report in a browser.")
@click.option("--stay", is_flag=True, help="Leave the vendors' twins running until Ctrl-C, to try commands on them.")
@click.pass_context
def demo(
    context: click.Context,
    photo: Path | None,
    folder: Path,
    known: tuple[str, ...],
    as_json: bool,
    no_open: bool,
    stay: bool,
) -> None:
    """See Placket work, with no key and no network.

    Starts stand-ins for five vendors on this machine and takes PHOTO (or the garment that comes with the demo) through
    tagging, visual search, a product store, a photo shoot and 3D. What they say becomes one record, and a page shows
    each step and who said what. The configuration is written beside the page.

    Exit code 3: a step brought nothing, or not all; 1: every step failed.
    """
    picture, name, facts = _question(photo, parse_known(known))

    def show(made: Demonstration) -> None:
        if as_json:
            document = made.document(claims=False)
            write_json({**document, "files": {name: str(path) for name, path in made.files.items()}})
            return
        _show(made)
        if not no_open and _has_screen():
            webbrowser.open(made.files["report"].resolve().as_uri())

    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _quiet_logs():
            made = asyncio.run(_demonstrated(picture, name, facts, folder, show, as_json=as_json, stay=stay))
    except OSError as error:
        raise InvalidInput(
            f"cannot write to {error.filename or folder}: {error.strerror}; choose a folder with --output"
        ) from error
    for step in made.passage.steps:
        for problem in step.problems:
            complain(f"error: {step.name}: {plain(problem)}")
    if made.is_whole and not any(each.outcome in (Outcome.FAILED, Outcome.UNKNOWN) for each in made.attempts):
        context.exit(DONE)
    # The photo is no provider's work.
    context.exit(PROVIDER_FAILURE if len(made.failed) == len(made.passage.steps) - 1 else PARTLY_DONE)


def _question(photo: Path | None, known: dict[str, Any]) -> tuple[bytes, str, dict[str, Any]]:
    from .demo import SAMPLE, SAMPLE_LISTING, sample_picture

    if photo is None:
        return sample_picture(), SAMPLE, {**SAMPLE_LISTING, **known}
    return Image.of(photo).content(), photo.name, known


async def _demonstrated(
    picture: bytes,
    name: str,
    known: dict[str, Any],
    folder: Path,
    show: Callable[[Demonstration], None],
    *,
    as_json: bool,
    stay: bool,
) -> Demonstration:
    # The servers, numpy and Pillow are loaded here: asking for help needs none of them.
    from .demo import demonstrate
    from .serve import interruption

    async with AsyncExitStack() as opened:
        with waiting("five vendors' twins at work") as progress:

            def ended(step: Step) -> None:
                if not as_json:
                    with progress.paused():
                        click.echo(_line(step))

            running = demonstrate(picture, file_name=name, known=known, folder=folder, ended=ended)
            made = await opened.enter_async_context(running)
        show(made)
        if stay:
            interrupted = interruption()
            complain(f"The twins listen until Ctrl-C. Try: placket --config {made.files['config']} providers")
            await interrupted.wait()
        return made


def _line(step: Step) -> str:
    return f"{step.name:<7}{step.state.value:<8}{step.seconds:5.1f} s  {plain(step.said)}"


@contextmanager
def _quiet_logs() -> Iterator[None]:
    """Keep vendors' advice about photos to themselves: a first look at Placket is not the place for it."""
    log = logging.getLogger("placket")
    before = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(before)


def _has_screen() -> bool:
    if not sys.stdout.isatty():
        return False
    return sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _show(made: Demonstration) -> None:
    from .evidence import rows_of

    write_table(("Field", "Value", "Score", "Says so", "Says otherwise"), map(_cells, rows_of(made.record)))
    for line in _notes(made.record):
        write_line(line)
    write_attempts(made.attempts)
    for name, path in made.files.items():
        # Not wrapped at the terminal's width, so that it can be copied.
        click.echo(f"{name:<7} {plain(str(path))}")


def _cells(row: Row) -> tuple[str, ...]:
    return (
        plain(row.label) + (" (conflict)" if row.conflict else ""),
        "\n".join(map(plain, row.values)),
        f"{row.score:.2f}",
        "\n".join(_told(each, row) for each in row.support),
        "\n".join(_told(each, row) for each in row.dissent),
    )


def _notes(record: GarmentRecord) -> Iterator[str]:
    from .evidence import echoes_of, unknown_words_of, voices_of

    for lineage, sources in voices_of(record):
        *others, last = sources
        told = f"{', '.join(others)} and {last} look with the same model, {lineage}"
        yield f"{plain(told)}: together they count about once."
    if echoes := echoes_of(record):
        repeated: dict[str, dict[str, None]] = {}
        for each in echoes:
            repeated.setdefault(each.source, {})[each.field.partition(":")[0].lower()] = None
        told = "; ".join(f"{plain(source)}: {plain(', '.join(fields))}" for source, fields in repeated.items())
        yield f"Not counted, because it only repeats what was sent: {told}."
    if unknown := unknown_words_of(record):
        yield f"Unknown words, kept and not guessed: {_listed(unknown)}"


def _listed(statements: Iterable[Statement]) -> str:
    return "; ".join(f"{plain(each.field)} {_told(each)}" for each in statements)


def _told(statement: Statement, row: Row | None = None) -> str:
    """A claim in a few words; its value is left out where the row says it already."""
    repeated = row is not None and row.repeats(statement)
    parts = [statement.source, "" if repeated else statement.value]
    parts.append(f'"{statement.raw}"' if statement.raw else "")
    parts.append(f"{statement.confidence:.2f}" if statement.confidence is not None else "")
    return plain(" ".join(part for part in parts if part))

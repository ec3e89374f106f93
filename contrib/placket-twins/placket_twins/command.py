"""``placket demo``, the command. Errors are raised: the ``placket`` program tells them and chooses the exit code."""

from __future__ import annotations

import asyncio
import os
import sys
import webbrowser
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from placket.cli import (
    DONE,
    PARTLY_DONE,
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


@click.command()
@click.argument("photo", required=False, type=click.Path(path_type=Path))
@click.option(
    "--output",
    "folder",
    type=click.Path(path_type=Path),
    default=Path("placket-demo"),
    show_default=True,
    help="Where record.json and report.html go.",
)
@click.option(
    "--known",
    multiple=True,
    metavar="FIELD=VALUE",
    help="What you know already, as brand=Acme; it counts as the seller's word.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout, and nothing else there.")
@click.option("--no-open", is_flag=True, help="Do not open the report in a browser.")
@click.pass_context
def demo(
    context: click.Context, photo: Path | None, folder: Path, known: tuple[str, ...], as_json: bool, no_open: bool
) -> None:
    """See Placket work, with no key and no network.

    Starts a stand-in for a vendor on this machine, has PHOTO (or the garment that comes with the demo) tagged by it and
    by the embedded provider, merges what they say with what the seller says, and writes a page that tells who said
    what. It brings a configuration of its own, which the page shows.
    """
    made = _made(photo, folder, parse_known(known))
    if as_json:
        document = made.document(claims=False)
        write_json({**document, "files": {name: str(path) for name, path in made.files.items()}})
    else:
        _show(made)
        if not no_open and _has_screen():
            webbrowser.open(made.files["report"].resolve().as_uri())
    failed = any(attempt.outcome in (Outcome.FAILED, Outcome.UNKNOWN) for attempt in made.attempts)
    context.exit(PARTLY_DONE if failed else DONE)


def _made(photo: Path | None, folder: Path, known: dict[str, Any]) -> Demonstration:
    # The servers, numpy and Pillow are loaded here: asking for help needs none of them.
    from .demo import SAMPLE, SAMPLE_LISTING, demonstrate, sample_picture

    if photo is None:
        picture, name, known = sample_picture(), SAMPLE, {**SAMPLE_LISTING, **known}
    else:
        picture, name = Image.of(photo).content(), photo.name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with waiting("asking the embedded provider, and a vendor's twin on this machine"):
            return asyncio.run(demonstrate(picture, file_name=name, known=known, folder=folder))
    except OSError as error:
        raise InvalidInput(
            f"cannot write to {error.filename or folder}: {error.strerror}; choose a folder with --output"
        ) from error


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
        yield plain(f"{' and '.join(sources)} look with the same model, {lineage}: together they count about once.")
    if echoes := echoes_of(record):
        yield f"Not counted, because it only repeats what was sent: {_listed(echoes)}"
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

"""``placket demo``, the command."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import webbrowser
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from placket.errors import AllProvidersFailed, ConfigError, InvalidInput, PlacketError
from placket.interfaces import Image, Outcome
from placket.record import field_of

from .plain_text import printable

if TYPE_CHECKING:
    from rich.console import Console

    from .demo import Demonstration
    from .evidence import Row, Statement

_PROVIDER_FAILURE = 1
_USAGE = 2
_PARTLY_DONE = 3


@click.command()
@click.argument("photo", required=False, type=click.Path(path_type=Path))
@click.option(
    "--output",
    "folder",
    type=click.Path(path_type=Path),
    default=Path("placket-demo"),
    show_default="./placket-demo",
    help="Where record.json and report.html go.",
)
@click.option("--known", multiple=True, metavar="FIELD=VALUE", help="What you know of the garment; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help="Print the record as one JSON document and nothing else.")
@click.option("--no-open", is_flag=True, help="Do not open the report in a browser.")
def demo(photo: Path | None, folder: Path, known: tuple[str, ...], as_json: bool, no_open: bool) -> None:
    """See Placket work, with no key and no network.

    Starts a stand-in for a vendor on this machine, has PHOTO (or the garment that comes with the demo) tagged by it and
    by the embedded provider, merges what they say with what the seller says, and writes a page that tells who said
    what.
    """
    try:
        made = _made(photo, folder, _facts(known))
    except AllProvidersFailed as error:
        _fail(str(error), _PROVIDER_FAILURE)
    except (InvalidInput, ConfigError) as error:
        _fail(str(error), _USAGE)
    except PlacketError as error:
        _fail(str(error), _PROVIDER_FAILURE)
    except OSError as error:
        _fail(
            f"{error.filename or folder} cannot be used: {error.strerror}; choose another folder with --output", _USAGE
        )
    if as_json:
        click.echo(_as_json(made))
    else:
        _show(made)
        if not no_open and _has_screen():
            webbrowser.open(made.files["report"].resolve().as_uri())
    if any(attempt.outcome in (Outcome.FAILED, Outcome.UNKNOWN) for attempt in made.attempts):
        sys.exit(_PARTLY_DONE)


def _fail(message: str, code: int) -> Any:
    click.echo(f"Error: {' '.join(printable(message).split())}", err=True)
    sys.exit(code)


def _facts(pairs: Iterable[str]) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign or not name or not value.strip():
            raise click.BadParameter(f"{pair!r} is not FIELD=VALUE, as in brand=Halyard", param_hint="--known")
        if field_of(name).many:
            facts.setdefault(name, []).append(value)
        else:
            facts[name] = value
    return facts


def _made(photo: Path | None, folder: Path, known: dict[str, Any]) -> Demonstration:
    # The servers, numpy and Pillow are loaded here: asking for help needs none of them.
    from .demo import SAMPLE, SAMPLE_LISTING, demonstrate, sample_picture

    if photo is None:
        picture, name, known = sample_picture(), SAMPLE, {**SAMPLE_LISTING, **known}
    else:
        picture, name = Image.of(photo).content(), photo.name
    folder.mkdir(parents=True, exist_ok=True)
    with _progress():
        return asyncio.run(demonstrate(picture, file_name=name, known=known, folder=folder))


def _progress() -> AbstractContextManager[Any]:
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        return nullcontext()
    return console.status("Asking the embedded provider, and a vendor's twin on this machine …")


def _has_screen() -> bool:
    if not sys.stdout.isatty():
        return False
    return sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _as_json(made: Demonstration) -> str:
    document = made.document(claims=False)
    document["files"] = {name: str(path) for name, path in made.files.items()}
    return json.dumps(document, indent=2)


def _show(made: Demonstration) -> None:
    from rich.console import Console

    from .evidence import echoes_of, rows_of, unknown_words_of

    console = Console() if sys.stdout.isatty() else Console(width=120)
    console.print(_field_table(rows_of(made.record)))
    for caption, statements in (
        ("Heard and not counted, because it only repeats what was sent", echoes_of(made.record)),
        ("Unknown words, kept and not guessed", unknown_words_of(made.record)),
    ):
        if statements:
            _line(console, f"{caption}: " + "; ".join(f"{each.field} {_told(each)}" for each in statements))
    for attempt in made.attempts:
        _line(
            console,
            f"{attempt.provider} {attempt.operation}: {attempt.outcome} in {attempt.seconds:.1f} s"
            + (f", {attempt.exchanges} requests" if attempt.exchanges else "")
            + (f": {attempt.error}" if attempt.error else ""),
        )
    console.print()
    for name, path in made.files.items():
        click.echo(f"{name:<7} {path}")


def _line(console: Console, text: str) -> None:
    console.print(printable(text), markup=False, highlight=False, emoji=False)


def _field_table(rows: Iterable[Row]) -> Any:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading, ratio in (("Field", 2), ("Value", 4), ("Score", None), ("Says so", 5), ("Says otherwise", 4)):
        table.add_column(heading, ratio=ratio, overflow="fold", justify="right" if heading == "Score" else "left")
    for row in rows:
        style = "bold red" if row.conflict else "bold"
        table.add_row(
            Text(printable(row.label) + (" (conflict)" if row.conflict else ""), style=style),
            Text(printable(", ".join(row.values))),
            Text(f"{row.score:.2f}"),
            Text(printable("\n".join(_told(each, row) for each in row.support))),
            Text(printable("\n".join(_told(each, row) for each in row.dissent)), style="red" if row.conflict else ""),
        )
    return table


def _told(statement: Statement, row: Row | None = None) -> str:
    """A claim in a few words; its value is left out where the row says it already."""
    repeated = row is not None and not row.conflict and row.values == (statement.value,)
    parts = [statement.source, "" if repeated else statement.value]
    parts.append(f"“{statement.raw}”" if statement.raw else "")
    parts.append(f"{statement.confidence:.2f}" if statement.confidence is not None else "")
    return " ".join(part for part in parts if part)

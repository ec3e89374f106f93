"""Where output goes: results to stdout, everything else to stderr; JSON, or tables that fit the terminal."""

from __future__ import annotations

import codecs
import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING, Any

import click

from .text import plain

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

NARROW = 72
"""Columns; on a narrower terminal a table's rows are written below one another."""

UNKNOWN_WIDTH = 120
"""Columns, where there is no terminal that has a width and ``$COLUMNS`` says none."""


def make_safe(stream: IO[str]) -> None:
    """Let a stream spell out the characters that its encoding lacks, where it would raise UnicodeEncodeError."""
    with suppress(AttributeError, ValueError):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[attr-defined]


def console(*, stderr: bool = False) -> Console:
    """A console on stdout, or on stderr, as they are now."""
    from rich.console import Console

    class Terminal(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    stream = sys.stderr if stderr else sys.stdout
    # Some shells and containers say 0 for a size that they do not know; in no columns nothing at all would be shown.
    unknown = os.environ["COLUMNS"] == "0" if "COLUMNS" in os.environ else not stream.isatty()
    return Terminal(file=stream, width=UNKNOWN_WIDTH if unknown else None, highlight=False, emoji=False)


def write_json(document: Any, *, lines: bool = False) -> None:
    """Write a document to stdout; with ``lines`` in one line, as in JSON Lines."""
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    ascii_only = codecs.lookup(encoding).name != "utf-8"
    click.echo(json.dumps(document, ensure_ascii=ascii_only, indent=None if lines else 2))


def write_table(headings: Sequence[str], rows: Iterable[Sequence[str]], *, title: str = "") -> None:
    """Write a table to stdout; control characters are spelled out, and a cell may have several lines."""
    from rich.table import Table
    from rich.text import Text

    out = console()
    title, *headings = map(_spelled_out, (title, *headings))
    rows = [[_spelled_out(cell) for cell in row] for row in rows]
    if out.width < NARROW:
        _write_blocks(out, headings, rows, title)
        return
    table = Table(title=Text(title) if title else None, title_justify="left", header_style="bold")
    for heading in headings:
        table.add_column(Text(heading), overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    out.print(table)


def _write_blocks(out: Console, headings: Sequence[str], rows: Sequence[Sequence[str]], title: str) -> None:
    from rich.text import Text

    if title:
        out.print(Text(title, style="bold"))
    for first, *rest in rows:
        out.print(Text(first, style="bold"))
        for heading, cell in zip(headings[1:], rest, strict=True):
            if cell:
                out.print(Text(f"  {heading.lower()}: {cell}".replace("\n", "; ")))


def write_line(text: str = "", *, style: str = "") -> None:
    """Write a line to stdout, or several; control characters are spelled out."""
    from rich.text import Text

    console().print(Text(_spelled_out(text), style=style))


def complain(text: str) -> None:
    """Write a line to stderr, or several; control characters are spelled out."""
    click.echo(_spelled_out(text), err=True)


def _spelled_out(text: str) -> str:
    return "\n".join(plain(line) for line in text.split("\n"))


class Waiting:
    """Shows on stderr that something is under way; nothing where stderr is no terminal."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress

    @property
    def seen(self) -> bool:
        """Whether anything is shown."""
        return self._progress is not None

    def advance(self) -> None:
        """One more is done."""
        if self._progress is not None:
            self._progress.advance(self._progress.task_ids[0])

    def at(self, what: str, done: float | None) -> None:
        """Say what is under way now, and how much of the total is done; None when nobody knows."""
        if self._progress is not None:
            self._progress.update(self._progress.task_ids[0], description=what, completed=done)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Make room for what is written to stdout, which may be the same terminal."""
        if self._progress is not None:
            self._progress.stop()
        try:
            yield
        finally:
            if self._progress is not None and not self._progress.finished:
                self._progress.start()


@contextmanager
def waiting(what: str, total: int | None = None, *, counted: bool = False) -> Iterator[Waiting]:
    """Show a spinner with the time that has passed, or a bar when ``total`` says how many there are.

    ``counted`` shows how many are done where nobody knows how many there are.
    """
    terminal = console(stderr=True)
    if not terminal.is_terminal:
        yield Waiting(None)
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    shown = (BarColumn(), MofNCompleteColumn()) if total is not None else (MofNCompleteColumn(),) if counted else ()
    columns = (SpinnerColumn("line"), TextColumn("{task.description}", markup=False), *shown, TimeElapsedColumn())
    # stdout is left alone: redirected, results would end up on stderr.
    progress = Progress(*columns, console=terminal, transient=True, redirect_stdout=False, redirect_stderr=False)
    progress.add_task(what, total=total)
    try:
        with progress:
            yield Waiting(progress)
    finally:
        progress.stop()

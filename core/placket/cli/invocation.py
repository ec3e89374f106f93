"""What every command knows of how it was called: the configuration, and how much to tell."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click
from attrs import define

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

_LEVELS = (logging.WARNING, logging.INFO, logging.DEBUG)


@define
class Invocation:
    """One run of the command line; commands get it as click's ``obj``.

    ``config`` is None when nobody chose one: ``$PLACKET_CONFIG``, ``placket.toml`` or the embedded default then counts.
    ``plugin_command`` says which command of which plugin runs; it is empty for Placket's own.
    """

    config: str | None = None
    verbose: int = 0
    debug: bool = False
    plugin_command: str = ""

    def note(self, name: str, value: Any) -> None:
        """Take over an option, which may stand before the command's name and after it."""
        if name == "verbose":
            value = max(value, self.verbose)
            logging.getLogger().setLevel(_LEVELS[min(value, len(_LEVELS) - 1)])
        setattr(self, name, value)

    def show_traceback(self, error: Exception) -> None:
        """Print the traceback of an error that the command tells and does not raise, where ``--debug`` asks for it."""
        if self.debug:
            traceback.print_exception(error)


pass_invocation = click.make_pass_decorator(Invocation)
"""Hands the `Invocation` to a command as its first argument."""


def _note(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    if value:
        context.ensure_object(Invocation).note(str(parameter.name), value)


def shared_options(command: Decorated) -> Decorated:
    """Add the options that every command has: ``--config``, ``--verbose`` and ``--debug``."""
    for option in (
        click.option("--debug", is_flag=True, help="Show the traceback of an error.", **_SHARED),
        click.option("-v", "--verbose", count=True, help="Log to stderr what happens; twice for more.", **_SHARED),
        click.option(
            "--config",
            metavar="PATH",
            help="The configuration; by default $PLACKET_CONFIG, then placket.toml, then the embedded one.",
            **_SHARED,
        ),
    ):
        command = option(command)
    return command


_SHARED: dict[str, Any] = {"expose_value": False, "callback": _note, "is_eager": True}


class _ToStderr(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        # click looks sys.stderr up at each call: a progress bar or a test may have put another one there.
        click.echo(f"{record.levelname.lower()}: {self.format(record)}", err=True)


@contextmanager
def logs_to_stderr() -> Iterator[None]:
    """Send logs to stderr: warnings at first, more when ``--verbose`` is met."""
    root, handler = logging.getLogger(), _ToStderr()
    before = root.level
    root.addHandler(handler)
    root.setLevel(_LEVELS[0])
    try:
        yield
    finally:
        root.removeHandler(handler)
        root.setLevel(before)

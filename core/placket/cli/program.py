"""The ``placket`` program: its commands, each loaded when it is run, and what becomes of errors."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

import click

from .entry import INTERRUPTED
from .failures import DONE, NO_ROOM, READER_GONE, WRONG_USE, exit_code, message_of
from .invocation import Invocation, logs_to_stderr, shared_options
from .output import complain, make_safe
from .plugins import PluginCommands, described, load_command, plugin_commands

COMMANDS: Mapping[str, str] = {
    "tag": "Tag pictures of garments and show who says what.",
    "enrich": "Tag a garment, and add what stores, shoots and AR builders know about it.",
    "search": "Find garments that look like a picture, or show what is asked for.",
    "catalog": "Make, fill and list the catalogs that visual search looks through.",
    "store": "Keep products: put, list, show, change and export them.",
    "shoot": "Have product shots made, and hand them out.",
    "ar": "Have 3D content made of a garment's photos.",
    "why": "Tell where the value of one field comes from.",
    "export": "Write records in a file format that a plugin brings.",
    "plan": "Show who would be asked, in which order and why; nobody is.",
    "providers": "List the configured providers and the other installed plugins.",
    "login": "Log in to a provider that wants a person to confirm it.",
    "taxonomy": "Look words up in the vocabulary, or import the full Shopify taxonomy.",
    "doctor": "Check the installation and the configuration.",
    "config": "Check a configuration, or print its schema for editors.",
    "conformance": "Check a configured provider against the rules that every provider keeps.",
    "plugin": "Begin a plugin of your own.",
}
"""Placket's own commands: each is the object ``command`` of the module of its name."""


_ELSEWHERE = (
    "a command may come from a plugin that is not installed here; the page that told you of it names the package"
)


class _ReaderGone(Exception):
    """Whoever read stdout has stopped."""


class Program(click.Group):
    """The group of all commands: Placket's own and those of plugins."""

    def main(  # type: ignore[override]  # it always exits
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **settings: Any
    ) -> NoReturn:
        """Run a command and exit: 0 done, 1 provider failure, 2 wrong use, configuration or input, 3 partly done."""
        if sys.stderr is None:  # closed: what is told goes nowhere, and a file that is opened does not get its number
            sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - as long as the program runs
        if sys.stdout is None:
            complain("error: stdout is closed; send it somewhere, as with > answer.txt or > /dev/null")
            sys.exit(WRONG_USE)
        make_safe(sys.stdout)
        make_safe(sys.stderr)
        with logs_to_stderr():
            code = self._run(Invocation(), args, prog_name, {**settings, "standalone_mode": False})
        sys.exit(code)

    def _run(
        self, invocation: Invocation, args: Sequence[str] | None, prog_name: str | None, settings: dict[str, Any]
    ) -> int:
        try:
            code = super().main(args, prog_name, obj=invocation, **settings)
            sys.stdout.flush()
        except (_ReaderGone, BrokenPipeError):
            _discard_stdout()
            return READER_GONE
        except (click.Abort, KeyboardInterrupt):
            complain("interrupted")
            return INTERRUPTED
        except click.ClickException as error:
            error.show()
            return WRONG_USE
        except Exception as error:
            invocation.show_traceback(error)
            if isinstance(error, OSError) and error.errno in NO_ROOM:
                complain(f"error: the output cannot be written: {error.strerror}; make room, or send it elsewhere")
                _discard_stdout()
                return WRONG_USE
            if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
                complain(f"error: {error.filename!s:.40}... is too long for the name of a file; name another")
                return WRONG_USE
            complain(f"error: {message_of(error, invocation.plugin_command)}")
            return exit_code(error)
        return code if isinstance(code, int) else DONE

    def invoke(self, ctx: click.Context) -> None:
        """Run the command; what it returns means nothing, so that only ``ctx.exit`` sets an exit code."""
        try:
            super().invoke(ctx)
        except BrokenPipeError as error:
            raise _ReaderGone from error

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Placket's own commands, then the plugins' by name."""
        return [*COMMANDS, *sorted(_of_plugins(ctx).commands)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, loaded; None when there is none."""
        if cmd_name in COMMANDS:
            command: click.Command = import_module(f"{__package__}.{cmd_name}").command
            return command
        registered = _of_plugins(ctx).commands.get(cmd_name)
        if registered is None:
            return None
        ctx.ensure_object(Invocation).plugin_command = described(registered)
        return load_command(registered)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; for a name that does not exist, tell what is near, and which plugins may have it."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from ..registry import did_you_mean

            hint = did_you_mean(args[0], self.list_commands(ctx)).removeprefix("; ").capitalize()
            message = f"{error.format_message()} {hint}".rstrip()
            raise click.UsageError("\nNote: ".join([message, *_of_plugins(ctx).notes, _ELSEWHERE]), ctx) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without loading them, and name the plugins that cannot be loaded."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))
        plugins = _of_plugins(ctx)
        if plugins.commands:
            with formatter.section("Commands of plugins"):
                formatter.write_dl([(name, each.help) for name, each in sorted(plugins.commands.items())])
        for note in plugins.notes:
            formatter.write_paragraph()
            formatter.write_text(f"Note: {note}")


def _of_plugins(ctx: click.Context) -> PluginCommands:
    # Kept with the run, not with the program: another run in this process may find other plugins.
    key = f"{__name__}.plugins"
    if key not in ctx.meta:
        ctx.meta[key] = plugin_commands(COMMANDS)
    found: PluginCommands = ctx.meta[key]
    return found


def _discard_stdout() -> None:
    # The interpreter flushes stdout once more when it ends, and would complain about what it cannot write.
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _version(context: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        from .. import __version__

        click.echo(f"placket {__version__}")
        context.exit()


@click.group(
    cls=Program,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done, 1 a provider failed, 2 wrong use, configuration or input, 3 partly done.",
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version and exit."
)
@shared_options
def program() -> None:
    """Garment AI from several vendors, merged into one record that knows who said what."""

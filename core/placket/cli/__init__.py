"""The ``placket`` command, and what the commands of plugins are made of.

Nothing below this room knows that there is a command line. A plugin registers a `click.Command` through the hook
``placket_commands`` and finds here what makes it look and behave like Placket's own::

    from placket.cli import PARTLY_DONE, pass_invocation, shared_options, waiting, write_json, write_table

    @click.command()
    @shared_options                      # --config, --verbose, --debug
    @pass_invocation                     # an Invocation as the first argument
    @click.pass_context
    def sync(context, invocation):
        with waiting("copying products"):
            ...
        context.exit(PARTLY_DONE)

Errors are raised: the program tells a `PlacketError` in its own words, and chooses the exit code. What is exported
here stays as it is from one version to the next; the modules behind it may not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy import lazy_names

if TYPE_CHECKING:
    from .entry import main
    from .failures import DONE, PARTLY_DONE, PROVIDER_FAILURE, WRONG_USE, exit_code, message_of
    from .invocation import Invocation, pass_invocation, shared_options
    from .known import parse_known
    from .output import Waiting, complain, waiting, write_json, write_line, write_table
    from .tables import write_attempts, write_record
    from .tagging import attempt_to_json, image_of
    from .text import plain, shown

_HOMES = {
    "DONE": "failures",
    "PARTLY_DONE": "failures",
    "PROVIDER_FAILURE": "failures",
    "WRONG_USE": "failures",
    "exit_code": "failures",
    "message_of": "failures",
    "Invocation": "invocation",
    "pass_invocation": "invocation",
    "shared_options": "invocation",
    "parse_known": "known",
    "Waiting": "output",
    "complain": "output",
    "waiting": "output",
    "write_json": "output",
    "write_line": "output",
    "write_table": "output",
    "main": "entry",
    "write_attempts": "tables",
    "write_record": "tables",
    "attempt_to_json": "tagging",
    "image_of": "tagging",
    "plain": "text",
    "shown": "text",
}

# A command loads what it uses, so that help and completion stay quick.
if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_names(__name__, _HOMES)

__all__ = [
    "DONE",
    "PARTLY_DONE",
    "PROVIDER_FAILURE",
    "WRONG_USE",
    "Invocation",
    "Waiting",
    "attempt_to_json",
    "complain",
    "exit_code",
    "image_of",
    "main",
    "message_of",
    "parse_known",
    "pass_invocation",
    "plain",
    "shared_options",
    "shown",
    "waiting",
    "write_attempts",
    "write_json",
    "write_line",
    "write_record",
    "write_table",
]

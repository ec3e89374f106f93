"""Options that several commands have, each declared once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from ..interfaces import INTERFACES

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

INTERFACE_NAMES = tuple(interface.interface_name for interface in INTERFACES)


def json_option(what: str = "One JSON document.") -> Callable[[Decorated], Decorated]:
    """``--json`` as the parameter ``as_json``; ``what`` says what is written."""
    return click.option("--json", "as_json", is_flag=True, help=what)


json_lines_option = json_option("JSON Lines: one document a line.")
"""``--json`` of a command that lists."""


def known_option(example: str) -> Callable[[Decorated], Decorated]:
    """``--known FIELD=VALUE``, for what `placket.cli.parse_known` reads."""
    return click.option(
        "--known",
        metavar="FIELD=VALUE",
        multiple=True,
        help=f"What you know already, as {example}; it counts as the seller's word.",
    )


def claims_option(beside: str) -> Callable[[Decorated], Decorated]:
    """``--claims``, which goes with the options named in ``beside``."""
    return click.option(
        "--claims", is_flag=True, help=f"With {beside}: every claim as well, which `placket why` reads."
    )


def require_beside(claims: bool, *others: object, beside: str) -> None:
    """Raise a usage error where ``--claims`` is given and none of the options that it goes with is."""
    if claims and not any(others):
        raise click.UsageError(f"--claims goes with {beside}")


provider_option = click.option(
    "--provider", metavar="NAME", default="", help="Ask this configured provider, whatever the route says."
)
"""``--provider NAME``: for `placket.cli.calling`."""


def out_option(what: str, *, required: bool = True, folder: bool = True) -> Callable[[Decorated], Decorated]:
    """``--out``: where files are written."""
    return click.option(
        "--out",
        metavar="DIR" if folder else "FILE",
        type=click.Path(path_type=Path, file_okay=not folder, dir_okay=folder),
        required=required,
        help=what,
    )


def limit_option(default: int, help: str = "How many are shown.") -> Callable[[Decorated], Decorated]:  # noqa: A002 - click's word
    """``--limit N``."""
    return click.option(
        "--limit", metavar="N", type=click.IntRange(min=1), default=default, show_default=True, help=help
    )


def pairs(given: tuple[str, ...], option: str, example: str) -> dict[str, str]:
    """``KEY=VALUE`` as it was given several times; raises a usage error for anything else."""
    found: dict[str, str] = {}
    for pair in given:
        key, separator, value = pair.partition("=")
        if not separator or not key.strip():
            raise click.UsageError(f"{option} takes {example}, not {pair!r}")
        if key in found:
            raise click.UsageError(f"{option} {key} is given twice")
        found[key.strip()] = value
    return found

"""The options that say what to change of a product, or of a garment of the shoots."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from ..errors import InvalidInput
from ..interfaces import GarmentImage
from .drafts import pictures
from .known import parse_changes

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

_OPTIONS = (
    click.argument("changes", metavar="FIELD=VALUE...", nargs=-1),
    click.option("--version", "version", default="", help="Only if this is still its version."),
    click.option("--image", "images", metavar="[ROLE=]PICTURE", multiple=True, help="Its pictures from now on."),
)


def change_options(command: Decorated) -> Decorated:
    """Add the options; the command takes ``changes``, ``version`` and ``images``, and hands them to `changes_of`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def changes_of(
    changes: tuple[str, ...], images: tuple[str, ...]
) -> tuple[Mapping[str, Any], tuple[GarmentImage, ...] | None]:
    """The fields and the pictures that are to change; raises InvalidInput when nothing is."""
    if not changes and not images:
        raise InvalidInput("say what to change, as brand=Acme, or --image front.jpg")
    return parse_changes(changes), pictures(images) if images else None

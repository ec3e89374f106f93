"""``placket plugin``: begin a plugin of one's own."""

from __future__ import annotations

from pathlib import Path

import click

from ..errors import InvalidInput
from ..registry import Registry
from ..registry.types import is_plugin_name
from .invocation import shared_options
from .options import INTERFACE_NAMES
from .output import write_line


@click.group("plugin")
@shared_options
def command() -> None:
    """Begin a plugin of your own."""


@command.command()
@click.argument("name")
@click.option(
    "--interface",
    type=click.Choice(INTERFACE_NAMES),
    default=INTERFACE_NAMES[0],
    show_default=True,
    help="What the vendor can do.",
)
@click.option("--folder", type=click.Path(path_type=Path), help="Where to write; by default placket-NAME.")
@shared_options
def new(name: str, interface: str, folder: Path | None) -> None:
    """Write a plugin that works, with tests that pass, to be changed into yours.

    NAME is what a configuration will call it: lower-case words joined by hyphens, and no installed plugin's name.
    Nothing that exists is overwritten. Exit code 2: the name cannot be used, or the folder is there already.
    """
    from .skeleton_files import skeleton_files

    if not is_plugin_name(name):
        raise InvalidInput(
            f"{name!r} cannot be a plugin's name; write lower-case words joined by hyphens, as in acme-tags"
        )
    # Whatever $PLACKET_PLUGINS leaves out now is there when it is gone.
    if name in Registry(environ={}).installed:
        raise InvalidInput(
            f"{name!r} is the name of an installed plugin, and neither of two with one name could be used; "
            "choose another"
        )
    target = folder or Path(f"placket-{name}")
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise InvalidInput(f"{target} is there already and not empty; choose another folder with --folder")
    files = skeleton_files(name, interface)
    try:
        target.mkdir(parents=True, exist_ok=True)
        for path, text in files.items():
            (target / path).write_text(text, "utf-8")
    except OSError as error:
        raise InvalidInput(
            f"{target} cannot be written: {error.strerror}; choose another folder with --folder"
        ) from None
    for path in files:
        write_line(str(target / path))
    write_line(f"Next: cd {target}, pip install -e '.[test]', pytest")

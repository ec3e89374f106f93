"""``placket plugin``: begin a plugin of one's own."""

from __future__ import annotations

from pathlib import Path

import click

from ..interfaces import INTERFACES
from ..registry import Registry
from ..registry.types import is_plugin_name
from .failures import WRONG_USE
from .invocation import shared_options
from .output import complain, write_line

INTERFACE_NAMES = tuple(interface.interface_name for interface in INTERFACES)


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
@click.pass_context
def new(context: click.Context, name: str, interface: str, folder: Path | None) -> None:
    """Write a plugin that works, with tests that pass, to be changed into yours.

    NAME is what a configuration will call it: lower-case words joined by hyphens, and no installed plugin's name.
    Nothing that exists is overwritten. Exit code 2: the name cannot be used, or the folder is there already.
    """
    from .skeleton_files import skeleton_files

    if not is_plugin_name(name):
        complain(
            f"error: {name!r} cannot be a plugin's name; write lower-case words joined by hyphens, as in acme-tags"
        )
        context.exit(WRONG_USE)
    # Whatever $PLACKET_PLUGINS leaves out now is there when it is gone.
    if name in Registry(environ={}).installed:
        complain(
            f"error: {name!r} is the name of an installed plugin, and neither of two with one name could be used; "
            "choose another"
        )
        context.exit(WRONG_USE)
    target = folder or Path(f"placket-{name}")
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        complain(f"error: {target} is there already and not empty; choose another folder with --folder")
        context.exit(WRONG_USE)
    target.mkdir(parents=True, exist_ok=True)
    for path, text in skeleton_files(name, interface).items():
        (target / path).write_text(text, "utf-8")
        write_line(str(target / path))
    write_line(f"Next: cd {target}, pip install -e '.[test]', pytest")

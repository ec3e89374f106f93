"""The installed plugins, as the command line sees them."""

from __future__ import annotations

import logging
from collections.abc import Container, Mapping
from typing import TYPE_CHECKING

import click
from attrs import frozen

from ..errors import PlacketError, PluginError
from ..logs import in_words
from .failures import message_of

if TYPE_CHECKING:
    from ..registry import Command, Registry


def loaded_registry() -> Registry:
    """A registry in which every installed plugin was loaded.

    Raises PluginError when ``$PLACKET_PLUGINS`` names one that is not installed.
    """
    from ..registry import Registry

    registry = Registry()
    # Who calls this lists what is broken in words of its own; a log line for each would say it twice.
    log = logging.getLogger("placket.registry")
    before = log.level
    if not logging.getLogger().isEnabledFor(logging.INFO):
        log.setLevel(logging.ERROR)
    try:
        registry.load_all()
    finally:
        log.setLevel(before)
    return registry


@frozen
class PluginCommands:
    """The commands that plugins add, by name; ``notes`` say which plugins could not add theirs, and why."""

    commands: Mapping[str, Command]
    notes: tuple[str, ...] = ()


def plugin_commands(taken: Container[str]) -> PluginCommands:
    """Find the commands of all plugins; names in ``taken`` stay with whoever has them. A broken plugin is a note."""
    try:
        registry = loaded_registry()
    except PluginError as error:
        return PluginCommands({}, (message_of(error),))
    notes = [message_of(broken.to_error()) for broken in registry.broken]
    notes += [
        f"{each.origin} has a command {each.name!r}, and that name is Placket's own"
        for each in registry.commands
        if each.name in taken
    ]
    return PluginCommands({each.name: each for each in registry.commands if each.name not in taken}, tuple(notes))


def described(registered: Command) -> str:
    """A plugin's command, and whose it is."""
    return f"the command {registered.name!r} of {registered.origin}"


def load_command(registered: Command) -> click.Command:
    """Load a plugin's command; raises PluginError, with the plugin's own error as its cause, when it cannot be."""
    try:
        command = registered.load()
    except (KeyboardInterrupt, PlacketError):
        raise
    except BaseException as error:  # a plugin may call sys.exit() while it is imported
        raise PluginError(f"{described(registered)} cannot be loaded: {in_words(error)}") from error
    if not isinstance(command, click.Command):
        raise PluginError(f"{described(registered)} is a {type(command).__name__}, and must be a click.Command")
    return command

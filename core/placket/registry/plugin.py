"""One plugin: its hooks, what they registered, and what went wrong."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

import attrs
import pluggy
from attrs import frozen

from ..errors import InvalidInput, PluginError
from ..logs import in_words
from ..record import Vocabulary, VocabularyAddition
from . import hookspecs
from .suggestions import did_you_mean
from .types import (
    CallObserver,
    Command,
    Distribution,
    Exporter,
    ImageHostType,
    MergePolicyType,
    ProviderType,
)

_PREFIX = f"{hookspecs.PROJECT}_"

RECORDS: Mapping[str, type] = {
    "provider_types": ProviderType,
    "image_hosts": ImageHostType,
    "merge_policies": MergePolicyType,
    "exporters": Exporter,
    "vocabulary": VocabularyAddition,
    "commands": Command,
    "call_observers": CallObserver,
}
"""What each hook returns, by the hook's name without ``placket_``."""


class Stage(StrEnum):
    """Where a plugin broke."""

    IMPORT = "import"
    """Its module could not be imported."""
    REGISTER = "register"
    """A hook is misspelt, has parameters, is async, or there is none."""
    HOOK = "hook"
    """A hook raised, or returned something it must not."""
    VOCABULARY = "vocabulary"
    """It adds values that the vocabulary cannot have."""
    NAMES = "names"
    """It uses a name, or a word, that another plugin has."""
    BUILD = "build"
    """Its factory raised when a provider was built."""
    PREPARE = "prepare"
    """Its call observer could not get ready."""


_WHAT_FAILED = {
    Stage.IMPORT: "cannot be imported",
    Stage.REGISTER: "does not register properly",
    Stage.HOOK: "failed in a hook",
    Stage.VOCABULARY: "adds what the vocabulary cannot have",
    Stage.NAMES: "clashes with another",
    Stage.BUILD: "failed while a provider was built",
    Stage.PREPARE: "failed while its observer got ready",
}


@frozen
class LoadedPlugin:
    """What one plugin registered. ``name`` is its entry point, or what the host's object calls itself."""

    name: str
    origin: Distribution
    provider_types: tuple[ProviderType, ...] = ()
    image_hosts: tuple[ImageHostType, ...] = ()
    merge_policies: tuple[MergePolicyType, ...] = ()
    exporters: tuple[Exporter, ...] = ()
    vocabulary: tuple[VocabularyAddition, ...] = ()
    commands: tuple[Command, ...] = ()
    call_observers: tuple[CallObserver, ...] = ()


@frozen(eq=False)
class BrokenPlugin:
    """A plugin that cannot be used, and everything its author needs to find out why."""

    name: str
    distribution: str
    version: str
    stage: Stage
    error: BaseException
    traceback_text: str

    @classmethod
    def of(cls, name: str, origin: Distribution, stage: Stage, error: BaseException) -> BrokenPlugin:
        """Note what went wrong, traceback included."""
        return cls(name, origin.name, origin.version, stage, error, "".join(traceback.format_exception(error)))

    def to_error(self, path: str = "") -> PluginError:
        """The error for whoever needs this plugin; its cause is the plugin's own."""
        distribution = f"{self.distribution} {self.version}".rstrip()
        what = self.error.message if isinstance(self.error, PluginError) else in_words(self.error)
        error = PluginError(
            f"the plugin {self.name!r} of {distribution} {_WHAT_FAILED[self.stage]}: {what}",
            path=path,
            distribution=distribution,
        )
        error.__cause__ = self.error
        return error


def hooks_of(plugin: object) -> list[pluggy.HookImpl]:
    """Find the hooks that a module or object defines; pluggy checks them.

    Raises PluginError for what is misspelt, malformed or missing.
    """
    if isinstance(plugin, type):
        raise PluginError(f"{plugin.__name__} is a class; give an object of it")
    # One manager per plugin: a plugin that pluggy rejects leaves nothing behind for the others.
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    specified = set(vars(manager.hook))
    try:
        manager.register(plugin)
    except pluggy.PluginValidationError as error:
        raise PluginError(f"{_flat(error)}; a hook takes no arguments and is not a wrapper") from error
    callers = manager.get_hookcallers(plugin) or []
    for caller in callers:
        if caller.name not in specified:
            raise PluginError(f"there is no hook {caller.name}{did_you_mean(caller.name, specified)}")
    found = [implementation for caller in callers for implementation in caller.get_hookimpls()]
    _refuse_unmarked(plugin, specified - {caller.name for caller in callers})
    if not found:
        raise PluginError(f"it defines no hook; mark functions such as {min(specified)} with @placket.hookimpl")
    for implementation in found:
        if implementation.wrapper or implementation.hookwrapper:
            raise PluginError(f"the hook {implementation.function.__name__} must not be a wrapper")
        if inspect.iscoroutinefunction(implementation.function) or inspect.isasyncgenfunction(implementation.function):
            raise PluginError(f"the hook {implementation.function.__name__} must be a plain function, not async")
    return found


def _refuse_unmarked(plugin: object, names: Iterable[str]) -> None:
    for name in sorted(names):
        if inspect.isroutine(inspect.getattr_static(plugin, name, None)):
            raise PluginError(f"the function {name} is not marked with @placket.hookimpl")


def _flat(error: Exception) -> str:
    return " ".join(str(error).split())


def call_hooks(name: str, origin: Distribution, hooks: Iterable[pluggy.HookImpl]) -> LoadedPlugin:
    """Call each hook once and check what it returns; raises PluginError, and whatever a hook raises."""
    found: dict[str, list[Any]] = {}
    for hook in hooks:
        hook_name = hook.opts["specname"] or hook.function.__name__
        kind = hook_name.removeprefix(_PREFIX)
        found.setdefault(kind, []).extend(_records(hook_name, RECORDS[kind], hook.function()))
    for kind, records in found.items():
        _refuse_twice(kind, records)
    attributed = {kind: tuple(_attributed(record, origin) for record in records) for kind, records in found.items()}
    return LoadedPlugin(name, origin, **attributed)


def _records(hook_name: str, wanted: type, returned: object) -> list[Any]:
    if not isinstance(returned, Iterable) or isinstance(returned, str | bytes | Mapping):
        raise PluginError(
            f"{hook_name} returned {_described(returned)}; return a list of {wanted.__name__}, or yield them"
        )
    records = list(returned)
    for record in records:
        if not isinstance(record, wanted):
            raise PluginError(
                f"{hook_name} returned {_described(record)} among its records; each must be a {wanted.__name__}"
            )
    return records


def _described(value: object) -> str:
    if value is None:
        return "nothing"
    return f"the class {value.__name__}" if isinstance(value, type) else f"a {type(value).__name__}"


def _refuse_twice(kind: str, records: Iterable[Any]) -> None:
    seen: set[str] = set()
    for record in records:
        name = getattr(record, "name", None)
        if name in seen:
            raise PluginError(f"{_PREFIX}{kind} returned two records named {name!r}")
        if name is not None:
            seen.add(name)


def refuse_unfit(additions: Iterable[VocabularyAddition]) -> None:
    """Raise PluginError when the vocabulary cannot have these values all together."""
    wanted = tuple(additions)
    if not wanted:  # without the words of plugins, the vocabulary need not be read yet
        return
    try:
        Vocabulary.default().extended(wanted)
    except InvalidInput as error:
        raise PluginError(str(error)) from error


def _attributed(record: Any, origin: Distribution) -> Any:
    return attrs.evolve(record, origin=origin) if hasattr(record, "origin") else record

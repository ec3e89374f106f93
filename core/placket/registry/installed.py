"""Which plugins are installed: the entry points of the group ``placket``."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from ..errors import PluginError
from .hookspecs import PROJECT
from .suggestions import did_you_mean, how_to_get
from .types import Distribution, is_plugin_name

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

LIMIT_VARIABLE = "PLACKET_PLUGINS"
"""Environment variable: only the entry points it names, separated by commas, exist; for bug reports."""

FIRST_PARTY = "placket"
"""The distribution whose plugins nobody may replace by name."""


class ClashError(PluginError):
    """Two plugins use one name."""


def clash(message: str) -> ClashError:
    """The error for two plugins that use one name."""
    return ClashError(f"{message}; uninstall one of them")


class Installed:
    """The entry points by name, as `LIMIT_VARIABLE` in ``environ`` limits them. They are looked up when first needed.

    ``entry_points`` replaces what is installed.
    """

    def __init__(self, entry_points: Iterable[EntryPoint] | None, environ: Mapping[str, str]) -> None:
        self._given = None if entry_points is None else tuple(entry_points)
        self._environ = environ
        self._found: dict[str, tuple[EntryPoint, ...]] | None = None

    @property
    def by_name(self) -> Mapping[str, tuple[EntryPoint, ...]]:
        """All of them; more than one for a name is a clash, which `only` reports."""
        if self._found is None:
            found: dict[str, tuple[EntryPoint, ...]] = {}
            for entry_point in _all_installed() if self._given is None else self._given:
                found[entry_point.name] = (*found.get(entry_point.name, ()), entry_point)
            self._found = self._limited(found)
        return self._found

    def only(self, name: str) -> EntryPoint:
        """The one entry point of a name; raises ClashError when several packages have registered it."""
        first, *others = self.by_name[name]
        for other in others:
            if (other.value, distribution_of(other)) != (first.value, distribution_of(first)):
                owners = sorted(map(distribution_of, (first, other)), key=lambda owner: owner.name != FIRST_PARTY)
                whose = ", and it is Placket's own" if owners[0].name == FIRST_PARTY else ""
                raise clash(f"the name {name!r} is registered by both {owners[0]} and {owners[1]}{whose}")
        return first

    def missing(self, name: str, others: Iterable[str] = (), path: str = "") -> PluginError:
        """The error for a name that neither an entry point nor one of ``others`` has; it says how to get the plugin."""
        known = sorted({*self.by_name, *others})
        message = f"no plugin named {name!r} is installed; installed: {', '.join(known) or 'none'}"
        limit, meant = self._environ.get(LIMIT_VARIABLE), did_you_mean(name, known)
        if limit:
            message += f"; {LIMIT_VARIABLE} limits the plugins to {limit}"
        elif not meant and is_plugin_name(name):
            # Never beside a near name: a package may wait under a misspelt one for whoever installs it.
            message += how_to_get(name)
        return PluginError(message + meant, path=path)

    def _limited(self, found: dict[str, tuple[EntryPoint, ...]]) -> dict[str, tuple[EntryPoint, ...]]:
        limit = [name.strip() for name in self._environ.get(LIMIT_VARIABLE, "").split(",") if name.strip()]
        for name in limit:
            if name not in found:
                installed = ", ".join(sorted(found)) or "none"
                raise PluginError(
                    f"{LIMIT_VARIABLE} names {name!r}, which is not installed; installed: {installed}"
                    f"{did_you_mean(name, found)}"
                )
        return {name: found[name] for name in limit} if limit else found


def distribution_of(entry_point: EntryPoint) -> Distribution:
    """The package that has registered an entry point."""
    dist = entry_point.dist
    if dist is None:
        return Distribution(entry_point.value, "", entry_point.name, entry_point.module)
    return Distribution(dist.name or "an unnamed package", dist.version or "", entry_point.name, entry_point.module)


def _all_installed() -> tuple[EntryPoint, ...]:
    """The entry points of all packages that Python would find now."""
    return _entry_points_on(tuple((folder, _changed_at(folder)) for folder in sys.path))


def _changed_at(folder: str) -> int:
    try:
        return os.stat(folder or os.curdir).st_mtime_ns  # noqa: PTH116 - a tenth of the time, for each part of sys.path
    except OSError:
        return 0


@lru_cache(maxsize=1)
def _entry_points_on(_: tuple[tuple[str, int], ...]) -> tuple[EntryPoint, ...]:
    # Reading the metadata takes 77 ms with a few hundred packages. It is read once, and again when something was
    # installed or removed: like importlib, this goes by when the folders of sys.path changed.
    import importlib.metadata

    return tuple(importlib.metadata.entry_points(group=PROJECT))

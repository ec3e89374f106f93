"""Finding and loading plugins: our own loop over the entry-point group ``placket``."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from ..errors import ConfigError, PluginError
from ..logs import LazyLogger
from .hookspecs import PROJECT
from .plugin import BrokenPlugin, LoadedPlugin, Stage, call_hooks, hooks_of, refuse_unfit
from .suggestions import did_you_mean, how_to_get
from .types import (
    CallObserver,
    Command,
    Distribution,
    Exporter,
    ImageHostType,
    MergePolicyType,
    ProviderType,
    is_plugin_name,
    references,
)

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from ..record import VocabularyAddition

LIMIT_VARIABLE = "PLACKET_PLUGINS"
"""Environment variable: only the entry points it names, separated by commas, exist; for bug reports."""

FIRST_PARTY = "placket"
"""The distribution whose plugins nobody may replace by name."""

UNIQUE = ("provider_types", "image_hosts", "merge_policies", "exporters", "commands", "call_observers")
"""Kinds of record whose names must differ between plugins, too."""

_log = LazyLogger("placket.registry")


class Registry:
    """Which plugins are installed, and what those that were loaded have registered.

    An object, never a module global: two registries in one process do not meet. Only plugins that somebody asks
    for are imported. A broken plugin is noted in `broken`, and raises PluginError when it is asked for; the
    others work.

    ``entry_points`` replaces what is installed. ``extra_plugins`` are modules or objects with hooks that the
    host hands over; they are read at once, and a broken one raises, because whoever hands it over is there to
    mend it.
    """

    def __init__(
        self,
        entry_points: Iterable[EntryPoint] | None = None,
        extra_plugins: Iterable[object] = (),
        *,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self._given_entry_points = None if entry_points is None else tuple(entry_points)
        self._environ = os.environ if environ is None else environ
        self._found: dict[str, tuple[EntryPoint, ...]] | None = None
        self._plugins: dict[str, LoadedPlugin] = {}
        self._broken: dict[str, BrokenPlugin] = {}
        self._broken_builds: dict[str, BrokenPlugin] = {}
        self._from_host: list[LoadedPlugin] = []
        for plugin in extra_plugins:
            broken = self._load_from_host(plugin)
            if broken is not None:
                raise broken.to_error()

    @property
    def installed(self) -> tuple[str, ...]:
        """The names of the plugins that can be loaded, whether or not they were."""
        return tuple(sorted(self._entry_points()))

    @property
    def plugins(self) -> tuple[LoadedPlugin, ...]:
        """The plugins that were loaded and work: the host's first, then by name."""
        return (*self._from_host, *(self._plugins[name] for name in sorted(self._plugins)))

    @property
    def broken(self) -> tuple[BrokenPlugin, ...]:
        """The plugins that were loaded and do not work, and each provider's last failure to be built."""
        return (*self._broken.values(), *self._broken_builds.values())

    def load(self, names: Iterable[str]) -> None:
        """Import these plugins, by name or as ``plugin:type``, and no others.

        Raises PluginError when one is not installed, clashes with another, or adds to the vocabulary what does not
        fit; one that is broken in itself is noted in `broken`.
        """
        for name in names:
            plugin_name = name.partition(":")[0]
            if self._is_from_host(plugin_name):
                continue
            self._load(plugin_name)
            broken = self._broken.get(plugin_name)
            if broken is not None and broken.stage in {Stage.NAMES, Stage.VOCABULARY}:
                raise broken.to_error()

    def load_all(self) -> None:
        """Import every installed plugin, for the command line.

        Nothing raises: what is wrong is noted in `broken`.
        """
        for name in self.installed:
            self._load(name)

    def provider_type(self, reference: str, *, path: str = "") -> ProviderType:
        """The provider type that ``acme`` or ``acme:tagger`` names, loading its plugin when needed.

        Raises PluginError when it is not installed, broken, or ambiguous; ``path`` is the place in the
        configuration for the message.
        """
        return cast("ProviderType", self._find("provider_types", "provider type", reference, path))

    def image_host(self, reference: str, *, path: str = "") -> ImageHostType:
        """The image host that ``acme`` or ``acme:bucket`` names; as `provider_type`."""
        return cast("ImageHostType", self._find("image_hosts", "image host", reference, path))

    @property
    def provider_types(self) -> tuple[ProviderType, ...]:
        """The provider types of all loaded plugins."""
        return self._all("provider_types")

    @property
    def image_hosts(self) -> tuple[ImageHostType, ...]:
        """The image hosts of all loaded plugins."""
        return self._all("image_hosts")

    @property
    def merge_policies(self) -> tuple[MergePolicyType, ...]:
        """The merge policies of all loaded plugins."""
        return self._all("merge_policies")

    @property
    def exporters(self) -> tuple[Exporter, ...]:
        """The exporters of all loaded plugins."""
        return self._all("exporters")

    @property
    def commands(self) -> tuple[Command, ...]:
        """The commands of all loaded plugins."""
        return self._all("commands")

    @property
    def call_observers(self) -> tuple[CallObserver, ...]:
        """The call observers of all loaded plugins."""
        return self._all("call_observers")

    def prepare_observers(self) -> None:
        """Have every call observer get ready; raises ConfigError when one cannot."""
        for observer in self.call_observers:
            try:
                observer.prepare()
            except (ConfigError, KeyboardInterrupt):
                raise
            except BaseException as error:  # a plugin that calls sys.exit() must not take the host down
                origin = observer.origin or Distribution(observer.name)
                raise BrokenPlugin.of(observer.name, origin, Stage.PREPARE, error).to_error() from error

    @property
    def vocabulary(self) -> tuple[VocabularyAddition, ...]:
        """The vocabulary additions of all loaded plugins."""
        return self._all("vocabulary")

    def build(self, kind: ProviderType | ImageHostType, settings: Any, context: Any, *, path: str = "") -> Any:
        """Call a factory; the provider or image host it returns is checked against what its type declares.

        Raises PluginError, with the plugin's own error as its cause, when the factory fails; a ConfigError of
        the factory passes.
        """
        origin = kind.origin or Distribution(kind.name)
        try:
            built = kind.factory(settings, context)
            _check_built(kind, built)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # a plugin that calls sys.exit() must not take the host down
            if isinstance(error, ConfigError) and not isinstance(error, PluginError):
                raise
            broken = BrokenPlugin.of(kind.name, origin, Stage.BUILD, error)
        else:
            self._broken_builds.pop(path or kind.name, None)
            return built
        self._broken_builds[path or kind.name] = broken
        raise broken.to_error(path)

    def _all(self, kind: str) -> tuple[Any, ...]:
        return tuple(record for plugin in self.plugins for record in getattr(plugin, kind))

    def _is_from_host(self, name: str) -> bool:
        return any(
            record.name == name for plugin in self._from_host for kind in UNIQUE for record in getattr(plugin, kind)
        )

    def _find(self, kind: str, what: str, reference: str, path: str) -> Any:
        from_host = references(record for plugin in self._from_host for record in getattr(plugin, kind))
        if reference in from_host:
            return from_host[reference]
        name = reference.partition(":")[0]
        if name not in self._entry_points():
            raise self._not_installed(name, from_host, path)
        self._load(name)
        if name in self._broken:
            raise self._broken[name].to_error(path)
        plugin = self._plugins[name]
        known = references(getattr(plugin, kind))
        if reference in known:
            return known[reference]
        if not known:
            raise PluginError(f"the plugin {name!r} registers no {what}", path=path, distribution=str(plugin.origin))
        choices = ", ".join(sorted(known))
        raise PluginError(
            f"{reference!r} names no {what} of {plugin.origin}; write one of {choices}{did_you_mean(reference, known)}",
            path=path,
            distribution=str(plugin.origin),
        )

    def _not_installed(self, name: str, from_host: Iterable[str], path: str) -> PluginError:
        known = sorted({*self.installed, *from_host})
        message = f"no plugin named {name!r} is installed; installed: {', '.join(known) or 'none'}"
        limit, meant = self._environ.get(LIMIT_VARIABLE), did_you_mean(name, known)
        if limit:
            message += f"; {LIMIT_VARIABLE} limits the plugins to {limit}"
        elif not meant and is_plugin_name(name):
            # Never beside a near name: a package may wait under a misspelt one for whoever installs it.
            message += how_to_get(name)
        return PluginError(message + meant, path=path)

    def _entry_points(self) -> dict[str, tuple[EntryPoint, ...]]:
        """The installed entry points by name.

        More than one for a name is a clash, which is reported when the name is loaded.
        """
        if self._found is None:
            entry_points = _installed() if self._given_entry_points is None else self._given_entry_points
            found: dict[str, tuple[EntryPoint, ...]] = {}
            for entry_point in entry_points:
                found[entry_point.name] = (*found.get(entry_point.name, ()), entry_point)
            self._found = self._limited(found)
        return self._found

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

    def _load(self, name: str) -> None:
        if name in self._plugins or name in self._broken:
            return
        if name not in self._entry_points():
            raise self._not_installed(name, (), "")
        entry_points = self._entry_points()[name]
        origin = _distribution(entry_points[0])
        loaded = _read(name, origin, lambda: _only(name, entry_points).load(), self._refuse_clashes)
        if isinstance(loaded, BrokenPlugin):
            self._broken[name] = loaded
            _log.warning(
                "plugin-broken",
                plugin=name,
                distribution=str(origin),
                stage=loaded.stage.value,
                error=str(loaded.to_error()),
            )
        else:
            self._plugins[name] = loaded

    def _load_from_host(self, plugin: object) -> BrokenPlugin | None:
        name = getattr(plugin, "__name__", type(plugin).__name__)
        origin = Distribution(name, str(getattr(plugin, "__version__", "")))
        loaded = _read(name, origin, lambda: plugin, self._refuse_clashes)
        if isinstance(loaded, BrokenPlugin):
            return loaded
        self._from_host.append(loaded)
        return None

    def _refuse_clashes(self, new: LoadedPlugin) -> None:
        for kind in UNIQUE:
            taken = {record.name: record for plugin in self.plugins for record in getattr(plugin, kind)}
            for record in getattr(new, kind):
                if record.name in taken:
                    other = taken[record.name].origin
                    raise _clash(f"{_kind(record)} {record.name!r} comes from both {other} and {new.origin}")
        for plugin in self.plugins if new.vocabulary else ():
            try:
                refuse_unfit((*plugin.vocabulary, *new.vocabulary))
            except PluginError as error:
                raise _clash(f"{new.origin} adds what {plugin.origin} has added: {error.message}") from error
        named: tuple[ProviderType | ImageHostType, ...] = (*new.provider_types, *new.image_hosts)
        for record in named:
            others = self._entry_points().get(record.name, ())
            if others and record.name != new.origin.entry_point:
                other = _distribution(others[0])
                raise _clash(f"{_kind(record)} {record.name!r} of {new.origin} has the name of a plugin of {other}")


def _installed() -> tuple[EntryPoint, ...]:
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


def _read(
    name: str, origin: Distribution, load: Callable[[], object], check: Callable[[LoadedPlugin], None]
) -> LoadedPlugin | BrokenPlugin:
    stage = Stage.IMPORT
    try:
        plugin = load()
        stage = Stage.REGISTER
        hooks = hooks_of(plugin)
        stage = Stage.HOOK
        loaded = call_hooks(name, origin, hooks)
        stage = Stage.VOCABULARY
        refuse_unfit(loaded.vocabulary)
        stage = Stage.NAMES
        check(loaded)
    except KeyboardInterrupt:
        raise
    except _ClashError as error:
        return BrokenPlugin.of(name, origin, Stage.NAMES, error)
    except BaseException as error:  # a plugin that calls sys.exit() must not take the host down
        return BrokenPlugin.of(name, origin, stage, error)
    return loaded


def _kind(record: object) -> str:
    return f"the {type(record).__name__}"


class _ClashError(PluginError):
    """Two plugins use one name."""


def _clash(message: str) -> _ClashError:
    return _ClashError(f"{message}; uninstall one of them")


def _only(name: str, entry_points: tuple[EntryPoint, ...]) -> EntryPoint:
    first, *others = entry_points
    for other in others:
        if (other.value, _distribution(other)) != (first.value, _distribution(first)):
            owners = sorted((_distribution(each) for each in (first, other)), key=lambda each: each.name != FIRST_PARTY)
            whose = ", and it is Placket's own" if owners[0].name == FIRST_PARTY else ""
            raise _clash(f"the name {name!r} is registered by both {owners[0]} and {owners[1]}{whose}")
    return first


def _distribution(entry_point: EntryPoint) -> Distribution:
    dist = entry_point.dist
    if dist is None:
        return Distribution(entry_point.value, "", entry_point.name, entry_point.module)
    return Distribution(dist.name or "an unnamed package", dist.version or "", entry_point.name, entry_point.module)


def _check_built(kind: ProviderType | ImageHostType, built: object) -> None:
    from ..interfaces import ImageHost

    wanted = kind.interfaces if isinstance(kind, ProviderType) else (ImageHost,)
    for interface in wanted:
        if not isinstance(built, interface):
            raise PluginError(f"its factory returned a {type(built).__name__}, which is no {interface.__name__}")

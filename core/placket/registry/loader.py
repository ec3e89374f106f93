"""Loading plugins, and looking up what they have registered."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

from ..errors import ConfigError, PluginError
from ..logs import LazyLogger
from .installed import ClashError, Installed, clash, distribution_of
from .plugin import BrokenPlugin, LoadedPlugin, Stage, call_hooks, hooks_of, refuse_unfit
from .suggestions import did_you_mean
from .types import (
    CallObserver,
    Command,
    Distribution,
    Exporter,
    ImageHostType,
    MergePolicyType,
    ProviderType,
    references,
)

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from ..record import VocabularyAddition

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
        self._installed = Installed(entry_points, os.environ if environ is None else environ)
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
        return tuple(sorted(self._installed.by_name))

    @property
    def plugins(self) -> tuple[LoadedPlugin, ...]:
        """The plugins that were loaded and work: the host's first, then by name."""
        return (*self._from_host, *(self._plugins[name] for name in sorted(self._plugins)))

    @property
    def broken(self) -> tuple[BrokenPlugin, ...]:
        """The plugins that were loaded and do not work, and each provider's last failure to be built."""
        return (*self._broken.values(), *self._broken_builds.values())

    def load(self, names: Iterable[str], *, path: str = "") -> None:
        """Import these plugins, by name or as ``plugin:type``, and no others.

        Raises PluginError when one is not installed, clashes with another, or adds to the vocabulary what does not
        fit; one that is broken in itself is noted in `broken`. ``path`` is the place in the configuration for the
        message.
        """
        for name in names:
            plugin_name = name.partition(":")[0]
            if self._is_from_host(plugin_name):
                continue
            self._load(plugin_name, path)
            broken = self._broken.get(plugin_name)
            if broken is not None and broken.stage in {Stage.NAMES, Stage.VOCABULARY}:
                raise broken.to_error(path)

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
        the factory passes, with ``path`` where it names none.
        """
        origin = kind.origin or Distribution(kind.name)
        try:
            built = kind.factory(settings, context)
            _check_built(kind, built)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # a plugin that calls sys.exit() must not take the host down
            if isinstance(error, ConfigError) and not isinstance(error, PluginError):
                error.path = error.path or path
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
        if name not in self._installed.by_name:
            raise self._installed.missing(name, from_host, path)
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

    def _load(self, name: str, path: str = "") -> None:
        if name in self._plugins or name in self._broken:
            return
        if name not in self._installed.by_name:
            raise self._installed.missing(name, path=path)
        origin = distribution_of(self._installed.by_name[name][0])
        loaded = _read(name, origin, lambda: self._installed.only(name).load(), self._refuse_clashes)
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
                    raise clash(f"{_kind(record)} {record.name!r} comes from both {other} and {new.origin}")
        for plugin in self.plugins if new.vocabulary else ():
            try:
                refuse_unfit((*plugin.vocabulary, *new.vocabulary))
            except PluginError as error:
                raise clash(f"{new.origin} adds what {plugin.origin} has added: {error.message}") from error
        named: tuple[ProviderType | ImageHostType, ...] = (*new.provider_types, *new.image_hosts)
        for record in named:
            others = self._installed.by_name.get(record.name, ())
            if others and record.name != new.origin.entry_point:
                other = distribution_of(others[0])
                raise clash(f"{_kind(record)} {record.name!r} of {new.origin} has the name of a plugin of {other}")


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
    except ClashError as error:
        return BrokenPlugin.of(name, origin, Stage.NAMES, error)
    except BaseException as error:  # a plugin that calls sys.exit() must not take the host down
        return BrokenPlugin.of(name, origin, stage, error)
    return loaded


def _kind(record: object) -> str:
    return f"the {type(record).__name__}"


def _check_built(kind: ProviderType | ImageHostType, built: object) -> None:
    from ..interfaces import ImageHost

    wanted = kind.interfaces if isinstance(kind, ProviderType) else (ImageHost,)
    for interface in wanted:
        if not isinstance(built, interface):
            raise PluginError(f"its factory returned a {type(built).__name__}, which is no {interface.__name__}")

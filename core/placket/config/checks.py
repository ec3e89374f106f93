"""What must hold between the parts of a configuration: names that are used exist, and mean one thing."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

import attrs
from attrs import frozen

from ..errors import InvalidInput
from ..interfaces import Ref
from ..logs import LazyLogger
from ..merge.policy import POLICIES
from ..record import RECORD_FIELDS, field_of
from ..registry.suggestions import did_you_mean
from .merging import merge_problems
from .model import INTERFACE_ROUTES, PRICED, STRATEGY_OPTIONS, Config, Route
from .quotas import disagreeing, groups_of
from .structuring import Problem, join

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_SECTIONS = frozenset(field.alias for field in attrs.fields(Config))
_OPTIONS = frozenset().union(*STRATEGY_OPTIONS.values())

_log = LazyLogger("placket.config")


@frozen
class Reading:
    """A configuration as far as it could be read.

    ``document`` is what was written, before defaults; ``unread`` are the paths that had to be left out of it.
    """

    config: Config
    document: Mapping[str, Any]
    unread: Collection[str] = ()

    def has_all(self, path: str) -> bool:
        """Whether everything at a path and below it could be read."""
        return not any(each == path or each.startswith((f"{path}.", f"{path}[")) for each in self.unread)

    def names(self, section: str) -> Collection[str]:
        """The names of the tables in a section, those that could not be read among them."""
        written = self.document.get(section)
        return [name for name in written if isinstance(name, str)] if isinstance(written, Mapping) else ()

    def writes(self, provider: str, key: str) -> bool:
        """Whether a provider's table has a key, rather than its default."""
        tables = self.document.get("providers")
        table = tables.get(provider) if isinstance(tables, Mapping) else None
        return isinstance(table, Mapping) and key in table

    @property
    def has_all_names(self) -> bool:
        """Whether every provider and route is known by name: a section that is misspelt may hold any of them."""
        sections = [path for path in self.unread if "." not in path and "[" not in path]
        return not any(path in ("providers", "routes") or path not in _SECTIONS for path in sections)

    @property
    def has_all_targets(self) -> bool:
        """Whether it is known of every route where it leads."""
        routes = self.config.routes.keys()
        left_out = any(path.startswith("routes.") and ".targets" in path for path in self.unread)
        return self.has_all_names and not left_out and all(name in routes for name in self.names("routes"))


def check(reading: Reading) -> Iterator[Problem]:
    """Everything that is wrong between the parts, less what only follows from a part that could not be read."""
    config = reading.config
    yield from _names(reading)
    for name, route in config.routes.items():
        yield from _route(reading, route, f"routes.{name}")
    yield from _loops(config)
    if reading.has_all_targets:
        yield from _unused(config)
    for name, provider in config.providers.items():
        if isinstance(provider.cost, Mapping):
            yield from _unknown(f"providers.{name}.cost", provider.cost, PRICED, "operation")
    yield from _quota_groups(config)
    yield from _merge(reading)
    yield from _catalogs(reading)


def _names(reading: Reading) -> Iterator[Problem]:
    providers, routes = reading.names("providers"), reading.names("routes")
    if not providers and reading.has_all_names:
        yield Problem("providers", "names no provider; every configuration needs at least one, as [providers.local]")
    for section, names in (("providers", providers), ("routes", routes)):
        for name in names:
            if not _NAME.fullmatch(name):
                yield Problem(
                    f"{section}.{name!r}", "a name is letters, digits, - and _, beginning with a letter or digit"
                )
    for name in sorted({*providers} & {*routes}):
        yield Problem(f"routes.{name}", "there is a provider of this name; rename one of them")


def _route(reading: Reading, route: Route, path: str) -> Iterator[Problem]:
    known = (*reading.names("providers"), *reading.names("routes"))
    if not route.targets:
        yield Problem(f"{path}.targets", "is empty; name at least one provider or route")
    for place, target in enumerate(route.targets):
        here = join(f"{path}.targets", place)
        if isinstance(target, Route):
            yield from _route(reading, target, here)
        elif target in route.targets[:place]:
            yield Problem(here, f"{target!r} is in the list twice")
        elif target not in known and reading.has_all_names:
            yield Problem(here, f"there is no provider or route {target!r}{did_you_mean(target, known)}")
    yield from _record_fields(f"{path}.fields", route.fields or ())
    if reading.has_all(path):
        yield from _options(route, path)


def _options(route: Route, path: str) -> Iterator[Problem]:
    """What is wrong between the options of a route that was read as a whole."""
    for option in sorted(_OPTIONS - STRATEGY_OPTIONS[route.strategy]):
        if getattr(route, option) is not None:
            takers = " or ".join(f'"{each.value}"' for each, options in STRATEGY_OPTIONS.items() if option in options)
            yield Problem(
                join(path, option), f'does not go with strategy = "{route.strategy.value}"; it belongs to {takers}'
            )
    if route.min_success is not None and route.min_success > len(route.targets):
        yield Problem(f"{path}.min_success", f"is {route.min_success}, and there are only {len(route.targets)} targets")
    yield from _unknown(
        f"{path}.weights", route.weights or (), [each for each in route.targets if isinstance(each, str)], "target"
    )


def _unknown(path: str, names: Iterable[str], known: Iterable[str], what: str) -> Iterator[Problem]:
    known = tuple(known)
    for name in names:
        if name not in known:
            yield Problem(join(path, name), f"there is no {what} {name!r}{did_you_mean(name, known)}")


def _record_fields(path: str, names: Iterable[str]) -> Iterator[Problem]:
    for name in names:
        if any(path == name or path.startswith(f"{name}.") for path in RECORD_FIELDS):
            continue
        try:
            field_of(name)
        except InvalidInput:
            yield Problem(
                join(path, name), f"a garment record has no field {name!r}{did_you_mean(name, RECORD_FIELDS)}"
            )


def _named_targets(route: Route) -> Iterator[str]:
    for target in route.targets:
        if isinstance(target, Route):
            yield from _named_targets(target)
        else:
            yield target


def _loops(config: Config) -> Iterator[Problem]:
    finished: set[str] = set()

    def follow(name: str, trail: tuple[str, ...]) -> Iterator[Problem]:
        if name in trail:
            circle = " -> ".join((*trail[trail.index(name) :], name))
            yield Problem(f"routes.{name}", f"leads back to itself: {circle}")
        elif name in config.routes and name not in finished:
            for target in _named_targets(config.routes[name]):
                yield from follow(target, (*trail, name))
            finished.add(name)

    for name in config.routes:
        yield from follow(name, ())


def _unused(config: Config) -> Iterator[Problem]:
    used = {target for route in config.routes.values() for target in _named_targets(route)}
    for name in config.routes:
        if name not in INTERFACE_ROUTES and name not in used and name not in config.providers:
            hint = did_you_mean(name, INTERFACE_ROUTES)
            yield Problem(
                f"routes.{name}",
                f"is neither an interface nor a target of another route{hint}; "
                f"interfaces: {', '.join(INTERFACE_ROUTES)}",
            )


def _quota_groups(config: Config) -> Iterator[Problem]:
    rates = {name: provider.rate_limit for name, provider in config.providers.items()}
    for first, name in disagreeing(groups_of(config), rates):
        yield Problem(
            f"providers.{name}.rate_limit",
            f"differs from that of {first!r}, and both share a quota group; write it once",
        )


def _catalogs(reading: Reading) -> Iterator[Problem]:
    config, providers = reading.config, reading.names("providers")
    for place, text in enumerate(config.enrich.catalogs):
        here = join("enrich.catalogs", place)
        try:
            provider = Ref.parse(text).provider
        except InvalidInput as error:
            yield Problem(here, str(error))
            continue
        if provider not in providers:
            if reading.has_all_names:
                yield Problem(here, f"there is no provider {provider!r}{did_you_mean(provider, providers)}")
        elif provider in config.providers and not config.providers[provider].enabled:
            yield Problem(here, f"the provider {provider!r} is not enabled; enable it, or leave the catalog out")


def _merge(reading: Reading) -> Iterator[Problem]:
    config, merge = reading.config, reading.config.merge
    for name in merge.weights:
        if reading.writes(name, "weight"):
            yield Problem(f"merge.weights.{name}", f"is also written as providers.{name}.weight; write it once")
    for error in merge_problems(_without_plugin_policies(config)):
        yield Problem(error.path, error.message)
    # Stored records outlive providers: a preference may name one that is no longer configured, so this is no error.
    preferred = {name for policy in merge.fields.values() for name in policy.prefer}
    named = preferred | merge.weights.keys() | merge.calibration.keys()
    for name in sorted(named.difference(reading.names("providers"))) if reading.has_all_names else ():
        _log.warning(
            "config-names-unknown-provider",
            section="merge",
            provider=name,
            hint=did_you_mean(name, config.providers).lstrip("; "),
        )


def _without_plugin_policies(config: Config) -> Config:
    """Leave out the policies that only a plugin can know.

    `merge_policy` is asked again when the plugins are loaded.
    """
    fields = {
        path: attrs.evolve(field, policy=field.policy if field.policy in POLICIES else None)
        for path, field in config.merge.fields.items()
    }
    return attrs.evolve(config, merge=attrs.evolve(config.merge, fields=fields))

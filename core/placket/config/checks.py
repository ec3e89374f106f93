"""What must hold between the parts of a configuration: names that are used exist, and mean one thing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs

from ..errors import ConfigError, InvalidInput
from ..interfaces import Ref
from ..logs import LazyLogger
from ..merge.policy import POLICIES
from ..record import RECORD_FIELDS, field_of
from ..registry.suggestions import did_you_mean
from .merging import merge_policy
from .model import INTERFACE_ROUTES, STRATEGY_OPTIONS, Config, Route
from .structuring import Problem, join

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_OPTIONS = frozenset().union(*STRATEGY_OPTIONS.values())

_log = LazyLogger("placket.config")


def check(config: Config, document: Mapping[str, Any]) -> Iterator[Problem]:
    """Everything that is wrong between the parts. ``document`` is what was written, before defaults."""
    yield from _names(config)
    for name, route in config.routes.items():
        yield from _route(config, route, f"routes.{name}")
    yield from _loops(config)
    yield from _unused(config)
    yield from _quota_groups(config)
    yield from _merge(config, document)
    yield from _catalogs(config)


def _names(config: Config) -> Iterator[Problem]:
    if not config.providers:
        yield Problem("providers", "names no provider; every configuration needs at least one, as [providers.local]")
    for section, names in (("providers", config.providers), ("routes", config.routes)):
        for name in names:
            if not _NAME.fullmatch(name):
                yield Problem(
                    f"{section}.{name!r}", "a name is letters, digits, - and _, beginning with a letter or digit"
                )
    for name in sorted(config.providers.keys() & config.routes.keys()):
        yield Problem(f"routes.{name}", "there is a provider of this name; rename one of them")


def _route(config: Config, route: Route, path: str) -> Iterator[Problem]:
    if not route.targets:
        yield Problem(f"{path}.targets", "is empty; name at least one provider or route")
    for place, target in enumerate(route.targets):
        here = join(f"{path}.targets", place)
        if isinstance(target, Route):
            yield from _route(config, target, here)
        elif target in route.targets[:place]:
            yield Problem(here, f"{target!r} is in the list twice")
        elif target not in config.providers and target not in config.routes:
            hint = did_you_mean(target, (*config.providers, *config.routes))
            yield Problem(here, f"there is no provider or route {target!r}{hint}")
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
    yield from _record_fields(f"{path}.fields", route.fields or ())


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
    groups: dict[str, str] = {}
    for name, provider in config.providers.items():
        if provider.rate_limit is None:
            continue
        first = groups.setdefault(provider.quota_group or name, name)
        if config.providers[first].rate_limit != provider.rate_limit:
            yield Problem(
                f"providers.{name}.rate_limit",
                f"differs from that of {first!r}, and both share a quota group; write it once",
            )


def _catalogs(config: Config) -> Iterator[Problem]:
    for place, text in enumerate(config.enrich.catalogs):
        here = join("enrich.catalogs", place)
        try:
            provider = Ref.parse(text).provider
        except InvalidInput as error:
            yield Problem(here, str(error))
            continue
        if provider not in config.providers:
            yield Problem(here, f"there is no provider {provider!r}{did_you_mean(provider, config.providers)}")
        elif not config.providers[provider].enabled:
            yield Problem(here, f"the provider {provider!r} is not enabled; enable it, or leave the catalog out")


def _merge(config: Config, document: Mapping[str, Any]) -> Iterator[Problem]:
    merge = config.merge
    for name in merge.weights:
        if "weight" in document.get("providers", {}).get(name, {}):
            yield Problem(f"merge.weights.{name}", f"is also written as providers.{name}.weight; write it once")
    try:
        merge_policy(_without_plugin_policies(config))
    except ConfigError as error:
        yield Problem(error.path, error.message)
    # Stored records outlive providers: a preference may name one that is no longer configured, so this is no error.
    preferred = {name for policy in merge.fields.values() for name in policy.prefer}
    for name in sorted((preferred | merge.weights.keys() | merge.calibration.keys()) - config.providers.keys()):
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

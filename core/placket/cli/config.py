"""``placket config``: check a configuration, or print its schema for editors."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click

from ..config import (
    INTERFACE_ROUTES,
    Config,
    Route,
    config_schema,
    examine_config,
    merge_problems,
    quota_rates,
    structure_settings,
)
from ..errors import ConfigError
from ..registry import ProviderType, Registry
from .failures import WRONG_USE, message_of
from .invocation import Invocation, pass_invocation, shared_options
from .output import complain, write_json, write_line
from .plugins import loaded_registry
from .text import plain

_PLACES_OF_PLUGINS = re.compile(r"[^.]*|plugins\b.*|providers\.[^.]*|images\.host|.*\.plugin")
"""Where something is wrong that may hide a plugin, which may have the merge policy that seems to be missing."""


@click.group("config")
@shared_options
def command() -> None:
    """Check a configuration, or print its schema for editors."""


@command.command()
@click.argument("path", required=False)
@click.option("--resolve", is_flag=True, help="Look up the secrets as well.")
@shared_options
@pass_invocation
@click.pass_context
def check(context: click.Context, invocation: Invocation, path: str | None, resolve: bool) -> None:
    """Check a configuration and list everything that is wrong, each with its place.

    PATH is a TOML file; by default the configuration that every other command would use. The plugins that it names
    are imported, nobody is called, and secrets are looked up only with --resolve. Exit code 2: something is wrong.
    """
    config, problems = examine_config(path or invocation.config)
    registry = Registry()
    if config is not None:
        plugins_known = not any(_PLACES_OF_PLUGINS.fullmatch(problem.path) for problem in problems)
        places = {problem.path for problem in problems}
        further = problems_of(config, registry, resolve=resolve, plugins_known=plugins_known)
        problems += [problem for problem in further if problem.path not in places]  # merge rules are tried twice
    for problem in problems:
        if config is not None and problem.path:
            problem.origin = config.origin
        complain(f"error: {message_of(problem)}")
    if config is None or problems:
        context.exit(WRONG_USE)
    write_line(f"{plain(config.origin)} is valid" + ("" if resolve else "; its secrets were not looked up (--resolve)"))
    for name, provider in config.providers.items():
        kind = registry.provider_type(provider.plugin)
        write_line(f"  provider {name}: {kind.title}, of {kind.origin}" + ("" if provider.enabled else "; not enabled"))
    for name, route in config.routes.items():
        targets = ", ".join(one if isinstance(one, str) else f"a route ({one.strategy})" for one in route.targets)
        write_line(f"  route {name}: {route.strategy}: {targets}")
    for warning in warnings_of(config, registry):
        complain(f"warning: {message_of(warning)}")


def problems_of(
    config: Config, registry: Registry, *, resolve: bool, plugins_known: bool = True
) -> Iterator[ConfigError]:
    """What is wrong with a configuration beyond what `load_config` sees: plugins, their settings, merge rules.

    With ``resolve`` the secrets are looked up, too. ``plugins_known``: no plugin was left out of the configuration.
    """
    faulty = _faulty_plugins(config, registry)
    # Those of providers and of the image host are told below, with the place that names them.
    yield from (error for name, error in faulty.items() if name in config.plugins)
    kinds: dict[str, ProviderType] = {}
    for name, provider in config.providers.items():
        path = f"providers.{name}"
        try:
            kind = registry.provider_type(provider.plugin, path=f"{path}.plugin")
            structure_settings(kind, provider.options, path, folder=config.folder, resolve=resolve and provider.enabled)
        except ConfigError as error:
            yield error
        else:
            if provider.enabled:
                kinds[name] = kind
    try:
        quota_rates(config, kinds)
    except ConfigError as error:
        yield error
    host = config.images.host
    if host is not None:
        try:
            image_host = registry.image_host(host.plugin, path="images.host.plugin")
            structure_settings(image_host, host.options, "images.host", folder=config.folder, resolve=resolve)
        except ConfigError as error:
            yield error
    if plugins_known and not faulty:  # else a policy may be missing only because its plugin is
        yield from merge_problems(config, registry.merge_policies)


def _faulty_plugins(config: Config, registry: Registry) -> dict[str, ConfigError]:
    """Load the plugins that a configuration names, and say of each that cannot be used why not."""
    faulty: dict[str, ConfigError] = {}
    for name in config.plugin_names:
        try:
            registry.load([name], path="plugins")
        except ConfigError as error:
            faulty[name] = error
    return faulty | {broken.name: broken.to_error() for broken in registry.broken}


def warnings_of(config: Config, registry: Registry) -> Iterator[ConfigError]:
    """What a valid configuration may not mean: a route of an interface that none of its providers has."""
    for name in (name for name in config.routes if name in INTERFACE_ROUTES):
        providers = [config.providers[provider] for provider in _providers(config, config.routes[name])]
        kinds = [registry.provider_type(provider.plugin) for provider in providers]
        if not any(each.interface_name == name for kind in kinds for each in kind.interfaces):
            said = "no provider that it leads to has this interface; name one that has, or leave the route out"
            yield ConfigError(said, path=f"routes.{name}", origin=config.origin)


def _providers(config: Config, route: Route) -> Iterator[str]:
    for target in route.targets:
        if isinstance(target, Route):
            yield from _providers(config, target)
        elif target in config.routes:
            yield from _providers(config, config.routes[target])
        else:
            yield target


@command.command()
@shared_options
def schema() -> None:
    """Print the JSON Schema of placket.toml with the settings of all installed plugins.

    Editors check and complete a TOML file with it, as in a first line `#:schema placket.schema.json`.
    """
    registry = loaded_registry()
    for broken in registry.broken:
        complain(f"warning: left out: {message_of(broken.to_error())}")
    write_json(config_schema(registry.provider_types, registry.image_hosts))

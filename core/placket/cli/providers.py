"""``placket providers``: what is configured, and what else is installed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from ..config import Config, ProviderConfig, load_config, quota_rates
from ..errors import ConfigError
from ..registry import LoadedPlugin, ProviderType, Rate, Registry
from .failures import WRONG_USE, message_of
from .invocation import Invocation, pass_invocation, shared_options
from .options import json_option
from .output import write_json, write_line, write_table
from .plugins import loaded_registry
from .text import amount, plain

_KINDS = {
    "provider_types": "provider type",
    "image_hosts": "image host",
    "merge_policies": "merge policy",
    "exporters": "exporter",
    "commands": "command",
    "call_observers": "call observer",
}
"""What a plugin registers under names, and how one of each is called."""


@click.command("providers")
@json_option()
@shared_options
@pass_invocation
@click.pass_context
def command(context: click.Context, invocation: Invocation, as_json: bool) -> None:
    """List the configured providers and the other installed plugins.

    Nobody is called and no secret is looked up. Exit code 2: a configured provider's plugin is missing or broken.
    """
    config = load_config(invocation.config)
    registry = loaded_registry()
    document: dict[str, Any] = {
        "config": config.origin,
        "providers": _providers(config, registry),
        "plugins": [_plugin(plugin, used=plugin.name in config.plugin_names) for plugin in registry.plugins],
        "broken": [
            {
                "plugin": broken.name,
                "distribution": f"{broken.distribution} {broken.version}".rstrip(),
                "used": broken.name in config.plugin_names,
                "error": message_of(broken.to_error()),
            }
            for broken in registry.broken
        ],
    }
    if as_json:
        write_json(document)
    else:
        _show(config, document)
    if any("error" in provider and provider["enabled"] for provider in document["providers"]):
        context.exit(WRONG_USE)


def _providers(config: Config, registry: Registry) -> list[dict[str, Any]]:
    found: dict[str, ProviderType | ConfigError] = {}
    for name, provider in config.providers.items():
        try:
            found[name] = registry.provider_type(provider.plugin, path=f"providers.{name}.plugin")
        except ConfigError as error:
            found[name] = error
    usable = {
        name: kind for name, kind in found.items() if isinstance(kind, ProviderType) and config.providers[name].enabled
    }
    rates = quota_rates(config, usable)
    return [_provider(name, config.providers[name], kind, rates) for name, kind in found.items()]


def _provider(
    name: str, provider: ProviderConfig, kind: ProviderType | ConfigError, rates: Mapping[str, Rate | None]
) -> dict[str, Any]:
    shown: dict[str, Any] = {"name": name, "plugin": provider.plugin, "enabled": provider.enabled}
    if isinstance(kind, ConfigError):
        return {**shown, "error": message_of(kind)}
    rate = rates.get(provider.quota_group or name) or provider.rate_limit or kind.rate_limit
    budget = provider.budget
    return {
        **shown,
        "title": kind.title,
        "description": kind.description,
        "homepage": kind.homepage,
        "distribution": str(kind.origin),
        "interfaces": [interface.interface_name for interface in kind.interfaces],
        "rate_limit": str(rate) if rate else None,
        "quota_group": provider.quota_group,
        "budget": {"limit": amount(budget.limit), "per": budget.per} if budget else None,
        "weight": provider.weight,
        "lineage": provider.lineage or kind.lineage,
    }


def _plugin(plugin: LoadedPlugin, *, used: bool) -> dict[str, Any]:
    offered: dict[str, list[Any]] = {kind: [_about(each) for each in getattr(plugin, kind)] for kind in _KINDS}
    offered["vocabulary"] = [addition.id for addition in plugin.vocabulary]
    shown: dict[str, Any] = {"plugin": plugin.name, "distribution": str(plugin.origin), "used": used}
    return {**shown, **{kind: each for kind, each in offered.items() if each}}


def _about(registered: Any) -> dict[str, str]:
    """What one thing that a plugin registers is called, and what it says about itself."""
    said = {key: getattr(registered, key, "") for key in ("title", "help", "description", "homepage")}
    return {"name": registered.name, **{key: text for key, text in said.items() if text}}


def _show(config: Config, document: Mapping[str, Any]) -> None:
    write_line(f"configuration: {plain(config.origin)}")
    headings = ("Provider", "Plugin", "From", "Interfaces", "Rate limit", "Budget", "Weight", "Lineage")
    write_table(headings, [_row(provider) for provider in document["providers"]], title="Configured providers")
    unused = [plugin for plugin in document["plugins"] if not plugin["used"]]
    if unused:
        write_table(
            ("Plugin", "From", "Offers"),
            [(plugin["plugin"], plugin["distribution"], _offers(plugin)) for plugin in unused],
            title="Installed and not used by this configuration",
        )
    for broken in document["broken"]:
        write_line(f"broken: {broken['error']}", style="bold")


def _row(provider: Mapping[str, Any]) -> tuple[str, ...]:
    name = provider["name"] + ("" if provider["enabled"] else " (not enabled)")
    if "error" in provider:
        return (name, provider["plugin"], provider["error"], "", "", "", "", "")
    budget = provider["budget"]
    return (
        name,
        provider["plugin"],
        provider["distribution"],
        "\n".join(provider["interfaces"]),
        provider["rate_limit"] or "-",
        f"{budget['limit']} per {budget['per']}" if budget else "-",
        f"{provider['weight']:g}",
        provider["lineage"] or "-",
    )


def _offers(plugin: Mapping[str, Any]) -> str:
    told: list[str] = []
    for kind, called in _KINDS.items():
        for one in plugin.get(kind, ()):
            title = one.get("title") or one.get("help")
            told.append(f"{called} {one['name']}" + (f": {title}" if title else ""))
            told += [one[key] for key in ("description", "homepage") if key in one]
    if "vocabulary" in plugin:
        told.append(f"vocabulary: {', '.join(plugin['vocabulary'])}")
    return "\n".join(told)

"""Quota groups: providers that share one rate limit, in whichever order they are written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..errors import ConfigError
from ..registry import ProviderType, Rate
from .model import Config


def quota_rates(config: Config, kinds: Mapping[str, ProviderType]) -> dict[str, Rate | None]:
    """The rate of each quota group, for the providers in ``kinds``: the one that is written, else the plugin's own.

    It is None for a group without a rate, which shares only the pauses that a vendor asks for. A provider that has no
    rate, and whose group nobody names, is left out.

    Raises ConfigError, with the place of the second, for two rates that differ. Those of plugins may, where one is
    written.
    """
    providers, groups = {name: config.providers[name] for name in kinds}, groups_of(config)
    written = {name: provider.rate_limit for name, provider in providers.items()}
    rates = _agreed(groups, written, "rate_limit", "write it once")
    own = {name: kind.rate_limit for name, kind in kinds.items() if groups[name] not in rates}
    rates |= _agreed(groups, own, "quota_group", "write the group's rate_limit")
    shared = [provider.quota_group for provider in providers.values() if provider.quota_group is not None]
    return dict.fromkeys(shared) | rates


def groups_of(config: Config) -> dict[str, str]:
    """The quota group of each provider: its own where it names none."""
    return {name: provider.quota_group or name for name, provider in config.providers.items()}


def disagreeing(groups: Mapping[str, str], rates: Mapping[str, Rate | None]) -> Iterator[tuple[str, str]]:
    """Each provider whose rate is not that of the first in its group, after that first one."""
    first: dict[str, str] = {}
    for name, rate in rates.items():
        if rate is not None and rates[first.setdefault(groups[name], name)] != rate:
            yield first[groups[name]], name


def _agreed(groups: Mapping[str, str], rates: Mapping[str, Rate | None], key: str, advice: str) -> dict[str, Rate]:
    for first, name in disagreeing(groups, rates):
        raise ConfigError(
            f"{first!r} may ask {rates[first]} and {name!r} {rates[name]}, and both share a quota group; {advice}",
            path=f"providers.{name}.{key}",
        )
    return {groups[name]: rate for name, rate in rates.items() if rate is not None}

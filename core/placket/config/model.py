"""What a configuration says, as frozen classes.

A field's ``doc`` is what the editor and the reference page show.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

import attrs
from attrs import frozen

from ..errors import ConfigError
from ..interfaces import INTERFACES, operations_of
from ..merge.policy import MergePolicy
from ..registry.settings import ByteSize, Duration, Rate, setting
from ..transport.fetch import FetchLimits
from ..transport.limits import HttpLimits

INTERFACE_ROUTES = tuple(interface.interface_name for interface in INTERFACES)
"""The names of routes that answer calls; any other route is a part for these to use."""

PRICED = ("*", *(name for interface in INTERFACES for name in operations_of(interface)))
"""What may have a cost: every operation, and the star for all that are not named."""


def _rest() -> Any:
    # Its values stay out of the repr: a secret may have been written where a reference belongs.
    return attrs.field(
        factory=dict, kw_only=True, metadata={"rest": True}, repr=lambda options: f"<{', '.join(options)}>"
    )


class Strategy(StrEnum):
    """How a route asks its targets."""

    FIRST = "first"
    """In order, until one succeeds."""
    COMPLETE = "complete"
    """In order; the next is asked only for fields still missing or unsure."""
    ALL = "all"
    """In parallel; everything that arrives in time is merged."""
    RACE = "race"
    """In parallel; the first acceptable answer wins."""
    BALANCE = "balance"
    """A weighted choice, the others being the fallback."""
    SHADOW = "shadow"
    """The first answers; the others run beside it and the difference is recorded."""


STRATEGY_OPTIONS: Mapping[Strategy, frozenset[str]] = {
    Strategy.FIRST: frozenset(),
    Strategy.COMPLETE: frozenset({"min_confidence", "fields"}),
    Strategy.ALL: frozenset({"min_success"}),
    Strategy.RACE: frozenset({"min_confidence"}),
    Strategy.BALANCE: frozenset({"weights"}),
    Strategy.SHADOW: frozenset(),
}
"""Which options a route may have beside ``strategy``, ``targets`` and ``deadline``."""


@frozen
class Breaker:
    """When a provider that keeps failing is left alone."""

    failures: int = setting(default=5, minimum=1, doc="Failures in a row after which the provider is left alone.")
    cooldown: Duration = setting(default=Duration(30.0), above=0, doc="How long, until one call probes it again.")


@frozen
class Budget:
    """What may be spent on a provider."""

    limit: Decimal = setting(minimum=0, doc="The most that calls may cost, in the unit of `cost`.")
    per: Literal["hour", "day", "month", "process"] = setting(default="month", doc="The time in which it may be spent.")


@frozen
class ProviderConfig:
    """One provider: a plugin, how it is called, and the plugin's own settings."""

    plugin: str = setting(doc="The plugin that makes this provider, or plugin:type where it makes several kinds.")
    enabled: bool = setting(default=True, doc="Whether it is called at all.")
    rate_limit: Rate | None = setting(default=None, doc='How often it may be asked, as "6/minute".')
    quota_group: str | None = setting(
        default=None, doc="Providers of one group share a rate limit; the provider's own name if not given."
    )
    concurrency: int | None = setting(default=None, minimum=1, doc="How many calls may run at once.")
    lineage: str | None = setting(
        default=None, doc="The model or vendor behind it, where several providers resell one."
    )
    weight: float = setting(default=1.0, minimum=0, doc="Its say when answers are merged.")
    cost: Mapping[str, Decimal] | Decimal | None = setting(
        default=None, minimum=0, doc="What a call costs: one number, or a table by operation."
    )
    budget: Budget | None = setting(default=None, doc="What may be spent on it.")
    breaker: Breaker = setting(factory=Breaker, doc="When it is left alone after failures.")
    timeout: Duration | None = setting(default=None, above=0, doc="The longest one call may take.")
    trace_context: bool = setting(
        default=False, doc="Whether each request tells the provider which trace it belongs to (W3C Trace Context)."
    )
    options: Mapping[str, Any] = _rest()
    """Every other key of the table: the plugin's, read when its settings class is known."""


@frozen
class Route:
    """Whom to ask, and how. A target is a provider, another route by its name, or a route written in place."""

    strategy: Strategy = setting(default=Strategy.FIRST, doc="How the targets are asked.")
    targets: tuple[str | Route, ...] = setting(doc="Names of providers or routes, or routes in place.")
    deadline: Duration | None = setting(default=None, above=0, doc="When the whole call must be over.")
    min_confidence: float | None = setting(
        default=None, minimum=0, maximum=1, doc="A field below it counts as not answered (complete, race)."
    )
    fields: tuple[str, ...] | None = setting(default=None, doc="The record fields to complete (complete).")
    min_success: int | None = setting(default=None, minimum=1, doc="How many targets must answer (all).")
    weights: Mapping[str, float] | None = setting(
        default=None, above=0, doc="How often each target is chosen, relative to the others (balance)."
    )


@frozen
class FieldPolicy:
    """How the claims of one record field become its value."""

    policy: str | None = setting(default=None, doc="A merge policy; the field's own if not given.")
    prefer: tuple[str, ...] = setting(default=(), doc="Providers in order of preference.")
    tolerance_mm: float | None = setting(default=None, minimum=0, doc="Measurements this close agree, in millimetres.")
    threshold: float | None = setting(default=None, minimum=0, maximum=1, doc="How sure a value must be to count.")


def _rule(name: str, doc: str, maximum: float | None = None) -> Any:
    return setting(default=getattr(_RULES, name), doc=doc, minimum=0, maximum=maximum)


_RULES = MergePolicy()


@frozen
class MergeConfig:
    """How claims become a record. What is not set is as `placket.merge.MergePolicy` has it."""

    weights: Mapping[str, float] = setting(factory=dict, minimum=0, doc="The say of providers, like their `weight`.")
    fields: Mapping[str, FieldPolicy] = setting(factory=dict, doc="Policies by record field.")
    calibration: Mapping[str, tuple[tuple[float, float], ...]] = setting(
        factory=dict, doc="By provider, pairs of a confidence as it is reported and how often it turns out right."
    )
    unstated_confidence: float = _rule("unstated_confidence", "For a model that states none.", maximum=1)
    human_confidence: float = _rule("human_confidence", "For a person who states none.", maximum=1)
    merchant_confidence: float = _rule("merchant_confidence", "For a seller who states none.", maximum=1)
    merchant_weight: float = _rule("merchant_weight", "How much more a seller counts than a model.")
    lineage_correlation: float = _rule("lineage_correlation", "How alike sources of one lineage err.", maximum=1)
    vote_threshold: float = _rule("vote_threshold", "How sure a vote must be to go one level deeper.", maximum=1)
    include_threshold: float = _rule("include_threshold", "How sure a member of a set must be.", maximum=1)
    tolerance_mm: float = _rule("tolerance_mm", "Measurements this close agree, in millimetres.")
    tolerance_share: float = _rule("tolerance_share", "The same, as part of the larger one.", maximum=1)


def _header(_settings: object, attribute: Any, value: str | None) -> None:
    if value is not None and not (value.isascii() and value.isprintable() and value == value.strip() != ""):
        raise ConfigError('must be plain ASCII text, as in "acme-shop/1.0"', path=attribute.alias)


_HOST = re.compile(r"[^\s/@*?#]+")


def _hosts(_settings: object, attribute: Any, value: tuple[str, ...]) -> None:
    for host in value:
        if not _HOST.fullmatch(host):
            raise ConfigError(
                f'{host!r} is no host; write the name alone, as in "images.internal" or "images.internal:8080"',
                path=attribute.alias,
            )


@frozen
class HttpConfig:
    """Bounds for everything that is fetched."""

    timeout: Duration = setting(
        default=Duration(HttpLimits().timeout), above=0, doc="The longest one exchange with a vendor may take."
    )
    max_response_bytes: ByteSize = setting(
        default=ByteSize(HttpLimits().max_response_bytes), above=0, doc="The largest answer that is read."
    )
    max_image_bytes: ByteSize = setting(
        default=ByteSize(FetchLimits().max_bytes), above=0, doc="The largest picture that is fetched."
    )
    max_pixels: int = setting(
        default=FetchLimits().max_pixels, minimum=1, doc="The largest picture, in pixels, that is accepted."
    )
    trusted_hosts: tuple[str, ...] = setting(
        default=(),
        validator=_hosts,
        doc='Hosts on a private network that pictures may come from, as "host" or "host:port".',
    )
    user_agent: str | None = setting(default=None, validator=_header, doc="How Placket names itself to vendors.")


@frozen
class ImageHostConfig:
    """Where images are published for vendors that accept only a public address."""

    plugin: str = setting(doc="The plugin that makes the image host, or plugin:type where it makes several kinds.")
    options: Mapping[str, Any] = _rest()
    """Every other key of the table: the plugin's."""


@frozen
class ImagesConfig:
    """What happens with images."""

    host: ImageHostConfig | None = setting(default=None, doc="Where images are published; nowhere if not given.")


@frozen
class JobsConfig:
    """What becomes of jobs that vendors work on in the background."""

    ledger: Path | None = setting(
        default=None, doc="A file that keeps submitted jobs, so that a later process finds them; none if not given."
    )
    take_up_for: Duration = setting(
        default=Duration(86400.0),
        above=0,
        doc="A job that was submitted longer ago is not taken up again, and what it was about is submitted anew.",
    )
    keep_for: Duration = setting(
        default=Duration(30 * 86400.0), above=0, doc="A job of which nothing was heard for so long is forgotten."
    )


@frozen
class EnrichConfig:
    """What `enrich` asks beside the tagger."""

    catalogs: tuple[str, ...] = setting(
        default=(), doc='Where similar garments are looked for, as "provider/catalog/id".'
    )
    similar: int = setting(default=10, minimum=1, doc="How many similar garments are wanted.")
    deadline: Duration | None = setting(
        default=None, above=0, doc="When everything must be over; a route's own deadline can only be sooner."
    )


@frozen
class Config:
    """A whole configuration. ``origin`` says where it was read; relative paths in it start from ``folder``."""

    providers: Mapping[str, ProviderConfig] = setting(factory=dict, doc="The providers, by a name of your choice.")
    routes: Mapping[str, Route] = setting(
        factory=dict, doc="Whom to ask, by interface; other names are parts of routes."
    )
    merge: MergeConfig = setting(factory=MergeConfig, doc="How answers become one record.")
    http: HttpConfig = setting(factory=HttpConfig, doc="Bounds for everything that is fetched.")
    images: ImagesConfig = setting(factory=ImagesConfig, doc="What happens with images.")
    jobs: JobsConfig = setting(factory=JobsConfig, doc="What becomes of jobs that outlive a process.")
    enrich: EnrichConfig = setting(factory=EnrichConfig, doc="What is asked about a garment beside the tagger.")
    plugins: tuple[str, ...] = setting(
        default=(), doc="Plugins to load beside those of the providers: observers, merge policies, vocabulary."
    )
    origin: str = attrs.field(default="", kw_only=True, eq=False, metadata={"internal": True})
    folder: Path | None = attrs.field(default=None, kw_only=True, eq=False, metadata={"internal": True})

    @property
    def plugin_names(self) -> tuple[str, ...]:
        """Every plugin that this configuration needs, each once.

        Those of enabled providers, of the image host, and ``plugins``.
        """
        hosts = [self.images.host.plugin] if self.images.host else []
        used = [provider.plugin for provider in self.providers.values() if provider.enabled]
        return tuple(dict.fromkeys(name.partition(":")[0] for name in (*used, *hosts, *self.plugins)))

    @property
    def weights(self) -> Mapping[str, float]:
        """The say of every provider when answers are merged."""
        return {**{name: provider.weight for name, provider in self.providers.items()}, **self.merge.weights}

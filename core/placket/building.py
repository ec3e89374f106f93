"""From a configuration to providers with their guards, and the routes over them."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from attrs import define, field

from .config import Config, ProviderConfig, structure_settings
from .config import Route as RouteConfig
from .config import Strategy as StrategyName
from .errors import ConfigError
from .interfaces import Clock, ImageHost
from .logs import LazyLogger
from .merge import MergePolicy
from .record import Vocabulary
from .registry import ImageHostType, ProviderContext, ProviderType, Registry
from .routing import (
    All,
    Balance,
    CircuitBreaker,
    Complete,
    Difference,
    First,
    ProviderTarget,
    Race,
    Route,
    Shadow,
    SpendingLimit,
    Strategy,
    concerns_host,
    trace_headers_of,
)
from .transport import HttpLimits, LimiterGroup, Rate, Redactor, SafeFetcher, SessionPool

CLOSING = 30.0
"""How many seconds a provider may take to close before it is left as it is."""

_log = LazyLogger("placket")


@define(eq=False, kw_only=True)
class Builder:
    """Builds the targets and routes of one configuration."""

    config: Config
    registry: Registry
    vocabulary: Vocabulary
    policy: MergePolicy
    sessions: SessionPool
    kinds: Mapping[str, ProviderType]
    rates: Mapping[str, Rate | None]
    limiters: LimiterGroup
    fetcher: SafeFetcher
    budgets: dict[str, SpendingLimit]
    """By provider; what was spent before a reload stays spent, also when a configuration had no budget in between."""
    clock: Clock
    environ: Mapping[str, str]
    data_folder: Path
    own_host: ImageHost | None
    """The image host that the app was given, in the place of the configured one."""
    without_secrets: bool
    """Build a provider whose secrets are missing, and have that as its obstacle."""
    _built: list[tuple[Any, ProviderType | ImageHostType]] = field(factory=list, init=False)
    _host: ImageHost | None = field(default=None, init=False)

    async def build(self) -> tuple[dict[str, ProviderTarget], dict[str, Route]]:
        """Build the providers in ``kinds`` and all routes, by their names. Where one fails, the others are closed."""
        try:
            targets = {name: self._target(name, self.config.providers[name]) for name in self.kinds}
            routes = {name: self._route(name, route, targets) for name, route in self.config.routes.items()}
        except BaseException:
            await self.aclose()
            raise
        return targets, routes

    def _target(self, name: str, config: ProviderConfig) -> ProviderTarget:
        """Build one provider with what guards its calls."""
        path = f"providers.{name}"
        kind = self.kinds[name]
        read = partial(structure_settings, kind, config.options, path, folder=self.config.folder)
        hindrance: ConfigError | None = None
        try:
            settings = read(environ=self.environ)
        except ConfigError as error:
            if not self.without_secrets:
                raise
            settings, hindrance = read(resolve=False), error
        context = self._context(name, config, kind)
        provider = self.registry.build(kind, settings, context, path=path)
        self._built.append((provider, kind))
        return ProviderTarget(
            name=name,
            provider=provider,
            capabilities=kind.capabilities,
            interfaces=tuple(interface.interface_name for interface in kind.interfaces),
            breaker=lambda: CircuitBreaker(self.clock, config.breaker.failures, config.breaker.cooldown),
            plugin=context.plugin,
            type=kind.name,
            module=kind.origin.module if kind.origin else "",
            costs=_costs(config),
            budget=self._budget(name, config),
            gate=asyncio.Semaphore(config.concurrency) if config.concurrency else None,
            timeout=config.timeout,
            observers=self.registry.call_observers,
            hindrance=hindrance,
            counts_exchanges=context.speaks_http,
        )

    def _budget(self, name: str, config: ProviderConfig) -> SpendingLimit | None:
        if config.budget is None:
            return None
        limit, period, known = config.budget.limit, config.budget.per, self.budgets.get(name)
        budget = known.with_limit(limit, period) if known else SpendingLimit(self.clock, limit, period)
        self.budgets[name] = budget
        return budget

    def _context(self, name: str, config: ProviderConfig, kind: ProviderType) -> ProviderContext:
        group = config.quota_group or name
        return self._bare_context(
            name,
            kind,
            lineage=config.lineage or kind.lineage,
            limiter=self.limiters.limiter(group, self.rates[group]) if group in self.rates else None,
            image_host=self._image_host(),
            trace_headers=self._trace_headers(name) if config.trace_context else None,
        )

    def _trace_headers(self, name: str) -> Callable[[], Mapping[str, str]]:
        headers = trace_headers_of(self.registry.call_observers)
        if headers is None:
            raise ConfigError(
                'no plugin knows of a trace; add one that does, as in plugins = ["opentelemetry"], or leave it out',
                path=f"providers.{name}.trace_context",
            )
        return headers

    def _bare_context(self, name: str, kind: ProviderType | ImageHostType, **parts: Any) -> ProviderContext:
        http = self.config.http
        return ProviderContext(
            name=name,
            plugin=str(kind.origin or kind.name),
            clock=self.clock,
            vocabulary=self.vocabulary,
            sessions=self.sessions,
            fetcher=self.fetcher,
            limits=HttpLimits(timeout=http.timeout, max_response_bytes=http.max_response_bytes),
            redactor=Redactor(),
            user_agent=http.user_agent,
            data_folder=self.data_folder / name,
            **parts,
        )

    def _image_host(self) -> ImageHost | None:
        configured = self.config.images.host
        if self.own_host is not None or configured is None:
            return self.own_host
        if self._host is None:
            path = "images.host"
            kind = self.registry.image_host(configured.plugin, path=f"{path}.plugin")
            settings = structure_settings(
                kind, configured.options, path, environ=self.environ, folder=self.config.folder
            )
            context = self._bare_context(kind.name, kind)
            self._host = self.registry.build(kind, settings, context, path=path)
            self._built.append((self._host, kind))
        return self._host

    def _route(self, name: str, config: RouteConfig, targets: Mapping[str, ProviderTarget]) -> Route:
        """Build a route with the routes it uses.

        Loops and unknown names were refused when the configuration was read.
        """
        routes = self.config.routes
        found: list[ProviderTarget | Route] = []
        for position, target in enumerate(config.targets):
            if isinstance(target, RouteConfig):
                found.append(self._route(f"{name}.targets[{position}]", target, targets))
            elif target in routes:
                found.append(self._route(target, routes[target], targets))
            elif target in targets:  # else it is a provider that is not enabled
                found.append(targets[target])
        return Route(name, strategy_of(config, self.policy), found, config.deadline, on_difference=_report)

    async def aclose(self) -> None:
        """Close everything that was built, the failures of one not keeping the others open."""
        results = await asyncio.gather(*(_close(*one) for one in self._built), return_exceptions=True)
        for (one, _kind), result in zip(self._built, results, strict=True):
            if isinstance(result, Exception | SystemExit):
                _log.warning("close-failed", provider=type(one).__name__, error=type(result).__name__)


async def _close(one: Any, kind: ProviderType | ImageHostType) -> SystemExit | None:
    # A coroutine of its own: an ``aclose`` that raises at once, or is not async, fails here and not in who gathers.
    try:
        closing = one.aclose()
        if inspect.isawaitable(closing):
            async with asyncio.timeout(CLOSING):
                await closing
    except SystemExit as failure:
        if concerns_host(failure, kind.origin.module if kind.origin else ""):
            raise
        return failure  # not raised: a task that raises it ends the event loop, whoever gathers
    return None


def _costs(config: ProviderConfig) -> Mapping[str, Decimal]:
    if config.cost is None:
        return {}
    return {"*": config.cost} if isinstance(config.cost, Decimal) else config.cost


def strategy_of(config: RouteConfig, rules: MergePolicy) -> Strategy:
    """The strategy that a route's configuration describes; ``rules`` say how sure a claim is against its floor."""
    match config.strategy:
        case StrategyName.FIRST:
            return First()
        case StrategyName.COMPLETE:
            return Complete(config.min_confidence or 0.0, config.fields, rules)
        case StrategyName.ALL:
            return All(config.min_success or 1)
        case StrategyName.RACE:
            return Race(config.min_confidence or 0.0, rules)
        case StrategyName.BALANCE:
            return Balance(config.weights or {})
        case StrategyName.SHADOW:
            return Shadow()


def _report(difference: Difference) -> None:
    _log.info(
        "shadow",
        operation=difference.operation,
        answered=difference.answered,
        shadow=difference.shadow,
        fields=list(difference.fields),
        error=difference.error,
    )

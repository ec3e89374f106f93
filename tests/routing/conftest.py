"""Small providers that do as they are told, and a router over them, all in virtual time."""

from __future__ import annotations

import asyncio
import inspect
import types
from collections.abc import Awaitable, Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest
from attrs import define, field, frozen

import placket
from placket.interfaces import (
    INTERFACES,
    Capabilities,
    Findings,
    Garment,
    GarmentTagger,
    Hit,
    Interface,
    Level,
    Query,
    Ref,
    SearchResults,
    VisualSearch,
    operations_of,
)
from placket.merge import MergePolicy
from placket.record import Claim, Source, Vocabulary
from placket.registry import ProviderContext, ProviderType
from placket.routing import CircuitBreaker, EnrichmentRules, First, Generation, ProviderTarget, Route, Router, Strategy
from placket.testing.fixtures import clock, pytest_asyncio_loop_factories
from placket.testing.virtual_time import VirtualClock

__all__ = ["clock", "pytest_asyncio_loop_factories"]


Step = Callable[..., Awaitable[Any]]


class Tagger(GarmentTagger):
    """Follows its script: each call takes the next step, the last one for ever."""

    def __init__(self, *script: Step) -> None:
        self.script = script
        self.asked: list[Garment] = []
        self.running = 0
        self.busiest = 0
        self.closed = False

    async def tag(self, garment: Garment) -> Findings:
        self.asked.append(garment)
        self.running += 1
        self.busiest = max(self.busiest, self.running)
        try:
            return await self.script[min(len(self.asked), len(self.script)) - 1](garment)
        finally:
            self.running -= 1

    async def aclose(self) -> None:
        self.closed = True


def implementing(interface: type[Interface], **methods: Callable[..., Any]) -> Interface:
    """An object of an interface with these methods; the others must not be called."""

    async def unexpected(*_: Any) -> Any:
        raise AssertionError("this operation was not expected")

    missing = dict.fromkeys(operations_of(interface), unexpected)
    made = {name: _as_method(method) for name, method in methods.items()}
    return type(f"Fake{interface.__name__}", (interface,), {**missing, **made})()


def _as_method(function: Callable[..., Any]) -> Callable[..., Any]:
    if inspect.iscoroutinefunction(function):

        async def method(_self: Any, *arguments: Any) -> Any:
            return await function(*arguments)

        return method
    return lambda _self, *arguments: function(*arguments)


@define
class Fakes:
    """Makes providers, targets and routers; ``closed`` and ``differences`` are what they report."""

    clock: VirtualClock
    differences: list[Any] = field(factory=list)
    closed: list[str] = field(factory=list)

    @staticmethod
    def claims(name: str, fields: Mapping[str, Any], confidence: float | None = None) -> tuple[Claim, ...]:
        source = Source(name)
        return tuple(Claim(key, value, source, raw=value, confidence=confidence) for key, value in fields.items())

    def says(self, name: str, /, *, after: float = 0.0, confidence: float | None = None, **fields: Any) -> Step:
        """A step that answers with claims."""

        async def step(_garment: Garment) -> Findings:
            await asyncio.sleep(after)
            return Findings(self.claims(name, fields or {"name": name}, confidence), raw={"from": name})

        return step

    @staticmethod
    def fails(error: BaseException, *, after: float = 0.0) -> Step:
        """A step that raises."""

        async def step(*_: Any) -> Any:
            await asyncio.sleep(after)
            raise error

        return step

    @staticmethod
    async def hangs(*_: Any) -> Any:
        """A step that never ends."""
        await asyncio.Event().wait()

    def tagger(self, name: str, *script: Step, fields: Sequence[str] = ("name",), **guards: Any) -> ProviderTarget:
        """A tagger that answers with its name unless it has a script."""
        return self.target(name, Tagger(*(script or (self.says(name),))), fields=fields, **guards)

    def provider(self, name: str, interface: type[Interface], **methods: Callable[..., Any]) -> ProviderTarget:
        """A provider of any interface that has just these methods."""
        return self.target(name, implementing(interface, **methods))

    def searcher(self, name: str, *ids: str) -> ProviderTarget:
        """A provider that finds these, and answers with which catalogs it was asked about."""

        async def search(_query: Query, catalogs: Sequence[Ref]) -> SearchResults:
            hits = tuple(Hit(hit, Ref(name, "catalog", "c"), 1.0 / place) for place, hit in enumerate(ids, start=1))
            return SearchResults(hits, raw=[str(catalog) for catalog in catalogs])

        return self.provider(name, VisualSearch, search=search)

    def target(
        self,
        name: str,
        provider: Interface,
        *,
        fields: Sequence[str] = (),
        failures: int = 5,
        cooldown: float = 30.0,
        cost: str | None = None,
        without: Sequence[str] = (),
        **guards: Any,
    ) -> ProviderTarget:
        interfaces = [kind for kind in type(provider).__mro__ if kind.__dict__.get("interface_name")]
        operations = {
            f"{kind.interface_name}.{operation}": Level.FULL
            for kind in interfaces
            for operation in operations_of(kind)
            if operation not in without
        }
        return ProviderTarget(
            name,
            provider,
            Capabilities(operations, dict.fromkeys(fields, Level.FULL)),
            lambda: CircuitBreaker(self.clock, failures, cooldown),
            plugin=f"placket-{name} 1.0",
            costs={} if cost is None else {"*": Decimal(cost)},
            **guards,
        )

    def route(
        self, strategy: Strategy, *targets: Any, name: str = "garment_tagger", deadline: float | None = None
    ) -> Route:
        return Route(name, strategy, targets, deadline, on_difference=self.differences.append)

    def router(
        self, strategy: Strategy, *targets: Any, name: str = "garment_tagger", deadline: float | None = None
    ) -> Router:
        """A router with one route."""
        route = self.route(strategy, *targets, name=name, deadline=deadline)
        return Router(self.generation(route), vocabulary=Vocabulary.default(), clock=self.clock)

    def generation(self, *routes: Route) -> Generation:
        providers = {each.name: each for route in routes for each in route.providers()}

        async def close() -> None:
            for each in providers.values():
                await each.provider.aclose()
                self.closed.append(each.name)

        return Generation(providers, {route.name: route for route in routes}, MergePolicy(), close)


@pytest.fixture
async def fake(clock: VirtualClock) -> Fakes:
    return Fakes(clock)


@pytest.fixture(scope="session")
def make_fakes() -> Callable[[], Fakes]:
    """For tests that start a loop of their own."""
    return lambda: Fakes(VirtualClock())


@pytest.fixture(scope="session")
def garment() -> Garment:
    return Garment("g1")


@pytest.fixture
def told() -> Callable[[Any], list[tuple[str, str]]]:
    """Who was asked and how it went, from an answer or an error."""
    return lambda answer: [(attempt.provider, attempt.outcome.value) for attempt in answer.attempts]


@pytest.fixture
def enriching(fake: Fakes) -> Callable[..., Router]:
    """A router over these providers, each on the routes of all its interfaces, with a catalog to search in."""
    catalogs = (Ref("finder", "catalog", "summer"),)

    def made(*targets: ProviderTarget, rules: Any = None, deadline: float | None = None) -> Router:
        routes = {}
        for kind in INTERFACES:
            able = [each for each in targets if isinstance(each.provider, kind)]
            if able:
                routes[kind.interface_name] = fake.route(First(), *able, name=kind.interface_name, deadline=deadline)

        async def close() -> None:
            return

        generation = Generation(
            {each.name: each for each in targets},
            routes,
            MergePolicy(),
            close,
            enrichment=rules or EnrichmentRules(catalogs, similar=3),
        )
        return Router(generation, vocabulary=Vocabulary.default(), clock=fake.clock)

    return made


@pytest.fixture
async def no_task_left() -> Any:
    """Fail when the test leaves a task behind."""
    before = asyncio.all_tasks()
    yield
    assert asyncio.all_tasks() - before - {asyncio.current_task()} == set()


@define
class Plugin:
    """A plugin module for `placket.open`, whose ``fake`` providers answer with their setting ``says``.

    ``built`` are the providers that were made, in order. A setting ``broken`` makes the factory raise, ``after`` delays
    the answer, ``stubborn`` makes closing raise.
    """

    built: list[Tagger] = field(factory=list)

    def module(self, name: str = "fake") -> types.ModuleType:
        @placket.hookimpl
        def placket_provider_types() -> list[ProviderType]:
            return [
                ProviderType(
                    name=name,
                    title="A provider for tests",
                    settings=FakeSettings,
                    factory=self._make,
                    interfaces=(GarmentTagger,),
                    capabilities=Capabilities(
                        {"garment_tagger.tag": Level.FULL, "garment_tagger.submit": Level.FULL}, {"brand": Level.FULL}
                    ),
                )
            ]

        module = types.ModuleType(f"placket_{name}")
        module.placket_provider_types = placket_provider_types
        return module

    def _make(self, settings: FakeSettings, context: ProviderContext) -> Tagger:
        if settings.broken:
            raise ZeroDivisionError("cannot be built")

        async def step(_garment: Garment) -> Findings:
            await asyncio.sleep(settings.after)
            return Findings((Claim("brand", settings.says, context.source("tag")),))

        made = StubbornTagger(step) if settings.stubborn else Tagger(step)
        made.context = context
        self.built.append(made)
        return made


@frozen
class FakeSettings:
    says: str = "acme"
    after: float = 0.0
    broken: bool = False
    stubborn: bool = False


class StubbornTagger(Tagger):
    async def aclose(self) -> None:
        await super().aclose()
        raise RuntimeError("will not close")


@pytest.fixture
def plugin() -> Plugin:
    return Plugin()


@pytest.fixture
def config() -> Callable[..., dict[str, Any]]:
    """A configuration with providers of the fake plugin, each with its settings, routed in this order."""

    def made(strategy: str = "first", **providers: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "providers": {name: {"plugin": "fake", **settings} for name, settings in providers.items()},
            "routes": {"garment_tagger": {"strategy": strategy, "targets": list(providers)}},
        }

    return made

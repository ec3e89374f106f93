"""The router: for each interface a routed object, and the calls that end in a record."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from typing import Any, TypeVar, cast

from attrs import frozen

from ..errors import InvalidInput, PlacketError, Unsupported
from ..interfaces import (
    INTERFACES,
    ARContentBuilder,
    Clock,
    Deadline,
    Findings,
    Garment,
    GarmentTagger,
    Interface,
    Job,
    Operation,
    ProductStore,
    Ref,
    ShootManager,
    SystemClock,
    Ticket,
    VisualSearch,
    operations_of,
)
from ..interfaces.call import Attempt
from ..interfaces.cutoff import Cutoffs
from ..interfaces.garment import ImageSource
from ..logs import LazyLogger
from ..merge import merge
from ..record import Claim, GarmentRecord, Source, Vocabulary, claims_of_known
from .enrichment import enrich
from .generation import Generation
from .job import RoutedJob
from .observing import ask_observed
from .parts import Enriched
from .plan import Plan, plan_of
from .request import Request
from .route import Route
from .routed import routed
from .strategies import All, First
from .target import ProviderTarget, Target

InterfaceT = TypeVar("InterfaceT", bound=Interface)

_log = LazyLogger("placket.routing")

MERCHANT = "merchant"
"""The source of what the caller says it knows about a garment."""


@frozen
class Tagged:
    """A record with what it was made from: the findings as they came, and who was asked."""

    record: GarmentRecord
    findings: Findings

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """Every call to a provider that was made or skipped, in the order in which they ended."""
        return self.findings.attempts


class Router:
    """What ``placket.open()`` gives: the five interfaces, routed, and the calls that end in a record."""

    def __init__(
        self,
        generation: Generation,
        *,
        vocabulary: Vocabulary,
        clock: Clock | None = None,
        reload: Callable[[Any], Awaitable[tuple[Generation, Vocabulary]]] | None = None,
    ) -> None:
        self._generation = generation
        self._reload = reload
        self._clock = clock or SystemClock()
        self._vocabulary = vocabulary
        self._retired: dict[Generation, asyncio.Task[None]] = {}
        self._reloading = asyncio.Lock()
        self._cutoffs = Cutoffs()
        self._routed: dict[type[Interface], Interface] = {}
        self._closed = False

    def interface(self, interface: type[InterfaceT]) -> InterfaceT:
        """The routed object of one of the five interfaces."""
        found = self._routed.get(interface)
        if found is None:
            if interface not in INTERFACES:
                raise InvalidInput(f"{interface.__name__} is not one of the interfaces that are routed")
            found = self._routed[interface] = routed(interface, self)
        return cast(InterfaceT, found)

    @property
    def garment_tagger(self) -> GarmentTagger:
        """Says what a garment is, by the route ``garment_tagger``."""
        return self.interface(GarmentTagger)

    @property
    def visual_search(self) -> VisualSearch:
        """Finds garments that look alike, by the route ``visual_search``."""
        return self.interface(VisualSearch)

    @property
    def product_store(self) -> ProductStore:
        """Keeps products, by the route ``product_store``."""
        return self.interface(ProductStore)

    @property
    def shoot_manager(self) -> ShootManager:
        """Runs photo shoots, by the route ``shoot_manager``."""
        return self.interface(ShootManager)

    @property
    def ar_content_builder(self) -> ARContentBuilder:
        """Builds AR content, by the route ``ar_content_builder``."""
        return self.interface(ARContentBuilder)

    @property
    def vocabulary(self) -> Vocabulary:
        """The words that records use, plugins' additions included."""
        return self._vocabulary

    async def tag(
        self,
        garment: Garment | ImageSource | Iterable[ImageSource],
        *,
        known: Mapping[str, Any] | None = None,
        id: str = "",  # noqa: A002 - the field's name everywhere in Placket
    ) -> GarmentRecord:
        """Have a garment tagged by the route ``garment_tagger`` and merge all that is said into one record.

        ``garment`` is a picture (path, bytes, open file, URL), several, or a `Garment`. ``known`` maps record fields
        to what the caller knows already; it counts as the merchant's word. Raises InvalidInput for a picture that is
        none, AllProvidersFailed when nobody could say anything.
        """
        return (await self.tag_with_evidence(garment, known=known, id=id)).record

    async def tag_with_evidence(
        self,
        garment: Garment | ImageSource | Iterable[ImageSource],
        *,
        known: Mapping[str, Any] | None = None,
        id: str = "",  # noqa: A002 - the field's name everywhere in Placket
    ) -> Tagged:
        """As `tag`, with the findings and the attempts beside the record."""
        asked = Garment.of(garment, id=id, known=known)
        merchant = self._claims_of_known(asked)
        for item in asked.images:
            if not item.image.is_remote:
                await item.image.load()
        generation = self._generation
        findings = await self.garment_tagger.tag(asked)
        record = merge(merchant, findings.claims, id=asked.id, policy=generation.policy)
        return Tagged(record, findings)

    async def enrich(
        self,
        garment: Garment | ImageSource | Iterable[ImageSource],
        *,
        known: Mapping[str, Any] | None = None,
        id: str = "",  # noqa: A002 - the field's name everywhere in Placket
        refs: Iterable[Ref] = (),
        steps: Collection[str] | None = None,
    ) -> GarmentRecord:
        """Have a garment tagged, and merge what the store, the shoots and the AR builder know about it.

        ``garment`` and ``known`` as in `tag`. Others are asked about the garment that ``refs`` name, else the one whose
        ids are known as ``external_ids.<provider>``, else the only one with exactly the known ``sku`` or ``gtin``.
        ``steps`` limits what is done to some of `Step`; all is done at once, within the deadline of ``[enrich]``.

        A step that fails does not fail the others: see `enrich_with_evidence`. Raises as `tag` does, AllProvidersFailed
        when every step failed, and Unsupported when nobody can be asked anything.
        """
        return (await self.enrich_with_evidence(garment, known=known, id=id, refs=refs, steps=steps)).record

    async def enrich_with_evidence(
        self,
        garment: Garment | ImageSource | Iterable[ImageSource],
        *,
        known: Mapping[str, Any] | None = None,
        id: str = "",  # noqa: A002 - the field's name everywhere in Placket
        refs: Iterable[Ref] = (),
        steps: Collection[str] | None = None,
    ) -> Enriched:
        """As `enrich`, with what each step brought beside the record: similar garments, failures, attempts."""
        self._require_open()
        asked = Garment.of(garment, id=id, known=known)
        merchant = self._claims_of_known(asked)
        for item in asked.images:
            if not item.image.is_remote:
                await item.image.load()
        generation = self._generation
        return await enrich(
            self,
            asked,
            merchant,
            refs=refs,
            steps=steps,
            rules=generation.enrichment,
            policy=generation.policy,
            clock=self._clock,
        )

    def record_of(self, claims: Iterable[Claim], *, id: str = "") -> GarmentRecord:  # noqa: A002 - the field's name
        """The record that claims make by the configured rules, such as those of a product that a store keeps."""
        return merge(claims, id=id or str(uuid.uuid4()), policy=self._generation.policy)

    def _claims_of_known(self, garment: Garment) -> tuple[Claim, ...]:
        if not garment.known:
            return ()
        return claims_of_known(garment.known, source=Source(MERCHANT), vocabulary=self._vocabulary)

    def plan(self, interface: type[Interface] = GarmentTagger, operation: str = "tag") -> Plan:
        """Who would be asked for an operation, when, and who cannot be asked right now; nobody is called."""
        declared = operations_of(interface).get(operation)
        if declared is None:
            names = ", ".join(operations_of(interface))
            raise InvalidInput(f"{interface.__name__} has no operation {operation!r}; it has {names}")
        name = interface.interface_name
        return plan_of(self._generation.routes.get(name) or Route(name, First(), ()), name, declared)

    def target(self, provider: str) -> ProviderTarget:
        """A configured provider by name; raises InvalidInput when there is none."""
        found = self._generation.targets.get(provider)
        if found is None:
            names = ", ".join(self._generation.targets)
            raise InvalidInput(f"no provider is configured by the name {provider!r}; configured are {names}")
        return found

    @property
    def providers(self) -> tuple[ProviderTarget, ...]:
        """The configured providers."""
        return tuple(self._generation.targets.values())

    async def resume(self, ticket: Ticket | str) -> Job[Any]:
        """Take up a job from its ticket (or the ticket's JSON), in this or any later process."""
        taken = Ticket.from_json(ticket) if isinstance(ticket, str) else ticket
        job, generation = await self._taken_up(taken)
        route = generation.routes.get(taken.interface)
        return self._timed(job, route.deadline if route is not None else None, generation)

    async def _taken_up(self, ticket: Ticket) -> tuple[Job[Any], Generation]:
        self._require_open()
        generation, target = self._generation, self.target(ticket.provider)
        with generation.calling(target.name, ticket.operation):
            return await target.provider.resume(ticket), generation

    def _timed(self, job: Job[Any], seconds: float | None, generation: Generation) -> Job[Any]:
        if job.ticket is None:
            return job
        return RoutedJob(job, job.ticket, self._clock, seconds, generation, self._taken_up)

    async def call(
        self,
        interface: str,
        operation: Operation,
        arguments: tuple[Any, ...],
        open_stream: Callable[[Any], Awaitable[Any]] | None = None,
        within: float | None = None,
    ) -> tuple[Any, list[Attempt]]:
        """Route one call: what the routed objects do. Returns the answer and the attempts, or raises.

        ``within`` (seconds) can only shorten the route's deadline.
        """
        if self._closed:  # a method call for nothing would be felt in every routed call
            self._require_open()
        generation = self._generation
        clock = self._clock
        route = generation.routes.get(interface) or Route(interface, First(), ())
        deadline = Deadline.after(route.deadline, clock, self._cutoffs).sooner(within)
        started = clock.monotonic()
        request = Request(
            interface, operation, arguments, clock, deadline, started, generation.beside, self._cutoffs, open_stream
        )
        target: Target = route
        if owners := {ref.provider for ref in request.refs()}:
            target = self._owning(sorted(owners), request)
        generation.enter()
        try:
            if generation.observers:
                reply = await ask_observed(generation.observers, target.ask, request)
            else:
                reply = await target.ask(request)
        finally:
            generation.leave()
        if reply.error is not None:
            error = self._with_alternatives(reply.error, interface, operation.name)
            error.attempts = tuple(request.attempts)
            raise error
        value = reply.value
        if isinstance(value, Job):
            value = self._timed(value, route.deadline, generation)
        return value, request.attempts

    def _owning(self, owners: list[str], request: Request) -> Target:
        # One owner is asked directly: its failure is the call's own, there is nobody else who could have answered.
        if len(owners) == 1:
            return self.target(owners[0])
        if not request.operation.may_fan_out:
            raise InvalidInput(
                f"{request.operation.name} takes references to one provider at a time, not to {' and '.join(owners)}"
            )
        return Route(request.interface, All(), [self.target(owner) for owner in owners])

    def _with_alternatives(self, error: PlacketError, interface: str, operation: str) -> PlacketError:
        if isinstance(error, Unsupported) and not error.alternatives:
            able = [target.name for target in self.providers if target.can(interface, operation)]
            return Unsupported(error.message, alternatives=able)
        return error

    async def reload(self, config: Any = None) -> None:
        """Read the configuration again, or another one as ``placket.open`` takes it, and serve later calls by it.

        The change is atomic: calls under way end with the old providers, which are closed when the last one has; this
        method returns then. When the new configuration is wrong, ConfigError is raised and nothing changes.
        """
        self._require_open()
        if self._reload is None:
            raise InvalidInput("this router was not made by placket.open(), so there is no configuration to read again")
        async with self._reloading:
            generation, vocabulary = await self._reload(config)
            old, self._generation, self._vocabulary = self._generation, generation, vocabulary
        retiring = self._retired[old] = asyncio.ensure_future(self._retire(old))
        await asyncio.shield(retiring)

    async def _retire(self, old: Generation) -> None:
        await old.drain()
        await old.stop()
        del self._retired[old]

    async def settle(self) -> None:
        """Wait for what runs beside the calls, shadows above all."""
        for generation in (*self._retired, self._generation):
            await generation.settle()

    async def aclose(self) -> None:
        """Stop what runs beside the calls and close the providers. Later calls raise InvalidInput."""
        self._closed = True
        for old, retiring in list(self._retired.items()):
            old.abandon()
            await retiring
        await self._generation.stop()
        self._cutoffs.close()

    def _require_open(self) -> None:
        # What a provider raises when its connections are closed would look like a fault in its plugin.
        if self._closed:
            raise InvalidInput(
                "the router is closed; it answers inside `async with placket.open(...)` only, "
                "so make the call there, or open another router"
            )

"""The router that ``placket.open()`` gives: routing, with jobs that outlive a process and tagging in bulk."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Coroutine, Iterable, Mapping
from typing import Any

from ..errors import InvalidInput
from ..interfaces import Attempt, Clock, Garment, Job, Operation, Ticket
from ..interfaces.tagger import current_keeper
from ..record import Vocabulary
from ..routing import Generation
from ..routing import Router as RoutingRouter
from .bulk import Outcome, Source, tag_many
from .keeping import JobRules, Keeper, in_charge, question_of
from .ledger import Ledger

Reload = Callable[[Any], Awaitable[tuple[Generation, Vocabulary]]]

CONCURRENCY = 4
"""How many garments are tagged at a time where nobody says."""


class Router(RoutingRouter):
    """The five interfaces, routed, and the calls that end in a record.

    With a ledger (``[jobs] ledger`` in the configuration), every job that is submitted through the router is kept, and
    asking the same about the same garment takes up the job that an earlier process left behind.
    """

    def __init__(
        self,
        generation: Generation,
        *,
        vocabulary: Vocabulary,
        clock: Clock | None = None,
        reload: Reload | None = None,
        ledger: Ledger | None = None,
        rules: JobRules | None = None,
    ) -> None:
        super().__init__(generation, vocabulary=vocabulary, clock=clock, reload=reload)
        self._ledger = ledger
        self._rules = rules or JobRules()

    @property
    def ledger(self) -> Ledger | None:
        """Where submitted jobs are kept; None where the configuration names no ledger."""
        return self._ledger

    def tag_many(
        self,
        garments: Iterable[Source] | AsyncIterable[Source],
        *,
        known: Mapping[str, Any] | None = None,
        concurrency: int = CONCURRENCY,
        ledger: Ledger | None = None,
    ) -> AsyncGenerator[Outcome]:
        """Tag many garments, each as `tag` does, and give each outcome as soon as it is there.

        ::

            async for outcome in router.tag_many(Path("photos").glob("*.jpg")):
                print(outcome.source, outcome.record or outcome.error)

        ``garments`` may be endless and may be an async iterable: no more than ``concurrency`` are held at a time. What
        an iterable raises ends it; what goes wrong with one garment is that garment's outcome. A plain iterable is
        read on the event loop, so it should not block.

        With a ``ledger`` (by default the configured one), a garment whose job an earlier process submitted takes up
        that job. A job counts as done when the caller comes back for the next outcome: keep the record before that.
        A picture without an id gets one made from the picture, the same every time.
        """
        if concurrency < 1:
            raise InvalidInput(f"concurrency is how many garments are tagged at a time, at least 1, not {concurrency}")
        self._require_open()
        kept = ledger or self._ledger

        def new_keeper() -> Keeper | None:
            return None if kept is None else Keeper(self, kept, self._clock, self._rules, holds=True)

        return tag_many(self.tag_with_evidence, garments, known=known, concurrency=concurrency, new_keeper=new_keeper)

    def call(
        self,
        interface: str,
        operation: Operation,
        arguments: tuple[Any, ...],
        open_stream: Callable[[Any], Awaitable[Any]] | None = None,
        within: float | None = None,
    ) -> Coroutine[Any, Any, tuple[Any, list[Attempt]]]:
        """Route one call, and keep the jobs that are submitted for it."""
        current = current_keeper.get()
        keeper = current if isinstance(current, Keeper) and current.router is self else self._own_keeper()
        calling = super().call(interface, operation, arguments, open_stream, within)
        return calling if keeper is None and current is None else self._kept(keeper, calling, arguments)

    async def _kept(
        self,
        keeper: Keeper | None,
        calling: Coroutine[Any, Any, tuple[Any, list[Attempt]]],
        arguments: tuple[Any, ...],
    ) -> tuple[Any, list[Attempt]]:
        with in_charge(keeper):
            answer, attempts = await calling
        if keeper is not None and isinstance(answer, Job) and answer.ticket is not None:
            await keeper.note(answer.ticket, *await _asked_about(arguments))
            answer = keeper.keep(answer)
        return answer, attempts

    async def resume(self, ticket: Ticket | str) -> Job[Any]:
        """Take up a job from its ticket (or the ticket's JSON), in this or any later process."""
        job = await super().resume(ticket)
        keeper = self._own_keeper()
        return job if keeper is None else keeper.keep(job)

    def _own_keeper(self) -> Keeper | None:
        return None if self._ledger is None else Keeper(self, self._ledger, self._clock, self._rules)


async def _asked_about(arguments: tuple[Any, ...]) -> tuple[str, str]:
    """The id of the garment that a call is about, and what is asked; both are empty where it is about none."""
    garment = next(iter(arguments), None)
    return (garment.id, await question_of(garment)) if isinstance(garment, Garment) else ("", "")

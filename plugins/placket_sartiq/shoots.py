"""What was photographed of a product: shots, looks, generations, and the choice among them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from placket.errors import InvalidInput, NotFound
from placket.interfaces import (
    ExportRequest,
    Generation,
    Job,
    JobState,
    Listing,
    LookScope,
    PolledJob,
    PollSchedule,
    ProductQuery,
    Ref,
    Revision,
    ShootManager,
    Sku,
    SkuQuery,
    Ticket,
)
from placket.interfaces import Look as JobLook
from placket.record import Look, MediaItem, Shot
from placket.transport import Answer

from . import wire
from .connection import Connection
from .exports import archive_of, export_of, request_body
from .shots import generation_of, look_of, revisions_of, shot_of

_LONGEST_PAUSE = 60.0


class SartiqShoots(ShootManager):
    """Hands out the results of shoots. The garments of a shoot are products: make and change them in the store."""

    _connection: Connection

    def list_skus(self, query: SkuQuery) -> Listing[Sku]:
        """The products, those of one shooting where ``project`` names it; without a total where ``sku`` does."""
        connection = self._connection
        wanted = None if query.sku is None else query.sku.casefold()

        def made(answer: Answer, item: dict[str, Any]) -> Sku | None:
            # The vendor's search also finds names, and parts of them.
            if wanted is not None and wire.text(item.get("sku")).casefold() != wanted:
                return None
            ref = Ref(connection.context.name, ShootManager.ref_kind, wire.identified(answer, item))
            return Sku(ref, connection.claims(answer, item), raw=item)

        return connection.listing(
            wire.PRODUCTS,
            made,
            operation="list_skus",
            params=connection.filters(ProductQuery(search=query.sku or "", shoot=query.project)),
            limit=query.page_size,
            counted=wanted is None,
        )

    def list_looks(self, sku: Ref, scope: LookScope = LookScope.MAIN, summary: bool = False) -> Listing[Look]:
        """The looks of a product. There is a light form of its own looks only, not of the related ones."""
        path = wire.RELATED_LOOKS if scope is LookScope.RELATED else wire.LOOK_SUMMARIES if summary else wire.LOOKS
        return self._connection.listing(
            self._connection.path(path, sku), lambda _, item: look_of(item), operation="list_looks"
        )

    def list_shots(self, sku: Ref, shot_type: str | None = None, state: str | None = None) -> Listing[Shot]:
        """The shots of a product, with their revisions and push records in ``details``."""
        return self._shots(sku, lambda _, item: shot_of(item), shot_type=shot_type, status=state)

    async def revisions(self, sku: Ref, shot: str) -> tuple[Revision, ...]:
        """The versions of one shot, the newest first."""
        async for item in self._shots(sku, lambda _, item: item):
            if wire.text(item.get("id")) == shot:
                return revisions_of(item)
        raise NotFound(
            f"product {sku.id} has no shot {shot}", provider=self._connection.context.name, operation="revisions"
        )

    def _shots(self, sku: Ref, made: Any, **params: str | None) -> Listing[Any]:
        return self._connection.listing(
            self._connection.path(wire.SHOTS, sku), made, operation="list_shots", params=params
        )

    def list_generations(self, sku: Ref) -> Listing[Generation]:
        """The runs of models for a product, with predictions and refines in ``details``."""
        return self._connection.listing(
            self._connection.path(wire.GENERATIONS, sku),
            lambda _, item: generation_of(item),
            operation="list_generations",
        )

    async def select_shot(self, sku: Ref, shot_type: str, picture: str | None) -> None:
        """Choose a prediction, by its id, for a type of shot; None takes the choice back."""
        connection = self._connection
        answer = await connection.http.post(
            connection.path(wire.SELECTED_SHOT, sku),
            params=connection.organization,
            json={"product_id": sku.id, "shot_type": shot_type, "prediction_id": picture},
            repeatable=True,
            operation="select_shot",
        )
        answer.json_object()

    async def export_approved(self, skus: Sequence[Ref]) -> Job[tuple[MediaItem, ...]]:
        """Pack the approved shots of some products; the result says where the ZIP file is and does not fetch it."""
        connection = self._connection
        body = request_body(ExportRequest(products=tuple(skus)), connection)
        answer = await connection.http.post(
            wire.START_EXPORT, params=connection.organization, json=body, operation="export_approved"
        )
        ticket = Ticket(
            provider=connection.context.name,
            interface=ShootManager.interface_name,
            operation="export_approved",
            id=wire.identified(answer, answer.json_object()),
            submitted_at=connection.context.clock.now(),
        )
        return self._job(ticket)

    async def resume(self, ticket: Ticket) -> Job[tuple[MediaItem, ...]]:
        """Take up an export that was started before, here or in another process."""
        if (ticket.interface, ticket.operation) != (ShootManager.interface_name, "export_approved"):
            raise InvalidInput(f"ticket {ticket.id} is not one that {self._connection.context.name} gave for an export")
        return self._job(ticket)

    def _job(self, ticket: Ticket) -> Job[tuple[MediaItem, ...]]:
        connection, settings = self._connection, self._connection.settings
        path = connection.path(wire.EXPORT, Ref(ticket.provider, "export", ticket.id), "export")

        async def look() -> JobLook[tuple[MediaItem, ...]]:
            answer = await connection.http.get(path, operation="export_approved")
            export = export_of(answer, answer.json_object(), connection)
            done = export.status.state is JobState.SUCCEEDED
            return JobLook(export.status, archive_of(export) if done else None)

        interval = settings.poll_interval
        return PolledJob(
            ticket,
            look,
            clock=connection.context.clock,
            schedule=PollSchedule(first=interval, interval=interval, maximum=max(interval, _LONGEST_PAUSE)),
            patience=settings.export_deadline,
        )

"""Exports of approved shots: the request for one, and its task as the vendor tells it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

from placket.errors import InvalidInput
from placket.interfaces import Export, ExportRequest, JobState, JobStatus, Ref
from placket.record import MediaItem
from placket.transport import Answer

from . import wire
from .connection import Connection


def request_body(request: ExportRequest, connection: Connection) -> dict[str, Any]:
    """The body that starts an export; raises InvalidInput for an empty or contradictory request."""
    if request.look and (request.products or request.query is not None):
        raise InvalidInput("an export is of one look, or of products and a query: not of both")
    if not (request.look or request.products or request.query is not None):
        raise InvalidInput("nothing to export is named; ProductQuery() names all products")
    body: dict[str, Any] = {}
    if request.products:
        # Built as addresses are, so that a reference to something else is found out.
        for product in request.products:
            connection.path("{id}", product)
        body["product_ids"] = [product.id for product in request.products]
    if request.query is not None:
        filters = connection.filters(request.query)
        if connection.settings.export_limit is not None:
            filters["limit"] = connection.settings.export_limit
        body["product_filters"] = filters
    if request.look:
        body["shooting_look_id"] = request.look
    if request.shoot:
        body["shooting_id"] = request.shoot
    return body


def export_of(answer: Answer, task: Mapping[str, Any], connection: Connection) -> Export:
    """An export as its task tells it; ``details`` has all that has no attribute of its own."""
    ref = Ref(connection.context.name, "export", wire.identified(answer, task))
    status = status_of(task, connection)
    return Export(
        ref=ref,
        status=status,
        items_total=wire.number(task.get("total_items")),
        items_done=wire.number(task.get("processed_items")),
        url=download_url(task, ref, connection) if status.state is JobState.SUCCEEDED else "",
        created_at=wire.moment(task.get("created_at")),
        expires_at=wire.moment(task.get("expires_at")),
        details=wire.without(
            task, "id", "status", "progress", "total_items", "processed_items", "created_at", "expires_at"
        ),
    )


def status_of(task: Mapping[str, Any], connection: Connection) -> JobStatus:
    """How far an export is. The page shows a progress of 45 beside 45 of 100 items: percent, then."""
    progress = task.get("progress")
    percent = wire.number(progress)
    return JobStatus(
        wire.state_of(task),
        progress=None if percent is None else min(1.0, max(0.0, percent / 100)),
        raw_state=wire.text(task.get("status")),
        message=connection.http.redactor.line(wire.text(task.get("error_message"))),
    )


def download_url(task: Mapping[str, Any], ref: Ref, connection: Connection) -> str:
    """Where the file is: the task's ``download_url``, or the address that the page gives every task."""
    base = connection.settings.base_url
    told = wire.text(task.get("download_url"))
    return urljoin(base, told) if told else base + connection.path(wire.DOWNLOAD_EXPORT, ref, "export")


def archive_of(export: Export) -> tuple[MediaItem, ...]:
    """The result of an export as a job: one ZIP file, which stays where it is because fetching it deletes it.

    ``vendor_ref`` is the export's reference as text, for `ProductStore.download_export`.
    """
    return (MediaItem("export", url=export.url, vendor_ref=str(export.ref), media_type="application/zip"),)

"""What a catalog says of itself: its counts, where it stands, and what went wrong."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, select

from placket.interfaces import Catalog, CatalogState, JobState, JobStatus, Look, Ref

from ..store.rows import moment
from .tables import FAILED, ITEMS, UNREAD

KIND = "catalog"

ERRORS_SHOWN = 100

UNREAD_STATE, INDEXING_STATE = "unread", "indexing"

_STATES = {
    "empty": CatalogState.EMPTY,
    UNREAD_STATE: CatalogState.UPLOADED,
    INDEXING_STATE: CatalogState.INDEXING,
    "ready": CatalogState.READY,
    "failed": CatalogState.FAILED,
}


def unread_of(connection: Connection, row: Any) -> int:
    """How many pictures of a catalog wait to be embedded."""
    asked = select(func.count()).select_from(ITEMS).where(ITEMS.c.catalog == row.number, UNREAD)
    return int(connection.execute(asked).scalar_one())


def catalog_of(connection: Connection, row: Any, provider: str, *, indexing: bool) -> Catalog:
    """The catalog of a row; ``indexing`` says whether somebody works on it."""
    inside = select(func.count()).select_from(ITEMS).where(ITEMS.c.catalog == row.number)
    total = connection.execute(inside).scalar_one()
    unread = unread_of(connection, row)
    failed = connection.execute(inside.where(FAILED)).scalar_one()
    errors = []
    if failed:
        asked = select(ITEMS.c.id, ITEMS.c.error).where(ITEMS.c.catalog == row.number, FAILED)
        shown = connection.execute(asked.order_by(ITEMS.c.key.desc()).limit(ERRORS_SHOWN))
        errors = [f"{item.id}: {item.error}" for item in shown]
        if failed > ERRORS_SHOWN:
            errors.append(f"and {failed - ERRORS_SHOWN} more")
    said = _said(total, unread, failed, indexing=indexing)
    return Catalog(
        Ref(provider, KIND, row.id),
        row.name,
        _STATES[said],
        said,
        total,
        total - unread - failed,
        tuple(errors),
        moment(row.created_at),
    )


def _said(total: int, unread: int, failed: int, *, indexing: bool) -> str:
    if not total:
        return "empty"
    if indexing:
        return INDEXING_STATE
    if unread:
        return UNREAD_STATE
    return "failed" if failed == total else "ready"


def look_at(catalog: Catalog, unread: int) -> Look[Catalog]:
    """A catalog as a look at the job that indexes it; ``unread`` pictures are left."""
    total = catalog.items_total or 0
    message = "; ".join(catalog.errors[:3])
    if catalog.raw_state in (UNREAD_STATE, INDEXING_STATE):
        return Look(JobStatus(JobState.RUNNING, 1 - unread / total, catalog.raw_state, message))
    if catalog.state is CatalogState.FAILED:
        reason = f"none of the {total} pictures could be used: {message}"
        return Look(JobStatus(JobState.FAILED, 1.0, catalog.raw_state, reason))
    return Look(JobStatus(JobState.SUCCEEDED, 1.0, catalog.raw_state, message), catalog)

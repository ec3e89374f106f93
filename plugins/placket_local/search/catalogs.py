"""What a catalog says of itself: its counts, where it stands, and what went wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, func, select

from placket.errors import Conflict
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
    return catalog_from(row, provider, total, unread, failed, errors, indexing=indexing)


def catalog_from(
    row: Any, provider: str, total: int, unread: int, failed: int, errors: Sequence[str], *, indexing: bool
) -> Catalog:
    """The catalog of a row and of what was counted: all items, those that wait, those that failed."""
    said = _said(total, unread, failed, indexing=indexing)
    shown = [*errors, f"and {failed - len(errors)} more"] if failed > len(errors) else errors
    return Catalog(
        Ref(provider, KIND, row.id),
        row.name,
        _STATES[said],
        said,
        total,
        total - unread - failed,
        tuple(shown),
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


def other_model(row: Any, version: str, provider: str) -> Conflict | None:
    """Why a catalog cannot be searched with a model; None where it can, or holds no vectors yet."""
    if row.model in (version, ""):
        return None
    return Conflict(
        f"the catalog {row.name} was indexed with the model {row.model}, and this Placket has {version}: "
        "their vectors cannot be compared; index the catalog again, which embeds its pictures anew",
        provider=provider,
    )


def never_indexed(row: Any, provider: str) -> Conflict:
    """Why a catalog with items and no vectors cannot be searched."""
    return Conflict(f"the catalog {row.name} was never indexed; index it first", provider=provider)


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

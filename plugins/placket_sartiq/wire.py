"""The vendor's protocol as its pages tell it: addresses, words, shapes of lists. Nothing here knows Placket's record.

The page: https://docs.sartiq.com/apis/backend/endpoints/products. Its examples are made by a generator and promise
nothing, so an answer is a mapping in which every key may be missing, null, or of a neighbouring type. It is decoded
into plain dictionaries and read by one table (`product_table`): that is the fastest form that loses no unknown key.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from placket.interfaces import JobState
from placket.transport import Answer

LOGIN = "/login/access-token"
PRESIGNED_URL = "/uploads/presigned-url"

BAD_TOKEN = "Could not validate credentials"  # noqa: S105 - what an error says

# Addresses of collections end with a slash and those of one thing do not; the other form is answered with a redirect,
# which is not followed.
PRODUCTS = "/products/"
PRODUCT = "/products/{id}"
ARCHIVED = "/products/{id}/archived"
SELECTED_SHOT = "/products/selected_shot/{id}"
SHOTS = "/products/{id}/shots"
LOOKS = "/products/{id}/shooting-looks"
LOOK_SUMMARIES = "/products/{id}/shooting-looks-summary"
RELATED_LOOKS = "/products/{id}/related-shooting-looks"
GENERATIONS = "/products/{id}/generations"
START_EXPORT = "/products/export-approved-shots/async"
EXPORTS = "/products/export-tasks"
EXPORT = "/products/export-tasks/{id}"
DISMISS_EXPORT = "/products/export-tasks/{id}/dismiss"
DOWNLOAD_EXPORT = "/products/export-tasks/{id}/download"
FACETS = {"brands": "/brands/", "collections": "/brand-collections/", "seasons": "/seasons/", "years": "/years/"}

SORT_KEYS = ("created_at", "updated_at", "name", "season", "year", "gender", "product_type", "shot_status")
PAGE_SIZE = 100
EXPORTS_PAGE_SIZE = 10
"""The page's own defaults. They are sent all the same, so that a change of them goes unnoticed."""

STATES = {
    "pending": JobState.QUEUED,
    "scheduled": JobState.QUEUED,
    "processing": JobState.RUNNING,
    "retrying": JobState.RUNNING,
    "completed": JobState.SUCCEEDED,
    "failed": JobState.FAILED,
    "cancelled": JobState.CANCELLED,
}
"""The words of an export task. The page writes completed and failed in prose only; case does not count."""


def state_of(task: Mapping[str, Any]) -> JobState:
    """Where an export task stands; a word that the page does not have is unknown."""
    return STATES.get(text(task.get("status")).casefold(), JobState.UNKNOWN)


def listed(answer: Answer) -> tuple[list[Any], int | None]:
    """The items of a list and how many there are in all, in the three shapes that the vendor's pages show.

    ``{data, count}``, ``{items, total, …}`` and a bare array; the last says no number.
    """
    document = answer.json()
    if isinstance(document, list):
        return document, None
    if isinstance(document, dict):
        for items, total in (("data", "count"), ("items", "total")):
            found = document.get(items, document)
            if found is None or isinstance(found, list):
                return found or [], number(document.get(total))
    raise answer.protocol_error("the answer is not a list in any shape that the vendor's pages show")


def objects(answer: Answer) -> tuple[list[dict[str, Any]], int | None]:
    """The same, of a list whose items are objects."""
    items, total = listed(answer)
    if not all(isinstance(item, dict) for item in items):
        raise answer.protocol_error("the list holds something that is not a JSON object")
    return items, total


def identified(answer: Answer, document: Mapping[str, Any]) -> str:
    """The id of a thing; one without an id cannot be asked for again."""
    if not (found := text(document.get("id"))):
        raise answer.protocol_error("the answer names no id")
    return found


def text(value: Any) -> str:
    """A text or number as text; anything else is none."""
    return str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def number(value: Any) -> int | None:
    """A whole number, perhaps written as a text; anything else is none."""
    try:
        return None if isinstance(value, bool) else int(float(value))
    except (TypeError, ValueError, OverflowError):
        return None


def flag(value: Any) -> bool | None:
    """A truth value, perhaps written as a text or as 0 and 1; anything else is none."""
    return {"true": True, "false": False, "1": True, "0": False}.get(str(value).strip().lower())


def moment(value: Any) -> datetime | None:
    """A time in ISO 8601; one without a zone is in UTC. Anything else is none."""
    try:
        found = datetime.fromisoformat(text(value))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def without(document: Mapping[str, Any], *placed: str) -> dict[str, Any]:
    """What the vendor says beyond the keys that have a place of their own; what says nothing is left out."""
    return {key: value for key, value in document.items() if key not in placed and value not in (None, "", [], {})}

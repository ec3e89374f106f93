"""Catalogs of v0 as they are told: which fields, in which spelling, with which word for the status."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from .catalogs import INDEXING, Catalogs, Standing
from .quirks import ThreadGeniusQuirks


class CatalogView:
    """Tells catalogs as the page and the quirks have it."""

    def __init__(self, quirks: ThreadGeniusQuirks, catalogs: Catalogs) -> None:
        self._quirks = quirks
        self._catalogs = catalogs

    async def shown(self, standing: Standing, counts: str = "") -> dict[str, Any]:
        """A catalog as the page shows it; ``counts`` is how the number of images is spelled at this place."""
        catalog, quirks = standing.catalog, self._quirks
        shown: dict[str, Any] = {
            "catalog_id": catalog.id,
            "date_created": _time(catalog.created_at),
            "name": catalog.name,
        }
        always = quirks.counts == "always"
        if counts:
            if counts == "num_total_images" and (standing.indexed is not None or always):
                shown["num_images_indexed"] = standing.indexed or 0
            if catalog.total is not None or always:
                spelled = counts if quirks.image_count == "as-on-page" else quirks.image_count
                for name in ("num_images_total", "num_total_images") if spelled == "both" else (spelled,):
                    shown[name] = catalog.total or 0
        shown["status"] = self.word(standing.status, "indexing")
        if quirks.error_log != "never":
            errors = await self._catalogs.errors(standing)
            if errors or quirks.error_log == "always":
                shown["error_log"] = errors if quirks.error_log_form == "list" else "\n".join(errors)
        return shown

    def word(self, status: str, here: str) -> str:
        """The status; ``here`` is the page's word for indexing at this place."""
        if status != INDEXING:
            return status
        chosen = self._quirks.indexing_word
        return here if chosen == "as-on-page" else chosen.replace("-", " ")


def _time(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S.%f}+00:00"

"""The rules that every provider keeps, for the embedded one: it has no server, so nothing there can fail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from placket.interfaces import ExportRequest, Image, Ref
from placket.testing import ARConformance, ShootConformance, StoreConformance, TaggerConformance, garment_png
from placket.testing.conformance.stand import Stand
from placket_local.database import Database
from placket_local.database.tables import SHOTS


async def add_shots(folder: Path, product: Ref, count: int) -> None:
    """Put approved shots of a product where the shoots put theirs."""
    (folder / "media").mkdir(exist_ok=True)
    (folder / "media" / "shot.jpg").write_bytes(b"x" * 100_000)
    row = {"product_id": product.id, "look_id": "", "shot_type": "front", "state": "approved", "file": "shot.jpg"}
    rows = [{**row, "id": str(number), "media_type": "image/jpeg", "updated_at": 0} for number in range(count)]
    database = Database(folder / "placket.sqlite", provider="test")
    async with database.writing() as connection:
        await connection.execute(insert(SHOTS), rows)
    await database.aclose()


class TestTagger(TaggerConformance):
    plugin = "local"
    at_once = 12  # each of them is real work on a core


class TestStore(StoreConformance):
    plugin = "local"
    in_real_time = True
    at_once = 12

    async def arguments(self, operation: str, stand: Stand, number: int = 0) -> tuple[Any, ...]:
        if operation == "cancel_export":
            # An export of nothing is done before it can be cancelled.
            product = await self.product(stand, number)
            await add_shots(stand.place.folder / stand.name, product, 40)
            return ((await stand.perform("start_export", (ExportRequest(products=(product,)),))).ref,)
        if operation == "get_export":
            # One that is being packed looks different a moment later.
            return (await self.finished_export(stand, number),)
        return await super().arguments(operation, stand, number)


class TestShoots(ShootConformance):
    plugin = "local"
    in_real_time = True
    at_once = 4

    def image(self, number: int = 0) -> Image:
        # A pack-shot needs a garment of 700 pixels.
        return Image(data=garment_png(number, scale=4))

    @pytest.fixture(autouse=True)
    def _none_photographed(self) -> None:
        self._photographed: dict[tuple[Path, int], Ref] = {}

    async def photographed_sku(self, stand: Stand, number: int = 0) -> Ref:
        # Its pictures are real work, so one garment serves all that is asked about its shots.
        known = (stand.place.folder, number)
        if known not in self._photographed:
            brief = await stand.perform("get_brief", (await self.brief(stand, number),))
            self._photographed[known] = brief.skus[0]
        return self._photographed[known]


class TestContent(ARConformance):
    plugin = "local"
    in_real_time = True
    at_once = 4

"""The rules that every provider keeps, for the four interfaces on a real PostgreSQL server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from placket.interfaces import Image, Ref
from placket.testing import (
    ARConformance,
    NotApplicable,
    SearchConformance,
    ShootConformance,
    Stand,
    StoreConformance,
    garment_png,
)


class OnPostgres:
    """What the four have in common: a database with what earlier tests left in it, as a vendor's account would be."""

    plugin = "postgres"
    in_real_time = True
    at_once = 4  # each of them is real work on a core

    @pytest.fixture(autouse=True)
    def database(self, class_url: str) -> None:
        self._url = class_url

    def settings(self, url: str) -> Mapping[str, Any]:
        return {"database": self._url}


class TestSearch(OnPostgres, SearchConformance):
    pass


class TestStore(OnPostgres, StoreConformance):
    async def arguments(self, operation: str, stand: Stand, number: int = 0) -> tuple[Any, ...]:
        if operation == "get_export":
            # One that is being packed looks different a moment later.
            return (await self.finished_export(stand, number),)
        if operation == "cancel_export":
            raise NotApplicable("an export of nothing is done before it can be cancelled")
        return await super().arguments(operation, stand, number)


class TestShoots(OnPostgres, ShootConformance):
    @pytest.fixture(autouse=True)
    def none_photographed(self) -> None:
        self._photographed: dict[int, Ref] = {}

    def image(self, number: int = 0) -> Image:
        # A pack-shot needs a garment of 700 pixels.
        return Image(data=garment_png(number, scale=4))

    async def photographed_sku(self, stand: Stand, number: int = 0) -> Ref:
        # The pictures of one are real work, so it serves whatever a test asks about its shots.
        if number not in self._photographed:
            brief = await stand.perform("get_brief", (await self.brief(stand, number),))
            self._photographed[number] = brief.skus[0]
        return self._photographed[number]


class TestContent(OnPostgres, ARConformance):
    pass

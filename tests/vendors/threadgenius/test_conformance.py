"""The rules that every provider keeps, with version 0 of the protocol."""

from __future__ import annotations

from typing import Any

import pytest

from placket.testing import NotApplicable, SearchConformance, TaggerConformance
from placket.testing.conformance.stand import Stand

PAIR = {"api_key": "key-4711-very-secret", "api_secret": "secret-0815-even-more"}
PATIENCE = {"deadline": "10m", "upload_timeout": "5m"}
ONLY_V1 = ("list_items", "delete_items")


class WithV0:
    plugin = "threadgenius"

    @pytest.fixture(autouse=True)
    def _vendor(self, new_vendor: Any) -> None:
        self._new_vendor = new_vendor

    def server(self) -> Any:
        vendor = self._new_vendor()

        def more(request: Any, document: Any) -> Any:
            if request.path != "/v0/tag":
                return document
            seen = {"confidence": 0.4, "type": "picture", "name": vendor.forms[-1][1]["url"]}
            return {**document, "labels": [*document["labels"], seen], "took_ms": 3}

        vendor.rewrites.append(more)
        return vendor

    def settings(self, url: str) -> dict[str, Any]:
        return {**PAIR, **PATIENCE, "base_url": f"{url}/v0"}


class TestTaggerV0(WithV0, TaggerConformance):
    pass


class TestSearchV0(WithV0, SearchConformance):
    async def arguments(self, operation: str, stand: Stand, number: int = 0) -> tuple[Any, ...]:
        if operation in ONLY_V1:
            raise NotApplicable("version 0 has no request for it")
        return await super().arguments(operation, stand, number)

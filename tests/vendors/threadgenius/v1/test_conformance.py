"""The rules that every provider keeps, with version 1 of the protocol."""

from __future__ import annotations

from typing import Any

import pytest

from placket.testing import SearchConformance, TaggerConformance
from placket.testing.conformance.samples import Incident

PATIENCE = {"deadline": "10m", "upload_timeout": "5m"}


class WithV1:
    plugin = "threadgenius"

    @pytest.fixture(autouse=True)
    def _vendor(self, new_vendor_v1: Any) -> None:
        self._new_vendor = new_vendor_v1

    def server(self) -> Any:
        vendor = self._new_vendor()
        vendor.tags.append({"confidence": 0.4, "name": "calm"})
        return vendor

    def settings(self, url: str) -> dict[str, Any]:
        return {"api_key": "key-4711-very-secret", **PATIENCE, "protocol": "v1", "base_url": f"{url}/v1"}


class TestTaggerV1(WithV1, TaggerConformance):
    pass


class TestSearchV1(WithV1, SearchConformance):
    def excuses(self, incident: Incident) -> bool:
        # An object whose deletion was answered, and the answer cut off, is gone when it is asked for once more; and a
        # deletion is answered by its status, whether the vendor says 204 or says nothing with 200.
        return (incident.method, incident.error) == ("DELETE", None) and incident.failure in ("truncated", "empty")

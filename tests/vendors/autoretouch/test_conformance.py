"""The rules that every provider keeps."""

from __future__ import annotations

from typing import Any

import pytest

from placket.interfaces import GarmentImage, Ref, SkuDraft
from placket.testing import Incident, ShootConformance, Stand


class TestAutoretouch(ShootConformance):
    plugin = "autoretouch"
    repeatable = ("/upload",)  # what is uploaded is named by its own bytes

    @pytest.fixture(autouse=True)
    def _vendor(self, new_vendor: Any) -> None:
        self._new_vendor = new_vendor

    def server(self) -> Any:
        vendor = self._new_vendor()
        vendor.add(projectIds=[7])
        for number in range(8):
            picture = {"id": f"r-{number}", "skuId": f"sku-{number}", "image": f"result-{number}"}
            vendor.results[str(number)] = [picture]
        return vendor

    def settings(self, url: str) -> dict[str, Any]:
        secret = "refresh-4711-very-secret"
        return {"client_id": "client-1", "refresh_token": secret, "base_url": url, "auth_url": url}

    def draft(self, number: int = 0) -> SkuDraft:
        return SkuDraft({"name": f"Top {number}"}, (GarmentImage(self.image(number)),))

    def excuses(self, incident: Incident) -> bool:
        # The page does not show what creating answers; a number alone may be the new id.
        return (incident.operation, incident.failure, incident.error) == ("create_sku", "wrong-shape", None)

    async def brief(self, stand: Stand, number: int = 0) -> Ref:
        return Ref(stand.name, "brief", str(number % 8))

"""The rules that every provider keeps."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web

from placket.testing import ARConformance, Incident


class TestPictofit(ARConformance):
    plugin = "pictofit"

    @pytest.fixture(autouse=True)
    def _vendor(self, new_vendor: Any) -> None:
        self._new_vendor = new_vendor

    def server(self) -> Any:
        vendor = self._new_vendor()
        look = vendor._look

        def look_at_known(product: str) -> Any:
            if product not in vendor.products:
                raise web.HTTPNotFound(text="no such product")
            return look(product)

        vendor._look = look_at_known
        return vendor

    def excuses(self, incident: Incident) -> bool:
        nonsense = incident.failure in ("malformed", "wrong-shape", "empty")
        if nonsense and incident.path in ("/v1.5/products/*", "/v1.5/files"):
            # All that the product is was sent, its id included: the status alone says whether it was taken.
            return incident.error is None
        # A picture or a flag that was sent before is refused as a conflict: then it is there, as it should be.
        sent_before = incident.path.endswith(("/files", "/ready"))
        return sent_before and incident.failure in ("409", "truncated")

    def settings(self, url: str) -> dict[str, Any]:
        return {
            "api_key": "pf-key-4711-very-secret",
            "customer_id": "428ab0cd-3205-4674-a188-08d5b0355406",
            "base_url": f"{url}/v1.5",
        }

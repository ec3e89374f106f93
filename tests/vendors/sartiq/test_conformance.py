"""The rules that every provider keeps, as a store and as the shoots."""

from __future__ import annotations

from typing import Any

import pytest

from placket.interfaces import Ref
from placket.testing import ShootConformance, StoreConformance
from placket.testing.conformance.stand import Stand

ACCOUNT = {"username": "buyer@shop.example.com", "password": "pass-4711-very-secret"}
SHOT = {
    "id": "s-1",
    "shooting_look_id": "l-1",
    "shot_type": "full-body",
    "status": "APPROVED",
    "current_revision_id": "r-1",
    "revisions": [{"id": "r-1", "version": 1, "images": [{"id": "i-1", "image_url": "https://x/1.jpg"}]}],
}
RUN = {"id": "g-1", "status": "PENDING", "predictions": [{"id": "pr-1", "result_image_url": "https://x/1.jpg"}]}
SAID = {
    "age_class": "ADULT",
    "brand": "Acme",
    "brand_collection": "City",
    "brand_metadata": {"a": 1},
    "category": "Tops",
    "closure_type": "Zip",
    "colour": "Navy",
    "description": "A tee.",
    "fit_type": "Slim",
    "gender": "FEMALE",
    "in_store_date": "2026-03-01T10:00:00Z",
    "length_type": "midi",
    "master_item_code": "M-1",
    "materials": "95% Cotton, 5% Elastane",
    "neckline": "Crew",
    "pattern": "Striped",
    "season": "SS",
    "shot_status": "APPROVED",
    "sku": "TEE-1",
    "sleeve_type": "Long",
    "style_code": "S-1",
    "theme": "Sea",
    "year": 2026,
}


class WithVendor:
    plugin = "sartiq"

    @pytest.fixture(autouse=True)
    def _vendor(self, new_vendor: Any) -> None:
        self._new_vendor = new_vendor

    def settings(self, url: str) -> dict[str, Any]:
        return {**ACCOUNT, "base_url": f"{url}/api/v1", "organization_id": "org-1"}


class TestStore(WithVendor, StoreConformance):
    def server(self) -> Any:
        vendor = self._new_vendor()
        vendor.filled_in = SAID
        vendor.exports_end = True
        return vendor


class TestShoots(WithVendor, ShootConformance):
    def server(self) -> Any:
        vendor = self._new_vendor()
        vendor.exports_end = True
        vendor.children = {"shots": [SHOT], "looks": [{"id": "l-1", "status": "DRAFT"}], "generations": [RUN]}
        for number in range(3):
            vendor.add(id=f"p-{number}", name=f"n{number}", **SAID)
        return vendor

    async def sku(self, stand: Stand, number: int = 0) -> Ref:
        return Ref(stand.name, "sku", f"p-{number}")

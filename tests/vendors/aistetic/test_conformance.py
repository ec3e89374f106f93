"""The rules that every provider keeps."""

from __future__ import annotations

import pytest

from placket.testing import TaggerConformance


class TestAistetic(TaggerConformance):
    plugin = "aistetic"

    @pytest.fixture(autouse=True)
    def _vendor(self, new_vendor):
        self._new_vendor = new_vendor

    def server(self):
        vendor = self._new_vendor()
        vendor.finished["tag"]["Mood"] = "Cheerful"  # a key that the page does not name
        return vendor

    def settings(self, url):
        return {"api_key": "key-4711-very-secret", "domain": "shop.example.com", "base_url": f"{url}/garment-tagging"}

"""The Sartiq twin, and requests with a token."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import pytest

from placket.errors import Unsupported
from placket_twins import SartiqQuirks, Twin

SOMEWHERE = "https://images.example.invalid/1.png"


class Client:
    """Requests with a token."""

    def __init__(self, session: aiohttp.ClientSession, twin: Twin) -> None:
        self.session = session
        self.twin = twin
        self.token = ""

    async def request(self, method: str, path: str, **options: Any) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        url = path if path.startswith("http") else self.twin.url + path
        async with self.session.request(method, url, headers=headers, allow_redirects=False, **options) as answer:
            if answer.content_type == "application/json":
                return answer.status, await answer.json()
            return answer.status, await answer.read()

    async def log_in(self, password: str | None = None) -> tuple[int, Any]:
        self.token = ""
        form = {
            "username": self.twin.credentials["username"],
            "password": password or self.twin.credentials["password"],
        }
        status, answer = await self.request("POST", "/login/access-token", data=form)
        self.token = answer.get("access_token", "")
        return status, answer

    async def create(self, **body: Any) -> dict[str, Any]:
        query = body.pop("query", {})
        body = {"name": "Black T-Shirt", "cover_image": SOMEWHERE, **body}
        status, answer = await self.request("POST", "/products/", json=body, params=query)
        assert status == 200, answer
        return answer

    async def names(self, **query: Any) -> list[str]:
        status, answer = await self.request("GET", "/products/", params=query)
        assert status == 200, answer
        return [each["name"] for each in answer["data"]]


class NothingThere:
    """A fetcher for which no address brings anything."""

    async def fetch_image(self, url: str) -> bytes:
        raise Unsupported("there is no network here")


@pytest.fixture
async def make_client(movable_clock) -> AsyncIterator[Any]:
    async with AsyncExitStack() as opened:

        async def make(*, twin: dict[str, Any] | None = None, **quirks: Any) -> Client:
            settings = {"fetcher": NothingThere(), "clock": movable_clock, **(twin or {})}
            served = Twin("sartiq", quirks=SartiqQuirks(**quirks), **settings)
            await opened.enter_async_context(served)
            client = Client(await opened.enter_async_context(aiohttp.ClientSession()), served)
            await client.log_in()
            return client

        yield make

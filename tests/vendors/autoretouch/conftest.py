"""The vendor as its pages describe it, on loopback, with switches for what they leave open; and the provider."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from typing import Any

import pytest
from aiohttp import web

from placket.interfaces import ShootManager
from placket.registry import ProviderContext, Secret, Url
from placket.testing.loopback_server import LoopbackServer
from placket.transport import HttpLimits
from placket_autoretouch import AutoretouchSettings, placket_provider_types

REFRESH_TOKEN = "refresh-4711-very-secret"
KEYS = ("name", "frontImage", "backImage", "gender", "isInWardrobe", "projectIds", "skuCategoryName")


class Vendor(LoopbackServer):
    """``envelope`` makes a list's answer of a page and the total; the other attributes say what they are."""

    def __init__(self) -> None:
        super().__init__()
        self.skus: dict[str, dict[str, Any]] = {}
        self.shared: dict[str, dict[str, Any]] = {}
        self.results: dict[str, list[Any]] = {}
        self.uploads: dict[str, bytes] = {}
        self.envelope: Callable[[list[Any], int], Any] = lambda page, total: {"entries": page, "total": total}
        self.shown: Callable[[dict[str, Any]], Any] = dict
        self.first_page = 1
        self.largest_page = 1000
        self.filter_works = True
        self.created: Callable[[dict[str, Any]], Any] = lambda sku: web.json_response(sku, status=201)
        self.put_answer: Callable[[dict[str, Any]], Any] = lambda sku: None
        self.upload_answer: Callable[[str], Any] = lambda digest: web.Response(text=digest, status=201)
        self.before_put: list[Callable[[dict[str, Any]], None]] = []
        self.after_put: list[Callable[[dict[str, Any]], None]] = []
        self.on_upload: list[Callable[[], None]] = []
        self.access_tokens: list[str] = []
        self.token_lifetime = 86400
        self.rotates = False
        self.refresh_tokens = {REFRESH_TOKEN}
        self.pending = 1
        self.device_answer: Callable[[], Any] | None = None
        self._number = 0
        self._writes = 0
        for method, path, handler in (
            ("GET", "/ai-shoot/skus", self._list),
            ("GET", "/ai-shoot/skus/global", self._list_shared),
            ("POST", "/ai-shoot/skus", self._create),
            ("PUT", "/ai-shoot/skus/{id}", self._replace),
            ("DELETE", "/ai-shoot/skus/{id}", self._delete),
            ("GET", "/ai-shoot/briefs/{id}/results", self._results),
            *[(method, f"{prefix}/upload", self._upload) for prefix in ("", "/v1") for method in ("HEAD", "POST")],
        ):
            self.route(method, path)(self._guarded(handler))
        self.route("POST", "/oauth/device/code")(self._device)
        self.route("POST", "/oauth/token")(self._token)

    def add(self, **said: Any) -> str:
        """A SKU that is there already; returns its id."""
        self._number += 1
        sku_id = said.pop("id", f"sku-{self._number}")
        self.skus[sku_id] = self._stored(sku_id, {"name": "Blue Shirt", "frontImage": "front-1", **said})
        return sku_id

    def counts(self) -> dict[str, int]:
        """How often each method was used on the service itself."""
        found: dict[str, int] = {}
        for request in self.requests:
            if not request.path.startswith("/oauth"):
                found[request.method] = found.get(request.method, 0) + 1
        return found

    def _stored(self, sku_id: str, said: dict[str, Any], before: dict[str, Any] | None = None) -> dict[str, Any]:
        self._writes += 1
        moment = (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self._writes)).isoformat()
        defaults = {"backImage": None, "gender": None, "isInWardrobe": False, "projectIds": [], "skuCategoryName": None}
        created = (before or {}).get("createdAt", moment)
        return {"id": sku_id, **defaults, **said, "createdAt": created, "updatedAt": moment}

    def _guarded(self, handler: Callable[[web.Request], Any]) -> Callable[[web.Request], Any]:
        async def checked(request: web.Request) -> Any:
            if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.access_tokens:
                return spring(401, "Unauthorized")
            answer = handler(request)
            return await answer if hasattr(answer, "__await__") else answer

        return checked

    def _page(self, request: web.Request, entries: list[Any]) -> Any:
        size = min(int(request.query["pageSize"]), self.largest_page)
        start = (int(request.query["page"]) - self.first_page) * size
        shown = [self.shown(entry) if isinstance(entry, dict) else entry for entry in entries]
        return web.json_response(self.envelope(shown[start : start + size] if start >= 0 else [], len(entries)))

    def _list(self, request: web.Request) -> Any:
        wanted, project = request.query.get("skuIdFilter"), request.query.get("projectFilter")
        found = [
            sku
            for sku_id, sku in self.skus.items()
            if (wanted is None or (self.filter_works and wanted in sku_id))
            and (project is None or int(project) in sku["projectIds"])
        ]
        return self._page(request, found)

    def _list_shared(self, request: web.Request) -> Any:
        assert not {"page", "pageSize"} & set(request.query), "the page: no additional query parameters"
        return web.json_response(self.envelope([self.shown(sku) for sku in self.shared.values()], len(self.shared)))

    async def _create(self, request: web.Request) -> Any:
        body = await request.json()
        return self.created(self.shown(self.skus[self.add(**body)]))

    async def _replace(self, request: web.Request) -> Any:
        sku_id, body = request.match_info["id"], await request.json()
        stored = self.skus if sku_id in self.skus else self.shared
        if sku_id not in stored:
            return spring(404, "Not Found")
        for interfere in self.before_put:
            interfere(stored[sku_id])
        stored[sku_id] = self._stored(sku_id, body, stored[sku_id])
        answer = self.put_answer(self.shown(stored[sku_id]))
        for interfere in self.after_put:
            interfere(stored[sku_id])
        return answer

    def _delete(self, request: web.Request) -> Any:
        return None if self.skus.pop(request.match_info["id"], None) else spring(404, "Not Found")

    def _results(self, request: web.Request) -> Any:
        found = self.results.get(request.match_info["id"])
        return spring(404, "Not Found") if found is None else self._page(request, found)

    async def _upload(self, request: web.Request) -> Any:
        if request.method == "HEAD":
            return web.Response(status=200 if request.query["contentHash"] in self.uploads else 404)
        for happen in self.on_upload:
            happen()
        content = _file_of(request.headers["Content-Type"], await request.read())
        digest = hashlib.sha256(content).hexdigest()
        self.uploads[digest] = content
        return self.upload_answer(digest)

    async def _device(self, request: web.Request) -> Any:
        assert dict(await request.post()) == {
            "client_id": "client-1",
            "scope": "offline_access",
            "audience": "https://api.autoretouch.com",
        }
        return {
            "device_code": "device-4711-very-secret",
            "user_code": "WDJB-MJHT",
            "verification_uri": "https://auth.autoretouch.com/activate",
            "verification_uri_complete": "https://auth.autoretouch.com/activate?user_code=WDJB-MJHT",
            "expires_in": 900,
            "interval": 5,
        }

    async def _token(self, request: web.Request) -> Any:
        fields = dict(await request.post())
        assert fields["client_id"] == "client-1"
        if fields["grant_type"] == "refresh_token":
            if fields["refresh_token"] not in self.refresh_tokens:
                return oauth_error("invalid_grant", "Unknown or invalid refresh token.")
            return self._granted(rotate=self.rotates)
        if self.device_answer is not None:
            return self.device_answer()
        if self.pending:
            self.pending -= 1
            return oauth_error("authorization_pending", "User has yet to authorize device code.")
        return self._granted(rotate=True)

    def _granted(self, *, rotate: bool) -> dict[str, Any]:
        number = len(self.access_tokens) + 1
        self.access_tokens.append(f"access-{number}-very-secret")
        answer = {
            "access_token": self.access_tokens[-1],
            "expires_in": self.token_lifetime,
            "token_type": "Bearer",
            "scope": "offline_access",
        }
        if rotate:
            self.refresh_tokens = {f"rotated-{number}-very-secret"}
            answer["refresh_token"] = f"rotated-{number}-very-secret"
        return answer


def _file_of(content_type: str, body: bytes) -> bytes:
    """The part ``file`` of a multipart form; the server has read the body already, so aiohttp cannot."""
    (part,) = message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body).get_payload()
    assert part.get_param("name", header="content-disposition") == "file"
    assert part.get_filename()
    content: bytes = part.get_payload(decode=True)
    return content


def spring(status: int, error: str, message: str = "") -> web.Response:
    body = {"timestamp": "2026-01-01T00:00:00Z", "status": status, "error": error, "message": message, "path": "/x"}
    return web.json_response(body, status=status)


def oauth_error(code: str, description: str) -> web.Response:
    return web.json_response({"error": code, "error_description": description}, status=403)


@pytest.fixture
def new_vendor() -> type[Vendor]:
    """Makes the vendor's server; for the conformance kit, which starts it itself."""
    return Vendor


@pytest.fixture
def provider(vendor: Vendor, new_context: Callable[..., ProviderContext]) -> Callable[..., ShootManager]:
    """Build the provider as the app does; what is given goes to its settings."""

    def build(*, name: str = "shoots", limits: HttpLimits | None = None, **settings: Any) -> ShootManager:
        (kind,) = placket_provider_types()
        chosen = {
            "client_id": "client-1",
            "refresh_token": Secret(REFRESH_TOKEN),
            "base_url": Url(vendor.url),
            "auth_url": Url(vendor.url),
            **settings,
        }
        built = kind.factory(AutoretouchSettings(**chosen), new_context(name, limits=limits))
        assert isinstance(built, ShootManager)
        return built

    return build


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@pytest.fixture
def picture() -> Callable[..., bytes]:
    """A picture of one colour, of a size that the vendor wants; different seeds give different bytes."""

    def draw(seed: int = 0, width: int = 1600, height: int = 1600) -> bytes:
        header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
        row = b"\0" + bytes([seed]) * ((width + 7) // 8)
        rows = zlib.compress(row * height)
        return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")

    return draw


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """The warnings so far."""
    return lambda: [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]

"""Presigned uploads: an address to PUT a file to, without a token, and the address it has afterwards."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
import secrets
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from ..files import write_whole
from ..refusal import Refusal
from ..routes import Asked
from ..vendor import Ground
from .settings import SartiqSettings

TEMPORARY = "/temp"
"""Where uploaded files wait to be used: ``/temp/{file_id}_{time}_{name}``."""

LARGEST = 50 * 1024 * 1024

_KEPT = 86_400.0
"""Seconds for which an uploaded file waits to be used; the pages do not say how long it does."""

_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")
_NAMES = ("filename", "file_name", "name", "key")


class Uploads:
    """The files that were uploaded and not used yet."""

    def __init__(self, ground: Ground, settings: SartiqSettings) -> None:
        self._ground = ground
        self._settings = settings
        self._folder = ground.state.folder / "temp"
        self._key = b""

    async def start(self) -> None:
        """Get ready: the key of signatures is kept, so that an address is good after a restart."""
        made = {"key": secrets.token_hex(32)}
        await self._ground.state.add("upload-key", "key", made)
        self._key = bytes.fromhex((await self._ground.state.get("upload-key", "key"))["key"])

    def address(self, body: Mapping[str, Any], base_url: str) -> dict[str, Any]:
        """Where to put a file, and where it will be. Of the request only a file name is read."""
        wanted = next((body[name] for name in _NAMES if isinstance(body.get(name), str)), "file")
        now = self._ground.clock.now().timestamp()
        name = _UNFIT.sub("-", wanted.rpartition("/")[2])[-80:] or "file"
        path = f"{TEMPORARY}/{uuid.uuid4()}_{int(now)}_{name}"
        expires = str(int(now + self._settings.upload_lifetime))
        query = urlencode({"expires": expires, "signature": self._signature(path, expires)})
        return {
            "upload_url": f"{base_url}{path}?{query}",
            "file_url": f"{base_url}{path}",
            "expires_in_seconds": int(self._settings.upload_lifetime),
        }

    async def put(self, asked: Asked) -> None:
        """Take a file; raises Refusal for an address that was not given out, or not for now."""
        path, expires = asked.request.path, asked.query.get("expires", "")
        if not hmac.compare_digest(self._signature(path, expires), asked.query.get("signature", "")):
            raise Refusal(403, "SignatureDoesNotMatch")
        if float(expires) <= self._ground.clock.now().timestamp():
            raise Refusal(403, "Request has expired")
        data, name, now = asked.body, self._name(path), self._ground.clock.now().timestamp()
        for each in await self._ground.state.sweep("upload", lambda body: bool(body["at"] + _KEPT <= now)):
            await asyncio.to_thread((self._folder / each.id).unlink, missing_ok=True)
        await self._ground.state.put("upload", name, {"at": now})
        await asyncio.to_thread(write_whole, self._folder / name, lambda file: file.write(data))

    async def take(self, path: str) -> bytes | None:
        """What was uploaded there; None for nothing."""
        file = self._folder / self._name(path)
        return await asyncio.to_thread(lambda: file.read_bytes() if file.is_file() else None)

    @staticmethod
    def _name(path: str) -> str:
        return hashlib.sha256(path.encode()).hexdigest()

    def _signature(self, path: str, expires: str) -> str:
        return hmac.new(self._key, f"PUT {path} {expires}".encode(), hashlib.sha256).hexdigest()

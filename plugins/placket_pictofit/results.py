"""Fetches finished files and keeps them: the vendor's own addresses are for exchange only, never for a client."""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar
from urllib.parse import unquote, urljoin, urlsplit

from msgspec.structs import replace

from placket.errors import ConfigError, InvalidInput, ProtocolError, ProviderError, Retryable, Unsupported
from placket.logs import LazyLogger
from placket.record import ArAsset
from placket.registry import ProviderContext
from placket.transport import Answer, HttpClient

from . import wire

DOWNLOAD = "download"
"""The operation of a download's exchanges."""

MEDIA_TYPES = {
    "avatar": "application/octet-stream",
    "garment": "application/octet-stream",
    "glb": "model/gltf-binary",
    "gltf": "model/gltf+json",
    "gm3d": "application/octet-stream",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "json": "application/json",
    "mtl": "model/mtl",
    "obj": "model/obj",
    "png": "image/png",
    "usdz": "model/vnd.usdz+zip",
    "webp": "image/webp",
    "zip": "application/zip",
}
"""Endings under which a file is kept and published. Any other becomes ``.bin``: a page or a script that a vendor names
so must not run in the shop's own domain."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 3
_TIMEOUT = 600.0
"""Seconds for a whole file from another host: pictures of a shop come faster, and have a limit of their own."""

T = TypeVar("T")

_log = LazyLogger("placket.pictofit")


class ElsewhereError(ProviderError):
    """The service sends a download to another address, such as a bucket's."""

    location = ""


def elsewhere(answer: Answer) -> ProviderError | None:
    """What the client makes of a redirected download."""
    location = answer.headers.get("Location", "")
    if answer.operation != DOWNLOAD or answer.status not in _REDIRECTS or not location:
        return None
    error = ElsewhereError("the file is at another address", status=answer.status)
    error.location = location
    return error


class Results:
    """Downloads finished files once, keeps them by their content, and publishes them where an image host can."""

    def __init__(
        self, context: ProviderContext, http: HttpClient, *, base_url: str, files_base: str, max_bytes: int
    ) -> None:
        self._context = context
        self._http = http
        self._base = base_url
        self._files_base = files_base
        self._max_bytes = max_bytes
        self._fetcher = context.fetcher.within(max_bytes=max_bytes, timeout=_TIMEOUT)
        self._folder = context.data_folder / "results"

    def named(self, configuration: wire.Configuration, result: wire.Result) -> ArAsset:
        """The file as an asset that is not here: its existence, and nothing that a client could load."""
        return ArAsset(format_of(result), variant=configuration.id)

    async def rehost(self, configuration: wire.Configuration, result: wire.Result) -> ArAsset:
        """The file as an asset: at a URL of the host's, else at a path.

        Where it cannot be had for good (it is gone, too large, or at a blocked address) the asset has neither. Raises
        Retryable where asking again may help, ConfigError when it cannot be kept.
        """
        asset = self.named(configuration, result)
        known_as = _name_of(configuration, result)
        try:
            kept = await self._in_thread(self._find, known_as) if known_as else None
            if kept is None:
                content = await self._download(self._absolute(result.url))
                kept = await self._in_thread(self._keep, content, suffix_of(result), known_as)
        except Retryable as error:
            raise error.attributed(self._context.name, DOWNLOAD) from None
        except (ProviderError, InvalidInput) as error:
            _log.warning("result-not-kept", provider=self._context.name, product=configuration.id, reason=str(error))
            return asset
        size = await self._in_thread(lambda: kept.stat().st_size)
        asset = replace(asset, path=str(kept), sha256=kept.name.partition(".")[0], byte_size=size)
        return await self._published(asset, kept)

    async def _published(self, asset: ArAsset, kept: Path) -> ArAsset:
        host = self._context.image_host
        if host is None:
            return asset
        kind = MEDIA_TYPES.get(kept.suffix.removeprefix("."), "application/octet-stream")
        content = await self._in_thread(kept.read_bytes)
        try:
            url = await host.publish_file(content, suffix=kept.suffix, media_type=kind)
        except Unsupported as error:
            _log.warning("result-not-published", provider=self._context.name, path=str(kept), reason=str(error))
            return asset
        return replace(asset, url=url, path="")

    def _absolute(self, url: str) -> str:
        if urlsplit(url).scheme in ("http", "https"):
            return url
        root = urlsplit(self._files_base).path.rstrip("/")
        if url.startswith("//") or (root and url.startswith(f"{root}/")):
            # The whole path from the host on, or another host: as a browser would read it.
            return urljoin(self._files_base, url)
        return f"{self._files_base}/{url.removeprefix('/')}"

    async def _download(self, url: str) -> bytes:
        for _ in range(_MOST_REDIRECTS + 1):
            if _origin(url) != _origin(self._base):
                # Neither credentials nor trust: an address in an answer may point anywhere.
                return await self._fetcher.fetch(url)
            try:
                return await self._from_service(url)
            except ElsewhereError as error:
                url = urljoin(url, error.location)
        raise ProtocolError(f"a file is behind more than {_MOST_REDIRECTS} redirects")

    async def _from_service(self, url: str) -> bytes:
        async with self._http.stream("GET", url, max_bytes=self._max_bytes, operation=DOWNLOAD) as stream:
            return b"".join([piece async for piece in stream])

    async def _in_thread(self, work: Callable[..., T], *arguments: Any) -> T:
        try:
            return await asyncio.to_thread(work, *arguments)
        except OSError as error:
            raise ConfigError(
                f"{self._context.name} cannot keep results in {self._folder}: {error.strerror}; "
                "set $PLACKET_DATA to a folder that can be written"
            ) from error

    def _find(self, known_as: str) -> Path | None:
        """A file that was kept under a name before."""
        try:
            kept = self._folder / (self._folder / known_as).read_text("ascii")
        except (FileNotFoundError, UnicodeDecodeError):
            return None
        return kept if kept.parent == self._folder and kept.is_file() else None

    def _keep(self, content: bytes, suffix: str, known_as: str) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        kept = self._folder / f"{hashlib.sha256(content).hexdigest()}{suffix}"
        if not kept.exists():
            self._write(kept, content)
        if known_as:
            self._write(self._folder / known_as, kept.name.encode())
        return kept

    def _write(self, target: Path, content: bytes) -> None:
        """Whole or not at all."""
        descriptor, temporary = tempfile.mkstemp(dir=self._folder)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
            Path(temporary).replace(target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise


def format_of(result: wire.Result) -> str:
    """What kind of file it is: the ending of its name or address, else the vendor's word for its type."""
    for place in (result.name, unquote(urlsplit(result.url).path)):
        ending = PurePosixPath(place).suffix.removeprefix(".").lower()
        if ending.isascii() and ending.isalnum() and len(ending) <= 16:
            return ending
    return result.type.lower()


def suffix_of(result: wire.Result) -> str:
    """The ending under which it is kept."""
    ending = format_of(result)
    return f".{ending}" if ending in MEDIA_TYPES else ".bin"


def _name_of(configuration: wire.Configuration, result: wire.Result) -> str:
    """What a downloaded file is remembered by; empty where nothing tells whether it has changed since."""
    if configuration.modified_at is None:
        return ""
    said = f"{configuration.id} {configuration.modified_at.timestamp()} {result.url}"
    return f"known-{hashlib.sha256(said.encode()).hexdigest()}"


def _origin(url: str) -> tuple[str, str | None, int | None]:
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        raise InvalidInput("the vendor gives an address that is none") from None

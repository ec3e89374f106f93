"""Images, wherever they are: read lazily, once."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import stat
from collections.abc import Awaitable, Callable
from io import BufferedIOBase, RawIOBase
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote_to_bytes, urlsplit

from ..errors import InvalidInput
from .call import current_call
from .media_type import media_type_of

DEFAULT_MAX_BYTES = 50 * 1024 * 1024

_SUFFIXES = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "image/bmp": ".bmp",
    "image/tiff": ".tif",
    "image/avif": ".avif",
    "image/heic": ".heic",
    "image/heif": ".heif",
}

_OPEN_ALREADY = ("/dev/fd/", "/dev/stdin", "/proc/self/fd/")
"""What the names of open files begin with: a shell hands over a pipe so, as for ``<(...)``, and somebody fills it."""


class Image:
    """A picture: a file, bytes, or an address on the web.

    Nothing is read until somebody asks, and then once. A web address is fetched only through a router's safe fetcher
    (`content` of an unfetched one raises InvalidInput that says so). Two images are equal when their origins or bytes
    are.
    """

    __slots__ = ("_data", "_loading", "_max_bytes", "_path", "_sha256", "_waiting", "url")

    def __init__(
        self,
        *,
        data: bytes | None = None,
        path: Path | None = None,
        url: str = "",
        max_bytes: int = DEFAULT_MAX_BYTES,
    ) -> None:
        self._data = data
        self._path = path
        self._max_bytes = max_bytes
        self._sha256 = ""
        self._loading: asyncio.Future[bytes] | None = None
        self._waiting = 0
        self.url = url
        """The address on the web, empty when the image is not there."""

    @classmethod
    def of(cls, source: Image | str | Path | bytes | BinaryIO) -> Image:
        """An image from whatever names one: a path, bytes, an open binary file, a ``data:`` or http(s) URL."""
        if isinstance(source, Image):
            return source
        if isinstance(source, bytes | bytearray | memoryview):
            return cls(data=bytes(source))
        if isinstance(source, Path):
            return cls(path=source)
        if isinstance(source, str):
            scheme = _scheme(source)
            if scheme == "data":
                return cls(data=_decode_data_url(source))
            if scheme in ("http", "https"):
                return cls(url=source)
            if "://" in source:
                raise InvalidInput(f"an image cannot be read from a {scheme}: address; use http, https or a path")
            return cls(path=Path(source))
        if isinstance(source, BufferedIOBase | RawIOBase) or hasattr(source, "read"):
            try:
                data = source.read(DEFAULT_MAX_BYTES + 1)
            except (OSError, ValueError) as error:
                raise InvalidInput(f"the image file cannot be read: {error}") from error
            if not isinstance(data, bytes):
                raise InvalidInput("the image file is open in text mode; open it with 'rb'")
            return cls(data=data)
        raise InvalidInput(f"an image is a path, bytes, a binary file or a URL, not {type(source).__name__}")

    @property
    def is_remote(self) -> bool:
        """Whether it is on the web and was not fetched yet."""
        return self._data is None and self._path is None

    @property
    def path(self) -> Path | None:
        """The file it is read from, None when it is none."""
        return self._path

    @property
    def origin(self) -> str:
        """Where it came from, for people: the path, the address, or how many bytes."""
        if self.url:
            return self.url
        if self._path is not None:
            return str(self._path)
        return f"{len(self._data or b'')} bytes"

    def content(self) -> bytes:
        """The image file's bytes.

        Raises InvalidInput when there is no such file, it is a named pipe or a device, is empty or over the size limit,
        is no image by its first bytes, or is on the web and was not fetched.
        """
        if self._data is None:
            if self._path is None:
                raise InvalidInput(f"{self.url} was not fetched yet; pass the image through a router")
            self._data = self._checked(self._read(self._path))
        elif not self._sha256:
            self._checked(self._data)
        if not self._sha256:
            self._sha256 = hashlib.sha256(self._data).hexdigest()
        return self._data

    def _read(self, path: Path) -> bytes:
        try:
            # A named pipe into which nobody writes would be waited for without end.
            mode = path.stat().st_mode
            if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or str(path).startswith(_OPEN_ALREADY)):
                raise InvalidInput(
                    f"the image at {path} cannot be read: it is a pipe or a device; name the file of a picture"
                )
            with path.open("rb") as file:
                return file.read(self._max_bytes + 1)
        except FileNotFoundError:
            raise InvalidInput(f"there is no image at {path}") from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise InvalidInput(f"the image at {path} cannot be read: {reason}; name the file of a picture") from error

    def _checked(self, data: bytes) -> bytes:
        if not data:
            raise InvalidInput(f"the image {self.origin} is empty (0 bytes)")
        if len(data) > self._max_bytes:
            raise InvalidInput(
                f"the image {self.origin} is larger than {self._max_bytes // 2**20} MiB; give a smaller copy"
            )
        if media_type_of(data) is None:
            raise InvalidInput(
                f"{self.origin} is not an image in a format known here (JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF, HEIC)"
            )
        return data

    async def load(self, fetch: Callable[[str], Awaitable[bytes]] | None = None) -> bytes:
        """The image file's bytes, fetched with ``fetch`` when they are on the web: once, however many ask.

        A file is read in a thread. Raises as `content` does, and what ``fetch`` raises.
        """
        if self._sha256 or (self.is_remote and fetch is None):
            return self.content()
        if self._loading is None:
            reading = fetch(self.url) if fetch is not None and self.is_remote else asyncio.to_thread(self.content)
            self._loading = asyncio.ensure_future(_outside_calls(reading))
            self._loading.add_done_callback(self._loaded)
        # Shielded: one caller that gives up must not take the picture away from the others; the last one does.
        loading = self._loading
        self._waiting += 1
        try:
            await asyncio.shield(loading)
        finally:
            self._waiting -= 1
            if not self._waiting:
                self._loading = None
                loading.cancel()
        return self.content()

    def _loaded(self, loading: asyncio.Future[bytes]) -> None:
        if self._loading is loading:
            self._loading = None
        if not loading.cancelled() and loading.exception() is None:
            self._data = loading.result()

    @property
    def sha256(self) -> str:
        """The SHA-256 of the file, as 64 hexadecimal digits."""
        self.content()
        return self._sha256

    @property
    def media_type(self) -> str:
        """The type by the file's first bytes, as in ``image/jpeg``."""
        return media_type_of(self.content()) or ""

    @property
    def suffix(self) -> str:
        """A file name suffix that fits the type, with its dot."""
        return _SUFFIXES[self.media_type]

    @property
    def byte_size(self) -> int:
        """The size of the file in bytes."""
        return len(self.content())

    def _key(self) -> tuple[object, ...]:
        return (self.url, self._path, None if self.url or self._path else self._data)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Image) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        return f"Image({self.origin})"


async def _outside_calls(reading: Awaitable[bytes]) -> bytes:
    """Read for all who ask: the deadline of the call that asked first is not the others'."""
    current_call.set(None)  # the task has a context of its own
    return await reading


def _scheme(source: str) -> str:
    try:
        return urlsplit(source).scheme.lower() if ":" in source else ""
    except ValueError as error:
        raise InvalidInput(f"{source!r} is not an address: {error}") from error


def _decode_data_url(url: str) -> bytes:
    header, comma, payload = url.partition(",")
    if not comma:
        raise InvalidInput("the data: URL has no comma, so it holds no image")
    if not header.lower().endswith(";base64"):
        return unquote_to_bytes(payload)
    try:
        return base64.b64decode(unquote_to_bytes(payload), validate=True)
    except binascii.Error as error:
        raise InvalidInput(f"the data: URL is not valid base64: {error}") from error

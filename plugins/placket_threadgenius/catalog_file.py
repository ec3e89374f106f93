"""The catalog file of v0: tab-delimited lines of image id, image URL and metadata, made as they are sent."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Self
from urllib.parse import quote

from placket.errors import Unavailable

from .items import Row

PIECE = 64 * 1024
"""About how many bytes are sent at once."""

HEADER = ("image_id", "image_url", "metadata")

_BREAKING = re.compile('[\\\\"\x00-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]')
_NOT_IN_URL = re.compile('[\\s\\\\"\x00-\x1f\x7f\ud800-\udfff]')
_SHORT = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
_LONG = {short: plain for plain, short in _SHORT.items()}
_ESCAPED = re.compile(r"\\u([0-9a-f]{4})|\\[\\tnr]")


def escaped(text: str) -> str:
    """An id that breaks no line and no column: tabs, line breaks, quotes and backslashes become backslash escapes."""
    return _BREAKING.sub(lambda found: _SHORT.get(found[0]) or f"\\u{ord(found[0]):04x}", text)


def unescaped(text: str) -> str:
    """The id of which `escaped` made ``text``; any other text as it is."""
    plain = _ESCAPED.sub(lambda found: chr(int(found[1], 16)) if found[1] else _LONG[found[0]], text)
    return plain if escaped(plain) == text else text


def line(row: Row, *, quoted: bool = False) -> bytes:
    """One line of the file. ``quoted``: in the manner of CSV, every field in quotes."""
    url = _NOT_IN_URL.sub(lambda found: quote(found[0], safe="", errors="replace"), row.url)
    return _joined([escaped(row.item.id), url, *([row.metadata] if row.metadata else [])], quoted)


def _joined(fields: list[str], quoted: bool) -> bytes:
    if quoted:
        fields = ['"' + field.replace('"', '""') + '"' for field in fields]
    return ("\t".join(fields) + "\n").encode()


async def pieces(rows: AsyncGenerator[Row, None], *, header: bool, quoted: bool) -> AsyncGenerator[bytes, None]:
    """The file in pieces; nothing at all when there are no rows."""
    lines = bytearray(_joined(list(HEADER), quoted) if header else b"")
    empty = True
    async with aclosing(rows):
        async for row in rows:
            empty = False
            lines += line(row, quoted=quoted)
            if len(lines) >= PIECE:
                yield bytes(lines)
                lines.clear()
    if lines and not empty:
        yield bytes(lines)


class OnceOnly:
    """Content that is made as it is sent and cannot be made again. ``failure`` is what went wrong in making it."""

    def __init__(self, begun: list[bytes], rest: AsyncGenerator[bytes, None]) -> None:
        self.failure: Exception | None = None
        self._begun = begun[::-1]
        self._rest = rest
        self._sent = False
        self._making = asyncio.Lock()

    def __call__(self) -> Self:
        """Start sending; raises Unavailable the second time."""
        if self._sent:
            raise Unavailable("the access token was refused in the middle of an upload; add the items once more")
        self._sent = True
        return self

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        async with self._making:
            if self._begun:
                return self._begun.pop()
            try:
                return await anext(self._rest)
            except StopAsyncIteration:
                raise
            except Exception as error:
                self.failure = error
                raise

    async def aclose(self) -> None:
        """Make no more of it. What is just being made ends first: its sender was told to stop."""
        async with self._making:
            await self._rest.aclose()

"""Reads a body without letting it grow beyond a limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import aiohttp


async def read_capped(response: aiohttp.ClientResponse, limit: int) -> tuple[bytes, bool]:
    """The body, and whether it is whole: a body of more than ``limit`` decoded bytes is cut there.

    The connection is given back to the pool, or closed if the body was not read to its end.
    """
    headers, content = response.headers, response.content
    try:
        declared = headers.get("Content-Length", "")
        if declared.isdigit() and "Content-Encoding" not in headers:
            if int(declared) > limit and response.method != "HEAD":
                response.close()
                return b"", False
            # A small answer comes in one piece with its headers, and need not be waited for.
            body = content.read_nowait() if content.is_eof() else await content.read()
        else:
            pieces, size = [], 0
            while piece := await content.readany():
                size += len(piece)
                pieces.append(piece)
                if size > limit:
                    response.close()
                    return b"".join(pieces)[:limit], False
            body = b"".join(pieces)
    except BaseException:
        response.close()
        raise
    if not response.closed:
        response.release()
    return body, True

"""One request as it will be sent, any number of times."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from .body import Body

if TYPE_CHECKING:
    from yarl import URL

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing (RFC 9110, 9.2.1), and so may be repeated without being told."""


class Request(Struct, eq=False):
    """What is sent, and what may be done with it.

    ``at_home``: at the origin of the provider's base URL, so that credentials and the rate limit apply. ``streamed``:
    the body of a success is left for the caller to read. ``unheard``: it was sent, and no answer came.
    """

    method: str
    url: str | URL
    headers: dict[str, str]
    body: Body
    repeatable: bool
    operation: str
    at_home: bool
    streamed: bool
    unheard: bool = False

    def __repr__(self) -> str:
        return f"Request(method={self.method!r}, operation={self.operation!r})"  # the rest may be a password

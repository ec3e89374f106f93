"""Addresses of a provider: its base URL, the paths under it, and query strings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, quote, urlsplit

from ..errors import ConfigError, InvalidInput

if TYPE_CHECKING:
    from yarl import URL

Query = Mapping[str, Any] | Sequence[tuple[str, Any]]
"""Parameters of a query: values are strings, numbers, booleans, or lists of them; None leaves the parameter out."""

_DEFAULT_PORTS = {"http": 80, "https": 443}

Origin = tuple[str, str, int | None]


class BaseUrl:
    """Where a provider's paths begin."""

    __slots__ = ("_origin", "_root", "origin")

    def __init__(self, url: str) -> None:
        parts = _split(url)
        if parts is None or parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
            raise ConfigError(f"base_url {_shown(url)} is not a web address; it looks like https://api.example.com/v1")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ConfigError(
                f"base_url {_shown(url)} must not carry credentials, a query or a fragment; keys have settings"
            )
        self._origin = _origin(parts)
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self._root = url.rstrip("/")

    def join(self, path: str) -> tuple[str, bool]:
        """The full address of ``path``, and whether it is still at the origin of this base."""
        if path.startswith(("http://", "https://")):
            parts = _split(path)
            if parts is None or parts.username or parts.password:
                raise InvalidInput("an address with credentials in it, or a broken one, is not asked")
            return path, _origin(parts) == self._origin
        if not path or path[0] in "/?":
            return self._root + path, True
        return f"{self._root}/{path}", True


def query_string(url: str, query: Query) -> str:
    """The parameters as they are appended to ``url``; spaces as ``%20``, booleans as ``true`` and ``false``."""
    pairs = [
        f"{_quoted(name)}={_quoted(value if isinstance(value, str) else _word(value))}"
        for name, given in (query.items() if isinstance(query, Mapping) else query)
        for value in (given if isinstance(given, (list, tuple)) else (given,))
        if value is not None
    ]
    if not pairs:
        return ""
    return ("&" if "?" in url else "?") + "&".join(pairs)


def with_query(url: str, query: Query) -> str | URL:
    """The address with the parameters appended, as a text or as aiohttp would read that text."""
    added = query_string(url, query)
    if not added or "%" in added or "?" in url or "#" in url:
        return url + added
    from yarl import URL

    # yarl remembers what it made of a text. That of the path is asked for again and again, most queries come once.
    return URL(url).with_query(added[1:])


def _quoted(text: str) -> str:
    # Most words and ids need no quoting, and finding that out takes quote() a microsecond.
    return text if text.isascii() and text.isalnum() else quote(text, safe="")


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _origin(parts: SplitResult) -> Origin:
    return (parts.scheme, (parts.hostname or "").lower(), parts.port or _DEFAULT_PORTS.get(parts.scheme))


def _shown(url: str) -> str:
    """The URL without what may be secret in it."""
    parts = _split(url)
    if parts is None or not parts.scheme:
        return "(hidden)"
    return repr(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}")

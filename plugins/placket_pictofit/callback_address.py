"""What can be registered as a callback: the service appends an id to the address, and puts the secret in a header."""

from __future__ import annotations

from urllib.parse import urlsplit

from placket.errors import InvalidInput


def checked_url(url: str, *, slash: bool) -> str:
    """An address to which an id can be appended, with a slash at its end where ``slash`` says so."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https") or parts.username is not None or not url.isprintable():
        raise InvalidInput("a callback address is a whole http(s) address without a user name, or empty to unregister")
    if "?" in url or "#" in url:
        raise InvalidInput("the service appends an id to the callback address, so it must end before any ? or #")
    return url if url.endswith("/") or not slash else f"{url}/"


def check_secret(secret: str) -> None:
    """Refuse what cannot be the value of a header."""
    if not (secret.isascii() and secret.isprintable() and secret == secret.strip()):
        raise InvalidInput("a callback secret travels in a header: printable ASCII, no blanks at its ends")

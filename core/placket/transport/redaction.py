"""Secrets: how they are held, and how they are kept out of everything that a person or a log may read."""

from __future__ import annotations

import base64
import hmac
import html
import json
import re
from collections.abc import Callable, Iterable
from typing import NoReturn
from urllib.parse import quote, quote_plus

MASK = "****"

SHORTEST = 4
"""Values shorter than this are not searched for: masking every "a" would leave nothing to read."""

TOKENS = 50
"""How many tokens are remembered: far more than are in use, for answers that were long under way."""

WINDOW = 8192
"""How many bytes of a body are looked at for an excerpt."""


class Secret:
    """A string that shows itself only when asked by name.

    ``str``, ``repr`` and ``format`` give ``Secret('****')``; it compares in constant time and cannot be pickled.
    ``place`` says for people where it was found, as in ``env ACME_KEY``; it is empty where nobody knows.
    """

    __slots__ = ("__value", "place")
    __value: str
    place: str

    def __init__(self, value: str | Secret, *, place: str = "") -> None:
        if isinstance(value, Secret):
            place = place or value.place
            value = value.reveal()
        object.__setattr__(self, "_Secret__value", value)
        object.__setattr__(self, "place", place)

    def reveal(self) -> str:
        """The secret itself."""
        return self.__value

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("a Secret does not change")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("a Secret does not change")

    def __repr__(self) -> str:
        return f"Secret('{MASK}')"

    def __format__(self, specification: str) -> str:
        return repr(self)

    def __bool__(self) -> bool:
        return bool(self.__value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self.__value.encode(), other.__value.encode())

    def __hash__(self) -> int:
        return hash((Secret, self.__value))

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is not written to disk or sent to another process; pass a reference to it")


_KEYED = re.compile(
    r"""(?P<key>(?:(?:authorization|api[-_]?key|access[-_]?key|token|password|passwd|secret|credential|cookie|signature"""
    r"""|device[-_]?code)[\w.-]{0,40}|\b(?:sig|pwd))\\?["']?\s*[:=]\s*)"""
    r"""(?:\\"(?:[^"\\]|\\[^"])*(?:\\")?|"(?:[^"\\]|\\.)*"?|'[^']*'?|\[[^\]]*\]?"""
    r"""|(?:Bearer|Basic|Token|Digest)\s+[^\s,;"'<>]+|[^\s,;&"'<>{}\[\]]+)""",
    re.IGNORECASE,
)
_SCHEMED = re.compile(r"\b(?P<scheme>Bearer|Basic)\s+(?P<secret>[\w.~+/=-]{8,})", re.IGNORECASE)
_USERINFO = re.compile(r"(?<=://)[^/\s@\"'<>]+(?=@)")
_JWT = re.compile(r"\beyJ[\w-]{6,}\.[\w-]+(?:\.[\w-]*)?")
_MARKUP = re.compile(r"<(script|style)\b.*?</\1\s*>|<!--.*?-->|<[^>]*>", re.IGNORECASE | re.DOTALL)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_ESCAPED_BYTE = re.compile(r"%[0-9A-F]{2}")
_MARKUP_CHARACTERS = (re.compile(r"[<>&'=]"), re.compile(r"[<>&]"))
"""What encoders of JSON escape as well, since it may end up in a web page: Gson's and Go's."""
_TEXT_TYPES = ("json", "xml", "text/", "javascript", "x-www-form-urlencoded", "csv")


class Redactor:
    """Masks the secrets of one provider wherever they occur, and whatever is labelled like a secret.

    Values are registered as they become known: keys from the configuration, tokens obtained later.
    """

    __slots__ = ("_forms", "_lasting", "_tokens")

    def __init__(self, secrets: Iterable[Secret | str] = ()) -> None:
        self._lasting: set[str] = set()
        self._tokens: dict[str, set[str]] = {}
        self._forms: list[str] = []
        self.register(*secrets)

    def __repr__(self) -> str:
        return "Redactor()"

    def register(self, *secrets: Secret | str) -> None:
        """Mask these from now on: as they are, URL-quoted, escaped in JSON and HTML, and in base64."""
        for value in map(_revealed, secrets):
            if len(value) >= SHORTEST and value not in self._lasting:
                self._lasting |= forms_of(value)
                self._put_in_order()

    def register_token(self, token: Secret | str) -> None:
        """Mask a token that others will follow: the latest `TOKENS` of them are remembered.

        A process that runs for months obtains thousands, and each would have to be looked for in every text.
        """
        value = _revealed(token)
        if len(value) < SHORTEST or value in self._lasting:
            return
        self._tokens[value] = self._tokens.pop(value, set()) or forms_of(value)
        if len(self._tokens) > TOKENS:
            del self._tokens[next(iter(self._tokens))]
        self._put_in_order()

    def _put_in_order(self) -> None:
        # Longest first: a secret that contains another one must not leave its tail behind.
        self._forms = sorted(self._lasting.union(*self._tokens.values()), key=len, reverse=True)

    def mask(self, text: str, stand_in: Callable[[str], str] = lambda _: MASK) -> str:
        """``text`` with every known or labelled secret replaced by ``****``, or by what ``stand_in`` gives for it."""
        # Compiling a pattern of all forms would take a hundred times as long as looking for each.
        if there := [form for form in self._forms if form in text]:
            text = re.sub("|".join(map(re.escape, there)), lambda found: stand_in(found[0]), text)
        text = _KEYED.sub(lambda found: found["key"] + stand_in(found[0][len(found["key"]) :]), text)
        text = _SCHEMED.sub(lambda found: f"{found['scheme']} {stand_in(found['secret'])}", text)
        text = _USERINFO.sub(lambda found: stand_in(found[0]), text)
        return _JWT.sub(lambda found: stand_in(found[0]), text)

    def line(self, text: str, limit: int = 300) -> str:
        """``text`` masked, on one line, without control characters, at most ``limit`` characters long."""
        return _shorten(printable(self.mask(text)), limit)

    def excerpt(self, body: bytes, content_type: str = "", limit: int = 300) -> str:
        """The beginning of a body, for an error message: masked, on one line, safe to show in a terminal."""
        if not body:
            return ""
        kind = content_type.partition(";")[0].strip().lower()
        if (kind and not any(text in kind for text in _TEXT_TYPES)) or (
            b"\0" in body[:WINDOW] and "utf-" not in content_type
        ):
            return f"<{len(body)} bytes of {printable(kind) or 'binary data'}>"
        text = self._readable(body[:WINDOW], content_type)
        masked = self.mask(text)
        if len(body) > WINDOW:
            # The window may end within a secret, whose first half no pattern knows.
            longest = len(self._forms[0]) if self._forms else 0
            masked = masked[: max(0, len(masked) - longest)]
        if "html" in kind:
            masked = _MARKUP.sub(" ", masked)
        return _shorten(printable(masked), limit)

    @staticmethod
    def _readable(body: bytes, content_type: str) -> str:
        named = _CHARSET.search(content_type)
        try:
            return body.decode(named[1] if named else "utf-8", "replace")
        except LookupError:
            return body.decode("utf-8", "replace")


def forms_of(secret: str) -> set[str]:
    """The ways in which a secret is written: as it is, URL-quoted, escaped in JSON and HTML, and in base64."""
    encoded = base64.b64encode(secret.encode()).decode()
    in_json = json.dumps(secret)[1:-1]
    quoted = {quote(secret, safe=""), quote(secret), quote_plus(secret), quote(encoded, safe="")}
    return {
        secret,
        encoded,
        encoded.rstrip("="),
        *quoted,
        *(_ESCAPED_BYTE.sub(lambda byte: byte[0].lower(), form) for form in quoted),
        in_json,
        in_json.replace("/", "\\/"),
        *(some.sub(lambda found: f"\\u{ord(found[0]):04x}", in_json) for some in _MARKUP_CHARACTERS),
        html.escape(secret),
        html.escape(secret, quote=False),
    }


def _revealed(secret: Secret | str) -> str:
    return secret.reveal() if isinstance(secret, Secret) else secret


def printable(text: str) -> str:
    """``text`` on one line, without the characters that move a terminal's cursor or turn its writing direction."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())


def _shorten(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: max(0, limit - 1)] + "…"

"""The file of a recording: JSON Lines, one exchange each, from which every secret was taken before it was written."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from attrs import frozen

from ..errors import PlacketError
from ..transport.redaction import MASK, SHORTEST, Redactor, Secret, forms_of

_KEPT_HEADER = re.compile(
    r"content-(type|range|disposition)|retry-after|location|link|etag|last-modified|x-request-id|(x-)?ratelimit-[\w-]+"
    r"|(x-|pagination-)?([\w-]+-)?(total|count|pages?|per-page|limit|offset|cursor|next|page-token)([-_][\w-]+)?",
    re.IGNORECASE,
)
"""Headers of an answer that mean something for a replay. All others, ``Set-Cookie`` above all, are left out."""

_SECRET_KEY = re.compile(
    r"authorization|api[-_]?key|access[-_]?key|token(?!_?type)|passw|secret|credential|cookie|signature|jwt"
    r"|^(sig|pwd|code|bearer)$|^(x-)?session[-_]?(id|key)?$",
    re.IGNORECASE,
)
_PLAIN_KEY = re.compile(r"(^|[-_])(type|name|state|status|scope|url)$|expir|[-_]at$", re.IGNORECASE)
"""Not secret beside a token: everything else under a secret's name is taken for a part of the secret."""
_ERROR_KEY = re.compile(r"errors?", re.IGNORECASE)
PLACEHOLDER = re.compile(re.escape(MASK) + r"\d*")
"""Stands for a secret: in a recording with a number, which each value keeps; without one, for any value."""

_PART = re.compile(
    rb'(?P<head>\bname="(?P<name>[^"\r\n]*)"[^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n)(?P<value>.{1,4096}?)(?=\r\n--)',
    re.DOTALL,
)
"""A field of a multipart form."""
_SCHEME = re.compile(r"(Bearer|Basic|Token|Digest)\s+", re.IGNORECASE)
_LEARNT_FROM = 8
"""A value shorter than this, under the name of a secret, is replaced there and not looked for elsewhere."""


class SecretInRecording(PlacketError):
    """An exchange was not written, because a secret would have been in it."""


@frozen
class Exchange:
    """A request and its answer. ``target`` is the path with the query."""

    method: str
    target: str
    sent: bytes
    status: int
    headers: Mapping[str, str]
    said: bytes

    @property
    def failed(self) -> bool:
        """Whether its status says so."""
        return self.status >= 400


class Laundry:
    """Takes secrets out: those that it was given, and those that it learns from the exchanges.

    An exchange may show a token before a later one tells that it is a token: learn from all of them before asking for
    the first `line`. What is called a token may be the cursor of a list, so each value gets a number of its own
    (``numbered``), and no two become the same.
    """

    def __init__(self, secrets: Iterable[str | Secret] = (), *, numbered: bool = True) -> None:
        self._redactor = Redactor()
        self._numbered = numbered
        self._known: list[str] = []
        self._plain: dict[str, str] = {}
        self._numbers: dict[str, int] = {}
        self._sent_codes: set[str] = set()
        for secret in secrets:
            self._learn(secret.reveal() if isinstance(secret, Secret) else secret)

    def learn(self, exchange: Exchange, sent_headers: Mapping[str, str], sent_type: str) -> None:
        """Remember the credentials that a request carries, and those that its answer gives."""
        for name, value in sent_headers.items():
            if name.lower() == "cookie":
                self._learn_all(part.partition("=")[2] for part in value.split("; "))
            elif _SECRET_KEY.search(name):
                scheme, _, credentials = value.rpartition(" ")
                self._learn(credentials)
                if scheme.lower() == "basic":
                    self._learn_basic(credentials)
        self._learn_all(value for name, value in exchange.headers.items() if _SECRET_KEY.search(name))
        pairs = parse_qsl(urlsplit(exchange.target).query)
        if "x-www-form-urlencoded" in sent_type:
            pairs += parse_qsl(exchange.sent.decode(errors="replace"))
        elif "multipart" in sent_type:
            pairs += [
                (part["name"].decode(errors="replace"), part["value"].decode(errors="replace"))
                for part in _PART.finditer(exchange.sent)
            ]
        sent = [(key, value) for key, value in pairs if _SECRET_KEY.search(key)] + list(_secrets(exchange.sent))
        # A code that is sent is as often an article's number, which paths contain and must keep.
        self._learn_all(value for key, value in sent if key.lower() != "code")
        self._sent_codes.update(value for key, value in sent if key.lower() == "code")
        self._learn_all(value for _, value in _secrets(exchange.said, failed=exchange.failed))

    def line(self, exchange: Exchange, sent_type: str) -> str:
        """The exchange as a line of the file; raises SecretInRecording when a known secret is left in it."""
        kind = exchange.headers.get("Content-Type", "")
        headers = {
            name.lower(): self._named(name, value)
            for name, value in exchange.headers.items()
            if _KEPT_HEADER.fullmatch(name)
        }
        document = {
            "request": {
                "method": exchange.method,
                "target": self.target(exchange.target),
                **_written(self.body(exchange.sent, sent_type)),
            },
            "answer": {
                "status": exchange.status,
                "headers": headers,
                **_written(self.body(exchange.said, kind, failed=exchange.failed)),
            },
        }
        line = _readable_json(document)
        self._refuse(exchange, line, document)
        return line

    def target(self, target: str) -> str:
        """A path and query without secrets."""
        parts = urlsplit(target)
        query = self._form(parts.query) if parts.query else ""
        path = self._text(parts.path.replace("%2A", "*"))
        return path + (f"?{query}" if query else "")

    def body(self, body: bytes, content_type: str, *, failed: bool = False) -> bytes:
        """A body without secrets, as far as it is text; where it tells of a failure, a code in it is the failure's."""
        if "multipart" in content_type:
            body = _PART.sub(self._part, body)
        if not body:
            return body
        try:
            text = body.decode()
        except UnicodeDecodeError:
            return body
        if "x-www-form-urlencoded" in content_type:
            return self._form(text).encode()
        try:
            return _readable_json(self._value(json.loads(text), failed)).encode()
        except (ValueError, RecursionError):
            return self._text(text).encode()

    def _value(self, value: Any, failed: bool, secret: bool = False) -> Any:
        if isinstance(value, dict):
            return {
                name: self._value(inner, failed or _is_error(name), _is_secret(name, secret, failed))
                for name, inner in value.items()
            }
        if isinstance(value, list):
            return [self._value(inner, failed, secret) for inner in value]
        if not isinstance(value, str):
            return value
        secret = secret or (failed and value in self._sent_codes)
        return self._stand_in(value) if value and secret else self._text(value)

    def _named(self, name: str, value: str) -> str:
        return self._stand_in(value) if value and _SECRET_KEY.search(name) else self._text(value)

    def _form(self, text: str) -> str:
        pairs = parse_qsl(text, keep_blank_values=True)
        return urlencode([(key, self._named(key, value)) for key, value in pairs], safe="*")

    def _part(self, part: re.Match[bytes]) -> bytes:
        if not _SECRET_KEY.search(part["name"].decode(errors="replace")):
            return part[0]
        return part["head"] + self._stand_in(part["value"].decode(errors="replace")).encode()

    def _text(self, text: str) -> str:
        return self._redactor.mask(text, lambda found: self._stand_in(self._plain.get(found) or _bare(found)))

    def _stand_in(self, secret: str) -> str:
        if PLACEHOLDER.fullmatch(secret):
            return secret
        return f"{MASK}{self._numbers.setdefault(secret, len(self._numbers) + 1)}" if self._numbered else MASK

    def _learn(self, secret: str) -> None:
        if len(secret) >= SHORTEST and not PLACEHOLDER.fullmatch(secret) and secret not in self._known:
            self._known.append(secret)
            self._redactor.register(secret)
            self._plain |= {form: self._plain.get(form, secret) for form in forms_of(secret)}

    def _learn_basic(self, credentials: str) -> None:
        try:
            plain = base64.b64decode(credentials, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return
        self._learn(plain.partition(":")[2])

    def _learn_all(self, secrets: Iterable[str]) -> None:
        for secret in secrets:
            if len(secret) >= _LEARNT_FROM:
                self._learn(secret)

    def _refuse(self, exchange: Exchange, line: str, document: Mapping[str, Any]) -> None:
        kept = b"\0".join(_read(document[side]) for side in ("request", "answer"))
        for secret in self._known:
            forms = {secret, quote(secret, safe=""), json.dumps(secret)[1:-1], secret.encode().hex()}
            if any(form in line or form.encode() in kept for form in forms):
                target = document["request"]["target"]
                raise SecretInRecording(
                    f"{exchange.method} {target if secret not in target else MASK} was not written down: a secret of "
                    f"{len(secret)} characters would be in it; leave it out of what is recorded"
                )


def read_cassette(path: Path) -> Iterator[Exchange]:
    """The exchanges of a file; raises ValueError for a line that is none, with its number."""
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                document = json.loads(line)
                request, answer = document["request"], document["answer"]
                yield Exchange(
                    request["method"],
                    request["target"],
                    _read(request),
                    answer["status"],
                    answer["headers"],
                    _read(answer),
                )
            except (ValueError, KeyError, TypeError) as error:
                raise ValueError(f"{path}, line {number}, is not an exchange: {error!r}") from error


def _readable_json(value: Any) -> str:
    """JSON with its characters as they are, unless halves of some are among them, which no file of text can hold."""
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value)
    return text


def _written(body: bytes) -> dict[str, Any]:
    if not body:
        return {}
    try:
        return {"body": body.decode()}
    except UnicodeDecodeError:
        return {"body_base64": base64.b64encode(body).decode()}


def _read(side: Mapping[str, Any]) -> bytes:
    if "body_base64" in side:
        return base64.b64decode(side["body_base64"])
    return str(side.get("body", "")).encode()


def _bare(labelled: str) -> str:
    """The value in what follows a label in a text: without quotes, scheme and the quoting of URLs."""
    return unquote(_SCHEME.sub("", labelled.strip("\\\"'"), count=1))


def _is_secret(key: str, within: bool, failed: bool) -> bool:
    """Whether what is under ``key`` is secret, where it stands ``within`` what is, or where something ``failed``.

    No login hands a code out where it tells of a failure; elsewhere it could be one, and is taken for one.
    """
    if failed and not within and key.lower() == "code":
        return False
    return bool(_SECRET_KEY.search(key)) or (within and not _PLAIN_KEY.search(key))


def _is_error(key: str) -> bool:
    return _ERROR_KEY.fullmatch(key) is not None


def _secrets(body: bytes, *, failed: bool = False) -> Iterator[tuple[str, str]]:
    """The texts under the names of secrets in a body of JSON, each with its own name."""
    with suppress(ValueError, RecursionError):
        yield from _secrets_in(json.loads(body), failed)


def _secrets_in(value: Any, failed: bool, key: str = "", secret: bool = False) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _secrets_in(inner, failed or _is_error(name), name, _is_secret(name, secret, failed))
    elif isinstance(value, list):
        for inner in value:
            yield from _secrets_in(inner, failed, key, secret)
    elif isinstance(value, str) and secret:
        yield key, value

"""What a vendor answered, read whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import isinf
from typing import Any, NoReturn

from msgspec import Struct
from msgspec.json import decode

from ..errors import ProtocolError
from .redaction import Redactor, printable

REQUEST_ID_HEADERS = ("x-request-id", "x-amzn-requestid", "x-amz-request-id", "x-correlation-id", "cf-ray")
"""Where vendors, and the gateways before them, put the id under which their support finds a request."""


def request_id_of(headers: Mapping[str, str]) -> str:
    """The vendor's id of a request, safe to show in a terminal; empty when it gives none."""
    for name in REQUEST_ID_HEADERS:
        if name in headers:
            found = headers[name][:200]
            return found if found.isprintable() else printable(found)
    return ""


class Answer(Struct, eq=False):
    """A status, headers and a body.

    ``headers`` ignores case. ``method``, ``operation`` and ``provider`` say what was asked, and whom; ``repeatable`` is
    False for a write that may not be sent twice. ``redactor`` knows the secrets that no error may show. ``request_id``
    is found in the headers.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    method: str = "GET"
    operation: str = ""
    provider: str = ""
    repeatable: bool = True
    redactor: Redactor | None = None
    request_id: str = ""

    def __post_init__(self) -> None:
        self.request_id = request_id_of(self.headers)

    def __repr__(self) -> str:
        return f"<Answer {self.status}, {len(self.body)} bytes>"

    @property
    def content_type(self) -> str:
        """The media type with its parameters, as sent; empty when there is none."""
        return self.headers.get("Content-Type", "")

    def excerpt(self, limit: int = 300) -> str:
        """The beginning of the body, secrets masked, safe to show."""
        return (self.redactor or Redactor()).excerpt(self.body, self.content_type, limit)

    def json(self) -> Any:
        """The body decoded from JSON; anything else is a `ProtocolError`.

        So are NaN and infinity, and numbers too large for a float, which would become infinity.
        """
        try:
            return decode(self.body)
        except (ValueError, RecursionError):
            # The slower decoder also reads byte order marks, UTF-16 and halves of characters, and what it raises says
            # more.
            return self._json_by_the_standard_library()

    def _json_by_the_standard_library(self) -> Any:
        try:
            return json.loads(self.body, parse_constant=_no_constant, parse_float=_finite)
        except (ValueError, RecursionError) as error:
            raise self.protocol_error(f"the answer is {self._what_instead(error)} where JSON was expected") from error

    def json_object(self) -> dict[str, Any]:
        """The body, which must be a JSON object."""
        value = self.json()
        if not isinstance(value, dict):
            raise self.protocol_error(f"the answer is {_json_kind(value)} where a JSON object was expected")
        return value

    def json_array(self) -> list[Any]:
        """The body, which must be a JSON array."""
        value = self.json()
        if not isinstance(value, list):
            raise self.protocol_error(f"the answer is {_json_kind(value)} where a JSON array was expected")
        return value

    def protocol_error(self, message: str) -> ProtocolError:
        """The error for an answer that the vendor's contract does not allow, with an excerpt of it."""
        return ProtocolError(message, **self.details())

    def details(self) -> dict[str, Any]:
        """What every `ProviderError` about this answer says: provider, operation, status, request id, body excerpt."""
        return {
            "provider": self.provider,
            "operation": self.operation,
            "status": self.status,
            "request_id": self.request_id,
            "body": self.excerpt(),
        }

    def _what_instead(self, error: Exception) -> str:
        start = self.body[:200].lstrip().lower()
        if not self.body.strip():
            return "empty"
        if start.startswith((b"<!doctype html", b"<html")) or "html" in self.content_type.lower():
            return "an HTML page"
        if isinstance(error, _NotANumberError):
            return str(error)
        return f"broken JSON ({error})" if isinstance(error, json.JSONDecodeError) else "not decodable"


class _NotANumberError(ValueError):
    """JSON has no NaN and no infinity; Python's decoder would accept them, and make infinity of large numbers."""


def _no_constant(name: str) -> NoReturn:
    raise _NotANumberError(f"JSON with {name}, which JSON does not have,")


def _finite(digits: str) -> float:
    number = float(digits)
    if isinf(number):
        raise _NotANumberError(f"JSON with {digits[:40]}, which is too large a number,")
    return number


def _json_kind(value: Any) -> str:
    kinds = {
        dict: "a JSON object",
        list: "a JSON array",
        str: "a JSON string",
        bool: "a JSON boolean",
        type(None): "null",
    }
    return kinds.get(type(value), "a JSON number")

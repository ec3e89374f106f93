"""From an exchange that broke off to the error it stands for. Imported with aiohttp, when something has failed."""

from __future__ import annotations

from typing import Any

import aiohttp

from ..errors import InvalidInput, PlacketError, ProtocolError, ProviderError, TimedOut, Unavailable, UnknownOutcome
from .redaction import Redactor

NOT_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)
"""There was no connection to send the request on."""


def failure_of(
    error: Exception, *, sent_write: bool, redactor: Redactor, details: dict[str, Any]
) -> PlacketError | None:
    """The error for an exchange that ended without a readable answer; None when ``error`` is not the network's doing.

    ``sent_write``: a write that may not be repeated had left already.
    """
    if isinstance(error.__cause__, PlacketError):
        # Content that is made as it is sent could not be made, and a request that breaks off is not acted on.
        return error.__cause__
    reason = _reason(error, redactor)
    if reason is None:
        return None
    if isinstance(error, ValueError):
        return InvalidInput(reason)
    kind: type[ProviderError] = Unavailable
    if sent_write:
        return UnknownOutcome(
            f"the write was sent, and {reason}; it may have happened, look before you repeat it", **details
        )
    if isinstance(error, TimeoutError):
        kind = TimedOut
    elif isinstance(error, aiohttp.ClientResponseError):
        kind = ProtocolError
    return kind(reason, **details)


def _reason(error: Exception, redactor: Redactor) -> str | None:
    said = redactor.line(str(error), 200)
    match error:
        case aiohttp.InvalidURL():
            return f"the address cannot be used: {said}"
        case aiohttp.ClientConnectorDNSError():
            return f"the host {error.host} was not found"
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientConnectorSSLError():
            return f"no secure connection to {error.host}: {said}"
        case aiohttp.ClientConnectorError():
            return f"no connection to {error.host}:{error.port}: {redactor.line(error.strerror or said, 200)}"
        case aiohttp.ConnectionTimeoutError():
            return "connecting took too long"
        case TimeoutError():
            return "no complete answer came in time"
        case aiohttp.ServerDisconnectedError():
            return "the vendor closed the connection without an answer"
        case aiohttp.ClientPayloadError():
            return "the answer was cut off or is not decodable"
        case aiohttp.ClientResponseError():
            return f"the answer is not valid HTTP: {redactor.line(error.message, 200)}"
        case aiohttp.ClientError() | OSError():
            return f"the connection broke: {said or type(error).__name__}"
        case ValueError():
            return f"the request cannot be sent: {said}"
        case _:
            return None

"""The table of failures: what a vendor does on a bad day, and the error that it must become."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from ...errors import (
    Conflict,
    Forbidden,
    InvalidRequest,
    JobExpired,
    NotFound,
    ProtocolError,
    ProviderError,
    RateLimited,
    TimedOut,
    Unauthenticated,
    Unavailable,
)
from ..faults import FaultKind

WITHIN = "placket-conformance"
"""What the body of an error answer says, to be found in the excerpt."""

SECONDS = 7
"""What Retry-After asks for."""

_FOR_EVER = 10.0**7


@frozen
class Failure:
    """One bad day. ``errors``: what it may become.

    ``unheard``: no answer arrived, so that a write which may not be repeated ends as UnknownOutcome and is sent once.
    ``of_answer``: the answer is a success that makes no sense; it matters only where the proper one says something.
    """

    kind: FaultKind
    errors: tuple[type[ProviderError], ...]
    status: int = 0
    retry_after: str = ""
    seconds: float = 0.0
    body: bytes = b""
    unheard: bool = False
    of_answer: bool = False

    def details(self, secrets: Sequence[str]) -> Mapping[str, Any]:
        """The attributes of the `placket.testing.Fault`; an error's body tells the secrets that it was sent."""
        if self.kind is FaultKind.STATUS:
            said = {"detail": f"{WITHIN}: no", "sent": list(secrets)}
            return {"status": self.status, "retry_after": self.retry_after, "body": json.dumps(said).encode()}
        return {"seconds": self.seconds, "body": self.body}


def _status(status: int, *errors: type[ProviderError], retry_after: str = "") -> Failure:
    return Failure(FaultKind.STATUS, errors, status=status, retry_after=retry_after)


def _nonsense(kind: FaultKind, body: bytes = b"") -> Failure:
    return Failure(kind, (ProtocolError,), body=body, of_answer=True)


FAILURES: Mapping[str, Failure] = {
    "401": _status(401, Unauthenticated),
    "403": _status(403, Forbidden),
    "404": _status(404, NotFound, JobExpired),
    "409": _status(409, Conflict),
    "422": _status(422, InvalidRequest),
    "429": _status(429, RateLimited),
    "429-retry-after": _status(429, RateLimited, retry_after=str(SECONDS)),
    "500": _status(500, Unavailable),
    "503": _status(503, Unavailable, retry_after=str(SECONDS)),
    "timeout": Failure(FaultKind.LATENCY, (TimedOut,), seconds=_FOR_EVER, unheard=True),
    "reset": Failure(FaultKind.RESET, (Unavailable,), unheard=True),
    "truncated": Failure(FaultKind.TRUNCATED, (Unavailable, ProtocolError), unheard=True, of_answer=True),
    "malformed": _nonsense(FaultKind.MALFORMED),
    "wrong-shape": _nonsense(FaultKind.WRONG_SHAPE, b"42"),
    "empty": _nonsense(FaultKind.EMPTY),
}
"""By the name that a test of it bears."""

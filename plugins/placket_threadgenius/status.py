"""Whether an answer is a success: the HTTP status and the ``status`` of the body say it together."""

from __future__ import annotations

import copy
from typing import Any

from placket.errors import ProtocolError, ProviderError, Refused, Unauthenticated
from placket.interfaces import Clock
from placket.transport import Answer, Redactor, problem_of

from . import wire

BAD_KEY = "invalid api key"
"""How v1 says that it does not know the key, in ``status.description``; with which HTTP status is not known."""


def judged(answer: Answer) -> Answer:
    """The answer with the status that counts: an HTTP error as it is, else the error code in ``status.code``.

    The vendor's list of codes is that of HTTP; a code that is neither a success nor an error is a `ProtocolError`.
    """
    code = _code(answer)
    if not 200 <= answer.status < 300 or code is None or 200 <= code < 300:
        return answer
    if not 400 <= code < 600:
        raise answer.protocol_error(f"status.code is {code}, which is neither a success nor an error")
    found = copy.copy(answer)
    found.status = code
    return found


def problem(answer: Answer, redactor: Redactor, clock: Clock) -> ProviderError | None:
    """The error that an answer of either protocol stands for; None for a success."""
    found = problem_of(judged(answer), redactor, clock)
    if found is not None or answer.status == 204 or (answer.method == "DELETE" and not answer.body.strip()):
        return found
    description = wire.text(_status(answer).get("description"))
    if description.casefold().rstrip(".") == BAD_KEY:
        said = "the vendor does not accept the key; check api_key in the provider's configuration"
        return Unauthenticated(said, **answer.details())
    told = description.casefold() in ("", "ok") or answer.method == "DELETE" or "response" in answer.json_object()
    return None if told else Refused(f"the vendor refuses: {redactor.line(description)}", **answer.details())


def _status(answer: Answer) -> dict[str, Any]:
    status = answer.json_object().get("status")
    return status if isinstance(status, dict) else {}


def _code(answer: Answer) -> int | None:
    try:
        return wire.whole(_status(answer).get("code"))
    except ProtocolError:
        return None

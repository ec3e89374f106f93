"""How a provider proves who it is: one small protocol, and the ways that need no login.

The ways that obtain a token first are in `oauth` and `device_flow`.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Coroutine, Iterable, Mapping
from typing import Any, Protocol, TypeVar

from ..errors import ConfigError
from ..interfaces.timing import Clock, Deadline
from .answer import Answer
from .redaction import Redactor, Secret

T = TypeVar("T")

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
"""What no header can have: a line break would end it, and begin another."""


class TokenExchange(Protocol):
    """What an `Auth` may use to obtain a token: the provider's own `HttpClient`, seen from here."""

    @property
    def clock(self) -> Clock:
        """The clock on which tokens expire."""

    @property
    def redactor(self) -> Redactor:
        """Where a new token must be registered before anything else happens to it."""

    def deadline(self) -> Deadline:
        """By when the call being made must be over."""

    def beside(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run ``work``, which must come to its end, as a task with a deadline of its own."""

    async def unauthenticated(self, method: str, url: str, **request: Any) -> Answer:
        """One request without credentials, under the client's limits; the answer is returned whatever its status."""


class Auth(Protocol):
    """Adds credentials to requests."""

    def secrets(self) -> Iterable[Secret]:
        """What is secret from the start; it is masked in everything the client says."""

    async def headers(self, exchange: TokenExchange) -> Mapping[str, str]:
        """The headers for the next request. May obtain a token first; raises what that raises."""

    async def renew(self, rejected: Mapping[str, str]) -> bool:
        """The vendor refused these headers, as with a 401. True when `headers` will now give others."""


class StaticHeaders:
    """Headers that never change. A value that is secret is given as a `Secret`; plain strings are not masked.

    Raises ConfigError, which does not repeat the value, for one that no header can have.
    """

    def __init__(self, headers: Mapping[str, Secret | str]) -> None:
        self._secrets = tuple(value for value in headers.values() if isinstance(value, Secret))
        self._headers = {
            name: value.reveal() if isinstance(value, Secret) else value for name, value in headers.items()
        }
        for name, value in headers.items():
            if _CONTROL.search(self._headers[name]):
                raise ConfigError(
                    f"{_described(value)} holds a line break or another control character, which the header {name} "
                    "cannot have; write it in one line"
                )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(self._headers)})"

    def secrets(self) -> Iterable[Secret]:
        """The values that were given as secrets."""
        return self._secrets

    async def headers(self, exchange: TokenExchange) -> Mapping[str, str]:  # noqa: ARG002 - the protocol's
        """The headers, as given."""
        return self._headers

    async def renew(self, rejected: Mapping[str, str]) -> bool:  # noqa: ARG002 - the protocol's
        """Nothing else is known."""
        return False


class NoAuth(StaticHeaders):
    """No credentials."""

    def __init__(self) -> None:
        super().__init__({})


class BearerToken(StaticHeaders):
    """``Authorization: Bearer TOKEN`` with a token that never changes; ``form`` for vendors that write it otherwise."""

    def __init__(self, token: Secret | str, *, form: str = "Bearer {token}") -> None:
        value = Secret(token)
        super().__init__({"Authorization": Secret(form.format(token=value.reveal()), place=value.place)})
        self._secrets = (value,)


def _described(value: Secret | str) -> str:
    if not isinstance(value, Secret):
        return "a text"
    return f"the secret in {value.place}" if value.place else "a secret"

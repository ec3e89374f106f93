"""Tokens that a twin gives out: they really expire, survive a restart, and are kept as hashes only."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

from attrs import frozen

from placket.interfaces import Clock

from .state import State


@frozen
class Token:
    """What stands behind a token: for whom it was made, until when (seconds since 1970), and what else was noted."""

    account: str
    expires_at: float
    details: Any = None


class Tokens:
    """The tokens of one kind, such as ``access``."""

    def __init__(self, state: State, clock: Clock, kind: str = "access") -> None:
        self._state = state
        self._clock = clock
        self._kind = f"token.{kind}"

    async def issue(self, account: str, lifetime: float, details: Any = None, *, token: str = "") -> str:
        """Make a token that is good for ``lifetime`` seconds; ``token`` gives its text a form of its own.

        Those that have expired are forgotten.
        """
        await self._state.sweep(self._kind, lambda body: bool(body["expires_at"] <= self._now()))
        token = token or secrets.token_urlsafe(32)
        body = {"account": account, "expires_at": self._now() + lifetime, "details": details}
        await self._state.put(self._kind, _hash(token), body)
        return token

    async def find(self, token: str) -> Token | None:
        """What stands behind a token; None for one that is unknown or has expired."""
        body = await self._state.get(self._kind, _hash(token))
        if body is None:
            return None
        found = Token(**body)
        if found.expires_at <= self._now():
            await self.revoke(token)
            return None
        return found

    async def revoke(self, token: str) -> None:
        """Forget a token."""
        await self._state.take(self._kind, _hash(token))

    def _now(self) -> float:
        return self._clock.now().timestamp()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()

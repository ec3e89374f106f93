"""Log in on a device without a browser: a person confirms a code elsewhere (OAuth 2.0 device grant, RFC 8628)."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from ..errors import ProtocolError, ProviderError, Retryable, Unauthenticated
from ..interfaces.login import LoginPrompt, ShowPrompt
from .answer import Answer
from .auth import TokenExchange
from .oauth import OAuth2Refresh, Token, TokenEndpoint
from .redaction import Secret, printable
from .token_store import TokenStore

GRANT = "urn:ietf:params:oauth:grant-type:device_code"

INTERVAL = 5.0
"""Seconds between two polls when the vendor does not say, and what ``slow_down`` adds (RFC 8628, 3.2 and 3.5)."""


class OAuth2DeviceFlow(OAuth2Refresh):
    """Use the refresh token while there is one; otherwise ask a person.

    ``show`` is called with what to tell the person. Without it a call that would need one raises `Unauthenticated`, so
    that a server never waits for somebody who is not there; `login` can then be called where somebody is.
    """

    def __init__(
        self,
        endpoint: TokenEndpoint | str,
        device_url: str,
        client_id: str,
        *,
        show: ShowPrompt | None = None,
        scope: str = "",
        audience: str = "",
        refresh_token: Secret | str | None = None,
        client_secret: Secret | str = "",
        store: TokenStore | None = None,
    ) -> None:
        super().__init__(endpoint, client_id, refresh_token=refresh_token, client_secret=client_secret, store=store)
        self.device_url = device_url
        self._show = show
        self._asked = {"client_id": client_id} | {k: v for k, v in (("scope", scope), ("audience", audience)) if v}

    async def obtain(self, exchange: TokenExchange) -> Token:
        """Refresh, and where that is not possible log in if there is somebody to ask."""
        try:
            return await super().obtain(exchange)
        except Unauthenticated:
            if self._show is None:
                raise
        return await self._log_in(exchange, self._show)

    async def login(self, exchange: TokenExchange, show: ShowPrompt) -> None:
        """Log in now, whatever token there is.

        Raises ProtocolError when there is a store and the vendor gives nothing to keep in it.
        """
        before = self._current
        self._token = await self._log_in(exchange, show)
        if self.store is not None and self._current is before:
            raise ProtocolError(
                "the login worked and brought no refresh token, so it would end with this process; "
                "check the scope, and that the client may have refresh tokens",
                operation="authenticate",
            )

    async def _log_in(self, exchange: TokenExchange, show: ShowPrompt) -> Token:
        answer = await self.endpoint.send(exchange, self._asked, url=self.device_url)
        if not 200 <= answer.status < 300:
            raise self._refusal(answer, exchange)
        offer = answer.json_object()
        device_code = offer.get("device_code")
        if not isinstance(device_code, str) or not device_code.isprintable():
            raise ProtocolError("the answer to the device request has no 'device_code'", status=answer.status)
        exchange.redactor.register_token(device_code)
        seconds = _number(offer.get("expires_in"), 900.0)
        shown = show(
            LoginPrompt(
                _text(offer.get("verification_uri") or offer.get("verification_url")),
                _text(offer.get("user_code")),
                _text(offer.get("verification_uri_complete")),
                seconds,
            )
        )
        if inspect.isawaitable(shown):
            await shown
        return await self._poll(exchange, device_code, seconds, _number(offer.get("interval"), INTERVAL))

    async def _poll(self, exchange: TokenExchange, device_code: str, seconds: float, interval: float) -> Token:
        """Ask until the person has decided, no more often than the vendor wants."""
        fields = {"grant_type": GRANT, "device_code": device_code, **self._fields}
        ends = exchange.clock.monotonic() + seconds
        while True:
            if exchange.clock.monotonic() + interval >= ends:
                raise Unauthenticated("nobody confirmed the code in time; log in again", operation="authenticate")
            await exchange.clock.sleep(interval)
            try:
                answer = await self.endpoint.send(exchange, fields)
                error = _error_code(answer)
                if error not in {"slow_down", "authorization_pending"}:
                    token, body = self._decided(answer, error, exchange)
                    await self.keep(exchange, body)
                    return token
            except Retryable:
                if exchange.deadline().left() <= 0:
                    raise
                interval *= 2
                continue
            if error == "slow_down":
                interval += INTERVAL

    def _decided(self, answer: Answer, error: str, exchange: TokenExchange) -> tuple[Token, dict[str, Any]]:
        reasons = {"access_denied": "the login was refused in the browser", "expired_token": "the code has expired"}
        if error in reasons:
            raise Unauthenticated(f"{reasons[error]}; log in again", operation="authenticate", status=answer.status)
        return self.read(answer, exchange)


def _error_code(answer: Answer) -> str:
    """The OAuth error of an answer, whatever its status: servers disagree on that."""
    try:
        body = answer.json()
    except ProviderError:
        return ""
    code = body.get("error") if isinstance(body, Mapping) else None
    return code if isinstance(code, str) else ""


def _number(value: Any, default: float) -> float:
    try:
        return float(value) if isinstance(value, (int, float)) and value > 0 else default
    except OverflowError:
        return default


def _text(value: Any) -> str:
    return printable(value)[:500] if isinstance(value, str) else ""

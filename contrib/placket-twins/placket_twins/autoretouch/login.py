"""The login of autoRetouch: OAuth 2's device flow (RFC 8628), with refresh, revocation and expiry."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from ..refusal import Refusal
from ..routes import Asked
from ..tokens import Tokens
from ..vendor import Ground
from .quirks import AutoretouchQuirks
from .settings import AUDIENCE, AutoretouchSettings

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
ACTIVATE = "/activate"

_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
"""Of a user code, without vowels, so that it makes no words (RFC 8628, section 6.1)."""

_ACCOUNT = "operator"
_FOR_EVER = 100 * 365 * 86_400.0
_SLOWER = 5.0

PENDING, CONFIRMED, DENIED = "pending", "confirmed", "denied"


class Login:
    """Gives out tokens, and checks them."""

    def __init__(self, ground: Ground, settings: AutoretouchSettings, quirks: AutoretouchQuirks) -> None:
        self._ground = ground
        self._state = ground.state
        self._settings = settings
        self._quirks = quirks
        self._access = Tokens(ground.state, ground.clock, "access")
        self._refresh = Tokens(ground.state, ground.clock, "refresh")

    async def start(self) -> None:
        """Make the refresh token of the settings good; once, so that one that was revoked stays so."""
        if await self._state.add("first-refresh-token", _hash(self._settings.refresh_token), True):
            await self._refresh.issue(_ACCOUNT, _FOR_EVER, token=self._settings.refresh_token)

    async def admit(self, request: web.Request) -> None:
        """Raise Refusal (401) without a token that is good."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Refusal(401, "the header Authorization: Bearer {accessToken} is missing", headers=_CHALLENGE)
        if await self._access.find(token.strip()) is None:
            raise Refusal(401, "the access token is not valid, or has expired", headers=_CHALLENGE)

    async def device_code(self, asked: Asked) -> web.Response:
        """``POST /oauth/device/code``: begin a login. Those that nobody has ended are forgotten."""
        self._check_client(asked.body)
        if self._quirks.audience == "wanted" and asked.body.get("audience") != AUDIENCE:
            raise _oauth(400, "invalid_request", f"the audience must be {AUDIENCE}")
        for each in await self._state.sweep("device", self._is_long_over):
            await self._state.take("user-code", each.body["user_code"])
        device_code = secrets.token_urlsafe(24)
        user_code = "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(2))
        device = {
            "user_code": user_code,
            "state": PENDING,
            "scope": asked.body.get("scope", ""),
            "expires_at": self._now() + self._settings.device_lifetime,
            "interval": self._settings.interval,
            "asked_at": None,
        }
        await self._state.put("device", _hash(device_code), device)
        await self._state.put("user-code", user_code, _hash(device_code))
        page = f"{asked.base_url}{ACTIVATE}"
        return _json(
            {
                "device_code": device_code,
                "user_code": user_code,
                "verification_uri": page,
                "verification_uri_complete": f"{page}?user_code={user_code}",
                "expires_in": int(self._settings.device_lifetime),
                "interval": int(self._settings.interval),
            }
        )

    async def token(self, asked: Asked) -> web.Response:
        """``POST /oauth/token``: for a device that was confirmed, or for a refresh token."""
        body = asked.body
        self._check_client(body)
        if body["grant_type"] == DEVICE_GRANT:
            return await self._of_device(body.get("device_code", ""))
        if body["grant_type"] == "refresh_token":
            return await self._of_refresh(body.get("refresh_token", ""))
        raise _oauth(400, "unsupported_grant_type", "the grant_type is that of a device code, or refresh_token")

    async def _of_device(self, device_code: str) -> web.Response:
        now = self._now()
        too_soon = False

        def polled(device: Any) -> Any:
            nonlocal too_soon
            if device is None:
                return None
            too_soon = device["asked_at"] is not None and now - device["asked_at"] < device["interval"]
            return {**device, "asked_at": now, "interval": device["interval"] + _SLOWER * too_soon}

        device = await self._state.change("device", _hash(device_code), polled)
        if device is None:
            raise _oauth(403, "invalid_grant", "the device code is not valid")
        if device["expires_at"] <= now:
            raise _oauth(403, "expired_token", "the device code has expired: begin the login again")
        if device["state"] == DENIED:
            raise _oauth(403, "access_denied", "the person has not confirmed the device")
        if device["state"] == PENDING:
            if too_soon:
                raise _oauth(429, "slow_down", f"ask every {device['interval']:g} seconds")
            status = int(self._quirks.pending_status)
            raise _oauth(status, "authorization_pending", "the person has yet to confirm the device")
        if await self._state.take("device", _hash(device_code)) is None:
            raise _oauth(403, "invalid_grant", "the device code was used")
        await self._state.take("user-code", device["user_code"])
        refresh = ""
        if "offline_access" in device["scope"].split():
            refresh = await self._refresh.issue(_ACCOUNT, _FOR_EVER, device["scope"])
        return await self._granted(device["scope"], refresh)

    async def _of_refresh(self, token: str) -> web.Response:
        found = await self._refresh.find(token)
        if found is None:
            raise _oauth(403, "invalid_grant", "the refresh token is not valid")
        scope = found.details or "offline_access"
        if self._quirks.refresh == "kept":
            return await self._granted(scope, "")
        fresh = await self._refresh.issue(_ACCOUNT, _FOR_EVER, scope)
        await self._refresh.revoke(token)
        return await self._granted(scope, fresh)

    async def _granted(self, scope: str, refresh: str) -> web.Response:
        access = await self._access.issue(_ACCOUNT, self._settings.token_lifetime)
        return _json(
            {
                "access_token": access,
                **({"refresh_token": refresh} if refresh else {}),
                "scope": scope,
                "expires_in": int(self._settings.token_lifetime),
                "token_type": "Bearer",
            }
        )

    async def revoke(self, asked: Asked) -> web.Response:
        """``POST /oauth/revoke``: a token is good no more; one that never was is no error (RFC 7009)."""
        self._check_client(asked.body)
        await self._refresh.revoke(asked.body["token"])
        await self._access.revoke(asked.body["token"])
        return web.Response(status=200)

    async def decide(self, user_code: str, decision: str) -> bool:
        """Confirm or deny a device, for the person; whether there is one that waits under this code."""
        key = await self._state.get("user-code", user_code)
        now = self._now()
        decided = False

        def change(device: Any) -> Any:
            nonlocal decided
            if device is None or device["state"] != PENDING or device["expires_at"] <= now:
                return None
            decided = True
            return {**device, "state": decision}

        if key is not None:
            await self._state.change("device", key, change)
        return decided

    def _check_client(self, body: Mapping[str, Any]) -> None:
        if not hmac.compare_digest(
            body["client_id"].encode("utf-8", "surrogatepass"), self._settings.client_id.encode()
        ):
            raise _oauth(401, "invalid_client", "the client_id is not known")

    def _is_long_over(self, device: Mapping[str, Any]) -> bool:
        """Whether a device's code has expired so long ago that nobody asks any more what has become of it."""
        return bool(device["expires_at"] + self._settings.device_lifetime <= self._now())

    def _now(self) -> float:
        return self._ground.clock.now().timestamp()


_CHALLENGE = {"WWW-Authenticate": "Bearer"}


def _json(body: Mapping[str, Any]) -> web.Response:
    return web.json_response(body, headers={"Cache-Control": "no-store"})


def _oauth(status: int, error: str, description: str) -> Refusal:
    return Refusal(status, description, details={"error": error, "error_description": description})


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

"""Who may use the Pictofit twin: by a static key, or by a token of the older login."""

from __future__ import annotations

import hmac

from aiohttp import web

from ..multipart import MULTIPART, form_of
from ..refusal import Refusal
from ..routes import FORM, Asked
from ..tokens import Tokens
from ..url_encoded import pairs_of
from ..vendor import Ground
from .quirks import PictofitQuirks
from .settings import PictofitSettings

SCOPE = "openid contentserviceapi"


class Access:
    """Checks keys and tokens, and gives out tokens."""

    def __init__(self, ground: Ground, settings: PictofitSettings, quirks: PictofitQuirks) -> None:
        self._settings = settings
        self._quirks = quirks
        self._tokens = Tokens(ground.state, ground.clock)

    async def admit(self, request: web.Request) -> None:
        """Raise Refusal (401) without a key or token that is good."""
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not given.strip():
            raise self._refusal("the header Authorization: Bearer <YOUR-API-KEY> is missing")
        given = given.strip()
        if self._quirks.credentials != "login" and _same(given, self._settings.api_key):
            return
        if self._quirks.credentials == "key" or await self._tokens.find(given) is None:
            raise self._refusal("the API key or token is not valid, or has expired")

    async def login(self, asked: Asked) -> web.Response:
        """The older login: OAuth2's password grant, in a form of either kind."""
        if self._quirks.credentials == "key":
            raise Refusal(404, "there is no such address")
        form = _form(asked)
        if form.get("grant_type") != "password":
            raise _oauth("unsupported_grant_type", "the grant_type must be password")
        if not (
            _same(form.get("client_id", ""), self._settings.client_id)
            and _same(form.get("client_secret", ""), self._settings.client_secret)
        ):
            raise _oauth("invalid_client", "the client_id or client_secret is wrong")
        if not (
            _same(form.get("username", ""), self._settings.username)
            and _same(form.get("password", ""), self._settings.password)
        ):
            raise _oauth("invalid_grant", "invalid_username_or_password")
        token = await self._tokens.issue(self._settings.username, self._settings.token_lifetime)
        return web.json_response(
            {
                "access_token": token,
                "expires_in": int(self._settings.token_lifetime),
                "token_type": "Bearer",
                "scope": form.get("scope") or SCOPE,
            },
            headers={"Cache-Control": "no-store"},
        )

    @staticmethod
    def _refusal(message: str) -> Refusal:
        return Refusal(401, message, headers={"WWW-Authenticate": "Bearer"})


def _form(asked: Asked) -> dict[str, str]:
    data: bytes = asked.body
    kind = asked.request.content_type
    if kind == MULTIPART:
        form = form_of(data, asked.request.headers["Content-Type"])
        return {name: value for name, value in form.items() if isinstance(value, str)}
    if kind == FORM:
        return dict(pairs_of(data))
    raise Refusal(415, f"the header Content-Type must be {MULTIPART} or {FORM}")


def _oauth(error: str, description: str) -> Refusal:
    """A refusal as RFC 6749 has it."""
    return Refusal(400, description, details={"error": error, "error_description": description})


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), wanted.encode())

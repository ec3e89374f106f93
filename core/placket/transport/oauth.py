"""Credentials that must be obtained first and renewed: OAuth 2.0 (RFC 6749), and vendors that only resemble it."""

from __future__ import annotations

import asyncio
import base64
import copy
import hashlib
import math
from abc import ABC, abstractmethod
from collections.abc import Container, Iterable, Mapping
from typing import Any, Literal
from urllib.parse import quote_plus

from attrs import field, frozen

from ..errors import ConfigError, ProtocolError, ProviderError, TimedOut, Unauthenticated
from ..interfaces.timing import Clock
from ..logs import LazyLogger
from .answer import Answer
from .auth import TokenExchange
from .problems import problem_of, said_by_vendor
from .redaction import Secret
from .token_store import FileTokenStore, TokenStore

LOGIN = "login"
"""The origin of a token that is kept while none is configured."""

_NOT_KEPT = (
    "the vendor gave a new refresh token and may refuse the one that is kept. The new one is in memory only: it is "
    "lost when this process ends, and then somebody has to log in again. Once this is mended, the next renewal is kept"
)

_log = LazyLogger("placket.transport")


def _statuses(refused: Iterable[int]) -> frozenset[int]:
    return frozenset(refused)  # spelt out, because of `frozenset` itself mypy does not tell a host what may be in it


@frozen
class TokenEndpoint:
    """Where tokens are obtained, and how this vendor differs from RFC 6749.

    ``url`` is absolute, or a path under the provider's base URL. ``encoding``: the fields travel as a form, as JSON, or
    in the query (then with GET). ``header_form`` makes the header's value. A token is renewed ``skew`` seconds before
    it expires, or halfway if it lives less than twice as long. ``refused``: statuses meaning "wrong credentials" here.
    """

    url: str
    encoding: Literal["form", "json", "query"] = "form"
    token_field: str = "access_token"  # noqa: S105 - a field's name
    expiry_field: str = "expires_in"
    header: str = "Authorization"
    header_form: str = "Bearer {token}"
    skew: float = 60.0
    refused: frozenset[int] = field(default=frozenset({400, 401, 403}), converter=_statuses)

    async def send(
        self,
        exchange: TokenExchange,
        fields: Mapping[str, str],
        *,
        url: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask for a token; the answer, whatever its status."""
        if self.encoding == "query":
            return await exchange.unauthenticated("GET", url or self.url, params=fields, headers=headers)
        return await exchange.unauthenticated("POST", url or self.url, headers=headers, **{self.encoding: fields})


@frozen
class Token:
    """An access token until ``expires_at`` on the monotonic clock, ready as headers."""

    headers: Mapping[str, str] = field(repr=False)
    expires_at: float


class ObtainedToken(ABC):
    """The part that is the same for all ways to log in: keep the token, renew it once for everybody who waits."""

    def __init__(self, endpoint: TokenEndpoint | str, *secrets: Secret) -> None:
        self.endpoint = endpoint if isinstance(endpoint, TokenEndpoint) else TokenEndpoint(endpoint)
        self._secrets = secrets
        self._token: Token | None = None
        self._one_at_a_time = asyncio.Lock()
        self._failures = 0
        self._failure: ProviderError | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.endpoint.url!r})"

    def secrets(self) -> Iterable[Secret]:
        """What the configuration gave."""
        return self._secrets

    async def headers(self, exchange: TokenExchange) -> Mapping[str, str]:
        """The headers with a token that is still good; obtains one if need be."""
        token = self._token
        if token is None or exchange.clock.monotonic() >= token.expires_at:
            token = await self._renewed(exchange, token)
        return token.headers

    async def renew(self, rejected: Mapping[str, str]) -> bool:
        """Forget the rejected token, unless somebody has replaced it meanwhile."""
        if self._token is not None and self._token.headers is rejected:
            self._token = None
        return True

    async def _renewed(self, exchange: TokenExchange, old: Token | None) -> Token:
        """A new token. Of those who come at the same time one asks, and all share what it gets, failures included."""
        failures = self._failures
        deadline = exchange.deadline()
        try:
            async with deadline.timeout(), self._one_at_a_time:
                if self._token is not None and self._token is not old:
                    return self._token
                if self._failures != failures and self._failure is not None:
                    raise copy.copy(self._failure)
                try:
                    self._token = await self.obtain(exchange)
                except ProviderError as error:
                    if deadline.left() > 0:
                        self._failures, self._failure = self._failures + 1, copy.copy(error)
                    raise
                return self._token
        except TimeoutError:
            raise TimedOut("no access token came before the deadline", operation="authenticate") from None

    @abstractmethod
    async def obtain(self, exchange: TokenExchange) -> Token:
        """Log in."""

    def read(self, answer: Answer, exchange: TokenExchange) -> tuple[Token, dict[str, Any]]:
        """The token in an answer, and the rest of it. Raises `Unauthenticated` for wrong credentials."""
        endpoint = self.endpoint
        if not 200 <= answer.status < 300:
            raise self._refusal(answer, exchange)
        # The body is left out of these errors: it may be a token in a shape that nobody foresaw.
        about = {key: value for key, value in answer.details().items() if key != "body"}
        body, broken = None, ""
        try:
            body = answer.json()
        except ProtocolError as error:
            broken = error.message
        if broken:
            # Raised here and not in the handler, so that the error with the body does not travel along as the context.
            raise ProtocolError(f"for a token, {broken}", **about)
        if not isinstance(body, dict):
            raise ProtocolError("the answer to the token request is not a JSON object", **about)
        value = body.get(endpoint.token_field)
        if not isinstance(value, str) or not value:
            if "error" in body:
                raise Unauthenticated(_refused(answer, exchange), **about)
            fields = exchange.redactor.line(", ".join(map(str, body)), 100)
            raise ProtocolError(f"the token answer has no {endpoint.token_field!r}; it has: {fields}", **about)
        if not value.isprintable():
            raise ProtocolError(f"the {endpoint.token_field!r} of the token answer is no token", **about)
        exchange.redactor.register_token(value)
        lifetime = _seconds(body.get(endpoint.expiry_field))
        good_for = lifetime - min(endpoint.skew, lifetime / 2) if lifetime < math.inf else math.inf
        headers = {endpoint.header: endpoint.header_form.format(token=value)}
        return Token(headers, exchange.clock.monotonic() + good_for), body

    def _refusal(self, answer: Answer, exchange: TokenExchange) -> ProviderError:
        if answer.status in self.endpoint.refused:
            return Unauthenticated(_refused(answer, exchange), **answer.details())
        problem = problem_of(answer, exchange.redactor, exchange.clock)
        return problem or answer.protocol_error("an unexpected answer to the token request")


class OAuth2ClientCredentials(ObtainedToken):
    """Log in as the application (RFC 6749, 4.4).

    ``id_field``, ``secret_field`` and ``grant_type=None`` serve vendors that exchange a key pair for a token in their
    own words; ``basic`` sends the pair as HTTP Basic authentication instead; ``fields`` are sent along as they are.
    """

    def __init__(
        self,
        endpoint: TokenEndpoint | str,
        client_id: str,
        client_secret: Secret | str,
        *,
        scope: str = "",
        id_field: str = "client_id",
        secret_field: str = "client_secret",  # noqa: S107 - a field's name
        grant_type: str | None = "client_credentials",
        basic: bool = False,
        fields: Mapping[str, str] | None = None,
    ) -> None:
        secret = Secret(client_secret)
        pair = f"{quote_plus(client_id)}:{quote_plus(secret.reveal())}"
        super().__init__(endpoint, secret, Secret(pair))
        self._fields = {**_given(grant_type=grant_type, scope=scope), **(fields or {})}
        self._basic: dict[str, str] | None = None
        if basic:
            self._basic = {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
        else:
            self._fields |= {id_field: client_id, secret_field: secret.reveal()}

    async def obtain(self, exchange: TokenExchange) -> Token:
        """Exchange the pair for a token."""
        answer = await self.endpoint.send(exchange, self._fields, headers=self._basic)
        return self.read(answer, exchange)[0]


class OAuth2Password(ObtainedToken):
    """Log in with a user's name and password (RFC 6749, 4.3); an expired token is replaced by logging in again.

    ``grant_type``, ``client_id``, ``client_secret`` and ``scope`` are sent when they are given; ``fields`` as they are.
    """

    def __init__(
        self,
        endpoint: TokenEndpoint | str,
        username: str,
        password: Secret | str,
        *,
        grant_type: str | None = "password",
        client_id: str = "",
        client_secret: Secret | str = "",
        scope: str = "",
        fields: Mapping[str, str] | None = None,
    ) -> None:
        secret, client = Secret(password), Secret(client_secret)
        super().__init__(endpoint, secret, client)
        self._fields = {
            "username": username,
            "password": secret.reveal(),
            **_given(grant_type=grant_type, client_id=client_id, client_secret=client.reveal(), scope=scope),
            **(fields or {}),
        }

    async def obtain(self, exchange: TokenExchange) -> Token:
        """Log in."""
        return self.read(await self.endpoint.send(exchange, self._fields), exchange)[0]


class OAuth2Refresh(ObtainedToken):
    """Obtain access tokens with a refresh token (RFC 6749, 6).

    A new refresh token in an answer is kept, and saved in ``store``; without one the old token stays in use. The stored
    one is tried first if another process has renewed it, then the token last used, then ``refresh_token``. What was
    stored while another ``refresh_token`` was configured is not used: whoever logs in anew means the new login.
    """

    def __init__(
        self,
        endpoint: TokenEndpoint | str,
        client_id: str,
        *,
        refresh_token: Secret | str | None = None,
        client_secret: Secret | str = "",
        scope: str = "",
        store: TokenStore | None = None,
    ) -> None:
        client = Secret(client_secret)
        configured = None if refresh_token is None else Secret(refresh_token)
        super().__init__(endpoint, client, *([configured] if configured else []))
        self.client_id = client_id
        self.store = store
        self._configured = configured
        self._origin = "" if configured is None else hashlib.sha256(configured.reveal().encode()).hexdigest()
        self._current: Secret | None = None
        self._stored: Secret | None = None
        """What was in the store when the token in use was obtained."""
        self._renewal: asyncio.Task[Token] | None = None
        self._fields = _given(client_id=client_id, client_secret=client.reveal(), scope=scope)

    async def obtain(self, exchange: TokenExchange) -> Token:
        """Exchange the refresh token for an access token.

        A refresh token may be good for one use, and then the answer has the next one. So whoever gives up does not
        take the exchange with it, and whoever comes while it is under way waits for it.
        """
        if self._renewal is None or not _is_of_use(self._renewal, exchange.clock):
            self._renewal = exchange.beside(self._exchanged(exchange))
        token = await asyncio.shield(self._renewal)
        self._renewal = None
        return token

    async def _exchanged(self, exchange: TokenExchange) -> Token:
        if not isinstance(self.store, FileTokenStore):
            return await self._spent(exchange)
        # Half of the time there is, so that some is left to go on without the lock.
        async with self.store.alone(exchange.clock, exchange.deadline().left() / 2):
            return await self._spent(exchange)

    async def _spent(self, exchange: TokenExchange) -> Token:
        tried: set[Secret] = set()
        refusal: Unauthenticated | None = None
        while True:
            # Looked at before each try: a token that another process has spent meanwhile may end the login.
            stored = None if self.store is None else await asyncio.to_thread(self.store.load, self._origin)
            candidate = self._best(stored, tried)
            if candidate is None:
                raise refusal or _no_token()
            tried.add(candidate)
            exchange.redactor.register_token(candidate)
            fields = {"grant_type": "refresh_token", "refresh_token": candidate.reveal(), **self._fields}
            try:
                token, body = self.read(await self.endpoint.send(exchange, fields), exchange)
            except Unauthenticated as error:
                refusal = error
                continue
            self._current, self._stored = candidate, stored
            try:
                await self.keep(exchange, body)
            except ConfigError as error:  # the token in hand is good all the same
                _log.warning("refresh-token-not-kept", error=str(error), hint=_NOT_KEPT)
            return token

    async def keep(self, exchange: TokenExchange, body: Mapping[str, Any]) -> None:
        """Remember the refresh token of an answer, if it brought one; ConfigError when it cannot be saved."""
        value = body.get("refresh_token")
        if isinstance(value, str) and value and value.isprintable():
            self._current = Secret(value)
            exchange.redactor.register_token(self._current)
            if self.store is not None:
                await asyncio.to_thread(self.store.save, self._current, self._origin or LOGIN)

    def _best(self, stored: Secret | None, tried: Container[Secret]) -> Secret | None:
        """The token to try next; None when there is no other."""
        renewed = stored != self._stored
        known = (stored, self._current) if renewed else (self._current, stored)
        return next((token for token in (*known, self._configured) if token and token not in tried), None)


def _is_of_use(renewal: asyncio.Task[Token], clock: Clock) -> bool:
    """Whether it may still bring a token, or has one that nobody waited for and that is good."""
    if not renewal.done():
        return True
    failed = renewal.cancelled() or renewal.exception() is not None
    return not failed and clock.monotonic() < renewal.result().expires_at


def _given(**fields: str | None) -> dict[str, str]:
    return {name: value for name, value in fields.items() if value}


def _no_token() -> Unauthenticated:
    return Unauthenticated(
        "there is no refresh token; log in once with `placket login`, or set one in the provider's configuration",
        operation="authenticate",
    )


def _refused(answer: Answer, exchange: TokenExchange) -> str:
    said = said_by_vendor(answer, exchange.redactor)
    return "the vendor does not accept the login; check the provider's credentials" + (f": {said}" if said else "")


def _seconds(value: Any) -> float:
    """A lifetime as a number; infinite when the vendor does not say, since then only a 401 can tell."""
    try:
        seconds = float(value)
    except (TypeError, ValueError, OverflowError):
        return math.inf
    return seconds if seconds > 0 else math.inf

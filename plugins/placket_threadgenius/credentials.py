"""How the vendor wants to be shown who asks: a token for a pair of keys (v0), or HTTP Basic (v1)."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from placket.transport import Answer, Auth, OAuth2ClientCredentials, Secret, StaticHeaders, TokenEndpoint, TokenExchange

from .status import judged

if TYPE_CHECKING:
    from . import ThreadGeniusSettings

HEADER_FORMS = {"bearer": "Bearer {token}", "token": "{token}"}
"""The page's text and half of its examples write the first, the other half the second."""


@frozen
class PairForToken(TokenEndpoint):
    """POST with a form, as the page's example does; GET, as its reference says, where POST is not allowed.

    In this order, because what is in a query ends up in logs.
    """

    async def send(
        self,
        exchange: TokenExchange,
        fields: Mapping[str, str],
        *,
        url: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask for a token; the answer, with the status that counts."""
        answer = judged(await TokenEndpoint.send(self, exchange, fields, url=url, headers=headers))
        if answer.status == 405 and self.encoding != "query":
            return await evolve(self, encoding="query").send(exchange, fields, url=url, headers=headers)
        return answer


def token_for_pair(settings: ThreadGeniusSettings, path: str) -> Auth:
    """The access token of v0: renewed before it expires, and when it is refused."""
    assert settings.api_secret is not None, "the settings see to it"
    endpoint = PairForToken(path, expiry_field="expires_in_seconds", header_form=HEADER_FORMS[settings.authorization])
    return OAuth2ClientCredentials(
        endpoint,
        settings.api_key.reveal(),
        settings.api_secret,
        id_field="api_key",
        secret_field="api_secret",  # noqa: S106 - a field's name
        grant_type=None,
    )


def key_as_user(api_key: Secret) -> Auth:
    """HTTP Basic authentication with the key as user and no password, as v1 has it."""
    pair = base64.b64encode(f"{api_key.reveal()}:".encode()).decode()
    return StaticHeaders({"Authorization": Secret(f"Basic {pair}")})

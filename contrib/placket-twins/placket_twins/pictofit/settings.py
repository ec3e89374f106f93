"""Settings of the Pictofit twin."""

from __future__ import annotations

from attrs import frozen

from ..vendor import secret

PREFIX = "/v1.5"
"""The path at which the vendor serves; it does not follow the versions of the documentation."""


@frozen(kw_only=True)
class PictofitSettings:
    """The one customer of the twin, and how long things last, in seconds.

    ``username``, ``password``, ``client_id`` and ``client_secret`` are for the login of older versions, which a quirk
    switches on. A callback may lead to public addresses, to ``callback_hosts`` ("host" or "host:port"), and, if it was
    registered from this machine, to this machine.
    """

    api_key: str = secret("twin-api-key")
    customer_id: str = "428ab0cd-3205-4674-a188-08d5b0355406"
    username: str = "placket@shop.example.com"
    password: str = secret("twin-password")
    client_id: str = "contentserviceapi.service.client"
    client_secret: str = secret("twin-client-secret")
    token_lifetime: float = 3600.0
    build_timeout: float = 600.0
    callback_hosts: tuple[str, ...] = ()
    callback_timeout: float = 10.0

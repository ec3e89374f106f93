"""Settings of the Sartiq twin."""

from __future__ import annotations

from attrs import frozen

from ..vendor import secret

OWN_ORGANIZATION = "3f0f2c52-6b0e-4a3b-9a8e-1c2d3e4f5a6b"


@frozen(kw_only=True)
class SartiqSettings:
    """The one account of the twin, and how long things last, in seconds.

    The account owns the ``organizations``, and belongs to no other.
    """

    username: str = "placket@shop.example.com"
    password: str = secret("twin-password")
    organizations: tuple[str, ...] = (OWN_ORGANIZATION,)
    token_lifetime: float = 3600.0
    upload_lifetime: float = 3600.0
    export_lifetime: float = 7 * 86_400.0
    image_timeout: float = 10.0

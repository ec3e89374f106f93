"""Settings of the autoRetouch twin."""

from __future__ import annotations

from attrs import frozen

from ..vendor import secret

AUDIENCE = "https://api.autoretouch.com"


@frozen(kw_only=True)
class AutoretouchSettings:
    """The one account of the twin, and how long things last, in seconds.

    ``client_id`` is that of a public client. ``refresh_token`` is good from the beginning, as if somebody had logged in
    before. A login is confirmed on this machine only, unless ``confirm_from_anywhere``.
    """

    client_id: str = "twin-client-id"
    refresh_token: str = secret("twin-refresh-token")
    organization: str = "e722e62e-5b2e-48e1-8638-25890e7279e3"
    token_lifetime: float = 86_400.0
    device_lifetime: float = 900.0
    interval: float = 5.0
    confirm_from_anywhere: bool = False
    shoot_timeout: float = 1800.0

"""Settings of the twin."""

from __future__ import annotations

from attrs import frozen

from ..vendor import secret


@frozen(kw_only=True)
class ThreadGeniusSettings:
    """Settings of the twin.

    ``api_key`` is the key of both versions; ``api_secret`` belongs to v0 only. ``token_lifetime`` is in seconds; the
    page's example is the default. ``requests_per_minute`` None sets no limit: the vendor has one and does not say
    which. ``largest_upload`` is the size of a catalog file, in bytes.
    """

    api_key: str = secret("twin-api-key")
    api_secret: str = secret("twin-api-secret")
    token_lifetime: float = 86_399.0
    requests_per_minute: int | None = None
    largest_upload: int = 64 * 1024 * 1024

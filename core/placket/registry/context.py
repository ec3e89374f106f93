"""What core hands to a provider when it is built."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import field, frozen

from ..interfaces import Clock, Image, ImageHost
from ..record import Source, Vocabulary

if TYPE_CHECKING:
    from ..errors import ProviderError
    from ..transport import Answer, Auth, HttpClient, HttpLimits, RateLimiter, Redactor, SafeFetcher, SessionPool


@frozen(kw_only=True)
class ProviderContext:
    """Everything a provider or an image host may use of the app it runs in.

    ``name`` is the provider's own, from the configuration; ``plugin`` the distribution and version it comes
    from. ``data_folder`` is a folder of its own for what outlives the process; it may not exist yet.
    ``image_host`` is None when none is configured. ``limits`` are the configured bounds of one exchange.
    Secrets are registered with ``redactor`` by `http`'s authentication. ``trace_headers`` are sent with each request.
    ``user_agent`` is how Placket names itself, where the configuration says so.
    """

    name: str
    plugin: str
    lineage: str | None = None
    clock: Clock
    vocabulary: Vocabulary
    sessions: SessionPool = field(repr=False)
    fetcher: SafeFetcher = field(repr=False)
    limiter: RateLimiter | None = field(default=None, repr=False)
    limits: HttpLimits | None = None
    redactor: Redactor | None = field(default=None, repr=False)
    image_host: ImageHost | None = field(default=None, repr=False)
    trace_headers: Callable[[], Mapping[str, str]] | None = field(default=None, repr=False)
    user_agent: str | None = None
    data_folder: Path
    _clients: list[HttpClient] = field(factory=list, init=False, repr=False, eq=False)

    @property
    def speaks_http(self) -> bool:
        """Whether a client was made of `http`, so that what is sent is counted."""
        return bool(self._clients)

    def http(
        self,
        base_url: str,
        auth: Auth | None = None,
        *,
        classify: Callable[[Answer], ProviderError | None] | None = None,
        token_refused: Collection[int] = (401,),
        limits: HttpLimits | None = None,
    ) -> HttpClient:
        """A client for the vendor at ``base_url`` that keeps the rate limit, the deadline and the error rules.

        ``classify`` is asked first about every answer, 2xx included. ``token_refused``: statuses after which the token
        is renewed and the request made once more; see `Classify`. ``limits`` replaces the configured bounds.
        """
        from ..transport import HttpClient

        client = HttpClient(
            base_url=base_url,
            provider=self.name,
            auth=auth,
            sessions=self.sessions,
            limiter=self.limiter,
            clock=self.clock,
            redactor=self.redactor,
            limits=limits or self.limits,
            classify=classify,
            token_refused=token_refused,
            trace_headers=self.trace_headers,
            user_agent=self.user_agent,
        )
        self._clients.append(client)
        return client

    async def content(self, image: Image) -> bytes:
        """The bytes of an image, fetched safely and once when it is on the web; InvalidInput when it is none."""
        return await image.load(self.fetcher.fetch_image)

    def source(self, operation: str, request_id: str = "") -> Source:
        """The source of the claims that this provider makes in one answer."""
        return Source(
            provider=self.name,
            plugin=self.plugin,
            operation=operation,
            request_id=request_id,
            lineage=self.lineage or "",
        )

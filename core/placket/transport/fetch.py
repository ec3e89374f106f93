"""Fetches what an address from outside points to, without letting the address choose what is reached."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Collection
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from attrs import evolve, frozen

from ..errors import InvalidInput, PlacketError, ProviderError, TimedOut, Unavailable
from ..interfaces.call import current_call
from ..interfaces.timing import Clock, SystemClock
from .image_header import image_size, image_type
from .problems import retry_after
from .reading import read_capped
from .redaction import Redactor
from .session import SessionPool

if TYPE_CHECKING:
    import aiohttp


@frozen
class FetchLimits:
    """The bounds of one fetch: bytes, seconds in all, redirects, and the pixels that an image may have when decoded.

    ``ports``: what public hosts may be asked on; the ones where web servers usually are, so that a fetch cannot be made
    to speak to mail or database servers.
    """

    max_bytes: int = 25 * 1024 * 1024
    timeout: float = 20.0
    max_redirects: int = 3
    max_pixels: int = 100_000_000
    ports: tuple[int, ...] = (80, 443, 8080, 8443)


class SafeFetcher:
    """GET for addresses that users, vendors and records contain.

    Only http and https, only public IP addresses, only `FetchLimits.ports`; checked for the address as written, for
    what its name resolves to at the moment of connecting, and again for every redirect. No credentials, cookies or
    referrer are sent. ``trusted_hosts``: exact names, ``host`` or ``host:port``, that the operator vouches for; they
    may be private and on any port.
    """

    def __init__(
        self,
        sessions: SessionPool,
        *,
        clock: Clock | None = None,
        limits: FetchLimits | None = None,
        trusted_hosts: Collection[str] = (),
    ) -> None:
        self.limits = limits or FetchLimits()
        self._sessions = sessions
        self._clock: Clock = clock or SystemClock()
        self._trusted = frozenset(host.lower() for host in trusted_hosts)
        self._redactor = Redactor()

    def within(self, **limits: Any) -> SafeFetcher:
        """The same fetcher under other `FetchLimits`, as in ``fetcher.within(max_bytes=2**28, timeout=600)``."""
        other = copy.copy(self)
        other.limits = evolve(self.limits, **limits)
        return other

    async def fetch(self, url: str) -> bytes:
        """What ``url`` points to.

        Raises `InvalidInput` for a blocked address, a missing or too large thing; `TimedOut` and `Unavailable` where
        another try may help.
        """
        return (await self._fetched(url))[0]

    async def fetch_image(self, url: str) -> bytes:
        """The image that ``url`` points to: JPEG, PNG, GIF, WebP, BMP, TIFF, AVIF or HEIC, by its content.

        As `fetch`; anything that is not an image, or has too many pixels to decode safely, is `InvalidInput`.
        """
        body, said = await self._fetched(url)
        where = _shown(url)
        if image_type(body) is None:
            excerpt = self._redactor.excerpt(body, said, 120) or "nothing"
            raise InvalidInput(
                f"{where} is not an image of a known kind; it is {said or 'of no stated type'}: {excerpt}"
            )
        size = image_size(body)
        if size is None:
            raise InvalidInput(f"{where} starts like {image_type(body)} and its size cannot be read; it may be damaged")
        if size[0] * size[1] > self.limits.max_pixels:
            raise InvalidInput(
                f"{where} has {size[0]} x {size[1]} pixels, more than the {self.limits.max_pixels} that are decoded"
            )
        return body

    async def _fetched(self, url: str) -> tuple[bytes, str]:
        call = current_call.get()
        left = self.limits.timeout if call is None else min(self.limits.timeout, call.deadline.left())
        try:
            async with asyncio.timeout(left):
                return await self._follow(url)
        except Exception as error:
            failure = error
        told = self._failure(failure, url)
        if isinstance(told, ProviderError):
            told.lies_elsewhere = True  # whoever wanted the picture is as well as ever
        # Raised here and not in the handler, so that an address with a signature in it does not travel along.
        raise told

    async def _follow(self, url: str) -> tuple[bytes, str]:
        from .destination import checked_url

        here = checked_url(url, self.limits.ports, self._trusted)
        for _ in range(self.limits.max_redirects + 1):
            response = await self._sessions.guarded(self._trusted).get(here, allow_redirects=False)
            location = response.headers.get("Location")
            if response.status not in {301, 302, 303, 307, 308} or not location:
                return await self._read(response, url)
            response.close()
            here = checked_url(urljoin(str(here), location), self.limits.ports, self._trusted)
        raise InvalidInput(f"{_shown(url)} is behind more than {self.limits.max_redirects} redirects")

    async def _read(self, response: aiohttp.ClientResponse, url: str) -> tuple[bytes, str]:
        status = response.status
        if status != 200:
            response.close()
            if status in {408, 425, 429} or status >= 500:
                wait = retry_after(response.headers, self._clock)
                raise Unavailable(f"{_shown(url)} cannot be had now", status=status, retry_after=wait)
            raise InvalidInput(f"{_shown(url)} cannot be had: HTTP {status}")
        body, whole = await read_capped(response, self.limits.max_bytes)
        if not whole:
            raise InvalidInput(f"{_shown(url)} is larger than {self.limits.max_bytes} bytes")
        return body, self._redactor.line(response.headers.get("Content-Type", ""), 80)

    def _failure(self, error: Exception, url: str) -> Exception:
        from .destination import refusal_of
        from .failures import failure_of

        if isinstance(error, PlacketError):
            return error
        refusal = refusal_of(error)
        if refusal is not None:
            return refusal
        if isinstance(error, TimeoutError):
            return TimedOut(f"{_shown(url)} did not arrive in time")
        failure = failure_of(error, sent_write=False, redactor=self._redactor, details={})
        if isinstance(failure, ProviderError):
            return type(failure)(f"{_shown(url)} cannot be had now: {failure.message}")
        return failure or error


def _shown(url: str) -> str:
    """The address without credentials and its query: signed addresses carry their secret there."""
    try:
        parts = urlsplit(url)
        return Redactor().line(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}", 200)
    except ValueError:
        return "the address"

"""What the twin of one vendor is made of, and what the common ground gives it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Protocol

import attrs
from aiohttp import web
from attrs import field, frozen
from sqlalchemy import MetaData

from placket.interfaces import (
    ARContentBuilder,
    Clock,
    GarmentTagger,
    ImageHost,
    ProductStore,
    ShootManager,
    VisualSearch,
)
from placket.testing import Faults

from .quirks import Quirks
from .refusal import Refusal
from .routes import Answer, Route, Schema
from .state import State
from .works import Works

_CREDENTIAL = "placket_twins.credential"


def secret(default: str) -> Any:
    """A setting that is a credential: masked wherever it could be shown, and random where a twin is served."""
    return attrs.field(default=default, repr=False, metadata={_CREDENTIAL: True})


def secrets_of(settings: type) -> tuple[str, ...]:
    """The names of the settings that are credentials."""
    return tuple(each.name for each in attrs.fields(settings) if _CREDENTIAL in each.metadata)


class Backend(Protocol):
    """Who does the real work: a `placket.Router`, or any object with the interfaces that a twin asks for."""

    @property
    def garment_tagger(self) -> GarmentTagger:
        """Says what a garment is."""

    @property
    def visual_search(self) -> VisualSearch:
        """Finds garments that look alike."""

    @property
    def product_store(self) -> ProductStore:
        """Keeps products."""

    @property
    def shoot_manager(self) -> ShootManager:
        """Runs photo shoots."""

    @property
    def ar_content_builder(self) -> ARContentBuilder:
        """Builds AR content."""


class ImageFetcher(Protocol):
    """Fetches what an address that a stranger chose points to; `placket.transport.SafeFetcher` is one."""

    async def fetch_image(self, url: str) -> bytes:
        """Return the picture's bytes, or raise a PlacketError."""


@frozen(kw_only=True)
class Ground:
    """What every twin stands on.

    ``state`` is durable, ``works`` is the work beside the requests, ``fetcher`` fetches pictures safely, ``faults`` are
    the rules in force. ``images`` publishes bytes where the backend can only take an address; mostly None.
    """

    clock: Clock
    state: State
    works: Works
    faults: Faults
    fetcher: ImageFetcher
    backend: Any = field(repr=False)
    """A `Backend`; ask it for an interface when you need it, since a configuration may leave some out."""
    images: ImageHost | None = None


@frozen
class Holding:
    """One table of the human page: what the twin holds of a kind. Texts are escaped by the page."""

    title: str
    total: int
    columns: tuple[str, ...] = ()
    rows: Sequence[Sequence[str]] = ()


class VendorTwin(ABC):
    """One vendor's protocol. ``settings`` and ``quirks`` are instances of the classes that the twin names."""

    name: ClassVar[str]
    title: ClassVar[str]
    prefix: ClassVar[str] = ""
    """The path that belongs to the base URL a client is configured with, as in ``/api/v1``; no slash at the end."""

    other_prefixes: ClassVar[Sequence[str]] = ()
    """Those of clients of other versions, which the twin serves as well."""

    quirks_class: ClassVar[type[Quirks]]
    settings_class: ClassVar[type]
    """A frozen attrs class in which every setting has a default; credentials are made with `secret`."""

    tables: ClassVar[MetaData | None] = None
    """Tables of its own, beside the documents of `State`."""

    security: ClassVar[Mapping[str, Any]] = {}
    """The OpenAPI security schemes by name: any one of them is enough, unless `security_together`."""

    security_together: ClassVar[bool] = False

    refusals: ClassVar[Mapping[int, Answer]] = {}
    """What any route may answer beside its successes, for OpenAPI."""

    def __init__(self, ground: Ground, settings: Any, quirks: Any) -> None:
        self.ground = ground
        self.settings = settings
        self.quirks = quirks

    @abstractmethod
    def routes(self) -> Iterable[Route]:
        """Every operation of the vendor."""

    @abstractmethod
    def refused(self, request: web.Request, refusal: Refusal) -> web.StreamResponse:
        """A refusal in the vendor's words: raised by a handler, by `admit`, or by the ground (404, 405, 413, 422…)."""

    @abstractmethod
    def credentials(self) -> Mapping[str, str]:
        """What a client needs beside the base URL, by the name the vendor gives it."""

    @property
    def schemas(self) -> Mapping[str, Schema]:
        """The schemas that routes refer to."""
        return {}

    async def admit(self, request: web.Request, route: Route | None) -> Any:  # noqa: ARG002 - lets everybody in
        """Let a request in, or raise a `Refusal`: authentication and rate limit. What it returns is `Asked.account`.

        ``route`` is None for a path or method that the vendor does not have. An ``is_open`` route comes here as well.
        """
        return None

    async def start(self) -> None:
        """Get ready: name the runners of ``ground.works`` here. It is called before the first request."""
        return

    async def aclose(self) -> None:
        """Give back what `start` took."""
        return

    async def holdings(self) -> Sequence[Holding]:
        """What the human page shows."""
        return ()

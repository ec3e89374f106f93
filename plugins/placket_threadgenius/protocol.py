"""What the provider needs of the vendor, whichever version of the protocol is spoken."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, TypeVar

from attrs import evolve, field, frozen

from placket.errors import ConfigError, Unsupported
from placket.interfaces import Image, Page, Query
from placket.registry import ProviderContext
from placket.transport import Answer, Auth, HttpClient, HttpLimits

from . import wire
from .items import Outgoing
from .status import problem

if TYPE_CHECKING:
    from . import ThreadGeniusSettings

T = TypeVar("T")

BoxUnit = Literal["pixels", "fractions"]

TOKEN_REFUSED = (401, 403)
"""The page says that tokens expire, and not how it shows; the list of codes has both."""


@frozen
class Told(Generic[T]):
    """What the vendor told about a picture. ``rest``: what the answer says beyond, by its place in the answer."""

    items: Sequence[T]
    answer: Answer
    document: Mapping[str, Any]
    rest: Mapping[str, Any] = field(factory=dict)


class Protocol(ABC):
    """One version of the vendor's protocol."""

    version: ClassVar[str]
    boxes: ClassVar[BoxUnit]
    """In what the page gives boxes."""

    def __init__(self, settings: ThreadGeniusSettings, context: ProviderContext) -> None:
        self._settings = settings
        self._context = context
        self._auth = self._login()
        self._http = self._client()

    @abstractmethod
    def _login(self) -> Auth:
        """How requests are authorised."""

    @abstractmethod
    async def tag(self, image: Image) -> Told[wire.Label]:
        """Say what is in a picture."""

    @abstractmethod
    async def detect(self, image: Image) -> Told[wire.Box]:
        """Say where in a picture garments are."""

    @abstractmethod
    async def search(self, catalog_id: str, query: Query) -> Told[wire.Similar]:
        """Find what is like a picture. Raises Unsupported for what the protocol cannot search by."""

    @abstractmethod
    async def create_catalog(self, name: str) -> wire.Catalog:
        """Make an empty catalog."""

    @abstractmethod
    async def catalogs(self, cursor: str | None) -> Page[wire.Catalog]:
        """A page of all catalogs."""

    @abstractmethod
    async def catalog(self, catalog_id: str) -> wire.Catalog:
        """One catalog."""

    @abstractmethod
    async def delete_catalog(self, catalog_id: str) -> None:
        """Remove a catalog."""

    @abstractmethod
    async def add(self, catalog_id: str, outgoing: Outgoing) -> None:
        """Send items."""

    @abstractmethod
    async def start_index(self, catalog_id: str) -> None:
        """Have a catalog indexed."""

    @abstractmethod
    async def usage(self) -> Sequence[wire.Use]:
        """What the account used."""

    async def items(self, catalog_id: str, cursor: str | None) -> Page[wire.Stored]:  # noqa: ARG002
        """A page of what a catalog holds."""
        raise self._cannot("list the items of a catalog")

    async def delete_items(self, catalog_id: str, ids: Iterable[str]) -> int:  # noqa: ARG002
        """Remove items, and say how many there were."""
        raise self._cannot("delete single items of a catalog")

    def _cannot(self, what: str) -> Unsupported:
        return Unsupported(
            f"{self._context.name} cannot {what}: protocol {self.version} has no request for it; "
            'protocol = "v1" in its settings has, if the account may use it'
        )

    def _client(self, timeout: float | None = None) -> HttpClient:
        settings, context = self._settings, self._context
        limits = None if timeout is None else evolve(context.limits or HttpLimits(), timeout=timeout)
        client = context.http(
            settings.base_url or wire.BASE_URLS[self.version],
            self._auth,
            classify=lambda answer: problem(answer, client.redactor, context.clock),
            token_refused=TOKEN_REFUSED,
            limits=limits,
        )
        client.redactor.register(settings.api_key)
        return client

    def printable(self, text: str) -> str:
        """A text of the vendor's as people may see it: on one line, secrets masked."""
        return self._http.redactor.line(text)

    async def address(self, image: Image) -> str:
        """Where on the web a picture is; one that is not there yet is published by the image host."""
        if is_on_the_web(image):
            return image.url
        host = self._context.image_host
        if host is None:
            raise ConfigError(
                f"{self._context.name} takes the pictures of a catalog only at public addresses, and {image.origin} "
                'has none; write an [images.host] table, such as plugin = "local:directory" with a folder that a web '
                "server shows and its base_url, or give the pictures' http(s) URLs",
                path="images.host",
            )
        await self._context.content(image)
        return await host.publish(image)


def is_on_the_web(image: Image) -> bool:
    """Whether the vendor can fetch the picture itself."""
    return image.url.startswith(("http://", "https://"))


def decoded(answer: Answer, decode: Callable[[], T]) -> T:
    """What ``decode`` makes of an answer; the ValueError that it raises for a wrong shape becomes a ProtocolError."""
    try:
        return decode()
    except ValueError as error:
        raise answer.protocol_error(str(error)) from None


def member(answer: Answer, document: Mapping[str, Any], name: str) -> Any:
    """A part of an answer that must be there, be it null."""
    if name not in document:
        raise answer.protocol_error(f"the answer has no {name}")
    return document[name]

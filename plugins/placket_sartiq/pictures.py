"""How pictures get to the vendor: addresses as they are, bytes by presigned upload or as base64 in the body."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from placket.errors import InvalidInput, InvalidRequest, NotFound, ProtocolError, ProviderError
from placket.interfaces import GarmentImage, Image
from placket.record import MediaItem
from placket.registry import ProviderContext
from placket.transport import HttpClient

from . import wire
from .media import media_input
from .product_table import SENT_PICTURES

if TYPE_CHECKING:
    from . import SartiqSettings


class PictureSender:
    """Turns pictures into what the vendor takes for one: an address, base64, or an object with an address in it."""

    def __init__(self, settings: SartiqSettings, context: ProviderContext, http: HttpClient) -> None:
        self._settings = settings
        self._context = context
        self._http = http
        # Without credentials: a presigned address carries its own, and the token is none of the storage's business.
        self._storage = context.http(settings.base_url)

    async def body(self, images: Iterable[GarmentImage], media: Sequence[MediaItem] = ()) -> dict[str, Any]:
        """The keys for some pictures, those that are on the web already (``media``) after the others.

        The first front and the first back picture have keys of their own; all others are reference pictures.
        """
        body: dict[str, Any] = {}
        pictures: list[GarmentImage | MediaItem] = [*images, *media]
        for picture in pictures:
            key = SENT_PICTURES.get(picture.role, SENT_PICTURES["reference"])
            sent = media_input(picture) if isinstance(picture, MediaItem) else await self._sent(picture.image)
            if key == SENT_PICTURES["reference"] or key in body:
                body.setdefault(SENT_PICTURES["reference"], []).append(sent)
            else:
                body[key] = sent
        return body

    async def _sent(self, image: Image) -> str:
        if image.url.startswith(("http://", "https://")):
            return image.url
        content = await self._context.content(image)
        if self._settings.image_upload == "presigned":
            return await self._uploaded(image, content)
        encoded = base64.b64encode(content).decode()
        return f"data:{image.media_type};base64,{encoded}" if self._settings.image_upload == "data-url" else encoded

    async def _uploaded(self, image: Image, content: bytes) -> str:
        about = {"filename": f"{image.sha256[:16]}{image.suffix}", "content_type": image.media_type}
        # Asking twice makes two addresses of which one stays unused, so nothing is lost by it.
        try:
            answer = await self._http.post(
                wire.PRESIGNED_URL,
                json={name: about[of] for name, of in self._settings.presigned_request.items()},
                repeatable=True,
                operation="upload",
            )
        except (InvalidRequest, NotFound) as error:
            error.message += "; the vendor's pages leave this request open, see presigned_request and image_upload"
            raise
        document = answer.json_object()
        target, address = document.get("upload_url"), document.get("file_url")
        if not isinstance(address, str) or not _is_web_address(target):
            # The body stays out of the error: an upload address is as good as a key.
            about_answer = {key: value for key, value in answer.details().items() if key != "body"}
            raise ProtocolError("the answer has no upload_url and file_url to send a picture to", **about_answer)
        try:
            await self._storage.put(
                str(target),
                data=content,
                headers={"Content-Type": image.media_type},
                repeatable=True,
                operation="upload",
            )
        except ProviderError as error:
            # A storage that refuses a signature likes to repeat it.
            error.body = ""
            raise
        return address


def media_items(given: Any) -> tuple[MediaItem, ...]:
    """The pictures of a draft's ``media`` field; raises InvalidInput for what the vendor could not fetch."""
    items = tuple(given) if isinstance(given, list | tuple) else () if given is None else (given,)
    if not all(isinstance(item, MediaItem) and item.url for item in items):
        raise InvalidInput("media takes MediaItems with a url; give pictures of your own as images")
    return items


def _is_web_address(url: Any) -> bool:
    try:
        return isinstance(url, str) and urlsplit(url).scheme in ("http", "https")
    except ValueError:
        return False


CLEARED: Mapping[str, Any] = {SENT_PICTURES["back"]: None, SENT_PICTURES["reference"]: []}
"""What takes a product's pictures away: all but the cover, which every product has."""

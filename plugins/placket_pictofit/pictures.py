"""The pictures of a product: what the vendor wants of them, and how one is sent.

Only what cannot be sent at all is refused here; the rest is the vendor's to judge. The figures are those of
https://docs.pictofit.com/content-service/1.6.0/garment-2d; an older page asks for at least 2 megapixels.
"""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from placket.errors import InvalidInput
from placket.interfaces import GarmentImage, media_type_of
from placket.record import MediaItem
from placket.transport import FilePart, image_size

from . import wire
from .ids import client_id

LARGEST_BYTES = 20 * 10**6
IDEAL_BYTES = 500 * 10**3
LEAST_WIDTH = 1000
WIDTHS = (1500, 2500)
MOST_PIXELS = 60 * 10**6


@frozen
class Upload:
    """One picture on its way: ``POST /files`` as it will be sent, and what it is to the record."""

    configuration: str
    id: str
    name: str
    type_id: int
    file: FilePart
    media: MediaItem
    complaints: tuple[str, ...]

    @classmethod
    def of(cls, configuration: str, given: GarmentImage, content: bytes, kind: wire.Kind) -> Upload:
        """The upload of a picture of ``content``; raises InvalidInput for what is no JPEG or PNG.

        The same picture of the same configuration always gets the same id.
        """
        media_type = media_type_of(content)
        if media_type not in wire.IMAGE_MEDIA_TYPES:
            raise InvalidInput(
                f"the {given.role} picture is {media_type or 'no image'}; the service takes JPEG and PNG, so convert it"
            )
        image = given.image
        id_ = client_id(configuration, kind.id, image.sha256)
        name = wire.IMAGE_NAMES.get(kind.name, f"{kind.name}_image".lower())
        width, height = image_size(content) or (None, None)
        media = MediaItem(
            given.role,
            vendor_ref=id_,
            sha256=image.sha256,
            media_type=media_type,
            width=width,
            height=height,
            alt=name,
        )
        file = FilePart(content, f"{name}{image.suffix}", media_type)
        return cls(configuration, id_, name, int(kind.id), file, media, tuple(_complaints(len(content), width, height)))

    def form(self) -> dict[str, str | FilePart]:
        """The fields of the form."""
        return {
            "file": self.file,
            "id": self.id,
            "name": self.name,
            "configurationId": self.configuration,
            "typeId": str(self.type_id),
        }


def _complaints(size: int, width: int | None, height: int | None) -> Iterator[str]:
    """What the vendor's pages advise against in a picture: it may be refused, cost extra, or come out badly."""
    if size > LARGEST_BYTES:
        yield f"{size} bytes are more than the limit of {LARGEST_BYTES}"
    elif size > IDEAL_BYTES:
        yield f"{size} bytes are more than the ideal {IDEAL_BYTES}"
    if width is None or height is None:
        yield "its width and height cannot be read; it may be damaged"
        return
    if width < LEAST_WIDTH:
        yield f"{width} pixels of width are less than the least, {LEAST_WIDTH}"
    elif not WIDTHS[0] <= width <= WIDTHS[1]:
        yield f"{width} pixels of width are outside the recommended {WIDTHS[0]} to {WIDTHS[1]}"
    if width * height > MOST_PIXELS:
        yield f"{width * height} pixels are more than the limit of {MOST_PIXELS}"

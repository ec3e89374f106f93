"""ImageHost: publishes bytes at a URL, for vendors that accept only a public address."""

from __future__ import annotations

from abc import ABC, abstractmethod

from ..errors import Unsupported
from .image import Image
from .media_type import media_type_of


class ImageHost(ABC):
    """Makes an image, or any other file, reachable for a vendor or a shop.

    The name that `publish` gives must not be guessable from anything but the file's own bytes, and publishing the
    same bytes twice gives the same URL.
    """

    @abstractmethod
    async def publish(self, image: Image) -> str:
        """Make the image's bytes reachable and return their URL."""

    async def publish_file(
        self,
        content: bytes,
        *,
        suffix: str,
        media_type: str = "application/octet-stream",
    ) -> str:
        """Make a file of any kind reachable and return its URL.

        ``suffix`` ends its name, dot included, as in ``.glb``. A host that does not override this publishes images
        and raises Unsupported for everything else.
        """
        if media_type_of(content) is None:
            what = suffix or media_type
            raise Unsupported(f"{type(self).__name__} publishes images only, and a {what} file is none")
        return await self.publish(Image.of(content))

    async def aclose(self) -> None:
        """Give back what the host holds."""
        return

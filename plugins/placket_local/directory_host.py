"""An image host that writes into a folder which somebody else serves."""

from __future__ import annotations

import asyncio
import os
import tempfile
from pathlib import Path

from placket.errors import InvalidInput
from placket.interfaces import Image, ImageHost


class DirectoryImageHost(ImageHost):
    """Publishes ``<folder>/<sha256><suffix>`` as ``<base_url>/<sha256><suffix>``.

    The name can be guessed only by who has the image. A file appears whole or not at all.
    """

    def __init__(self, folder: str, base_url: str) -> None:
        self._folder = Path(folder).expanduser()
        self._base_url = base_url.rstrip("/")

    async def publish(self, image: Image) -> str:
        """Write the image unless it is there already, and return its URL; raises InvalidInput when it cannot."""
        name = f"{image.sha256}{image.suffix}"
        await asyncio.to_thread(self._write, self._folder / name, image.content())
        return f"{self._base_url}/{name}"

    def _write(self, target: Path, data: bytes) -> None:
        if target.exists():
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            descriptor, temporary = tempfile.mkstemp(dir=self._folder)
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
            # mkstemp makes private files; the web server has to read this one.
            Path(temporary).chmod(0o644)
            Path(temporary).replace(target)
        except OSError as error:
            raise InvalidInput(
                f"the image host cannot write to {self._folder}: {error.strerror}; check images.host.folder"
            ) from error

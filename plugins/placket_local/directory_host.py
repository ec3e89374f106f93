"""An image host that writes into a folder which somebody else serves."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import tempfile
from pathlib import Path

from placket.errors import InvalidInput
from placket.interfaces import Image, ImageHost

_SUFFIX = re.compile(r"(?:\.[A-Za-z0-9]{1,16}){0,2}")


class DirectoryImageHost(ImageHost):
    """Publishes ``<folder>/<sha256><suffix>`` as ``<base_url>/<sha256><suffix>``.

    The name can be guessed only by who has the file. A file appears whole or not at all.
    """

    def __init__(self, folder: str | Path, base_url: str) -> None:
        self._folder = Path(folder).expanduser()
        self._base_url = base_url.rstrip("/")

    async def publish(self, image: Image) -> str:
        """Write the image unless it is there already, and return its URL; raises InvalidInput when it cannot."""
        return await self._publish(image.content(), f"{image.sha256}{image.suffix}")

    async def publish_file(
        self,
        content: bytes,
        *,
        suffix: str,
        media_type: str = "application/octet-stream",  # noqa: ARG002 - the web server tells it by the suffix
    ) -> str:
        """Write a file unless it is there already, and return its URL; raises InvalidInput when it cannot."""
        if not _SUFFIX.fullmatch(suffix):
            raise InvalidInput(f"{suffix!r} cannot end a file's name; write it as .glb, in letters and digits")
        digest = await asyncio.to_thread(lambda: hashlib.sha256(content).hexdigest())
        return await self._publish(content, digest + suffix)

    async def _publish(self, content: bytes, name: str) -> str:
        await asyncio.to_thread(self._write, self._folder / name, content)
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

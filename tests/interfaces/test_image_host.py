"""What an image host can do that knows images only."""

from __future__ import annotations

import pytest

from placket.errors import Unsupported
from placket.interfaces import Image, ImageHost

PNG = b"\x89PNG\r\n\x1a\n" + bytes(16)


class Host(ImageHost):
    async def publish(self, image: Image) -> str:
        return f"https://img.example.com/{image.sha256}{image.suffix}"


async def test_it_publishes_files_that_are_images() -> None:
    assert await Host().publish_file(PNG, suffix=".png") == await Host().publish(Image.of(PNG))


@pytest.mark.parametrize("suffix", [".glb", ""])
async def test_it_says_that_it_cannot_publish_others(suffix: str) -> None:
    with pytest.raises(Unsupported, match="Host publishes images only"):
        await Host().publish_file(b"glTF", suffix=suffix, media_type="model/gltf-binary")

"""Twins and the image host on this machine."""

from __future__ import annotations

import aiohttp
import pytest

from placket.errors import InvalidInput
from placket.interfaces import Image
from placket_twins import LoopbackImages, Twin


async def test_published_bytes_are_served_at_an_address_of_their_own(images, picture):
    url = await images.publish(Image.of(picture))
    assert url == f"http://{images.authority}/{Image.of(picture).sha256}.png"
    assert await images.publish(Image.of(picture)) == url
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        assert answer.content_type == "image/png"
        assert await answer.read() == picture


async def test_nothing_else_is_served(images):
    async with aiohttp.ClientSession() as session, session.get(f"http://{images.authority}/other.png") as answer:
        assert answer.status == 404


async def test_only_the_latest_pictures_are_kept(images, monkeypatch):
    monkeypatch.setattr("placket_twins.image_host._KEPT", 2)
    urls = [await images.publish(Image.of(b"GIF89a" + bytes([number]))) for number in range(3)]
    statuses = []
    async with aiohttp.ClientSession() as session:
        for url in urls:
            async with session.get(url) as answer:
                statuses.append(answer.status)
    assert statuses == [404, 200, 200]


async def test_a_host_that_is_not_entered_has_no_address(picture):
    with pytest.raises(RuntimeError, match="enter"):
        await LoopbackImages().publish(Image.of(picture))


async def test_a_vendor_without_a_twin_is_refused():
    with pytest.raises(InvalidInput, match="there are twins of: aistetic"):
        Twin("acme")


async def test_a_twin_stops_with_its_context(tagger):
    async with Twin("aistetic", tagger=tagger, api_key="k", domain="d") as base_url:
        assert base_url.startswith("http://127.0.0.1:")
        assert base_url.endswith("/garment-tagging")
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectorError):
            await session.get(base_url + "/query")

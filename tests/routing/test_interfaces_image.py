"""Pictures, wherever they are: read lazily, once."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import os
from pathlib import Path

import pytest

from placket.errors import InvalidInput, Unavailable
from placket.interfaces import Deadline, Image, current_call, media_type_of
from placket.interfaces.call import Call

PNG = b"\x89PNG\r\n\x1a\n" + b"the rest of a picture"
URL = "https://example.com/dress.png"


@pytest.fixture
def png(tmp_path):
    path = tmp_path / "dress.png"
    path.write_bytes(PNG)
    return path


def sources(path):
    return {
        "path": path,
        "text": str(path),
        "bytes": PNG,
        "bytearray": bytearray(PNG),
        "memoryview": memoryview(PNG),
        "file": io.BytesIO(PNG),
        "data": f"data:image/png;base64,{base64.b64encode(PNG).decode()}",
        "percent": "DATA:image/png," + "".join(f"%{byte:02x}" for byte in PNG),
        "image": Image(data=PNG),
    }


@pytest.mark.parametrize("kind", sources(None))
def test_every_source_gives_the_same_picture(png, kind):
    image = Image.of(sources(png)[kind])
    assert image.content() == PNG
    assert (image.media_type, image.suffix, image.byte_size) == ("image/png", ".png", len(PNG))
    assert image.sha256 == hashlib.sha256(PNG).hexdigest()
    assert not image.is_remote


def test_an_open_file_is_read(png):
    with png.open("rb") as file:
        assert Image.of(file).content() == PNG


@pytest.mark.skipif(os.name != "posix", reason="a matter of POSIX pipes")
class TestAPipe:
    def test_is_no_picture_and_is_not_waited_for(self, tmp_path):
        os.mkfifo(tmp_path / "pipe.png")
        with pytest.raises(InvalidInput, match=r"pipe\.png cannot be read: it is a pipe or a device; name the file of"):
            Image.of(tmp_path / "pipe.png").content()

    @pytest.mark.skipif(not Path("/dev/zero").exists(), reason="there is no such device")
    def test_nor_is_a_device(self):
        with pytest.raises(InvalidInput, match="/dev/zero cannot be read: it is a pipe or a device"):
            Image.of("/dev/zero").content()

    @pytest.mark.skipif(not Path("/dev/fd").exists(), reason="there are no names for open files")
    def test_that_is_open_already_is_read_as_a_shell_hands_it_over(self):
        read_end, write_end = os.pipe()
        try:
            os.write(write_end, PNG)
            os.close(write_end)
            assert Image.of(f"/dev/fd/{read_end}").content() == PNG
        finally:
            os.close(read_end)


def test_nothing_is_read_until_somebody_asks_and_then_once(tmp_path):
    path = tmp_path / "later.png"
    image = Image.of(path)
    path.write_bytes(PNG)
    assert image.content() == PNG
    path.unlink()
    assert image.content() == PNG


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda folder: Image.of(folder / "none.png"), "there is no image at"),
        (lambda folder: Image.of(folder), "cannot be read: .*; name the file of a picture"),
        (lambda folder: Image.of("a\0b"), "cannot be read"),
        (lambda _: Image.of(b""), "0 bytes"),
        (lambda _: Image.of(b"<html>"), "not an image in a format known here"),
        (lambda _: Image.of("data:image/png;base64,@@@@"), "not valid base64"),
        (lambda _: Image.of("data:image/png"), "no comma"),
        (lambda _: Image.of("ftp://example.com/x.png"), "ftp: address"),
        (lambda _: Image.of("http://[::1"), "is not an address"),
        (lambda _: Image.of(io.StringIO("text")), "text mode"),
        (lambda _: Image.of(7), "not int"),
        (lambda _: Image.of(URL), "was not fetched"),
        (lambda _: Image(data=PNG, max_bytes=10), "larger than"),
    ],
)
def test_what_is_no_picture_says_why(tmp_path, make, text):
    with pytest.raises(InvalidInput, match=text):
        make(tmp_path).content()


def test_a_closed_file_says_why():
    file = io.BytesIO(PNG)
    file.close()
    with pytest.raises(InvalidInput, match="cannot be read"):
        Image.of(file)


def test_images_are_equal_by_origin_or_bytes(png):
    assert Image.of(PNG) == Image.of(PNG)
    assert Image.of(PNG) != Image.of(PNG + b"x")
    assert Image.of(png) == Image.of(str(png))
    assert Image.of(URL) == Image.of(URL)
    assert Image.of(URL) != Image.of(png)


async def test_reading_changes_neither_equality_nor_hash(png):
    async def fetch(_url):
        return PNG

    remote, local = Image.of(URL), Image.of(png)
    before = (hash(remote), hash(local))
    await remote.load(fetch)
    await local.load()
    assert (hash(remote), hash(local)) == before
    assert remote == Image.of(URL)
    assert local == Image.of(png)


def test_the_repr_holds_no_bytes():
    assert repr(Image.of(PNG)) == f"Image({len(PNG)} bytes)"
    assert repr(Image.of(URL)) == f"Image({URL})"


async def test_concurrent_callers_fetch_once(clock):
    fetched = []

    async def fetch(url):
        fetched.append(url)
        await clock.sleep(5)
        return PNG

    image = Image.of(URL)
    assert image.is_remote
    assert await asyncio.gather(*(image.load(fetch) for _ in range(20))) == [PNG] * 20
    assert await image.load(fetch) == PNG
    assert fetched == [URL]
    assert not image.is_remote


async def test_concurrent_callers_read_a_file_once(png, monkeypatch):
    opened = []
    original = type(png).open
    monkeypatch.setattr(type(png), "open", lambda self, *a, **k: (opened.append(self), original(self, *a, **k))[1])
    image = Image.of(png)
    assert await asyncio.gather(*(image.load() for _ in range(8))) == [PNG] * 8
    assert opened == [png]


async def test_one_caller_that_gives_up_takes_the_picture_from_nobody(clock):
    async def fetch(_url):
        await clock.sleep(5)
        return PNG

    image = Image.of(URL)
    first, second = asyncio.create_task(image.load(fetch)), asyncio.create_task(image.load(fetch))
    await clock.sleep(1)
    first.cancel()
    assert await second == PNG
    assert first.cancelled()


async def test_the_picture_has_the_time_of_no_single_caller(clock):
    seen = []

    async def fetch(_url):
        seen.append(current_call.get())
        return PNG

    token = current_call.set(Call("hasty", "tag", Deadline.after(1.0, clock)))
    try:
        await Image.of(URL).load(fetch)
        assert seen == [None]
        assert current_call.get().provider == "hasty", "for the caller its call goes on"
    finally:
        current_call.reset(token)


async def test_after_all_gave_up_the_next_one_fetches_afresh(clock):
    fetched = []

    async def fetch(url):
        fetched.append(url)
        await clock.sleep(5)
        return PNG

    image = Image.of(URL)
    first = asyncio.create_task(image.load(fetch))
    await clock.sleep(1)
    first.cancel()
    second = asyncio.create_task(image.load(fetch))
    assert await second == PNG
    assert len(fetched) == 2


async def test_a_failed_fetch_is_told_to_all_and_can_be_tried_again(clock):
    answers = [Unavailable("down"), PNG]

    async def fetch(_url):
        await clock.sleep(1)
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    image = Image.of(URL)
    results = await asyncio.gather(image.load(fetch), image.load(fetch), return_exceptions=True)
    assert [type(result) for result in results] == [Unavailable, Unavailable]
    assert await image.load(fetch) == PNG


async def test_what_was_fetched_must_be_a_picture():
    async def fetch(_url):
        return b"<html>"

    with pytest.raises(InvalidInput, match="not an image"):
        await Image.of(URL).load(fetch)


async def test_without_a_way_to_fetch_it_says_so():
    with pytest.raises(InvalidInput, match="was not fetched"):
        await Image.of(URL).load()


@pytest.mark.parametrize(
    ("start", "media_type"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\0\0\0\0WEBP", "image/webp"),
        (b"BM" + bytes(24), "image/bmp"),
        (b"BM is a postcode", None),
        (b"II*\0", "image/tiff"),
        (b"\0\0\0\x20ftypavif", "image/avif"),
        (b"\0\0\0\x20ftypheic", "image/heic"),
        (b"\0\0\0\x20ftyphevc", "image/heic"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf", "image/avif"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1miaf", "image/heif"),
        (b"%PDF-1.7", None),
        (b"", None),
    ],
)
def test_the_first_bytes_tell_the_type(start, media_type):
    assert media_type_of(start) == media_type

"""The directory image host: names by content, files whole or not at all."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from placket.config import structure_settings
from placket.errors import InvalidInput
from placket.interfaces import Image
from placket_local import placket_image_hosts
from placket_local.directory_host import DirectoryImageHost

PNG = b"\x89PNG\r\n\x1a\n" + bytes(16)
GLB = b"glTF" + bytes(16)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "www"


@pytest.fixture
def host(folder: Path) -> DirectoryImageHost:
    return DirectoryImageHost(str(folder), "https://img.example.com/g/")


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*")}


def modes(folder: Path) -> list[int]:
    return [path.stat().st_mode & 0o777 for path in folder.iterdir()]


async def test_an_image_is_named_by_its_content(host: DirectoryImageHost, folder: Path) -> None:
    name = f"{hashlib.sha256(PNG).hexdigest()}.png"
    for _ in range(2):
        assert await host.publish(Image.of(PNG)) == f"https://img.example.com/g/{name}"
    assert files(folder) == {name: PNG}


@pytest.mark.parametrize("suffix", [".glb", "", ".min.gm3d"])
async def test_so_is_any_other_file(host: DirectoryImageHost, folder: Path, suffix: str) -> None:
    name = hashlib.sha256(GLB).hexdigest() + suffix
    for _ in range(2):
        url = await host.publish_file(GLB, suffix=suffix, media_type="model/gltf-binary")
        assert url == f"https://img.example.com/g/{name}"
    assert files(folder) == {name: GLB}


async def test_a_published_file_can_be_read_by_the_web_server(host: DirectoryImageHost, folder: Path) -> None:
    await host.publish_file(GLB, suffix=".glb")
    assert modes(folder) == [0o644]


@pytest.mark.parametrize("suffix", ["glb", "/../x", ".g/b", ".", ". b", "..", ".a.b.c", "." + "x" * 17, ".gl\x00"])
async def test_a_suffix_stays_a_suffix(host: DirectoryImageHost, folder: Path, suffix: str) -> None:
    with pytest.raises(InvalidInput, match="cannot end a file's name"):
        await host.publish_file(GLB, suffix=suffix)
    assert files(folder) == {}


async def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    host = DirectoryImageHost(str(tmp_path / "file"), "https://img.example.com")
    for publishing in (host.publish(Image.of(PNG)), host.publish_file(GLB, suffix=".glb")):
        with pytest.raises(InvalidInput, match=r"images\.host\.folder"):
            await publishing


def test_its_folder_is_found_from_the_folder_of_the_configuration(tmp_path: Path) -> None:
    [kind] = placket_image_hosts()
    options = {"folder": "www", "base_url": "https://img.example.com/g"}
    assert structure_settings(kind, options, "images.host", folder=tmp_path).folder == tmp_path / "www"

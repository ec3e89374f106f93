"""The files of a preview: what is in them, what they say of themselves, and what is refused."""

import io
import json
import struct
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

from placket.errors import InvalidInput
from placket_local.content.preview import Photos, Preview, build_preview
from placket_local.content.recolor import recolored
from placket_local.lab import rgb_to_lab

RED, BLUE = (42.0, 61.0, 36.0), (41.0, 12.0, -48.0)


@pytest.fixture(scope="module")
def photo(shirt: np.ndarray) -> bytes:
    """A red shirt with a yellow band on a light ground."""
    rgb = np.full((*shirt.shape, 3), 235, np.uint8)
    rgb[shirt > 0.5] = (190, 40, 50)
    rgb[240:270][shirt[240:270] > 0.5] = (240, 210, 60)
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "PNG")
    return file.getvalue()


@pytest.fixture(scope="module")
def preview(photo: bytes) -> Preview:
    return build_preview("Shirt 7", [Photos("red", photo), Photos("blue", color=BLUE)], RED, height=0.64)


def file_named(preview: Preview, name: str) -> bytes:
    (found,) = [file.data for file in preview.files if file.name == name]
    return found


def opened(data: bytes) -> tuple[dict[str, Any], bytes]:
    magic, version, length = struct.unpack_from("<III", data)
    assert (magic, version, length) == (0x46546C67, 2, len(data))
    size, kind = struct.unpack_from("<II", data, 12)
    assert kind == 0x4E4F534A
    document = json.loads(data[20 : 20 + size])
    binary_size, kind = struct.unpack_from("<II", data, 20 + size)
    assert kind == 0x004E4942
    binary = data[28 + size :]
    assert len(binary) == binary_size == document["buffers"][0]["byteLength"]
    return document, binary


def image_of(document: dict[str, Any], binary: bytes, index: int) -> Image.Image:
    view = document["bufferViews"][document["images"][index]["bufferView"]]
    return Image.open(io.BytesIO(binary[view["byteOffset"] : view["byteOffset"] + view["byteLength"]]))


def test_there_is_a_glb_for_each_profile_and_a_usdz_for_each_colour(preview: Preview) -> None:
    assert [(file.name, file.variant) for file in preview.files] == [
        ("compat.glb", ""),
        ("web.glb", ""),
        ("0.usdz", "red"),
        ("1.usdz", "blue"),
    ]
    assert preview.size[1] == pytest.approx(0.64)


@pytest.mark.parametrize(("name", "most"), [("compat.glb", 1_000_000), ("web.glb", 250_000)])
def test_a_glb_keeps_to_its_size(preview: Preview, name: str, most: int) -> None:
    assert len(file_named(preview, name)) <= most


def test_the_colours_are_variants_with_a_texture_each(preview: Preview) -> None:
    for name in ("compat.glb", "web.glb"):
        document, binary = opened(file_named(preview, name))
        variants = document["extensions"]["KHR_materials_variants"]["variants"]
        assert [variant["name"] for variant in variants] == ["red", "blue"]
        seen = [np.asarray(image_of(document, binary, index).convert("RGB"))[400, 250] for index in (0, 1)]
        assert seen[0][0] > 150 > seen[0][2]
        assert seen[1][2] > 120 > seen[1][0]


def test_the_compat_profile_requires_no_extension(preview: Preview) -> None:
    document, binary = opened(file_named(preview, "compat.glb"))
    assert "extensionsRequired" not in document
    assert image_of(document, binary, 0).format == "JPEG"
    assert all(accessor["componentType"] in (5126, 5123) for accessor in document["accessors"])


def test_the_web_profile_says_what_a_viewer_must_know(preview: Preview) -> None:
    document, binary = opened(file_named(preview, "web.glb"))
    assert document["extensionsRequired"] == ["EXT_texture_webp", "KHR_mesh_quantization"]
    assert image_of(document, binary, 0).format == "WEBP"


def test_the_file_says_that_it_is_a_preview_and_what_was_assumed(preview: Preview, photo: bytes) -> None:
    assumed = build_preview("x", [Photos("red", photo)], RED).assumptions
    assert any("height is assumed to be 0.7 m" in line for line in assumed)
    document, _ = opened(file_named(preview, "compat.glb"))
    extras = document["asset"]["extras"]
    assert extras["preview"].startswith("2.5D")
    assert extras["assumptions"] == list(preview.assumptions)
    assert any("back repeats the front" in line for line in preview.assumptions)
    assert any("blue" in line for line in preview.assumptions)
    assert not any("height" in line for line in preview.assumptions)


def test_a_usdz_is_a_stored_zip_with_every_file_at_a_multiple_of_64(preview: Preview) -> None:
    data = file_named(preview, "1.usdz")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        for entry in archive.infolist():
            assert entry.compress_type == zipfile.ZIP_STORED
            name_length, extra_length = struct.unpack_from("<HH", data, entry.header_offset + 26)
            assert (entry.header_offset + 30 + name_length + extra_length) % 64 == 0
        scene = archive.read("garment.usda").decode()
    assert archive.infolist()[0].filename == "garment.usda", "the first file is the one that is opened"
    assert 'defaultPrim = "Shirt_7_blue"' in scene
    assert "metersPerUnit = 1" in scene


def test_a_name_cannot_break_out_of_the_scene(photo: bytes) -> None:
    made = build_preview('7"\n}evil\\', [Photos("red", photo)], RED)
    with zipfile.ZipFile(io.BytesIO(file_named(made, "0.usdz"))) as archive:
        scene = archive.read("garment.usda").decode()
    assert 'defaultPrim = "Garment_7_evil_red"' in scene
    assert 'string name = "7\\" }evil\\\\ red"' in scene


def test_the_same_photos_give_the_same_bytes(preview: Preview, photo: bytes) -> None:
    again = build_preview("Shirt 7", [Photos("red", photo), Photos("blue", color=BLUE)], RED, height=0.64)
    assert [file.data for file in again.files] == [file.data for file in preview.files]


def test_the_back_photo_is_seen_from_behind(photo: bytes, shirt: np.ndarray) -> None:
    rgb = np.full((*shirt.shape, 3), 235, np.uint8)
    rgb[shirt > 0.5] = (20, 110, 60)
    rgb[:, 200:][shirt[:, 200:] > 0.5] = (30, 60, 160)
    back = io.BytesIO()
    Image.fromarray(rgb).save(back, "PNG")
    made = build_preview("x", [Photos("red", photo, back.getvalue())], RED)
    document, binary = opened(file_named(made, "compat.glb"))
    texture = np.asarray(image_of(document, binary, 0).convert("RGB")).astype(int)
    left, right = texture[600, 1024 + 450], texture[600, 1024 + 600]
    assert left[1] > left[2]
    assert right[2] > right[1]
    assert not any("back repeats" in line for line in made.assumptions)


def test_recolouring_moves_the_cloth_and_leaves_the_print() -> None:
    cloth, fold, band = (190, 40, 50), (130, 25, 33), (240, 210, 60)
    atlas = np.array([[cloth, fold, band]], np.uint8)
    main = tuple(rgb_to_lab(atlas)[0, 0].tolist())
    made = rgb_to_lab(recolored(atlas, main, BLUE))[0]
    before = rgb_to_lab(atlas)[0]
    assert np.abs(made[0] - BLUE).max() < 6
    assert made[1, 0] < made[0, 0] - 8, "a fold stays darker than its cloth"
    assert np.linalg.norm(made[2] - before[2]) < 12


def test_the_length_of_a_belt_that_lies_across_its_photo_is_its_width(file_of: Callable[..., bytes]) -> None:
    belt, mask = np.full((200, 1000, 3), 90, np.uint8), np.zeros((200, 1000), np.uint8)
    mask[80:120, 10:990] = 255
    photos = [Photos("brown", file_of(belt), front_mask=file_of(mask))]
    assert build_preview("Belt", photos, RED, height=1.0).size[0] == pytest.approx(1.0, rel=0.02)
    assumed = build_preview("Belt", photos, RED)
    assert assumed.size[0] == pytest.approx(0.7, rel=0.02)
    assert any("width is assumed to be 0.7 m" in line for line in assumed.assumptions)


@pytest.mark.parametrize("height", [0.0, -1.0, 0.001, 45.0, float("nan")])
def test_an_absurd_measurement_is_refused(photo: bytes, height: float) -> None:
    with pytest.raises(InvalidInput, match="check the measurement and its unit"):
        build_preview("x", [Photos("red", photo)], RED, height=height)


def test_without_a_front_picture_nothing_is_built(photo: bytes) -> None:
    with pytest.raises(InvalidInput, match="needs a front picture"):
        build_preview("x", [Photos("red", color=RED)], RED)
    with pytest.raises(InvalidInput, match="'green' has no front picture and names no colour"):
        build_preview("x", [Photos("red", photo), Photos("green")], RED)


def test_a_picture_without_a_garment_is_refused_with_the_reason(file_of: Callable[..., bytes]) -> None:
    white = file_of(np.full((300, 300, 3), 250, np.uint8))
    with pytest.raises(InvalidInput, match=r"cannot be cut out of the front picture.*plain ground"):
        build_preview("x", [Photos("white", white)], RED)

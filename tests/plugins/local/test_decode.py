import struct
import warnings
import zlib
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageCms

from placket.errors import InvalidInput
from placket_local.picture import SMALL, decode

RED_LEFT = np.zeros((40, 60, 3), np.uint8)
RED_LEFT[:, :30] = (220, 20, 20)
RED_LEFT[:, 30:] = (20, 20, 220)
RED_LEFT[:10] = (20, 160, 20)


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width, height, depth, color_type, body=b"", extra=b""):
    header = struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def near(picture, expected, tolerance=12):
    return np.abs(picture.rgb.astype(int) - expected.astype(int)).max() <= tolerance


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP"])
def test_the_common_formats_decode_to_the_same_picture(file_of, form):
    options = {"quality": 98, "subsampling": 0} if form == "JPEG" else {"lossless": True} if form == "WEBP" else {}
    picture = decode(file_of(RED_LEFT, form, **options))
    assert picture.rgb.shape == (40, 60, 3)
    assert picture.rgb.dtype == np.uint8
    assert picture.format == form
    assert picture.alpha is None
    assert picture.original_size == (60, 40)
    assert np.mean(np.abs(picture.rgb.astype(int) - RED_LEFT)) < 3


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_every_exif_orientation_is_undone(file_of, orientation, form):
    turned = {
        1: RED_LEFT,
        2: RED_LEFT[:, ::-1],
        3: RED_LEFT[::-1, ::-1],
        4: RED_LEFT[::-1],
        5: RED_LEFT.transpose(1, 0, 2),
        6: np.rot90(RED_LEFT, 1),
        7: RED_LEFT[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(RED_LEFT, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = decode(file_of(np.ascontiguousarray(turned), form, exif=exif))
    assert picture.original_size == (60, 40)
    assert np.array_equal(picture.rgb, RED_LEFT)


def test_a_cmyk_jpeg_as_adobe_writes_it_and_one_without_the_marker(file_of):
    cmyk = Image.fromarray(RED_LEFT).convert("CMYK")
    adobe = file_of(cmyk, "JPEG", quality=98)
    assert b"Adobe" in adobe
    assert near(decode(adobe), RED_LEFT, 60)
    at = adobe.index(b"\xff\xee")
    length = struct.unpack(">H", adobe[at + 2 : at + 4])[0]
    upside_down = file_of(Image.fromarray(255 - np.asarray(cmyk), "CMYK"), "JPEG", quality=98)
    plain = upside_down[:at] + upside_down[at + 2 + length :]
    assert b"Adobe" not in plain
    assert near(decode(plain), RED_LEFT, 60)


def test_a_palette_with_a_transparent_colour_gives_alpha(file_of):
    indexed = Image.fromarray(RED_LEFT).quantize(3)
    background = indexed.getpixel((50, 30))
    picture = decode(file_of(indexed, "PNG", transparency=background))
    assert picture.alpha is not None
    assert picture.alpha[30, 50] == 0
    assert picture.alpha[30, 5] == 1


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_gray_and_odd_modes_keep_their_lightness(file_of, mode):
    ramp = np.tile(np.array([0, 255], np.uint8).repeat(20), (40, 1))
    image = Image.fromarray(ramp.astype(np.uint16) * 257) if mode == "I;16" else Image.fromarray(ramp).convert(mode)
    picture = decode(file_of(image, "PNG"))
    assert picture.rgb[20, 5].max() <= 1
    assert picture.rgb[20, 35].min() >= 254
    assert picture.alpha is None


def test_sixteen_bit_gray_is_scaled_and_not_clipped(file_of):
    middle = np.full((20, 20), 32768, np.uint16)
    assert decode(file_of(Image.fromarray(middle), "PNG")).rgb[5, 5] == pytest.approx([128] * 3, abs=1)


def test_sixteen_bit_rgb_png():
    pixels = np.tile(np.array([65535, 32768, 0], ">u2"), 16).tobytes()
    body = zlib.compress(b"".join(b"\0" + pixels for _ in range(16)))
    assert decode(png(16, 16, 16, 2, body)).rgb[8, 8] == pytest.approx([255, 128, 0], abs=1)


def test_transparency_becomes_alpha_and_full_opacity_none(file_of):
    rgba = np.dstack([RED_LEFT, np.full((40, 60), 255, np.uint8)])
    assert decode(file_of(rgba)).alpha is None
    rgba[:, 30:, 3] = 64
    alpha = decode(file_of(rgba)).alpha
    assert alpha is not None
    assert alpha.dtype == np.float32
    assert alpha[20, 50] == pytest.approx(64 / 255)


@pytest.mark.parametrize(("form", "options"), [("GIF", {}), ("WEBP", {"lossless": True}), ("PNG", {"save_all": True})])
def test_the_first_frame_of_an_animation_is_taken_and_said(file_of, form, options):
    second = Image.fromarray(RED_LEFT[:, ::-1].copy())
    data = file_of(RED_LEFT, form, **{"save_all": True, "append_images": [second], "duration": 100, **options})
    picture = decode(data)
    assert near(picture, RED_LEFT)
    assert len(picture.warnings) == 1
    assert "first" in picture.warnings[0]


def test_an_embedded_profile_is_converted_to_srgb(file_of):
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert decode(file_of(RED_LEFT, "PNG", icc_profile=lab)).warnings == ()
    broken = decode(file_of(RED_LEFT, "PNG", icc_profile=b"not a profile at all"))
    assert near(broken, RED_LEFT, 0)
    assert "profile" in broken.warnings[0]


def test_a_wide_gamut_profile_changes_the_numbers(file_of):
    # The sRGB profile with its red and green primaries exchanged: a made-up gamut that needs no file.
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = struct.unpack(">I", data[128:132])[0]
    entries = {bytes(data[132 + 12 * i : 136 + 12 * i]): 132 + 12 * i for i in range(count)}
    red, green, description = entries[b"rXYZ"], entries[b"gXYZ"], entries[b"desc"]
    data[red : red + 4], data[green : green + 4] = b"gXYZ", b"rXYZ"
    offset = struct.unpack(">I", data[description + 4 : description + 8])[0]
    length = struct.unpack(">I", data[description + 8 : description + 12])[0]
    text = bytes(data[offset : offset + length])
    data[offset : offset + length] = text.replace(b"s\0R\0G\0B", b"t\0e\0s\0t").replace(b"sRGB", b"test")
    picture = decode(file_of(RED_LEFT, "PNG", icc_profile=bytes(data)))
    assert picture.rgb[30, 5, 1] > 150 > picture.rgb[30, 5, 0]


def refused(data, **options):
    with pytest.raises(InvalidInput) as caught:
        decode(data, **options)
    return str(caught.value)


def test_no_bytes():
    assert "0 bytes" in refused(b"")


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"hello, I am not an image", "not an image"),
        (b"\0" * 100, "not an image"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"  <svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (b"<!DOCTYPE html><html></html>", "HTML"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 40, "HEIC"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "PostScript"),
    ],
)
def test_what_is_no_image_is_named_and_the_formats_are_listed(data, name):
    message = refused(data)
    assert name in message
    assert "JPEG" in message


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP"])
@pytest.mark.parametrize("keep", [0.9, 0.5, 0.02])
def test_a_file_that_is_cut_off(file_of, form, keep):
    noise = np.random.default_rng(0).integers(0, 255, (80, 80, 3), dtype=np.uint8)
    data = file_of(noise, form)
    message = refused(data[: max(9, int(len(data) * keep))])
    assert "cut off" in message
    assert "again" in message


def test_flipped_bits_never_raise_anything_else(file_of):
    random = np.random.default_rng(1)
    for form in ("PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP"):
        data = file_of(RED_LEFT, form)
        for _ in range(60):
            broken = bytearray(data)
            for place in random.integers(4, len(data), 4):
                broken[place] = int(random.integers(0, 256))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    decode(bytes(broken))
                except InvalidInput:
                    continue


@pytest.mark.parametrize(("width", "height"), [(20_000, 10_000), (60_000, 60_000), (2_000_000_000, 2)])
def test_a_bomb_is_refused_from_its_header_without_a_warning(width, height):
    message = refused(png(width, height, 8, 2))
    assert "megapixels" in message
    assert f"{width} x {height}" in message


def test_a_bomb_between_pillows_own_limits_does_not_warn():
    assert "megapixels" in refused(png(12_000, 10_000, 8, 2))
    assert "cut off" in refused(png(9_900, 9_900, 8, 2))


def test_a_gif_whose_screen_is_a_bomb_is_refused():
    screen = b"GIF89a" + struct.pack("<HH", 65535, 65535) + b"\x80\0\0" + b"\0" * 6
    frame = b"," + struct.pack("<HHHHB", 0, 0, 65535, 65535, 0) + b"\x02\x02\x44\x01\x00;"
    assert "large" in refused(screen + frame) or "megapixels" in refused(screen + frame)


def test_the_limit_can_be_set(file_of):
    assert "limit" in refused(file_of(RED_LEFT), max_pixels=2000)


def test_one_pixel(file_of):
    picture = decode(file_of(np.full((1, 1, 3), 77, np.uint8)))
    assert picture.rgb.tolist() == [[[77, 77, 77]]]


def test_a_twelve_thousand_pixel_jpeg_comes_down_to_working_size():
    file = BytesIO()
    Image.new("RGB", (12_000, 4_000), (200, 100, 50)).save(file, "JPEG")
    picture = decode(file.getvalue())
    assert picture.rgb.shape == (341, 1024, 3)
    assert picture.original_size == (12_000, 4_000)
    assert near(picture, np.broadcast_to(np.array([200, 100, 50]), picture.rgb.shape), 3)


def test_a_sliver_keeps_at_least_one_pixel(file_of):
    assert decode(file_of(np.zeros((1, 5000, 3), np.uint8))).rgb.shape == (1, 1024, 3)


@pytest.mark.parametrize("size", [(1600, 900), (900, 1600), (401, 400), (1000, 400)])
def test_a_photo_has_the_same_proportions_at_every_size(size):
    file = BytesIO()
    Image.new("RGB", size, (180, 40, 60)).save(file, "JPEG")
    picture = decode(file.getvalue(), working_size=320)
    for rgb, long_side in ((picture.rgb, 320), (picture.small, SMALL)):
        assert max(rgb.shape[:2]) == long_side
        assert rgb.shape[0] == pytest.approx(long_side * size[1] / max(size), abs=1)
    assert picture.small_lab.shape == picture.small.shape

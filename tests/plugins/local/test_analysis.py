from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from placket.errors import InvalidInput
from placket_local.analysis import analyze, cutout_png
from placket_local.cutout import cut_out
from placket_local.picture import decode


def test_one_pass_sees_colour_and_pattern(photo, palette, file_of, cloths):
    seen = analyze(file_of(photo(cloths["stripes"], (120, 150, 120)), "JPEG", quality=92), palette)
    assert seen.cutout.quality > 0.6
    assert {color.name for color in seen.colors[:2]} <= {"navy", "blue", "cream", "white", "beige"}
    assert seen.tags.pattern.term == "striped"


def test_a_picture_without_a_garment_is_no_error(palette, file_of):
    seen = analyze(file_of(np.full((90, 90, 3), 128, np.uint8)), palette)
    assert (seen.colors, seen.tags, seen.cutout.problems) == ((), None, ("no-garment",))


def test_what_is_no_image_is_refused(palette):
    with pytest.raises(InvalidInput, match="not an image"):
        analyze(b"GIF? no", palette)


def test_two_runs_agree(photo, palette, file_of, planks):
    data = file_of(photo((40, 60, 140), planks), "JPEG")
    one, other = analyze(data, palette), analyze(data, palette)
    assert (one.colors, one.tags) == (other.colors, other.tags)
    assert cutout_png(one.picture, one.cutout) == cutout_png(other.picture, other.cutout)


def test_the_cut_out_is_a_transparent_png_without_the_old_background(photo, file_of, shirt):
    picture = decode(file_of(photo((40, 60, 140), (245, 60, 60))))
    image = Image.open(BytesIO(cutout_png(picture, cut_out(picture))))
    pixels = np.asarray(image)
    assert image.mode == "RGBA"
    assert image.size == (400, 480)
    assert pixels[0, 0].tolist() == [0, 0, 0, 0]
    assert pixels[240, 200, 3] == 255
    edge = (pixels[..., 3] > 30) & (pixels[..., 3] < 220)
    assert edge.any()
    assert np.median(pixels[edge][:, 0]) < 120


def test_a_cropped_cut_out_has_the_size_of_the_garment(photo, file_of):
    picture = decode(file_of(photo((40, 60, 140), (245, 245, 245))))
    width, height = Image.open(BytesIO(cutout_png(picture, cut_out(picture), crop=True))).size
    assert 290 < width < 330
    assert 310 < height < 345


def test_there_is_no_cut_out_without_a_garment(palette, file_of):
    seen = analyze(file_of(np.full((90, 90, 3), 128, np.uint8)), palette)
    with pytest.raises(InvalidInput, match="no garment"):
        cutout_png(seen.picture, seen.cutout)

import numpy as np
import pytest

from placket_local.color_names import name_odds, names_odds
from placket_local.colors import garment_colors
from placket_local.cutout import Cutout, cut_out
from placket_local.lab import lab_to_rgb
from placket_local.picture import Picture


def colors_of(rgb, palette):
    picture = Picture(rgb, None, (rgb.shape[1], rgb.shape[0]), "PNG")
    return garment_colors(picture, cut_out(picture), palette)


@pytest.mark.parametrize(
    ("cloth", "ground", "name"),
    [
        ((245, 245, 243), (205, 205, 207), "white"),
        ((232, 232, 230), (150, 40, 50), "white"),
        ((24, 24, 27), (240, 240, 240), "black"),
        ((130, 131, 134), (240, 240, 240), "gray"),
        ((32, 42, 84), (240, 240, 240), "navy"),
        ((50, 100, 190), (240, 240, 240), "blue"),
        ((190, 30, 45), (225, 225, 225), "red"),
        ((60, 140, 80), (240, 240, 240), "green"),
        ((240, 205, 50), (80, 80, 84), "yellow"),
        ((235, 120, 40), (240, 240, 240), "orange"),
        ((240, 160, 190), (90, 90, 94), "pink"),
        ((110, 60, 150), (240, 240, 240), "purple"),
        ((105, 70, 45), (240, 240, 240), "brown"),
        ((215, 195, 162), (70, 70, 76), "beige"),
    ],
)
def test_a_plain_garment_has_its_colour(photo, palette, cloth, ground, name):
    (first, *_) = colors_of(photo(cloth, ground, folds=0.12), palette)
    assert first.name == name
    assert first.share > 0.8
    assert first.confidence > 0.5


@pytest.mark.parametrize(("cloth", "name"), [((245, 245, 243), "white"), ((20, 20, 22), "black")])
def test_deep_folds_do_not_make_it_gray(photo, palette, cloth, name):
    (first, *_) = colors_of(photo(cloth, (150, 40, 50), folds=0.22), palette)
    assert first.name == name


def test_a_word_beyond_the_basic_ones_wins_at_its_centroid(photo, palette):
    turquoise = lab_to_rgb(np.array(palette["turquoise"], np.float32))
    (first, *_) = colors_of(photo(turquoise, (240, 240, 240)), palette)
    assert first.name == "turquoise"
    between = lab_to_rgb((np.array(palette["turquoise"], np.float32) + np.array(palette["blue"], np.float32)) / 2)
    (first, *_) = colors_of(photo(between, (240, 240, 240)), palette)
    assert first.name == "blue"


def test_stripes_give_two_colours_with_their_shares(photo, palette, cloths):
    shares = {color.name: color.share for color in colors_of(photo(cloths["stripes"], (170, 130, 95)), palette)}
    light = shares.get("white", 0) + shares.get("cream", 0) + shares.get("beige", 0)
    dark = shares.get("navy", 0) + shares.get("blue", 0)
    assert light > 0.25
    assert dark > 0.25


def test_shares_are_ranked_few_and_sum_to_at_most_one(photo, palette):
    bars = np.zeros((480, 400, 3))
    hues = [(190, 30, 45), (50, 100, 190), (60, 140, 80), (240, 205, 50), (110, 60, 150), (235, 120, 40), (24, 24, 27)]
    for i, hue in enumerate(hues):
        bars[60 * i : 60 * (i + 1) + 60] = hue
    found = colors_of(photo(bars, (225, 225, 225)), palette)
    assert 3 <= len(found) <= 5
    assert [one.share for one in found] == sorted((one.share for one in found), reverse=True)
    assert sum(one.share for one in found) <= 1.001
    assert len({one.name for one in found}) == len(found)
    for one in found:
        assert 0 <= one.confidence <= 1
        assert all(0 < chance <= 1 for _, chance in one.alternatives)
        assert one.name not in {name for name, _ in one.alternatives}


def test_several_colours_are_named_as_each_of_them_alone(palette):
    labs = [(30.0, 5.0, -30.0), (92.0, 0.0, 1.0), (55.0, 40.0, 30.0)]
    for together, lab in zip(names_odds(labs, palette), labs, strict=True):
        alone = name_odds(lab, palette)
        assert [name for name, _ in together] == [name for name, _ in alone]
        assert [chance for _, chance in together] == pytest.approx([chance for _, chance in alone])
    assert names_odds([], palette) == []


def test_only_names_of_the_palette_are_used(photo):
    (first, *_) = colors_of(
        photo((190, 30, 45), (225, 225, 225)), {"rubber": (40.0, 60.0, 35.0), "gold": (70.0, 5.0, 60.0)}
    )
    assert first.name == "rubber"
    assert colors_of(photo((190, 30, 45), (225, 225, 225)), {}) == ()
    assert colors_of(photo((190, 150, 45), (225, 225, 225)), {"gold": (65.0, 5.0, 60.0)}) == ()


def test_a_bad_cut_out_lowers_the_confidence(photo, palette):
    rgb = photo((190, 30, 45), (225, 225, 225))
    picture = Picture(rgb, None, (400, 480), "PNG")
    good = cut_out(picture)
    poor = Cutout(good.mask, 0.2, ("busy-background",), good.method, good.bounding_box)
    sure, unsure = (garment_colors(picture, cutout, palette)[0] for cutout in (good, poor))
    assert unsure.confidence < sure.confidence - 0.1
    assert unsure.name == sure.name


def test_no_garment_has_no_colour(palette):
    assert colors_of(np.full((100, 100, 3), 200, np.uint8), palette) == ()


def test_the_skin_of_a_wearer_is_left_out(palette):
    rgb = np.full((480, 400, 3), 255, np.uint8)
    rgb[20:80, 165:235] = (205, 150, 125)
    rgb[80:300, 110:290] = (40, 120, 70)
    rgb[300:470, 125:190] = rgb[300:470, 210:275] = (205, 150, 125)
    (first, *rest) = colors_of(rgb, palette)
    assert first.name == "green"
    assert first.share > 0.85
    assert not rest


def test_a_beige_garment_is_not_taken_for_skin(photo, palette):
    (first, *_) = colors_of(photo((214, 178, 150), (245, 245, 245)), palette)
    assert first.share > 0.9


def test_a_tinted_lamp_is_partly_undone(photo, palette):
    neutral = photo((128, 128, 130), (225, 225, 225)).astype(float)
    warm = np.clip(neutral * (1.0, 0.96, 0.87), 0, 255).astype(np.uint8)
    (first, *_) = colors_of(warm, palette)
    assert first.name == "gray"


def test_the_same_picture_gives_the_same_colours(photo, palette, cloths):
    rgb = photo(cloths["tartan"], (225, 225, 225))
    assert colors_of(rgb, palette) == colors_of(rgb, palette)

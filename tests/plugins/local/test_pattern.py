import numpy as np
import pytest

from placket_local.cutout import Cutout, cut_out
from placket_local.pattern import PATTERNS, garment_pattern
from placket_local.picture import Picture


def pattern_of(rgb, shirt):
    picture = Picture(rgb, None, (rgb.shape[1], rgb.shape[0]), "PNG")
    return garment_pattern(picture, Cutout(shirt, 1.0, (), "alpha", (0.1, 0.1, 0.9, 0.9)))


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("stripes", "striped"),
        ("narrow stripes", "striped"),
        ("upright stripes", "striped"),
        ("gingham", "checked"),
        ("tartan", "checked"),
        ("blots", "other"),
    ],
)
def test_woven_and_printed_patterns(photo, shirt, cloths, name, pattern):
    guess = pattern_of(photo(cloths[name], (225, 225, 225)), shirt)
    assert guess is not None
    assert guess.name == pattern
    assert guess.confidence > 0.6
    assert guess.name in PATTERNS


@pytest.mark.parametrize("folds", [0.0, 0.08, 0.16])
@pytest.mark.parametrize("cloth", [(245, 245, 243), (24, 24, 27), (50, 100, 190), (190, 30, 45)])
def test_a_plain_garment_is_solid_in_spite_of_its_folds(photo, shirt, cloth, folds):
    guess = pattern_of(photo(cloth, (130, 130, 130), folds=folds), shirt)
    assert guess is not None
    assert guess.name == "solid"
    assert guess.confidence > 0.5


def test_the_evidence_is_given(photo, shirt, cloths):
    striped = pattern_of(photo(cloths["stripes"], (225, 225, 225)), shirt)
    plain = pattern_of(photo((50, 100, 190), (225, 225, 225)), shirt)
    assert striped.contrast > plain.contrast
    assert striped.orientation > 0.6
    assert striped.periodicity > 0.6 > plain.stripe_patches
    assert (striped.colors, plain.colors) == (2, 1)


def test_nothing_is_said_without_a_garment_or_with_too_little_cloth(shirt):
    empty = np.full((120, 120, 3), 200, np.uint8)
    picture = Picture(empty, None, (120, 120), "PNG")
    assert garment_pattern(picture, cut_out(picture)) is None
    speck = np.zeros((120, 120), np.float32)
    speck[50:62, 50:62] = 1
    assert garment_pattern(picture, Cutout(speck, 1.0, (), "alpha", (0.4, 0.4, 0.5, 0.5))) is None


def test_a_bad_cut_out_lowers_the_confidence(photo, shirt, cloths):
    rgb = photo(cloths["stripes"], (225, 225, 225))
    picture = Picture(rgb, None, (400, 480), "PNG")
    box = (0.1, 0.1, 0.9, 0.9)
    sure = garment_pattern(picture, Cutout(shirt, 1.0, (), "background", box))
    unsure = garment_pattern(picture, Cutout(shirt, 0.3, ("busy-background",), "background", box))
    assert unsure is None or unsure.confidence < sure.confidence

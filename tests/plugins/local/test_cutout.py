import numpy as np
import pytest
from scipy import ndimage

from placket_local.cutout import PROBLEMS, cut_out
from placket_local.picture import Picture, decode


def picture_of(rgb, alpha=None):
    return Picture(rgb, alpha, (rgb.shape[1], rgb.shape[0]), "PNG")


def overlap(mask, truth):
    one, other = mask > 0.5, truth > 0.5
    return (one & other).sum() / (one | other).sum()


PLAIN = [
    ((40, 60, 140), (245, 245, 245)),
    ((250, 250, 248), (200, 200, 202)),
    ((30, 30, 34), (150, 40, 50)),
    ((210, 190, 160), (60, 60, 66)),
    ((200, 60, 60), (190, 170, 140)),
    ((120, 120, 124), (235, 232, 225)),
]


@pytest.mark.parametrize(("cloth", "ground"), PLAIN)
def test_a_garment_on_a_plain_background(photo, shirt, cloth, ground):
    found = cut_out(picture_of(photo(cloth, ground)))
    assert overlap(found.mask, shirt) > 0.91
    assert found.quality > 0.6
    assert found.method == "background"
    assert found.problems == ()


@pytest.mark.parametrize("cloth", [(40, 60, 140), (240, 240, 236), (30, 120, 70)])
def test_a_garment_on_planks(photo, shirt, planks, cloth):
    found = cut_out(picture_of(photo(cloth, planks)))
    assert overlap(found.mask, shirt) > 0.9
    assert found.quality > 0.4


@pytest.mark.parametrize("name", ["stripes", "gingham", "tartan", "blots"])
def test_a_patterned_garment_stays_whole(photo, shirt, cloths, name):
    assert overlap(cut_out(picture_of(photo(cloths[name], (160, 158, 150)))).mask, shirt) > 0.9


def test_a_rumpled_sheet(photo, shirt):
    random = np.random.default_rng(8)
    folds = ndimage.gaussian_filter(random.normal(size=shirt.shape), (12, 30))
    sheet = 200 * (1 + 0.06 * folds / folds.std())[..., None] * np.array([0.96, 0.9, 0.86])
    assert overlap(cut_out(picture_of(photo((50, 90, 80), sheet))).mask, shirt) > 0.93


def test_the_mask_is_soft_at_the_edge_and_hard_elsewhere(photo, shirt):
    mask = cut_out(picture_of(photo((40, 60, 140), (240, 240, 240)))).mask
    assert mask.dtype == np.float32
    assert mask.shape == shirt.shape
    assert mask.min() == 0
    assert mask.max() == 1
    deep = ndimage.binary_erosion(shirt > 0.5, iterations=8)
    far = ~ndimage.binary_dilation(shirt > 0.5, iterations=12)
    assert mask[deep].min() > 0.9
    assert mask[far].max() < 0.1
    assert ((mask > 0.1) & (mask < 0.9)).any()


def test_the_bounding_box_is_in_fractions(photo):
    x0, y0, x1, y1 = cut_out(picture_of(photo((40, 60, 140), (240, 240, 240)))).bounding_box
    assert (x0, y0, x1, y1) == pytest.approx((0.125, 0.167, 0.875, 0.833), abs=0.03)


def test_white_on_white_is_not_trusted(photo):
    found = cut_out(picture_of(photo((250, 250, 250), (251, 251, 251), folds=0.004, shadow=0.01)))
    assert found.quality < 0.3
    assert {"no-garment", "low-contrast"} & set(found.problems)


def test_nothing_there():
    random = np.random.default_rng(0)
    empty = np.clip(200 + random.normal(0, 3, (300, 300, 3)), 0, 255).astype(np.uint8)
    found = cut_out(picture_of(empty))
    assert found.problems == ("no-garment",)
    assert found.quality == 0
    assert found.bounding_box is None
    assert found.mask.max() == 0


def test_noise_is_no_good_garment():
    noise = np.random.default_rng(0).integers(0, 256, (300, 300, 3), dtype=np.uint8)
    assert cut_out(picture_of(noise)).quality < 0.3


def test_two_garments_are_counted(photo):
    one = photo((40, 60, 140), (230, 230, 230))
    found = cut_out(picture_of(np.concatenate([one, one], axis=1)))
    assert "several-objects" in found.problems


def test_a_garment_that_leaves_the_picture(photo):
    close = photo((40, 60, 140), (230, 230, 230))[170:330, 105:320]
    assert "touches-border" in cut_out(picture_of(close)).problems or cut_out(picture_of(close)).quality < 0.3


def test_transparency_is_the_mask(photo, shirt, file_of):
    rgba = np.dstack([photo((250, 250, 250), (251, 251, 251)), np.rint(shirt * 255).astype(np.uint8)])
    found = cut_out(decode(file_of(rgba)))
    assert found.method == "alpha"
    assert found.quality == 1
    assert overlap(found.mask, shirt) == 1


def test_a_wholly_transparent_picture_has_no_garment(file_of):
    found = cut_out(decode(file_of(np.zeros((50, 50, 4), np.uint8))))
    assert found.problems == ("no-garment",)
    assert found.method == "alpha"


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (7, 7), (16, 16), (17, 400), (400, 17)])
def test_tiny_and_thin_pictures(shape):
    found = cut_out(picture_of(np.full((*shape, 3), 128, np.uint8)))
    assert found.mask.shape == shape
    assert found.problems == ("no-garment",)


def test_the_same_picture_gives_the_same_mask(photo, planks):
    picture = picture_of(photo((40, 60, 140), planks))
    assert np.array_equal(cut_out(picture).mask, cut_out(picture).mask)


def test_problems_are_of_the_documented_list(photo, planks):
    for rgb in (
        photo((170, 130, 90), planks),
        photo((250, 250, 250), (251, 251, 251)),
        np.zeros((60, 60, 3), np.uint8),
    ):
        assert set(cut_out(picture_of(rgb)).problems) <= set(PROBLEMS)

"""Pack-shots, details and collages: geometry, ground, shadow, what the files say, and what is refused."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageCms

from placket.errors import InvalidInput
from placket_local.studio.collage import MOST, Piece, collage
from placket_local.studio.compose import pack_shot
from placket_local.studio.details import detail_crops
from placket_local.studio.files import Origin, encoded
from placket_local.studio.garment_photo import GarmentPhoto, PoorCutout, cut_from
from placket_local.studio.presets import PRESETS, Preset


@pytest.fixture(scope="module")
def photo(shirt: np.ndarray) -> GarmentPhoto:
    """A red shirt, 1,000 pixels high, with a checked patch on its chest."""
    mask = np.asarray(Image.fromarray(shirt).resize((1250, 1500), Image.Resampling.BICUBIC)).clip(0, 1)
    rows, columns = np.flatnonzero(mask.max(axis=1) > 0.5), np.flatnonzero(mask.max(axis=0) > 0.5)
    mask = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    rgb = np.full((*mask.shape, 3), (190, 40, 50), np.uint8)
    y, x = np.mgrid[0 : mask.shape[0], 0 : mask.shape[1]]
    patch = (y > 400) & (y < 700) & (x > 350) & (x < 650) & (((y // 8) + (x // 8)) % 2 == 0)
    rgb[patch] = (240, 220, 200)
    return GarmentPhoto(rgb, mask)


def shot(photo: GarmentPhoto, name: str) -> np.ndarray:
    return np.asarray(pack_shot(photo, PRESETS[name])).astype(int)


def garment_box(picture: np.ndarray) -> tuple[int, int, int, int]:
    red = (picture[..., 0] > 120) & (picture[..., 1] < 110)
    rows, columns = np.flatnonzero(red.any(axis=1)), np.flatnonzero(red.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_the_garment_is_centred_and_fills_what_the_margins_leave(photo: GarmentPhoto, name: str) -> None:
    preset = PRESETS[name]
    picture = shot(photo, name)
    width, height = preset.size
    assert picture.shape[:2] == (height, width)
    x0, y0, x1, y1 = garment_box(picture)
    assert abs((x0 + x1) / 2 - width / 2) <= 3
    assert abs((y0 + y1) / 2 - height / 2) <= 3
    free = preset.margin * min(preset.size)
    assert min(x0, y0) == pytest.approx(free, abs=4)


@pytest.mark.parametrize(("name", "ground"), [("square-white", 255), ("square-gray", 240), ("marketplace", 255)])
def test_the_ground_has_its_colour_to_the_last_pixel_of_the_border(photo: GarmentPhoto, name: str, ground: int) -> None:
    picture = shot(photo, name)
    border = np.concatenate((picture[0], picture[-1], picture[:, 0], picture[:, -1]))
    assert (border == ground).all()


def test_the_shadow_lies_below_the_garment_and_fades(photo: GarmentPhoto) -> None:
    picture = shot(photo, "square-gray")
    _, _, _, bottom = garment_box(picture)
    below = picture[bottom + 3 : bottom + 80, 1000].mean(axis=1)
    assert below[0] < 225
    assert below[-1] > 235
    assert (shot(photo, "marketplace")[bottom + 60 :, 1000] == 255).all(), "this preset has no shadow"


def test_a_shadow_at_the_bottom_does_not_come_out_at_the_top() -> None:
    low = np.zeros((1000, 800), np.float32)
    low[500:] = 1
    garment = GarmentPhoto(np.zeros((1000, 800, 3), np.uint8), low)
    picture = pack_shot(garment, Preset("filled", (800, 1000), 0.0, (240, 240, 240)))
    assert (np.asarray(picture)[:100] == 240).all()


def test_transparency_keeps_the_soft_edge_and_no_rim_of_the_old_ground(photo: GarmentPhoto) -> None:
    picture = shot(photo, "square-transparent")
    alpha = picture[..., 3]
    assert alpha.max() == 255
    assert alpha[0].max() == 0
    edge = (alpha > 40) & (alpha < 215)
    assert edge.any()
    assert np.abs(picture[edge][:, :3] - (190, 40, 50)).max() < 8, "the cloth's own colour, and nothing of the ground's"
    assert (picture[alpha == 0][:, :3] == 255).all(), "and nothing of the photo where the garment is not"


def test_a_garment_that_the_photo_shows_too_small_is_refused(photo: GarmentPhoto) -> None:
    small = GarmentPhoto(photo.rgb[::4, ::4], photo.mask[::4, ::4])
    with pytest.raises(InvalidInput, match="marketplace needs 1000 on the longer side: use a larger photo"):
        pack_shot(small, PRESETS["marketplace"])


def test_details_come_from_the_sharpest_cloth(photo: GarmentPhoto) -> None:
    first, *_ = detail_crops(photo, 2)
    seen = np.asarray(first).astype(int)
    assert first.size[0] == first.size[1]
    assert (seen[..., 1] > 150).mean() > 0.2, "the checked patch is what there is to see"


def test_details_of_a_small_photo_are_refused(photo: GarmentPhoto) -> None:
    with pytest.raises(InvalidInput, match="too small for details"):
        detail_crops(GarmentPhoto(photo.rgb[::3, ::3], photo.mask[::3, ::3]))


def colored(photo: GarmentPhoto, color: tuple[int, int, int]) -> GarmentPhoto:
    return GarmentPhoto(np.full_like(photo.rgb, color), photo.mask)


def extent(picture: Image.Image, channel: int) -> tuple[int, int, int, int]:
    values = np.asarray(picture).astype(int)
    others = [index for index in range(3) if index != channel]
    strong = (values[..., channel] > 120) & (values[..., others].max(axis=-1) < 110)
    rows, columns = np.flatnonzero(strong.any(axis=1)), np.flatnonzero(strong.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]), int(rows[-1])


def test_a_collage_draws_all_garments_to_one_scale(photo: GarmentPhoto) -> None:
    pieces = [
        Piece(colored(photo, (30, 60, 200)), "bottom", 1.0),
        Piece(colored(photo, (200, 30, 40)), "top", 0.5),
    ]
    picture = collage(pieces, PRESETS["portrait-4x5-white"])
    top, bottom = extent(picture, 0), extent(picture, 2)
    assert (bottom[3] - bottom[1]) / (top[3] - top[1]) == pytest.approx(2.0, rel=0.03)
    assert top[0] < bottom[0] or top[3] < bottom[1], "what is worn above comes first"


def test_a_belt_that_lies_across_its_photo_leaves_the_shirt_its_size(photo: GarmentPhoto) -> None:
    belt = GarmentPhoto(np.full((60, 1800, 3), (30, 60, 200), np.uint8), np.ones((60, 1800), np.float32))
    picture = collage([Piece(photo, "top", 0.7), Piece(belt, "accessory", 1.0)], PRESETS["portrait-4x5-white"])
    shirt, lying = extent(picture, 0), extent(picture, 2)
    assert (lying[2] - lying[0]) / (shirt[3] - shirt[1]) == pytest.approx(1.0 / 0.7, rel=0.05)


def test_the_smallest_piece_of_a_collage_is_seen(photo: GarmentPhoto) -> None:
    chain = GarmentPhoto(np.full((2000, 3, 3), (30, 60, 200), np.uint8), np.ones((2000, 3), np.float32))
    picture = np.asarray(
        collage([Piece(photo, "dress", 3.0), Piece(chain, "accessory", 0.02)], PRESETS["square-white"])
    )
    assert (picture[..., 2].astype(int) > picture[..., 0].astype(int) + 40).any()


@pytest.mark.parametrize("count", range(1, MOST + 1))
def test_no_two_garments_of_a_collage_overlap_and_none_leaves_it(photo: GarmentPhoto, count: int) -> None:
    kinds = ["top", "bottom", "outerwear", "shoes", "dress", "accessory"][:count]
    colors = [(20 * index, 100, 200 - 20 * index) for index in range(count)]
    full = np.ones_like(photo.mask)
    pieces = [
        Piece(GarmentPhoto(np.full_like(photo.rgb, color), full), kind)
        for kind, color in zip(kinds, colors, strict=True)
    ]
    picture = np.asarray(collage(pieces, Preset("bare", (800, 1000), 0.05, (255, 255, 255), shadow=False)))
    assert (picture[[0, -1]] == 255).all()
    assert (picture[:, [0, -1]] == 255).all()
    for color in colors:
        mine = (picture == color).all(axis=-1)
        rows, columns = np.flatnonzero(mine.any(axis=1)), np.flatnonzero(mine.any(axis=0))
        assert mine[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].all(), "nothing lies on top of it"


@pytest.mark.parametrize(
    ("kinds", "message"),
    [([], "not 0"), (["top"] * (MOST + 1), f"not {MOST + 1}"), (["tent"], "'tent' is no kind of garment")],
)
def test_what_cannot_be_a_collage_is_refused(photo: GarmentPhoto, kinds: list[str], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        collage([Piece(photo, kind) for kind in kinds], PRESETS["square-white"])


@pytest.mark.parametrize(("name", "media_type"), [("square-white", "image/jpeg"), ("square-transparent", "image/png")])
def test_a_file_says_how_it_came_about_and_in_which_colours(photo: GarmentPhoto, name: str, media_type: str) -> None:
    data, said = encoded(pack_shot(photo, PRESETS[name]), Origin.ENHANCED, "pack-shot <of> SKU & 7")
    assert said == media_type
    image = Image.open(io.BytesIO(data))
    assert image.get_format_mimetype() == media_type
    profile = ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"]))
    assert "sRGB" in ImageCms.getProfileDescription(profile)
    packet = image.info["xmp"].decode() if isinstance(image.info["xmp"], bytes) else image.info["xmp"]
    assert "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicallyEnhanced" in packet
    assert "pack-shot &lt;of&gt; SKU &amp; 7" in packet


def test_a_cut_out_that_is_not_good_enough_is_refused_with_a_preview(file_of: Callable[..., bytes]) -> None:
    rng = np.random.default_rng(7)
    with pytest.raises(PoorCutout, match="give a mask, or a PNG with transparency") as caught:
        cut_from(file_of(rng.integers(0, 255, (400, 400, 3), np.uint8)))
    preview = Image.open(io.BytesIO(caught.value.preview()))
    assert preview.format == "PNG"
    assert max(preview.size) <= 800


def test_a_mask_of_the_user_takes_the_place_of_the_cut_out(file_of: Callable[..., bytes]) -> None:
    rng = np.random.default_rng(7)
    picture = file_of(rng.integers(0, 255, (400, 300, 3), np.uint8))
    mask = np.zeros((200, 150), np.uint8)
    mask[50:150, 40:100] = 255
    found = cut_from(picture, mask=file_of(mask))
    assert found.mask.shape == pytest.approx((200, 120), abs=3)


def test_a_mask_may_be_white_on_transparency(file_of: Callable[..., bytes]) -> None:
    picture = file_of(np.full((400, 300, 3), 90, np.uint8))
    mask = np.full((200, 150, 4), 255, np.uint8)
    mask[..., 3] = 0
    mask[50:150, 40:100, 3] = 255
    assert cut_from(picture, mask=file_of(mask)).mask.shape == pytest.approx((200, 120), abs=3)


@pytest.mark.parametrize(
    ("mask", "message"),
    [
        (np.full((300, 400), 255, np.uint8), "must have the same shape"),
        (np.zeros((400, 300), np.uint8), "the mask is empty"),
    ],
)
def test_a_mask_that_does_not_fit_is_refused(file_of: Callable[..., bytes], mask: np.ndarray, message: str) -> None:
    picture = file_of(np.full((400, 300, 3), 90, np.uint8))
    with pytest.raises(InvalidInput, match=message):
        cut_from(picture, mask=file_of(mask))


def test_a_picture_with_transparency_brings_its_mask(file_of: Callable[..., bytes], shirt: np.ndarray) -> None:
    rgba = np.full((*shirt.shape, 4), (190, 40, 50, 0), np.uint8)
    rgba[..., 3] = np.rint(shirt * 255)
    rows = np.flatnonzero((shirt > 0.5).any(axis=1))
    assert cut_from(file_of(rgba)).mask.shape[0] == pytest.approx(len(rows), abs=2)

"""Photos that nothing can be made of are refused with the reason, by themselves; good ones beside them are made."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Picture

from placket.errors import InvalidInput, JobFailed
from placket.interfaces import GarmentImage, Image, JobState, LookDraft, ProjectDraft, SkuDraft, WantedShot


def canvas(width: int = 800, height: int = 1000, value: Any = (250, 250, 250)) -> np.ndarray:
    return np.broadcast_to(np.array(value, np.uint8), (height, width, 3)).copy()


def white_on_white() -> np.ndarray:
    picture = canvas()
    picture[200:800, 200:600] = (248, 248, 248)
    return picture


def touching_the_border() -> np.ndarray:
    picture = canvas(value=(200, 190, 180))
    picture[:, 60:740] = (60, 40, 90)
    picture[:400] = (60, 40, 90)
    return picture


def two_garments() -> np.ndarray:
    picture = canvas(1000, 1300)
    picture[200:1100, 80:440] = (150, 30, 40)
    picture[200:1100, 560:920] = (30, 60, 140)
    return picture


def no_garment() -> np.ndarray:
    return canvas()


def noise() -> np.ndarray:
    return np.random.default_rng(7).integers(0, 255, (1200, 960, 3), np.uint8)


def one_pixel() -> np.ndarray:
    return canvas(1, 1)


@pytest.mark.parametrize("drawn", [white_on_white, touching_the_border, no_garment, noise, one_pixel])
async def test_a_poor_cut_out_is_refused_with_the_reason_and_a_look_at_the_mask(
    here: Any, encode: Any, drawn: Any
) -> None:
    sku = await here.sku(("front", encode(drawn())))
    (shot,) = await here.made([sku.ref], WantedShot("pack-shot"))
    assert shot.state == "failed"
    assert shot.image is None
    assert "the garment cannot be cut out of this picture well enough" in shot.details["reason"]
    assert "give a mask, or a PNG with transparency" in shot.details["reason"]
    preview = Picture.open(Path(shot.details["mask_preview"]))
    preview.load()
    assert max(preview.size) <= 800


async def test_two_garments_are_refused_and_a_pair_of_shoes_is_not(here: Any, encode: Any, seen: Any) -> None:
    shirts = await here.sku(("front", encode(two_garments())))
    (shot,) = await here.made([shirts.ref], WantedShot("pack-shot"))
    assert "there are several separate things; photograph one garment at a time" in shot.details["reason"]
    shoes = await here.sku(("front", encode(two_garments())), category="shoes")
    (shot,) = await here.made([shoes.ref], WantedShot("pack-shot"))
    colors = seen(shot.image).resize((40, 40)).getcolors(1600)
    assert any(red > blue + 60 for _, (red, _, blue) in colors)
    assert any(blue > red + 60 for _, (red, _, blue) in colors)


async def test_what_somebody_wears_is_refused(here: Any, somebody: bytes) -> None:
    sku = await here.sku(("front", somebody))
    (shot,) = await here.made([sku.ref], WantedShot("pack-shot"))
    assert shot.image is None
    assert "somebody wears it, and hands and hair hide parts of it; photograph it lying flat" in shot.details["reason"]


async def test_skin_is_not_taken_for_the_garment(here: Any, worn: Any, seen: Any) -> None:
    sku = await here.sku(("front", worn()))
    (shot,) = await here.made([sku.ref], WantedShot("pack-shot"))
    assert shot.state == "in-review"
    red, green, _ = np.moveaxis(np.asarray(seen(shot.image).convert("RGB"), int), -1, 0)
    assert (green > red + 40).mean() > 0.2, "the shirt is there"
    assert (red > green + 30).mean() < 0.002, "and no skin is"


async def test_a_bad_photo_does_not_stop_the_good_ones(here: Any, photo: Any, encode: Any) -> None:
    bad, good = await here.sku(("front", encode(no_garment()))), await here.sku(("front", photo()))
    brief = await here.brief([bad.ref, good.ref], WantedShot("detail"))
    job = await here.shoots.start_brief(brief.ref)
    done = await job.result()
    assert done.status.state is JobState.SUCCEEDED
    assert "1 of 2 could not be made" in done.status.message
    assert {shot.state for shot in await here.shoots.brief_results(brief.ref).collect()} == {"failed", "in-review"}


async def test_when_nothing_can_be_made_the_job_fails_and_a_mask_helps(here: Any, encode: Any, silhouette: Any) -> None:
    picture, mask = encode(noise()), encode((silhouette(480, 600) * 255).astype(np.uint8))
    sku = await here.sku(("front", picture))
    brief = await here.brief([sku.ref], WantedShot("pack-shot"))
    job = await here.shoots.start_brief(brief.ref)
    with pytest.raises(JobFailed, match="cannot be cut out"):
        await job.result()
    images = (GarmentImage(Image.of(picture)), GarmentImage(Image.of(mask), "mask"))
    refused = (await here.shoots.brief_results(brief.ref).collect())[0]
    await here.shoots.update_sku(sku.ref, SkuDraft(images=images))
    job = await here.shoots.start_brief(brief.ref)
    assert (await job.result()).status.state is JobState.SUCCEEDED
    (shot,) = await here.shoots.brief_results(brief.ref).collect()
    assert (shot.id, shot.state) == (refused.id, "in-review")
    assert "reason" not in shot.details
    assert "mask_preview" not in shot.details


async def test_transparency_is_the_mask(here: Any, encode: Any, silhouette: Any, seen: Any) -> None:
    alpha = silhouette()[..., None] * 255
    sku = await here.sku(("front", encode(np.concatenate((noise_like(alpha), alpha), axis=2).astype(np.uint8))))
    (shot,) = await here.made([sku.ref], WantedShot("pack-shot"))
    assert shot.state == "in-review"
    assert seen(shot.image).getpixel((20, 20)) == (255, 255, 255)


def noise_like(plane: np.ndarray) -> np.ndarray:
    return np.random.default_rng(7).integers(0, 255, (*plane.shape[:2], 3)).astype(float)


@pytest.mark.parametrize(
    ("shape", "message"),
    [((700, 900), "must have the same shape"), ((1200, 960), "the mask is empty")],
)
async def test_a_mask_that_does_not_fit_is_refused(here: Any, encode: Any, shape: Any, message: str) -> None:
    sku = await here.sku(("front", encode(noise())), ("mask", encode(np.zeros(shape, np.uint8))))
    (shot,) = await here.made([sku.ref], WantedShot("pack-shot"))
    assert shot.state == "failed"
    assert message in shot.details["reason"]


@pytest.mark.timeout(300)
async def test_a_photo_of_12000_pixels_is_shot_and_one_beyond_reason_is_refused(
    here: Any, encode: Any, silhouette: Any, seen: Any
) -> None:
    small = np.where(silhouette(600, 400)[..., None] > 0.5, (40, 60, 120), (245, 245, 245)).astype(np.uint8)
    large = Picture.fromarray(small).resize((12_000, 8_000), Picture.Resampling.NEAREST)
    sku = await here.sku(("front", encode(np.asarray(large), "JPEG", quality=60)))
    (shot,) = await here.made([sku.ref], WantedShot("pack-shot"))
    assert seen(shot.image).size == (2000, 2000)
    sku = await here.sku(("front", encode(np.zeros((12_000, 12_000), np.uint8))))
    (shot,) = await here.made([sku.ref], WantedShot("pack-shot"))
    assert "the limit is 100 megapixels" in shot.details["reason"]


async def test_a_small_photo_is_not_enlarged_until_it_blurs(here: Any, photo: Any) -> None:
    sku = await here.sku(("front", photo(width=400, height=500)))
    pack, *details = await here.made([sku.ref], WantedShot("pack-shot", "marketplace"), WantedShot("detail", count=2))
    reasons = {shot.details["reason"] for shot in (pack, *details)}
    assert any("use a larger photo" in reason for reason in reasons)
    assert {shot.state for shot in (pack, *details)} == {"failed"}


@pytest.mark.parametrize("length", [(70, "m"), (4.5, "m"), (0.2, "mm")])
async def test_an_absurd_length_is_refused_where_it_would_count(here: Any, photo: Any, length: Any) -> None:
    sku = await here.sku(("front", photo()), **{"measurements.length": length})
    await here.shoots.create_look([sku.ref], LookDraft("alone"))
    shots = await here.made([sku.ref], WantedShot("collage"), WantedShot("detail"))
    states = {shot.shot_type.partition("/")[0]: shot for shot in shots}
    assert states["detail"].state == "in-review"
    assert "cannot be right" in states["collage"].details["reason"]
    assert "unit" in states["collage"].details["reason"]


async def test_a_garment_without_the_photo_that_is_wanted_is_refused(here: Any, photo: Any) -> None:
    sku = await here.sku(("front", photo()))
    (shot,) = await here.made([sku.ref], WantedShot("pack-shot", view="back"))
    assert shot.details["reason"] == "the garment has no back picture; give it one with update_sku"


@pytest.mark.parametrize("data", [b"", b"no picture at all"])
async def test_what_is_no_picture_is_refused_when_it_is_given(here: Any, data: bytes) -> None:
    with pytest.raises(InvalidInput, match=r"empty|not an image"):
        await here.sku(("front", data))


async def test_a_photo_that_was_removed_from_the_disk_is_told(here: Any, photo: Any, tmp_path: Path) -> None:
    sku = await here.sku(("front", photo()))
    for file in (tmp_path / "here" / "media").rglob("*.png"):
        file.unlink()
    (shot,) = await here.made([sku.ref], WantedShot("pack-shot"))
    assert "cannot be read" in shot.details["reason"]
    assert "give it again with update_sku" in shot.details["reason"]


@pytest.mark.parametrize("value", ["half \ud800", object()])
async def test_details_that_cannot_be_stored_are_refused(here: Any, value: Any) -> None:
    sku = await here.sku()
    with pytest.raises(InvalidInput, match="cannot be stored"):
        await here.shoots.create_project(ProjectDraft("Spring", {"mood": value}))
    with pytest.raises(InvalidInput, match="cannot be stored"):
        await here.shoots.create_look([sku.ref], LookDraft("Office", {"mood": value}))
    assert await here.shoots.list_projects().collect() == []
    assert await here.shoots.list_looks(sku.ref).collect() == []


@pytest.mark.parametrize(
    ("details", "where"),
    [
        ({"budget": float("nan")}, "budget: nan is neither"),
        ({"days": {"shoot": [1.5, float("inf")]}}, "days.shoot.1: inf is neither"),
        ({"days": {1: "Monday"}}, "days: the key 1 is no text"),
    ],
)
async def test_what_json_would_say_otherwise_is_refused_by_name(here: Any, details: Any, where: str) -> None:
    sku = await here.sku()
    with pytest.raises(InvalidInput, match=f"the details of the project 'Spring' cannot be stored.*{where}"):
        await here.shoots.create_project(ProjectDraft("Spring", details))
    with pytest.raises(InvalidInput, match=f"the details of the look 'Office' cannot be stored.*{where}"):
        await here.shoots.create_look([sku.ref], LookDraft("Office", details))
    assert await here.shoots.list_projects().collect() == []
    assert await here.shoots.list_looks(sku.ref).collect() == []


async def test_details_come_back_as_they_are_told_at_first(here: Any) -> None:
    made = await here.shoots.create_project(ProjectDraft("Spring", {"days": ("Monday", "Tuesday")}))
    assert await here.shoots.list_projects().collect() == [made]

"""Photos of which no preview can be built: the job fails with the reason, and shows what was taken for the garment."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Picture

from placket.errors import InvalidInput, JobFailed
from placket.interfaces import ArProductDraft, JobState


def blank(value: int = 250, width: int = 480, height: int = 600) -> np.ndarray:
    return np.full((height, width, 3), value, np.uint8)


def white_on_white() -> np.ndarray:
    picture = blank()
    picture[120:480, 120:360] = 248
    return picture


def is_png(path: str) -> bool:
    return Path(path).read_bytes().startswith(b"\x89PNG")


def two_garments() -> np.ndarray:
    picture = blank()
    picture[100:500, 40:210] = (150, 30, 40)
    picture[100:500, 270:440] = (30, 60, 140)
    return picture


def touching_the_border() -> np.ndarray:
    picture = blank(190)
    picture[:, 40:440] = (60, 40, 90)
    picture[:300] = (60, 40, 90)
    return picture


@pytest.mark.parametrize(
    ("drawn", "message"),
    [
        (blank(), "plain ground of another colour"),
        (white_on_white(), "plain ground of another colour"),
        (blank(width=1, height=1), "plain ground of another colour"),
        (two_garments(), "photograph one garment at a time"),
        (touching_the_border(), "step back"),
        (np.random.default_rng(7).integers(0, 255, (600, 480, 3), np.uint8), "plain ground"),
    ],
)
async def test_the_job_fails_and_says_why(
    here: Any, configuration: Any, encode: Any, drawn: np.ndarray, message: str
) -> None:
    product = await here.ar.create_product(ArProductDraft("Shirt", (configuration(front=encode(drawn)),)))
    job = await here.ar.mark_ready(product.ref)
    with pytest.raises(JobFailed, match=message):
        await job.result()
    told = await here.ar.get_product(product.ref)
    assert (told.state, told.assets) == (JobState.FAILED, ())
    assert message in told.raw["reason"]
    assert is_png(told.raw["mask_preview"])


async def test_a_mask_of_another_shape_is_refused(here: Any, configuration: Any, photo: Any, encode: Any) -> None:
    mask = encode(np.full((480, 600), 255, np.uint8))
    product = await here.ar.create_product(ArProductDraft("Shirt", (configuration(front=photo(), mask=mask),)))
    with pytest.raises(JobFailed, match="must have the same shape"):
        await (await here.ar.mark_ready(product.ref)).result()


async def test_a_poor_back_is_named(here: Any, configuration: Any, photo: Any, encode: Any) -> None:
    images = {"front": photo(), "back": encode(blank())}
    product = await here.ar.create_product(ArProductDraft("Shirt", (configuration(**images),)))
    with pytest.raises(JobFailed, match="cannot be cut out of the back picture"):
        await (await here.ar.mark_ready(product.ref)).result()


async def test_of_a_person_only_the_garment_is_built(here: Any, configuration: Any, worn: Any) -> None:
    built = await here.built(ArProductDraft("Shirt", (configuration(front=worn()),), details={"length": (49, "cm")}))
    width, height, _ = built.raw["size"]
    assert height == pytest.approx(0.49, abs=1e-3)
    assert width / height == pytest.approx(460 / 490, abs=0.03), "the shirt is as wide, without the person below it"


@pytest.mark.timeout(300)
async def test_a_photo_of_12000_pixels_is_built_and_one_beyond_reason_is_refused(
    here: Any, configuration: Any, encode: Any, silhouette: Any
) -> None:
    small = np.where(silhouette(600, 400)[..., None] > 0.5, (40, 60, 120), (245, 245, 245)).astype(np.uint8)
    large = np.asarray(Picture.fromarray(small).resize((12_000, 8_000), Picture.Resampling.NEAREST))
    front = encode(large, "JPEG", quality=60)
    assert (await here.built(ArProductDraft("Shirt", (configuration(front=front),)))).assets
    front = encode(np.zeros((12_000, 12_000), np.uint8))
    product = await here.ar.create_product(ArProductDraft("Shirt", (configuration(front=front),)))
    with pytest.raises(JobFailed, match="the limit is 100 megapixels"):
        await (await here.ar.mark_ready(product.ref)).result()


@pytest.mark.parametrize("data", [b"", b"no picture at all"])
async def test_what_is_no_picture_is_refused_when_it_is_given(here: Any, configuration: Any, data: bytes) -> None:
    with pytest.raises(InvalidInput, match=r"empty|not an image"):
        await here.ar.create_product(ArProductDraft("Shirt", (configuration(front=data),)))

"""Photos of which no preview can be built: the job fails with the reason, and shows what was taken for the garment."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from placket.errors import JobFailed
from placket.interfaces import ArProductDraft, JobState


def blank(value: int = 250, width: int = 480, height: int = 600) -> np.ndarray:
    return np.full((height, width, 3), value, np.uint8)


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

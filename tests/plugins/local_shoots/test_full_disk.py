"""A disk that fills up while shots are made: the error names the file, and the work is done once there is room."""

from typing import Any

import pytest

import placket
from placket.errors import QuotaExhausted
from placket.interfaces import WantedShot


async def test_a_shot_that_finds_no_room_stays_to_be_made(
    small_disk: Any, config: Any, shoots_of: Any, photo: Any, seen: Any, whole_files: Any
) -> None:
    async with placket.open(config, data_folder=small_disk.path) as router:
        here = shoots_of(router)
        sku = await here.sku(("front", photo()))
        brief = await here.brief([sku.ref], WantedShot("pack-shot"))
        small_disk.fill(200_000)
        job = await here.shoots.start_brief(brief.ref)
        with pytest.raises(QuotaExhausted, match=r"\.jpg cannot be written \(No space left.*make room on the disk"):
            await job.result()
        (shot,) = await here.shoots.brief_results(brief.ref).collect()
        assert (shot.state, shot.image) == ("pending", None)
        assert whole_files(small_disk.path / "here" / "media") == 1
        assert not list(small_disk.path.rglob("*.part"))
        small_disk.make_room()
        await (await here.shoots.start_brief(brief.ref)).result()
        (shot,) = await here.shoots.brief_results(brief.ref).collect()
        assert seen(shot.image).size == (2000, 2000)


async def test_a_photo_that_finds_no_room_makes_no_garment(
    small_disk: Any, config: Any, shoots_of: Any, photo: Any
) -> None:
    async with placket.open(config, data_folder=small_disk.path) as router:
        here, front = shoots_of(router), ("front", photo())
        await here.shoots.list_projects().collect()
        small_disk.fill(200_000)
        with pytest.raises(placket.AllProvidersFailed) as caught:
            await here.sku(front)
        (cause,) = caught.value.exceptions
        assert isinstance(cause, QuotaExhausted)
        small_disk.make_room()
        assert (await here.sku(front)).ref

"""A process that is killed, or whose disk fills up, loses nothing that was told and leaves nothing half-made."""

import asyncio
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import placket
from placket.interfaces import Ref, SkuQuery, Ticket


async def said(worker: asyncio.subprocess.Process) -> list[str]:
    output, _ = await worker.communicate()
    return output.decode().splitlines()


@pytest.fixture
def photos(tmp_path: Path, photo: Any) -> Path:
    (tmp_path / "photos").mkdir()
    for number, cloth in enumerate([(190, 40, 50), (40, 60, 120)]):
        (tmp_path / "photos" / f"{number}.png").write_bytes(photo(cloth))
    return tmp_path


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", [1, 2])
async def test_a_killed_process_loses_nothing_and_the_next_one_finishes(
    photos: Path, config: Any, shoots_of: Any, begin_worker: Any, whole_files: Any, seed: int
) -> None:
    moments = random.Random(seed)
    worker = await begin_worker("brief", photos, 0)
    assert worker.stdout is not None
    ticket = (await worker.stdout.readline()).decode().strip()
    for ahead in (120, 240, 360):
        assert await worker.stdout.readline(), "it has begun to work"
        try:
            await asyncio.wait_for(worker.wait(), moments.uniform(0.0, 1.5))
        except TimeoutError:
            worker.kill()
        await worker.communicate()
        whole_files(photos / "here" / "media")
        worker = await begin_worker("brief", photos, ahead, ticket)
        assert worker.stdout is not None
    assert (await said(worker))[-1] == "done"
    async with placket.open(config, data_folder=photos) as router:
        here = shoots_of(router)
        brief = Ref("here", "brief", Ticket.from_json(ticket).id)
        shots = await here.shoots.brief_results(brief).collect()
        assert len(shots) == 8
        assert {shot.state for shot in shots} == {"in-review"}
        for sku in await here.shoots.list_skus(SkuQuery()).collect():
            for shot in await here.shoots.list_shots(sku.ref).collect():
                assert len(await here.shoots.revisions(sku.ref, shot.id)) == 1
    assert whole_files(photos / "here" / "media") >= 10


@pytest.mark.timeout(300)
async def test_two_processes_share_a_brief(photos: Path, config: Any, shoots_of: Any, begin_worker: Any) -> None:
    one = await begin_worker("brief", photos, 0)
    assert one.stdout is not None
    ticket = (await one.stdout.readline()).decode().strip()
    other = await begin_worker("brief", photos, 0, ticket)
    ends = await asyncio.gather(said(one), said(other))
    assert [lines[-1] for lines in ends] == ["done", "done"]
    async with placket.open(config, data_folder=photos) as router:
        here = shoots_of(router)
        for sku in await here.shoots.list_skus(SkuQuery()).collect():
            for shot in await here.shoots.list_shots(sku.ref).collect():
                assert len(await here.shoots.revisions(sku.ref, shot.id)) == 1


async def test_a_full_disk_is_told_and_the_work_is_done_when_there_is_room(
    tmp_path: Path, encode: Any, begin_worker: Any, whole_files: Any
) -> None:
    """A limit to the size of a file stands for the disk: the database fits under it, the picture does not."""
    (tmp_path / "photos").mkdir()
    grain = np.random.default_rng(1).integers(0, 160, (1000, 800, 1), np.uint8).repeat(3, axis=2)
    grain[:, :60] = grain[:, -60:] = grain[:60] = grain[-60:] = 255
    (tmp_path / "photos" / "grain.jpg").write_bytes(encode(grain, "JPEG", quality=60))
    lines = await said(await begin_worker("brief", tmp_path, 0, "", 900_000))
    ticket, end = lines[0], lines[-1]
    assert end.startswith("QuotaExhausted")
    assert "make room on the disk" in end
    whole_files(tmp_path / "here" / "media")
    assert not list((tmp_path / "here" / "media").rglob("*.part"))
    assert (await said(await begin_worker("brief", tmp_path, 0, ticket)))[-1] == "done"

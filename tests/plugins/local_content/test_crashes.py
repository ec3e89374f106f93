"""A builder that is killed leaves no half-made file, and a later process builds the product."""

import asyncio
import random
from pathlib import Path
from typing import Any

import pytest

import placket
from placket.interfaces import JobState, Ref


@pytest.mark.timeout(300)
async def test_a_killed_builder_is_followed_by_one_that_finishes(
    tmp_path: Path, config: Any, content_of: Any, photo: Any, begin_worker: Any, whole_files: Any
) -> None:
    (tmp_path / "front.png").write_bytes(photo())
    moments = random.Random(3)
    worker = await begin_worker("product", tmp_path, 0)
    assert worker.stdout is not None
    ticket = (await worker.stdout.readline()).decode().strip()
    for ahead in (120, 240, 360):
        assert await worker.stdout.readline(), "it has begun to work"
        try:
            await asyncio.wait_for(worker.wait(), moments.uniform(0.0, 1.5))
        except TimeoutError:
            worker.kill()
        await worker.communicate()
        whole_files(tmp_path / "here" / "media")
        async with placket.open(config, data_folder=tmp_path) as router:
            product = await content_of(router).ar.get_product(Ref("here", "ar_product", "P"))
            assert bool(product.assets) is (product.state is JobState.SUCCEEDED), "all files or none"
        worker = await begin_worker("product", tmp_path, ahead, ticket)
        assert worker.stdout is not None
    output, _ = await worker.communicate()
    assert output.decode().splitlines()[-1] == "done"
    async with placket.open(config, data_folder=tmp_path) as router:
        product = await content_of(router).ar.get_product(Ref("here", "ar_product", "P"))
    assert len(product.assets) == 4
    whole_files(tmp_path / "here" / "media")

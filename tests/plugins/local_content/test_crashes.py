"""A builder that is killed leaves no half-made file, and a later process builds the product."""

import asyncio
import hashlib
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import placket
from placket.interfaces import JobState, Ref

WORKER = Path(__file__).parent / "worker.py"


async def begun(*arguments: object) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, str(WORKER), *map(str, arguments), stdout=subprocess.PIPE
    )


def every_file_is_what_its_name_says(folder: Path) -> None:
    for file in folder.rglob("*"):
        if file.is_file() and file.suffix != ".part":
            assert hashlib.sha256(file.read_bytes()).hexdigest() == file.stem


@pytest.mark.timeout(300)
async def test_a_killed_builder_is_followed_by_one_that_finishes(
    tmp_path: Path, config: Any, content_of: Any, photo: Any
) -> None:
    (tmp_path / "front.png").write_bytes(photo())
    moments = random.Random(3)
    worker = await begun(tmp_path, 0)
    for ahead in (120, 240, 360):
        assert worker.stdout is not None
        ticket = (await worker.stdout.readline()).decode().strip()
        try:
            await asyncio.wait_for(worker.wait(), moments.uniform(0.0, 1.5))
        except TimeoutError:
            worker.kill()
        await worker.communicate()
        every_file_is_what_its_name_says(tmp_path / "here" / "media")
        async with placket.open(config, data_folder=tmp_path) as router:
            product = await content_of(router).ar.get_product(Ref("here", "ar_product", "P"))
            assert bool(product.assets) is (product.state is JobState.SUCCEEDED), "all files or none"
        worker = await begun(tmp_path, ahead, ticket)
    output, _ = await worker.communicate()
    assert output.decode().splitlines()[-1] == "done"
    async with placket.open(config, data_folder=tmp_path) as router:
        product = await content_of(router).ar.get_product(Ref("here", "ar_product", "P"))
    assert len(product.assets) == 4
    every_file_is_what_its_name_says(tmp_path / "here" / "media")

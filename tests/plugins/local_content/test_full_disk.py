"""A disk that fills up while AR files are made: all of them are there afterwards or none, and a later try succeeds."""

from typing import Any

import pytest

import placket
from placket.errors import QuotaExhausted
from placket.interfaces import ArProductDraft


@pytest.mark.parametrize("leaving", [150_000, 600_000])
async def test_a_product_whose_files_find_no_room_stays_to_be_built(
    small_disk: Any, config: Any, content_of: Any, configuration: Any, photo: Any, whole_files: Any, leaving: int
) -> None:
    async with placket.open(config, data_folder=small_disk.path) as router:
        here = content_of(router)
        product = await here.ar.create_product(
            ArProductDraft("Shirt", (configuration(front=photo()), configuration("Navy"), configuration("Green")))
        )
        small_disk.fill(leaving)
        job = await here.ar.mark_ready(product.ref)
        with pytest.raises(QuotaExhausted, match=r"media/.* cannot be written \(No space left.*make room on the disk"):
            await job.result()
        told = await here.ar.get_product(product.ref)
        assert not told.state.is_final
        assert told.assets == ()
        whole_files(small_disk.path / "here" / "media")
        assert not list(small_disk.path.rglob("*.part"))
        small_disk.make_room()
        built = await (await here.ar.mark_ready(product.ref)).result()
        assert len(built.assets) == 5
        assert whole_files(small_disk.path / "here" / "media") == 6

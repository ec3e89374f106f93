"""A disk that fills up: the error names the file and says what to do, and nothing is kept that is only half there."""

import hashlib
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from placket.errors import QuotaExhausted, Unavailable
from placket.interfaces import (
    ExportRequest,
    GarmentImage,
    Image,
    JobState,
    ProductChanges,
    ProductDraft,
    ProductQuery,
)
from placket.merge import merge
from placket_local.store import LocalStore
from placket_local.store.media import write_whole

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc000000301010018dd8db0"
    "0000000049454e44ae426082"
)
MEGABYTE = 1_000_000


async def pictured(count: int) -> AsyncIterator[ProductDraft]:
    """Products with a picture of a megabyte each."""
    for number in range(count):
        noise = hashlib.shake_256(str(number).encode()).digest(MEGABYTE)
        yield ProductDraft({"sku": f"S{number}"}, (GarmentImage(Image.of(PNG + noise)),))


def is_whole(product: Any) -> bool:
    (item,) = merge(product.claims, id="x").media
    return hashlib.sha256(Path(item.path).read_bytes()).hexdigest() == item.sha256


async def test_an_upsert_says_so_and_does_it_all_when_there_is_room(
    open_store: Callable[..., LocalStore], small_disk: Any, whole_files: Any
) -> None:
    store = open_store(folder=small_disk.path)
    await store.create(ProductDraft({"name": "Top"}))
    small_disk.fill(5 * MEGABYTE)
    with pytest.raises(QuotaExhausted, match=r"media/.*\.png cannot be written \(No space left.*make room on the disk"):
        await store.upsert(pictured(12))
    assert len(await store.list(ProductQuery()).collect()) == 1, "a batch is stored whole, or not"
    assert not list(small_disk.path.rglob("*.part"))
    assert 1 <= whole_files(small_disk.path / "media") < 12
    small_disk.make_room()
    assert (await store.upsert(pictured(12))).created == 12
    assert all(is_whole(product) for product in await store.list(ProductQuery(search="s")).collect())


async def test_a_database_without_room_says_so_and_keeps_what_it_had(
    open_store: Callable[..., LocalStore], small_disk: Any
) -> None:
    store, grown = open_store(folder=small_disk.path), "wool " * 40_000
    kept = [await store.create(ProductDraft({"name": "Top"}))]
    small_disk.fill(2 * MEGABYTE)

    async def grow() -> None:
        for _ in range(40):
            made = await store.create(ProductDraft({"name": "Coat", "descriptions.long": grown}))
            kept.append(made)

    with pytest.raises(QuotaExhausted, match=r"the disk of the database is full.*nothing was changed"):
        await grow()
    assert await store.list(ProductQuery()).collect() == kept[::-1]
    small_disk.make_room()
    await store.update(kept[0].ref, ProductChanges({"descriptions.long": grown}))
    assert len(await store.list(ProductQuery(search="wool")).collect()) == len(kept)


async def test_an_export_fails_with_the_reason_and_can_be_started_again(
    open_store: Callable[..., LocalStore], small_disk: Any, add: Callable[..., Any], add_shots: Callable[..., Any],
    store: LocalStore, finished: Any, tmp_path: Path,
) -> None:  # fmt: skip
    product = await add()
    await add_shots(product, ["approved"] * 3)
    for picture in (tmp_path / "media").iterdir():
        picture.write_bytes(bytes(MEGABYTE))
    (tmp_path / "exports").symlink_to(small_disk.path)
    small_disk.fill(2 * MEGABYTE)
    done = await finished(await store.start_export(ExportRequest(products=(product.ref,))))
    assert done.status.state is JobState.FAILED
    assert "cannot be written (No space left on device); make room on the disk" in done.status.message
    assert [file.name for file in small_disk.path.iterdir()] == ["filler"]
    small_disk.make_room()
    done = await finished(await store.start_export(ExportRequest(products=(product.ref,))))
    assert done.status.state is JobState.SUCCEEDED


async def test_a_disk_without_any_room_is_told_when_the_database_is_opened(
    open_store: Callable[..., LocalStore], small_disk: Any
) -> None:
    small_disk.fill(0)
    for _ in range(2):
        with pytest.raises(QuotaExhausted, match=r"the disk of the database is full.*nothing was changed"):
            await open_store(folder=small_disk.path).list(ProductQuery()).collect()
    small_disk.make_room()
    assert await open_store(folder=small_disk.path).list(ProductQuery()).collect() == []


def test_what_a_killed_process_has_left_is_removed_before_the_next_picture(tmp_path: Path) -> None:
    unfinished = tmp_path / "unfinished"
    unfinished.mkdir()
    for name in ("left.part", "written.part"):
        (unfinished / name).write_bytes(b"half")
    os.utime(unfinished / "left.part", (0, 0))
    write_whole(tmp_path / "ab" / "abc.png", b"whole", "here")
    assert [file.name for file in unfinished.iterdir()] == ["written.part"]
    assert (tmp_path / "ab" / "abc.png").read_bytes() == b"whole"


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "ab").write_bytes(b"a file where the folder should be")
    with pytest.raises(Unavailable, match=r"ab/abc\.png cannot be written \(.*see to it that its folder can be"):
        write_whole(tmp_path / "ab" / "abc.png", b"whole", "here")

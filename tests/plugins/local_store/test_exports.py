"""Approved shots are packed into a ZIP beside the calls, and handed out once."""

import asyncio
import io
import os
import shutil
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from placket.errors import Conflict, InvalidInput, NotFound
from placket.interfaces import Export, ExportRequest, JobState, ProductQuery, Ref
from placket.testing.virtual_time import VirtualClock
from placket_local.store import LocalStore


async def downloaded(store: LocalStore, export: Export) -> bytes:
    return b"".join([piece async for piece in store.download_export(export.ref)])


async def test_the_approved_shots_of_products_are_packed(
    store: LocalStore, add: Callable[..., Any], add_shots: Callable[..., Any], finished: Any
) -> None:
    one, two = await add("one"), await add("two")
    await add_shots(one, ["approved", "rejected", "approved"])
    await add_shots(two, ["approved"])
    started = await store.start_export(ExportRequest(products=(one.ref,)))
    assert started.status.state is JobState.RUNNING
    assert started.items_total == 2
    done = await finished(started)
    assert (done.status.state, done.items_done, done.status.progress) == (JobState.SUCCEEDED, 2, 1.0)
    assert done.expires_at is not None
    with zipfile.ZipFile(io.BytesIO(await downloaded(store, done))) as archive:
        assert archive.testzip() is None
        assert sorted(archive.namelist()) == [
            f"{one.ref.id}/full_body-{one.ref.id[:8]}-{number}.jpg" for number in (0, 2)
        ]
        assert archive.read(archive.namelist()[0]).startswith(b"picture 0")


async def test_a_query_and_a_look_choose_shots(
    store: LocalStore, add: Callable[..., Any], add_shots: Callable[..., Any], finished: Any
) -> None:
    one, two = await add("one", brand="Acme"), await add("two", brand="Bolt")
    await add_shots(one, ["approved"])
    await add_shots(two, ["approved"] * 2, look="summer")
    by_query = await finished(await store.start_export(ExportRequest(query=ProductQuery(brand="acme"))))
    by_look = await finished(await store.start_export(ExportRequest(look="summer")))
    assert (by_query.items_total, by_look.items_total) == (1, 2)


async def test_more_products_are_named_than_a_statement_takes_parameters(
    store: LocalStore, add: Callable[..., Any], add_shots: Callable[..., Any]
) -> None:
    one, two = await add("one"), await add("two")
    for product in (one, two):
        await add_shots(product, ["approved"])
    many = [Ref("here", "product", str(number)) for number in range(255_000)]
    started = await store.start_export(ExportRequest(products=(one.ref, *many, two.ref, one.ref)))
    assert started.items_total == 2


@pytest.mark.parametrize("request_", [ExportRequest(), ExportRequest(look="x", query=ProductQuery())])
async def test_an_export_of_nothing_or_of_two_things_is_refused(store: LocalStore, request_: ExportRequest) -> None:
    with pytest.raises(InvalidInput, match="name one of them"):
        await store.start_export(request_)


async def test_an_export_of_one_shoot_is_refused_and_not_one_of_everything(store: LocalStore) -> None:
    with pytest.raises(InvalidInput, match="leave `shoot` out"):
        await store.start_export(ExportRequest(query=ProductQuery(), shoot="autumn"))


async def test_it_can_be_downloaded_once(
    store: LocalStore, add: Callable[..., Any], add_shots: Callable[..., Any], finished: Any, tmp_path: Path
) -> None:
    product = await add()
    await add_shots(product, ["approved"])
    done = await finished(await store.start_export(ExportRequest(products=(product.ref,))))
    both = await asyncio.gather(downloaded(store, done), downloaded(store, done), return_exceptions=True)
    assert sorted(type(one).__name__ for one in both) == ["NotFound", "bytes"]
    with pytest.raises(NotFound, match="one that was downloaded is gone"):
        await store.get_export(done.ref)
    assert list((tmp_path / "exports").iterdir()) == []


async def test_it_cannot_be_downloaded_before_it_is_done_nor_cancelled_after(
    store: LocalStore, add: Callable[..., Any], add_shots: Callable[..., Any], finished: Any
) -> None:
    product = await add()
    await add_shots(product, ["approved"] * 30)
    started = await store.start_export(ExportRequest(products=(product.ref,)))
    with pytest.raises(Conflict, match="it is running"):
        await downloaded(store, started)
    with pytest.raises(Conflict, match="cancel it first"):
        await store.dismiss_export(started.ref)
    done = await finished(started)
    with pytest.raises(Conflict, match="has ended already, as succeeded"):
        await store.cancel_export(done.ref)


async def test_a_cancelled_export_leaves_no_file(
    store: LocalStore, add: Callable[..., Any], add_shots: Callable[..., Any], tmp_path: Path
) -> None:
    product = await add()
    await add_shots(product, ["approved"] * 30)
    started = await store.start_export(ExportRequest(products=(product.ref,)))
    cancelled = await store.cancel_export(started.ref)
    assert cancelled.status.state is JobState.CANCELLED
    assert not (tmp_path / "exports").exists() or list((tmp_path / "exports").iterdir()) == []
    await store.dismiss_export(started.ref)
    with pytest.raises(NotFound):
        await store.get_export(started.ref)


async def test_a_picture_that_is_gone_fails_the_export_and_says_which(
    store: LocalStore, add: Callable[..., Any], add_shots: Callable[..., Any], finished: Any, tmp_path: Path
) -> None:
    product = await add()
    await add_shots(product, ["approved"] * 2)
    (tmp_path / "media" / f"{product.ref.id}-1.jpg").unlink()
    done = await finished(await store.start_export(ExportRequest(products=(product.ref,))))
    assert done.status.state is JobState.FAILED
    assert f"{product.ref.id}-1.jpg" in done.status.message
    assert list((tmp_path / "exports").iterdir()) == []


async def test_a_picture_of_any_age_is_packed(
    store: LocalStore, add: Callable[..., Any], add_shots: Callable[..., Any], finished: Any, tmp_path: Path
) -> None:
    product = await add()
    await add_shots(product, ["approved"] * 2)
    os.utime(tmp_path / "media" / f"{product.ref.id}-1.jpg", (0, 0))
    done = await finished(await store.start_export(ExportRequest(products=(product.ref,))))
    with zipfile.ZipFile(io.BytesIO(await downloaded(store, done))) as archive:
        assert len(archive.namelist()) == 2


async def test_a_folder_that_cannot_be_written_fails_the_export_and_says_so(
    store: LocalStore, add: Callable[..., Any], add_shots: Callable[..., Any], finished: Any, tmp_path: Path
) -> None:
    product = await add()
    await add_shots(product, ["approved"])
    (tmp_path / "exports").write_text("a file where the folder should be")
    done = await finished(await store.start_export(ExportRequest(products=(product.ref,))))
    assert done.status.state is JobState.FAILED
    assert "see to it that its folder can be written" in done.status.message


async def test_a_file_that_is_gone_is_not_found_and_the_export_can_be_dismissed(
    store: LocalStore, add: Callable[..., Any], add_shots: Callable[..., Any], finished: Any, tmp_path: Path
) -> None:
    product = await add()
    await add_shots(product, ["approved"])
    done = await finished(await store.start_export(ExportRequest(products=(product.ref,))))
    shutil.rmtree(tmp_path / "exports")
    for _ in range(2):
        with pytest.raises(NotFound, match=r"cannot be read here.*start the export again"):
            await downloaded(store, done)
    await store.dismiss_export(done.ref)
    assert await store.list_exports().collect() == []


async def test_an_export_whose_process_died_is_found_failed(
    open_store: Callable[..., LocalStore], clock: VirtualClock, add: Callable[..., Any], add_shots: Callable[..., Any]
) -> None:
    product = await add()
    await add_shots(product, ["approved"] * 30)
    dying, other = open_store(), open_store()
    started = await dying.start_export(ExportRequest(products=(product.ref,)))
    for task in dying._packing.values():
        task.cancel()
    assert (await other.get_export(started.ref)).status.state is JobState.RUNNING
    await clock.sleep(60)
    found = await other.get_export(started.ref)
    assert found.status.state is JobState.FAILED
    assert "start the export again" in found.status.message


async def test_closing_the_store_ends_what_it_packs(
    open_store: Callable[..., LocalStore], add: Callable[..., Any], add_shots: Callable[..., Any]
) -> None:
    product = await add()
    await add_shots(product, ["approved"] * 30)
    closing, other = open_store(), open_store()
    started = await closing.start_export(ExportRequest(products=(product.ref,)))
    await closing.aclose()
    assert (await other.get_export(started.ref)).status.state is JobState.FAILED


async def test_exports_are_listed_the_newest_first(
    store: LocalStore, clock: VirtualClock, add: Callable[..., Any]
) -> None:
    product = await add()
    started = []
    for _ in range(3):
        started.append(await store.start_export(ExportRequest(products=(product.ref,))))
        await clock.sleep(1)
    assert [export.ref for export in await store.list_exports().collect()] == [one.ref for one in reversed(started)]


async def test_exports_are_listed_while_one_is_being_downloaded(
    store: LocalStore, add: Callable[..., Any], add_shots: Callable[..., Any], finished: Any
) -> None:
    product = await add()
    await add_shots(product, ["approved"] * 30)
    first = await finished(await store.start_export(ExportRequest(products=(product.ref,))))
    other = await finished(await store.start_export(ExportRequest(products=(product.ref,))))
    download = store.download_export(first.ref)
    await anext(download)
    assert [export.ref for export in await store.list_exports().collect()] == [other.ref]
    await download.aclose()


async def test_an_export_that_nobody_fetches_expires(
    store: LocalStore, clock: VirtualClock, add: Callable[..., Any], add_shots: Callable[..., Any], finished: Any,
    tmp_path: Path,
) -> None:  # fmt: skip
    product = await add()
    await add_shots(product, ["approved"])
    old = await finished(await store.start_export(ExportRequest(products=(product.ref,))))
    await clock.sleep((old.expires_at - clock.now()).total_seconds() + 1)
    new = await finished(await store.start_export(ExportRequest(products=(product.ref,))))
    assert [export.ref for export in await store.list_exports().collect()] == [new.ref]
    assert [file.stem for file in (tmp_path / "exports").iterdir()] == [new.ref.id]


class TickingClock(VirtualClock):
    """Every look at it finds a second gone."""

    ticks = 0.0

    def monotonic(self) -> float:
        self.ticks += 1
        return self.ticks


@pytest.mark.parametrize("ticking", [False, True])
async def test_progress_is_noted_by_time_and_not_for_every_picture(
    open_store: Callable[..., LocalStore], add: Callable[..., Any], add_shots: Callable[..., Any], tmp_path: Path,
    ticking: bool,
) -> None:  # fmt: skip
    product = await add()
    await add_shots(product, ["approved"] * 20)
    with closing(sqlite3.connect(tmp_path / "placket.sqlite")) as other:
        other.executescript(
            "CREATE TABLE noted (done INTEGER);"
            "CREATE TRIGGER note AFTER UPDATE ON exports BEGIN INSERT INTO noted VALUES (new.items_done); END"
        )
        store = open_store(clock=TickingClock() if ticking else VirtualClock())
        export = await store.start_export(ExportRequest(products=(product.ref,)))
        while not export.status.state.is_final:
            await asyncio.sleep(0)
            export = await store.get_export(export.ref)
        noted = [done for (done,) in other.execute("SELECT done FROM noted ORDER BY rowid")]
    assert noted == ([*range(1, 21), 20] if ticking else [20])


async def test_what_a_killed_process_has_left_is_removed_before_the_next_pack(
    store: LocalStore, add: Callable[..., Any], add_shots: Callable[..., Any], finished: Any, tmp_path: Path
) -> None:
    product = await add()
    await add_shots(product, ["approved"])
    (tmp_path / "exports").mkdir()
    left, written = tmp_path / "exports" / "left.part", tmp_path / "exports" / "written.part"
    for file in (left, written):
        file.write_bytes(b"half")
    os.utime(left, (0, 0))
    done = await finished(await store.start_export(ExportRequest(products=(product.ref,))))
    assert sorted(file.name for file in (tmp_path / "exports").iterdir()) == sorted(
        [f"{done.ref.id}.zip", "written.part"]
    )


async def test_a_store_whose_file_is_gone_while_it_packs_can_be_closed(
    store: LocalStore, add: Callable[..., Any], add_shots: Callable[..., Any], tmp_path: Path
) -> None:
    product = await add()
    await add_shots(product, ["approved"] * 30)
    await store.start_export(ExportRequest(products=(product.ref,)))
    (tmp_path / "placket.sqlite").unlink()
    await store.aclose()

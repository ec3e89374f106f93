"""Large catalogs: the index file finds what comparing everything finds, and may be lost at any time."""

import asyncio
import shutil
import threading
from functools import cache
from typing import Any

import numpy as np
import pytest
from attrs import define, evolve

from placket.errors import Conflict, QuotaExhausted
from placket.interfaces import CatalogItem, Filter, Image, Query
from placket_local.search import catalog_index
from placket_local.search.embedder import Embedded

COUNT = 900
LOOK, COLOR = 24, 8


@define
class NumberedEmbedder:
    """Makes a vector of the number that a picture's pixels spell: garments in 30 crowds."""

    version: str = "numbered"
    look: int = LOOK
    color: int = COLOR
    color_weight: float = 0.4

    def embed(self, pictures: Any) -> list[Embedded]:
        return [vector(int.from_bytes(picture.rgb[0, :2, 0].tobytes(), "big")) for picture in pictures]


@cache
def vector(number: int) -> Embedded:
    crowd = np.random.default_rng(number % 30)
    own = np.random.default_rng(10_000 + number)
    look = crowd.normal(size=LOOK) + 0.5 * own.normal(size=LOOK)
    color = np.abs(own.normal(size=COLOR))
    return Embedded(*(np.float32(part / np.linalg.norm(part)) for part in (look, color)))


def spelt(number: int) -> Image:
    high, low = divmod(number, 256)
    # An uncompressed bitmap of 2 x 1 pixels: 54 bytes of header, then blue, green, red, padded to 4.
    header = b"BM" + (62).to_bytes(4, "little") + bytes(4) + (54).to_bytes(4, "little") + (40).to_bytes(4, "little")
    header += (2).to_bytes(4, "little") + (1).to_bytes(4, "little") + b"\x01\x00\x18\x00" + bytes(24)
    return Image.of(header + bytes([0, 0, high, 0, 0, low, 0, 0]))


def numbered(number: int) -> CatalogItem:
    return CatalogItem(str(number), spelt(number), {"crowd": number % 30, "odd": number % 2})


def nearest(number: int, inside: Any = lambda each: True, weight: float = 0.4) -> list[str]:
    """The ten nearest of all items, from comparing everything."""
    asked = vector(number)
    likeness = {}
    for each in filter(inside, range(COUNT)):
        other = vector(each)
        likeness[each] = (1 - weight) * float(asked.look @ other.look) + weight * float(asked.color @ other.color)
    return [str(each) for each in sorted(likeness, key=lambda each: -likeness[each])[:10]]


@pytest.fixture
def small_files(monkeypatch):
    """Let catalogs have an index file from 400 vectors on."""
    monkeypatch.setattr(catalog_index, "EXACT", 400)
    monkeypatch.setattr(catalog_index, "_FETCHED", 20)
    monkeypatch.setattr("placket_local.search.indexing.BATCH", 1000)


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A folder for the catalog that the tests copy, and the catalog once it is there."""
    return tmp_path_factory.mktemp("template"), []


@pytest.fixture
async def large(small_files, open_search, filled, template, tmp_path):
    folder, made = template
    if not made:
        search = open_search(folder, embedder=NumberedEmbedder())
        items = [numbered(number) for number in range(COUNT)]
        for item in items:
            (folder / item.id).write_bytes(item.image.content())
        made.append(await filled([evolve(item, image=Image.of(folder / item.id)) for item in items], into=search))
        await search.aclose()
    shutil.copytree(folder / "search", tmp_path / "search")
    return open_search(embedder=NumberedEmbedder()), made[0]


async def ids(search, catalog, number, **how):
    query = Query(spelt(number), limit=10, **how)
    return [hit.id for hit in (await search.search(query, [catalog.ref])).hits]


def recall(found, expected):
    return np.mean([len({*one} & {*other}) / 10 for one, other in zip(found, expected, strict=True)])


ASKED = range(3000, 3015)


async def test_it_finds_what_comparing_everything_finds(large, tmp_path):
    search, catalog = large
    assert len(list(tmp_path.glob("search/*.faiss"))) == 1
    found = [await ids(search, catalog, number) for number in ASKED]
    assert recall(found, [nearest(number) for number in ASKED]) >= 0.99


@pytest.mark.parametrize("weight", [0.0, 1.0])
async def test_it_does_so_wherever_the_knob_is(large, weight):
    search, catalog = large
    found = [await ids(search, catalog, number, color_weight=weight) for number in ASKED]
    assert recall(found, [nearest(number, weight=weight) for number in ASKED]) >= 0.97


@pytest.mark.parametrize(
    ("condition", "inside"),
    [
        (Filter("odd", equals=1), lambda each: each % 2 == 1),
        (Filter("crowd", equals=7), lambda each: each % 30 == 7),
        (Filter("crowd", least=3, most=20), lambda each: 3 <= each % 30 <= 20),
    ],
)
async def test_filters_lose_nothing_however_much_they_let_through(large, condition, inside):
    search, catalog = large
    found = [await ids(search, catalog, number, filters=(condition,)) for number in ASKED]
    assert recall(found, [nearest(number, inside) for number in ASKED]) >= 0.99


async def test_a_thousand_hits_are_asked_for_and_all_there_are_come_in_order(large):
    search, catalog = large
    hits = (await search.search(Query(spelt(1), limit=1000), [catalog.ref])).hits
    assert len({hit.id for hit in hits}) == COUNT
    assert [hit.distance for hit in hits] == sorted(hit.distance for hit in hits)


async def test_what_is_newer_than_the_file_is_found_and_what_is_gone_is_not(large, some, open_search):
    search, catalog = large
    reader = open_search(embedder=NumberedEmbedder())
    assert (await ids(reader, catalog, 7))[0] == "7"
    await search.delete_items(catalog.ref, ["7"])
    await search.add_items(catalog.ref, some([numbered(2000)]))
    await (await search.index(catalog.ref)).result()
    for each in (search, reader):
        assert "7" not in await ids(each, catalog, 7)
        assert (await ids(each, catalog, 2000))[0] == "2000"


async def test_what_is_removed_again_and_again_does_not_pile_up(large, some, tmp_path):
    search, catalog = large
    (before,) = tmp_path.glob("search/*.faiss")
    await search.delete_items(catalog.ref, [str(number) for number in range(400)])
    assert (await ids(search, catalog, 800))[0] == "800"
    await (await search.index(catalog.ref)).result()
    (after,) = tmp_path.glob("search/*.faiss")
    assert after != before
    assert (await ids(search, catalog, 800))[0] == "800"


async def test_near_duplicates_in_a_file(large, some):
    search, catalog = large
    again = [evolve(numbered(number), id=f"again-{number}") for number in (5, 800)]
    await search.add_items(catalog.ref, some(again))
    await (await search.index(catalog.ref)).result()
    pairs = await search.near_duplicates(catalog.ref, 0.001).collect()
    assert {(pair.first, pair.second) for pair in pairs} == {("5", "again-5"), ("800", "again-800")}


@pytest.mark.parametrize("harm", ["cut", "changed", "removed"])
async def test_a_damaged_index_file_is_written_anew(large, open_search, tmp_path, harm):
    search, catalog = large
    (file,) = tmp_path.glob("search/*.faiss")
    whole = file.read_bytes()
    file.unlink()
    if harm != "removed":
        file.write_bytes(whole[: len(whole) // 2] if harm == "cut" else whole[:2000] + b"\xff" * 64 + whole[2064:])
    fresh = open_search(embedder=NumberedEmbedder())
    assert await ids(fresh, catalog, 3000) == await ids(search, catalog, 3000)
    (anew,) = tmp_path.glob("search/*.faiss")
    assert anew != file


async def test_another_model_leaves_no_file_of_the_one_before(large, open_search, tmp_path):
    _, catalog = large
    (before,) = tmp_path.glob("search/*.faiss")
    newer = open_search(embedder=NumberedEmbedder("numbered-2"))
    await (await newer.index(catalog.ref)).result()
    (after,) = tmp_path.glob("search/*.faiss")
    assert after != before


async def test_an_index_file_that_is_out_of_date_when_it_is_written_takes_no_place(
    large, open_search, tmp_path, monkeypatch
):
    _, catalog = large
    (file,) = tmp_path.glob("search/*.faiss")
    file.unlink()
    waits, goes_on = threading.Event(), threading.Event()
    write = catalog_index.write

    def held(*arguments: Any) -> str:
        if not waits.is_set():
            waits.set()
            goes_on.wait(60)
        return write(*arguments)

    monkeypatch.setattr(catalog_index, "write", held)
    older, newer = open_search(embedder=NumberedEmbedder()), open_search(embedder=NumberedEmbedder("numbered-2"))
    repairing = asyncio.create_task(ids(older, catalog, 7))
    await asyncio.to_thread(waits.wait, 60)
    await (await newer.index(catalog.ref)).result()
    (anew,) = tmp_path.glob("search/*.faiss")
    goes_on.set()
    with pytest.raises(Conflict, match="numbered-2"):
        await repairing
    assert list(tmp_path.glob("search/*.faiss")) == [anew]
    assert (await ids(newer, catalog, 7))[0] == "7"


async def test_a_damaged_index_file_is_written_once_however_many_search(large, open_search, tmp_path, monkeypatch):
    _, catalog = large
    (file,) = tmp_path.glob("search/*.faiss")
    file.write_bytes(b"no index")
    write, written = catalog_index.write, []

    def counted(path: Any, *arguments: Any) -> str:
        written.append(path)
        return write(path, *arguments)

    monkeypatch.setattr(catalog_index, "write", counted)
    fresh = open_search(embedder=NumberedEmbedder())
    found = await asyncio.gather(*(ids(fresh, catalog, 7) for _ in range(6)))
    assert [one[0] for one in found] == ["7"] * 6
    assert len(written) == 1


async def test_an_index_file_without_room_is_said_and_nothing_is_lost(
    small_files, open_search, filled, tmp_path, monkeypatch
):
    search = open_search(embedder=NumberedEmbedder())
    # Where the file would go there is a folder that cannot be written into.
    real = catalog_index.write

    def no_room(path: Any, *arguments: Any) -> str:
        return real(tmp_path / "note" / path.name, *arguments)

    (tmp_path / "note").write_text("a file, no folder")
    monkeypatch.setattr(catalog_index, "write", no_room)
    with pytest.raises(QuotaExhausted, match=r"cannot be written.*nothing is lost"):
        await filled([numbered(number) for number in range(450)], into=search)
    (catalog,) = await search.list_catalogs().collect()
    assert catalog.items_indexed == 450
    assert (await ids(search, catalog, 3))[0] == "3"
    monkeypatch.undo()
    assert (await (await search.index(catalog.ref)).result()).items_indexed == 450

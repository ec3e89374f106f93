"""Visual search on a real PostgreSQL server: catalogs, and which of their pictures look like this one."""

from collections import Counter

import pytest

from placket.errors import Conflict, InvalidInput, NotFound
from placket.interfaces import CatalogItem, CatalogState, Filter, Image, JobState, Query, Ref
from placket.record import Vocabulary, VocabularyAddition
from placket_local.detection import Found


def nearest(model, number, inside, weight):
    """The items of ``inside`` in the order that comparing everything gives them."""
    (look, color), likeness = model.vectors(number), {}
    for each in inside:
        other_look, other_color = model.vectors(each)
        likeness[each] = (1 - weight) * float(look @ other_look) + weight * float(color @ other_color)
    return [f"item-{each}" for each in sorted(likeness, key=lambda each: -likeness[each])]


async def test_the_same_picture_is_found_first_with_its_metadata(search, filled, garment, asked, model):
    catalog = await filled([garment(number, price=number / 4, tags=["a", None], deep={"er": 1}) for number in range(9)])
    assert (catalog.state, catalog.items_total, catalog.items_indexed) == (CatalogState.READY, 9, 9)
    hits = (await search.search(asked(5), [catalog.ref])).hits
    assert hits[0].metadata == {"number": 5, "price": 1.25, "tags": ["a", None], "deep": {"er": 1}}
    assert hits[0].distance == pytest.approx(0, abs=1e-3)
    assert hits[0].score == pytest.approx(1 / (1 + hits[0].distance))
    assert (hits[0].catalog, hits[0].providers) == (catalog.ref, ("shop",))
    assert [hit.id for hit in hits] == nearest(model, 5, range(9), model.COLOR_WEIGHT)


async def test_the_knob_turns_from_look_to_colour(search, filled, asked, model, ids):
    catalog = await filled()
    for weight in (0.0, 0.3, 0.8, 1.0):
        found = await ids(search, asked(100, color_weight=weight, limit=10), catalog)
        assert found == nearest(model, 100, range(40), weight)[:10], weight


SHIRT = {
    "shade": "red",
    "price": 12,
    "sold": True,
    "size": ["S", "M"],
    "deep": {"width": 3.5},
    "dotted.key": "yes",
    "added": ["2026-01-31"],
    "note": "\U0001f9e5",
}
COAT = {
    "shade": 'deep "red" \\ é',
    "price": 120.5,
    "sold": False,
    "size": ["L"],
    "deep": {"width": 4},
    "worn": 1,
    "added": "",
    "note": "\uffee",
    "care": "c" * 121,
}


CONDITIONS = [
    (Filter("shade", equals="red"), {"shirt"}),
    (Filter("shade", equals='deep "red" \\ é'), {"coat"}),
    (Filter("shade", any_of=("red", "blue")), {"shirt"}),
    (Filter("size", equals="M"), {"shirt"}),
    (Filter("size", any_of=("M", "L")), {"shirt", "coat"}),
    (Filter("price", equals=12.0), {"shirt"}),
    (Filter("price", least=12, most=120), {"shirt"}),
    (Filter("price", least=-5), {"shirt", "coat"}),
    (Filter("price", least="", most="z"), set()),
    (Filter("added", least="2026-01-01"), {"shirt"}),
    (Filter("added", most="2026-01-30"), {"coat"}),
    (Filter("added", least="2026-01-31", most="2026-01-31"), {"shirt"}),
    (Filter("note", least="z"), {"shirt", "coat"}),
    (Filter("note", least='\uffee"', most="\U0001f9e5"), {"shirt"}),
    (Filter("note", most="\uffef"), {"coat"}),
    (Filter("care", least="a"), set()),
    (Filter("sold", least=""), set()),
    (Filter("sold", equals=True), {"shirt"}),
    (Filter("sold", equals=1), set()),
    (Filter("worn", equals=True), set()),
    (Filter("shade", least=0), set()),
    (Filter("sold", least=0), set()),
    (Filter("deep.width", least=3.75), {"coat"}),
    (Filter("dotted.key", equals="yes"), {"shirt"}),
    (Filter("nothing", equals="yes"), set()),
    (Filter("shade", equals="\0"), set()),
    (Filter("shade", equals="\ud800"), set()),
    (Filter("a\0b", equals="yes"), set()),
    (Filter('" ? (1 == 1) //', equals="red"), set()),
    (Filter("price", equals=float("inf")), set()),
    (Filter("price", equals=10**400), set()),
]


async def test_filters_let_through_only_what_they_say(search, filled, asked, model, ids):
    items = [CatalogItem("shirt", Image.of(model.photo(0)), SHIRT), CatalogItem("coat", Image.of(model.photo(1)), COAT)]
    catalog = await filled(items)
    for condition, found in CONDITIONS:
        assert set(await ids(search, asked(1, filters=(condition,)), catalog)) == found, condition


async def test_filters_are_met_together(search, filled, garment, asked, ids):
    catalog = await filled([garment(number, odd=number % 2 == 1) for number in range(12)])
    both = (Filter("odd", equals=True), Filter("number", most=4))
    assert set(await ids(search, asked(3, filters=both), catalog)) == {"item-1", "item-3"}


async def test_several_catalogs_are_one_ranked_list(search, filled, garment, asked, model):
    first = await filled([garment(number) for number in range(10)])
    second = await filled([garment(number) for number in range(10, 20)])
    found = (await search.search(asked(12, limit=8), [first.ref, second.ref])).hits
    assert [hit.id for hit in found] == nearest(model, 12, range(20), model.COLOR_WEIGHT)[:8]
    assert {hit.catalog for hit in found} == {first.ref, second.ref}


async def test_one_garment_of_an_outfit_is_found_by_its_name_or_its_region(open_search, filled, model, ids):
    catalog = await filled()
    boxes = [Found((0, 0, 0.5, 1), "aa-1-13", 0.95), Found((0.5, 0, 1, 1), "aa-1-15", 0.9)]
    search, outfit = open_search(found=boxes), Image.of(model.photo(7, 31))
    assert await ids(search, Query(outfit, region=(0, 0, 0.5, 1), limit=1), catalog) == ["item-7"]
    assert await ids(search, Query(outfit, garment="skirt", limit=1), catalog) == ["item-31"]
    with pytest.raises(InvalidInput, match="no Dresses was found in the picture, but"):
        await search.search(Query(outfit, garment="dress"), [catalog.ref])
    assert [str(one.category) for one in await search.detect(outfit)] == ["Tops", "Skirts"]


async def test_words_find_what_shows_them_the_surest_first(search, filled, ids):
    catalog = await filled(20)
    hits = (await search.search(Query(attributes={"color": "navy"}), [catalog.ref])).hits
    assert [hit.id for hit in hits] == [f"item-{number}" for number in (9, 19, 7, 17, 5, 15, 3, 13, 1, 11)]
    assert hits[0].distance == pytest.approx(1 - 0.95)
    assert await ids(search, Query(text="navy", filters=(Filter("number", least=15),)), catalog) == [
        "item-19", "item-17", "item-15",
    ]  # fmt: skip


async def test_words_beside_a_picture_narrow_what_is_found(search, filled, asked, model, ids):
    catalog = await filled(20)
    narrowed = await ids(search, asked(4, text="navy"), catalog)
    assert narrowed == nearest(model, 4, range(1, 20, 2), model.COLOR_WEIGHT)


async def test_metadata_in_words_of_the_vocabulary_counts_as_seen_and_follows_it(search, filled, garment, some, ids):
    catalog = await filled([garment(1, category="jeans"), garment(3, category="dress"), garment(5)])
    assert await ids(search, Query(attributes={"category": "pants"}), catalog) == ["item-1"]
    assert await ids(search, Query(text="red jeans"), catalog) == []
    await search.add_items(catalog.ref, some([garment(1, category="dress")]))
    assert await ids(search, Query(attributes={"category": "pants"}), catalog) == []
    assert set(await ids(search, Query(text="navy dress"), catalog)) == {"item-1", "item-3"}


async def test_words_that_the_vocabulary_learns_later_are_found_at_once(open_search, filled, garment, some, asked, ids):
    usual = open_search()
    words = ["Tyrian", "tyrian", "none", 7, True, "long " * 40, ["red", "TYRIAN-purple"], "magenta"]
    items = [garment(2 * number, color=word) for number, word in enumerate(words)]
    catalog = await filled(items, into=usual)
    tyrian = VocabularyAddition("color", "x:tyrian", "Tyrian", ("tyrian purple",), broader="purple")
    wider = open_search(vocabulary=Vocabulary.default().extended([tyrian]))
    assert await ids(wider, Query(attributes={"color": "tyrian"}), catalog) == ["item-0", "item-2", "item-12"]
    assert await ids(wider, Query(attributes={"color": "purple"}), catalog) == ["item-0", "item-2", "item-12"]
    assert (await ids(wider, asked(12, text="tyrian"), catalog))[0] == "item-12"
    await usual.add_items(catalog.ref, some([garment(0, color="none")]))
    assert await ids(wider, Query(attributes={"color": "tyrian"}), catalog) == ["item-2", "item-12"]
    assert (await ids(usual, Query(attributes={"color": "red"}), catalog))[0] == "item-12"


async def test_a_job_tells_its_progress_and_is_taken_up_by_another(search, open_search, garment, some, monkeypatch):
    monkeypatch.setattr("placket_postgres.search.indexing.BATCH", 5)
    catalog = await search.create_catalog("Summer")
    await search.add_items(catalog.ref, some([garment(number) for number in range(30)]))
    job = await search.index(catalog.ref)
    assert (await job.status()).state is JobState.RUNNING
    await search.aclose()
    other = open_search()
    taken_up = await other.resume(job.ticket)
    progress = [status.progress async for status in taken_up.events()]
    assert progress == sorted(progress)
    ready = await taken_up.result()
    assert (ready.state, ready.items_indexed) == (CatalogState.READY, 30)


async def test_a_catalog_of_another_model_is_refused_until_indexed_again(
    search, open_search, filled, asked, model, ids
):
    catalog = await filled(6)
    newer = open_search(embedder=model.NumbersModel("numbers-2", look=12))
    with pytest.raises(Conflict, match=r"indexed with the model numbers-1.*index the catalog again"):
        await newer.search(asked(1), [catalog.ref])
    await (await newer.index(catalog.ref)).result()
    assert (await ids(newer, asked(1), catalog))[0] == "item-1"
    with pytest.raises(Conflict, match="numbers-2"):
        await search.search(asked(1), [catalog.ref])


async def test_a_ticket_of_another_model_is_not_gone_on_with(search, open_search, filled, garment, some, model):
    catalog = await filled(3)
    ticket = (await search.index(catalog.ref)).ticket
    await search.add_items(catalog.ref, some([garment(number) for number in range(6)]))
    await search.aclose()
    newer = open_search(embedder=model.NumbersModel("numbers-2"))
    with pytest.raises(Conflict, match=r"numbers-1, and this Placket has numbers-2.*index the catalog again"):
        await (await newer.resume(ticket)).result()
    assert (await (await newer.index(catalog.ref)).result()).items_indexed == 6


async def test_an_empty_catalog_finds_nothing_and_one_that_was_never_indexed_says_so(search, garment, some, asked):
    catalog = await search.create_catalog("New")
    assert (await search.search(asked(1), [catalog.ref])).hits == ()
    await search.add_items(catalog.ref, some([garment(1)]))
    with pytest.raises(Conflict, match="index it first"):
        await search.search(asked(1), [catalog.ref])
    await (await search.index(catalog.ref)).result()
    with pytest.raises(InvalidInput, match="needs one of"):
        await search.search(asked(1, filters=(Filter("a"),)), [catalog.ref])
    with pytest.raises(InvalidInput, match="leave least out"):
        await search.search(asked(1, filters=(Filter("a", least=float("-inf")),)), [catalog.ref])


async def test_catalogs_that_are_not_there(search, some):
    nowhere = Ref("shop", "catalog", "gone")
    for refused in (
        search.get_catalog(nowhere), search.add_items(nowhere, some([])), search.index(nowhere),
        search.delete_items(nowhere, []), search.list_items(nowhere).collect(),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            await refused
    with pytest.raises(InvalidInput, match="is not a catalog"):
        await search.get_catalog(Ref("shop", "sku", "gone"))


async def test_near_duplicates_are_each_pair_once(search, filled, garment, model, monkeypatch):
    monkeypatch.setattr("placket_postgres.search.seeking.AT_ONCE", 4)
    twins = [CatalogItem(f"twin-{n}", Image.of(model.photo(number))) for n, number in enumerate((3, 9, 3))]
    catalog = await filled([*(garment(number) for number in range(12)), *twins])
    pairs = await search.near_duplicates(catalog.ref, 0.001).collect()
    assert {frozenset((pair.first, pair.second)) for pair in pairs} == {
        frozenset(pair)
        for pair in (("item-3", "twin-0"), ("item-9", "twin-1"), ("item-3", "twin-2"), ("twin-0", "twin-2"))
    }
    assert len(pairs) == 4
    assert all(pair.distance <= 0.001 for pair in pairs)


async def test_many_copies_of_one_picture_are_not_all_paired_and_still_hang_together(search, filled, garment, model):
    copies = [CatalogItem(f"copy-{n}", Image.of(model.photo(3))) for n in range(130)]
    catalog = await filled([*copies, garment(5)])
    pairs = await search.near_duplicates(catalog.ref, 0.001).collect()
    assert Counter(pair.second for pair in pairs) == {f"copy-{n}": min(n, 100) for n in range(1, 130)}

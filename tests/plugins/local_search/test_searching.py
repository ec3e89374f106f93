"""Which garments look like this one?"""

import asyncio
import threading
from collections import Counter
from datetime import date

import pytest
from attrs import evolve

from placket.errors import Conflict, InvalidInput, NotFound
from placket.interfaces import CatalogItem, CatalogState, Filter, Image, Query, Ref
from placket.record import Vocabulary, VocabularyAddition
from placket_local.detection import Found
from placket_local.search.catalog_index import CatalogIndex

RED, GREEN, BLUE = (220, 20, 30), (20, 200, 40), (30, 40, 210)


async def ids(search, query, *catalogs):
    return [hit.id for hit in (await search.search(query, [catalog.ref for catalog in catalogs])).hits]


async def test_the_same_picture_is_found_first_with_its_metadata(search, filled, picture):
    catalog = await filled()
    assert catalog.state is CatalogState.READY
    (hit, *others) = (await search.search(Query(Image.of(picture(GREEN, 1))), [catalog.ref])).hits
    assert (hit.id, hit.metadata) == ("green-1", {"shade": "green", "price": 11, "sold": False})
    assert hit.distance == pytest.approx(0, abs=1e-3)
    assert hit.score == pytest.approx(1 / (1 + hit.distance))
    assert [other.distance for other in others] == sorted(other.distance for other in others)
    assert len(others) == 8
    assert hit.catalog == catalog.ref


async def test_the_knob_turns_from_look_to_colour(search, filled, picture):
    catalog = await filled()
    asked = Image.of(picture(RED, 1))
    by_look = await ids(search, Query(asked, limit=3, color_weight=0.0), catalog)
    by_color = await ids(search, Query(asked, limit=3, color_weight=1.0), catalog)
    assert {name.rpartition("-")[2] for name in by_look} == {"1"}
    assert {name.partition("-")[0] for name in by_color} == {"red"}


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        (Filter("shade", equals="red"), {"red-0", "red-1", "red-2"}),
        (Filter("shade", any_of=("red", "blue", "pink")), {f"{one}-{n}" for one in ("red", "blue") for n in range(3)}),
        (Filter("price", least=10, most=11), {"red-1", "green-1"}),
        (Filter("price", most=1), {"red-0", "green-0"}),
        (Filter("sold", equals=True), {"red-2", "green-2", "blue-2"}),
        (Filter("sold", equals=1), set()),
        (Filter("shade", least=0), set()),
        (Filter("size", equals="XL"), set()),
    ],
)
async def test_filters_let_through_only_what_they_say(search, filled, picture, condition, found):
    catalog = await filled()
    assert set(await ids(search, Query(Image.of(picture(BLUE)), filters=(condition,)), catalog)) == found


DATED = {
    "december": {"added": "2025-12-31", "note": "\uffee", "sold": True, "price": 1},
    "january": {"added": ["2026-01-31"], "note": "a", "sold": False, "price": 2},
    "june": {"added": "2026-06-30T12:00Z", "note": "\U0001f9e5", "price": 2.5},
    "unsaid": {"added": "", "note": "n" * 121, "price": "3"},
}


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        (Filter("added", least="2026-01-01"), {"january", "june"}),
        (Filter("added", most="2026-01-31T23:59"), {"december", "january", "unsaid"}),
        (Filter("added", least="2026-01-31", most="2026-01-31"), {"january"}),
        (Filter("added", least="2027"), set()),
        (Filter("note", least="z"), {"december", "june"}),
        (Filter("note", least="\uffee", most="\uffef"), {"december"}),
        (Filter("note", most="z"), {"january"}),
        (Filter("sold", least=""), set()),
        (Filter("sold", most="z"), set()),
        (Filter("price", least=""), {"unsaid"}),
        (Filter("price", least=2), {"january", "june"}),
    ],
)
async def test_a_range_is_of_numbers_or_of_texts(search, filled, picture, condition, found):
    pictures = zip(DATED, [picture(RED, seed) for seed in range(4)], strict=True)
    catalog = await filled([CatalogItem(name, Image.of(data), DATED[name]) for name, data in pictures])
    assert set(await ids(search, Query(Image.of(picture(BLUE)), filters=(condition,)), catalog)) == found


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ({"least": float("nan")}, "NaN"),
        ({"most": float("nan")}, "NaN"),
        ({"least": float("-inf")}, "leave least out"),
        ({"least": 0, "most": float("inf")}, "leave most out"),
        ({"most": 10**400}, "leave most out"),
        ({"least": 2, "most": 1}, "nothing lies between"),
        ({"least": "b", "most": "a"}, "nothing lies between"),
        ({"least": True}, "a number or a text"),
        ({"most": False}, "a number or a text"),
        ({"most": date(2026, 1, 31)}, "a date as '2026-01-31'"),
        ({"least": [1]}, "a number or a text"),
        ({"least": 1, "most": "2"}, "two numbers or two texts"),
        ({"least": "a" * 121}, "120 characters"),
        ({"least": "a\0b"}, "NUL"),
        ({"least": "\ud800"}, "half a character"),
    ],
)
async def test_a_range_that_makes_no_sense_is_refused_in_words(search, filled, picture, ends, said):
    catalog = await filled()
    with pytest.raises(InvalidInput, match=said):
        await search.search(Query(Image.of(picture(BLUE)), filters=(Filter("price", **ends),)), [catalog.ref])


async def test_a_number_of_any_length_costs_no_catalog_its_index(search, filled, picture):
    pictures = zip((10**400, -(10**400), 2**64), [picture(RED, seed) for seed in range(3)], strict=True)
    catalog = await filled([CatalogItem(str(number)[:3], Image.of(data), {"n": number}) for number, data in pictures])
    for condition, found in ((Filter("n", equals=10**400), {"100"}), (Filter("n", least=0), {"100", "184"})):
        assert set(await ids(search, Query(Image.of(picture(BLUE)), filters=(condition,)), catalog)) == found


async def test_half_a_character_is_refused_wherever_it_is(search, filled, picture):
    catalog = await filled()
    for condition in (
        Filter("shade", equals="\ud800"),
        Filter("\ud800", equals=1),
        Filter("shade", any_of=("\ud800" * 200,)),
    ):
        with pytest.raises(InvalidInput, match="half a character"):
            await ids(search, Query(Image.of(picture(BLUE)), filters=(condition,)), catalog)
    with pytest.raises(InvalidInput, match="half a character"):
        await search.create_catalog("\ud800")
    with pytest.raises(InvalidInput, match="half a character"):
        await search.get_catalog(Ref("here", "catalog", "\ud800"))


async def test_a_filter_may_name_any_number_of_values(search, filled, picture):
    catalog = await filled()
    wanted = Filter("price", any_of=(*range(1_000, 301_000), 10))
    assert set(await ids(search, Query(Image.of(picture(BLUE)), filters=(wanted,)), catalog)) == {"red-1"}


async def test_filters_are_met_together(search, filled, picture):
    catalog = await filled()
    both = (Filter("shade", equals="blue"), Filter("sold", equals=True))
    assert await ids(search, Query(Image.of(picture(RED)), filters=both), catalog) == ["blue-2"]


async def test_a_search_that_began_before_a_change_ends_without_it(search, filled, some, picture, monkeypatch):
    catalog = await filled()
    waits, goes_on = threading.Event(), threading.Event()
    refresh = CatalogIndex.refresh

    def held(*arguments):
        if not waits.is_set():
            waits.set()
            goes_on.wait(30)
        return refresh(*arguments)

    monkeypatch.setattr(CatalogIndex, "refresh", held)
    query = Query(Image.of(picture(BLUE)))
    earlier = asyncio.create_task(ids(search, query, catalog))
    await asyncio.to_thread(waits.wait, 30)
    await search.add_items(catalog.ref, some([CatalogItem("new", Image.of(picture(BLUE, 9)))]))
    await search.delete_items(catalog.ref, ["red-0"])
    await (await search.index(catalog.ref)).result()
    later = await ids(search, query, catalog)
    goes_on.set()
    assert set(await earlier) == {*later, "red-0"} - {"new"}


async def test_several_catalogs_are_one_ranked_list(search, filled, wardrobe, picture):
    first, second = await filled(wardrobe[:4]), await filled(wardrobe[4:])
    found = (await search.search(Query(Image.of(picture(GREEN, 1)), limit=5), [first.ref, second.ref])).hits
    assert found[0].id == "green-1"
    assert {hit.catalog for hit in found} == {first.ref, second.ref}


async def test_a_region_is_all_that_counts(search, filled, picture):
    from io import BytesIO

    from PIL import Image as Pixels

    outfit = Pixels.new("RGB", (64, 32))
    for left, data in ((0, picture(RED, 2)), (32, picture(BLUE, 0))):
        outfit.paste(Pixels.open(BytesIO(data)), (left, 0))
    file = BytesIO()
    outfit.save(file, "PNG")
    catalog = await filled()
    asked = Image.of(file.getvalue())
    assert await ids(search, Query(asked, region=(0, 0, 0.5, 1), limit=1), catalog) == ["red-2"]
    assert await ids(search, Query(asked, region=(0.5, 0, 1, 1), limit=1), catalog) == ["blue-0"]


async def test_one_garment_of_an_outfit_is_found_by_its_name(open_search, filled, picture):
    skirt = Found((0.5, 0, 1, 1), "aa-1-15", 0.9)
    search = open_search(found=[Found((0, 0, 0.5, 1), "aa-1-13", 0.95), skirt])
    catalog = await filled()
    asked = Image.of(picture(RED))
    whole = await search.search(Query(asked, region=skirt.box), [catalog.ref])
    assert await search.search(Query(asked, garment="skirt"), [catalog.ref]) == whole
    with pytest.raises(InvalidInput, match="no Dresses was found in the picture, but"):
        await search.search(Query(asked, garment="dress"), [catalog.ref])
    detections = await search.detect(asked)
    assert [str(one.category) for one in detections] == ["Tops", "Skirts"]


async def test_words_find_what_shows_them_the_surest_first(search, filled):
    catalog = await filled()
    found = await ids(search, Query(text="red"), catalog)
    assert set(found) == {"red-0", "red-1", "red-2"}
    hits = (await search.search(Query(attributes={"color": "Red"}), [catalog.ref])).hits
    assert [hit.id for hit in hits] == found
    assert [hit.distance for hit in hits] == sorted(hit.distance for hit in hits)


async def test_words_beside_a_picture_narrow_what_is_found(search, filled, picture):
    catalog = await filled()
    assert (await ids(search, Query(Image.of(picture(RED, 1)), text="blue"), catalog))[0] == "blue-1"


async def test_metadata_in_words_of_the_vocabulary_counts_as_seen(search, filled, wardrobe):
    from attrs import evolve

    labelled = [evolve(one, metadata={"category": "jeans"}) for one in wardrobe[:2]]
    catalog = await filled([*labelled, *wardrobe[2:]])
    assert set(await ids(search, Query(attributes={"category": "pants"}), catalog)) == {"red-0", "red-1"}
    assert await ids(search, Query(text="green jeans"), catalog) == []


async def test_words_that_the_vocabulary_learns_later_are_found_at_once(open_search, filled, some, picture):
    usual = open_search()
    words = ["Tyrian", "tyrian", "none", 7, True, "long " * 40, ["red", "TYRIAN-purple"], "magenta"]
    items = [CatalogItem(str(n), Image.of(picture(GREEN, n)), {"color": word}) for n, word in enumerate(words)]
    catalog = await filled(items, into=usual)
    tyrian = VocabularyAddition("color", "x:tyrian", "Tyrian", ("tyrian purple",), broader="purple")
    wider = open_search(vocabulary=Vocabulary.default().extended([tyrian]))
    assert await ids(wider, Query(attributes={"color": "tyrian"}), catalog) == ["0", "1", "6"]
    assert await ids(wider, Query(attributes={"color": "purple"}), catalog) == ["0", "1", "6"]
    assert await ids(wider, Query(Image.of(picture(GREEN, 6)), text="tyrian"), catalog) == ["6", "1", "0"]
    await usual.add_items(catalog.ref, some([evolve(items[0], metadata={"color": "none"})]))
    assert await ids(wider, Query(attributes={"color": "tyrian"}), catalog) == ["1", "6"]
    assert await ids(usual, Query(attributes={"color": "red"}), catalog) == ["6"]


async def test_what_a_vocabulary_knew_that_is_no_longer_there_stands_in_nobodys_way(open_search, filled, some, picture):
    tyrian = VocabularyAddition("color", "x:tyrian", "Tyrian", broader="purple")
    wider = open_search(vocabulary=Vocabulary.default().extended([tyrian]))
    usual = open_search()
    items = [CatalogItem(name, Image.of(picture(RED, seed)), {"color": "tyrian"}) for seed, name in enumerate("abc")]
    catalog = await filled(items, into=wider)
    asked = Query(attributes={"color": "tyrian"}, limit=2)
    assert await ids(wider, asked, catalog) == ["a", "b"]
    await usual.delete_items(catalog.ref, ["a"])
    assert await ids(wider, asked, catalog) == ["b", "c"]
    assert await ids(wider, evolve(asked, image=Image.of(picture(RED, 2))), catalog) == ["c", "b"]
    await usual.add_items(catalog.ref, some([evolve(items[1], metadata={"color": "none"})]))
    assert (await wider.add_items(catalog.ref, some([items[1]]))).accepted == 1
    assert await ids(wider, asked, catalog) == ["b", "c"]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (Query(), "a picture, a text or attributes"),
        (Query(text="frobnicated"), "'frobnicated' is no word"),
        (Query(attributes={"colour": "red"}), "no attribute 'colour'"),
        (Query(attributes={"color": "blurple"}), "knows no color 'blurple'"),
        (Query(text="red", limit=1001), "between 1 and 1,000"),
        (Query(text="red", limit=0), "between 1 and 1,000"),
        (Query(text="red", color_weight=1.5), "color_weight is between 0"),
        (Query(text="red", filters=(Filter("a"),)), "needs one of"),
        (Query(text="red", filters=(Filter("a", equals=1, least=2),)), "needs one of"),
        (Query(Image.of(b"no picture")), "not an image"),
    ],
)
async def test_a_query_that_makes_no_sense_is_refused_in_words(search, filled, query, said):
    catalog = await filled()
    with pytest.raises(InvalidInput, match=said):
        await search.search(query, [catalog.ref])


async def test_an_impossible_region_is_refused(search, filled, picture):
    catalog = await filled()
    with pytest.raises(InvalidInput, match="fractions"):
        await search.search(Query(Image.of(picture(RED)), region=(0.5, 0, 0.2, 1)), [catalog.ref])


async def test_a_picture_without_a_garment_finds_nothing_and_says_so(search, filled, picture):
    catalog = await filled()
    with pytest.raises(InvalidInput, match="no garment was found"):
        await search.search(Query(Image.of(picture((0, 0, 0)))), [catalog.ref])


async def test_catalogs_that_are_not_there_or_none(search, filled, picture):
    query = Query(Image.of(picture(RED)))
    with pytest.raises(NotFound):
        await search.search(query, [Ref("here", "catalog", "gone")])
    with pytest.raises(InvalidInput, match="is not a catalog"):
        await search.search(query, [Ref("here", "sku", "gone")])
    with pytest.raises(InvalidInput, match="name one"):
        await search.search(query, [])


async def test_an_empty_catalog_finds_nothing_and_one_that_was_never_indexed_says_so(search, some, wardrobe, picture):
    catalog = await search.create_catalog("New")
    query = Query(Image.of(picture(RED)))
    assert (await search.search(query, [catalog.ref])).hits == ()
    await search.add_items(catalog.ref, some(wardrobe))
    with pytest.raises(Conflict, match="index it first"):
        await search.search(query, [catalog.ref])


async def test_near_duplicates_are_each_pair_once(search, filled, wardrobe, picture):
    twins = [
        CatalogItem("twin", Image.of(picture(GREEN, 1))),
        CatalogItem("paler", Image.of(picture((24, 204, 44), 1))),
    ]
    catalog = await filled([*wardrobe, *twins])
    pairs = await search.near_duplicates(catalog.ref, 0.001).collect()
    assert {frozenset((pair.first, pair.second)) for pair in pairs} == {
        frozenset(("green-1", "twin")),
        frozenset(("green-1", "paler")),
        frozenset(("twin", "paler")),
    }
    assert len(pairs) == 3
    assert all(pair.distance <= 0.001 for pair in pairs)
    with pytest.raises(InvalidInput, match="0 to 1"):
        search.near_duplicates(catalog.ref, 2)


async def test_many_copies_of_one_picture_are_not_all_paired_and_still_hang_together(search, filled, picture):
    copies = [CatalogItem(f"copy-{number}", Image.of(picture(GREEN, 1))) for number in range(400)]
    others = [CatalogItem(f"other-{number}", Image.of(picture(RED, number))) for number in range(3)]
    catalog = await filled([*copies, *others])
    pairs = await search.near_duplicates(catalog.ref, 0.001).collect()
    paired = Counter(pair.second for pair in pairs)
    assert [paired[f"copy-{number}"] for number in range(400)] == [min(number, 100) for number in range(400)]
    assert len({frozenset((pair.first, pair.second)) for pair in pairs}) == len(pairs)
    assert {name for pair in pairs for name in (pair.first, pair.second)} == {copy.id for copy in copies}

"""A data folder that is moved takes the copies of pictures along."""

import sqlite3
from contextlib import closing
from pathlib import Path

from placket.interfaces import CatalogItem, CatalogState, Image, Query

RED, GREEN = (220, 20, 30), (20, 200, 40)


def there(paths: list[str]) -> list[str]:
    return [path for path in paths if Path(path).exists()]


async def test_copies_are_found_shown_and_removed_in_the_new_place(open_search, filled, some, toy, picture, tmp_path):
    here = open_search(tmp_path / "old")
    catalog = await filled([CatalogItem("read", Image.of(picture(RED)))], into=here)
    await here.add_items(catalog.ref, some([CatalogItem("unread", Image.of(picture(GREEN)))]))
    await here.aclose()
    (tmp_path / "old").rename(tmp_path / "new")

    here = open_search(tmp_path / "new", embedder=toy("toy-2"))
    state = await (await here.index(catalog.ref)).result()
    assert (state.state, state.items_indexed, state.errors) == (CatalogState.READY, 2, ())
    for query, shade in ((Query(Image.of(picture(RED))), RED), (Query(attributes={"color": "green"}), GREEN)):
        hit = (await here.search(query, [catalog.ref])).hits[0]
        assert Path(hit.image_url).is_relative_to(tmp_path / "new")
        assert Image.of(Path(hit.image_url)).content() == picture(shade)
        assert hit.image_url in [item.image_url async for item in here.list_items(catalog.ref)]
        await here.delete_items(catalog.ref, [hit.id])
        assert there([hit.image_url]) == []


async def test_copies_that_were_stored_with_their_whole_paths_are_found_there(
    open_search, filled, some, toy, picture, tmp_path
):
    items = [CatalogItem(name, Image.of(picture(shade))) for name, shade in (("red", RED), ("green", GREEN))]
    here = open_search()
    catalog = await filled(items, into=here)
    shown = [item.image_url async for item in here.list_items(catalog.ref)]
    await here.aclose()
    with closing(sqlite3.connect(tmp_path / "search" / "search.sqlite")) as database, database:
        database.execute("UPDATE items SET path = ? || path", [f"{tmp_path}/search/pictures/"])
        assert [path for (path,) in database.execute("SELECT path FROM items ORDER BY key")] == shown

    here = open_search(embedder=(model := toy("toy-2")))
    state = await (await here.index(catalog.ref)).result()
    assert (state.items_indexed, state.errors, model.pictures) == (2, (), 2)
    await here.add_items(catalog.ref, some(items))
    await (await here.index(catalog.ref)).result()
    assert model.pictures == 2
    assert [item.image_url async for item in here.list_items(catalog.ref)] == shown
    await here.delete_catalog(catalog.ref)
    assert there(shown) == []

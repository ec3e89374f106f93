"""Garments of the shoots: made, listed by project, changed in part, removed."""

from pathlib import Path
from typing import Any

import pytest

from placket.errors import Conflict, InvalidInput, NotFound
from placket.interfaces import (
    GarmentImage,
    Image,
    LookDraft,
    LookScope,
    ProjectDraft,
    Ref,
    SkuDraft,
    SkuQuery,
    WantedShot,
)
from placket.merge import merge


def record(sku: Any) -> Any:
    return merge(sku.claims, id="x")


async def test_a_garment_keeps_what_it_is_told_and_its_photos(here: Any, photo: Any) -> None:
    made = await here.sku(("front", photo()), sku="S-1", brand="Acme", color="red")
    (read,) = await here.shoots.list_skus(SkuQuery(sku="S-1")).collect()
    assert read.ref == made.ref
    told = record(read)
    assert (told.name, told.sku, told.brand, told.color[0].term.id) == ("Shirt", "S-1", "Acme", "red")
    assert Image.of(Path(told.media[0].path)).content() == photo()
    assert told.external_ids["here"] == made.ref.id


async def test_an_update_changes_what_it_names(here: Any, photo: Any) -> None:
    made = await here.sku(("front", photo()), sku="S-1", brand="Acme")
    changed = await here.shoots.update_sku(made.ref, SkuDraft({"name": "Blouse", "brand": None}))
    assert (record(changed).name, record(changed).brand, record(changed).sku) == ("Blouse", None, "S-1")
    assert len(record(changed).media) == 1
    pictures = (GarmentImage(Image.of(photo((30, 60, 90)))), GarmentImage(Image.of(photo((40, 60, 90))), "back"))
    changed = await here.shoots.update_sku(made.ref, SkuDraft(images=pictures))
    assert sorted(item.role for item in record(changed).media) == ["back", "front"]


async def test_who_was_slower_is_told(here: Any) -> None:
    made = await here.sku()
    await here.shoots.update_sku(made.ref, SkuDraft({"name": "first"}, version=made.version))
    with pytest.raises(Conflict, match="read it and repeat the change"):
        await here.shoots.update_sku(made.ref, SkuDraft({"name": "second"}, version=made.version))
    (read,) = await here.shoots.list_skus(SkuQuery()).collect()
    assert record(read).name == "first"


async def test_a_garment_without_name_and_sku_is_refused(here: Any) -> None:
    with pytest.raises(InvalidInput, match="needs a name or a SKU"):
        await here.shoots.create_sku(SkuDraft({"brand": "Acme"}))
    made = await here.sku()
    with pytest.raises(InvalidInput, match="needs a name or a SKU"):
        await here.shoots.update_sku(made.ref, SkuDraft({"name": None}))


async def test_projects_part_garments_and_what_is_in_none_is_for_all(here: Any) -> None:
    spring = await here.shoots.create_project(ProjectDraft("Spring", {"budget": 7}))
    autumn = await here.shoots.create_project(ProjectDraft("Autumn"))
    one = await here.sku(**{"shoot.project_ids": [spring.ref.id]})
    both = await here.sku(**{"shoot.project_ids": [spring.ref.id, autumn.ref.id]})
    free = await here.sku()

    async def ids(listing: Any) -> set[Ref]:
        return {sku.ref for sku in await listing.collect()}

    assert await ids(here.shoots.list_skus(SkuQuery(project=spring.ref.id))) == {one.ref, both.ref}
    assert await ids(here.shoots.list_skus(SkuQuery(project=autumn.ref.id))) == {both.ref}
    assert await ids(here.shoots.list_skus(SkuQuery())) == {one.ref, both.ref, free.ref}
    assert await ids(here.shoots.list_global_skus(SkuQuery())) == {free.ref}
    await here.shoots.update_sku(one.ref, SkuDraft({"shoot.project_ids": None}))
    assert await ids(here.shoots.list_skus(SkuQuery(project=spring.ref.id))) == {both.ref}
    listed = await here.shoots.list_projects().collect()
    assert [(project.name, project.details) for project in listed] == [("Autumn", {}), ("Spring", {"budget": 7})]
    with pytest.raises(InvalidInput, match="make one with create_project"):
        await here.sku(**{"shoot.project_ids": ["nothing"]})


async def test_pages_leave_none_out_while_others_are_added(here: Any) -> None:
    made = [(await here.sku(sku=str(number))).ref for number in range(7)]
    listing = here.shoots.list_skus(SkuQuery(page_size=3))
    first = [await anext(listing)]
    await here.sku(sku="later")
    assert [sku.ref for sku in first + await listing.collect()] == made[::-1]
    assert listing.total == 7


async def test_a_removed_garment_is_gone_with_its_shots(here: Any, photo: Any) -> None:
    made = await here.sku(("front", photo()))
    assert await here.made([made.ref], WantedShot("detail"))
    await here.shoots.delete_sku(made.ref)
    await here.shoots.delete_sku(made.ref)
    for call in (here.shoots.list_shots, here.shoots.list_looks, here.shoots.list_generations):
        with pytest.raises(NotFound, match="there is no garment"):
            await call(made.ref).collect()


async def test_looks_are_made_for_the_first_and_related_to_all(here: Any) -> None:
    shirt, skirt = await here.sku(), await here.sku()
    look = await here.shoots.create_look([shirt.ref, skirt.ref], LookDraft("Office", {"mood": "calm"}))
    assert look.details == {"mood": "calm", "skus": [shirt.ref.id, skirt.ref.id]}
    assert await here.shoots.list_looks(shirt.ref).collect() == [look]
    assert await here.shoots.list_looks(skirt.ref).collect() == []
    assert await here.shoots.list_looks(skirt.ref, LookScope.RELATED).collect() == [look]
    for skus in ([shirt.ref] * 2, [(await here.sku()).ref for _ in range(7)]):
        with pytest.raises(InvalidInput, match="1 to 6 different garments"):
            await here.shoots.create_look(skus, LookDraft())


async def test_a_reference_to_something_else_is_refused(here: Any) -> None:
    with pytest.raises(InvalidInput, match="is no sku of here: write here/sku/<id>"):
        await here.shoots.update_sku(Ref("here", "product", "1"), SkuDraft())

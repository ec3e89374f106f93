"""Products are made, read, changed and removed, and keep every claim that was made about them."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from placket.errors import Conflict, InvalidInput, NotFound
from placket.interfaces import GarmentImage, Image, ProductChanges, ProductDraft, ProductQuery, Ref
from placket.merge import merge
from placket.record import Claim, Season, Source
from placket_local.store import LocalStore

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc000000301010018dd8db0"
    "0000000049454e44ae426082"
)


def value(product: Any, field: str) -> Any:
    return getattr(merge(product.claims, id="x"), field)


def files_in(folder: Path) -> list[tuple[str, bytes]]:
    return [(str(path), path.read_bytes()) for path in folder.rglob("*") if path.is_file()]


async def test_a_product_is_read_as_it_was_made(store: LocalStore, add: Callable[..., Any]) -> None:
    made = await add("Breton Top", sku="A-1", brand="Saint James", color="navy", season=Season("SS", 2027))
    read = await store.get(made.ref)
    assert read == made
    record = merge(read.claims, id="x")
    assert (record.name, record.sku, record.brand) == ("Breton Top", "A-1", "Saint James")
    assert record.color[0].term.id == "navy"
    assert record.external_ids["here"] == made.ref.id
    assert record.visibility == {"enabled": True, "archived": False, "public": False, "demo": False, "filler": False}
    assert record.created_at is not None


async def test_who_said_what_about_it_is_kept(store: LocalStore) -> None:
    said = Claim("fit", None, Source("vendor", request_id="r-7"), raw="comfy", confidence=0.4, path="tag.Fit")
    made = await store.create(ProductDraft({"name": "Top", "brand": "Acme"}, claims=(said,)))
    record = merge((await store.get(made.ref)).claims, id="x")
    assert said in record.claims
    assert [claim.source.provider for claim in record.why("brand").support] == ["here"]
    assert record.why("fit").unknown_words == (said,)


async def test_an_update_changes_what_it_names_and_nothing_else(store: LocalStore, add: Callable[..., Any]) -> None:
    made = await add("Top", brand="Acme", color="navy", material_text="cotton")
    changed = await store.update(made.ref, ProductChanges({"brand": "Bolt", "material_text": None}))
    assert value(changed, "brand") == "Bolt"
    assert value(changed, "material_text") is None
    assert value(changed, "name") == "Top"
    assert value(changed, "color") == value(made, "color")
    assert changed.version != made.version
    assert value(changed, "created_at") == value(made, "created_at")
    assert value(changed, "updated_at") > value(made, "updated_at")


async def test_a_lost_race_is_a_conflict_and_loses_nothing(store: LocalStore, add: Callable[..., Any]) -> None:
    made = await add(brand="Acme")
    await store.update(made.ref, ProductChanges({"brand": "first"}, version=made.version))
    with pytest.raises(Conflict, match="somebody else changed here/product/"):
        await store.update(made.ref, ProductChanges({"brand": "second"}, version=made.version))
    assert value(await store.get(made.ref), "brand") == "first"


async def test_writers_at_the_same_time_do_not_overwrite_each_other(
    open_store: Callable[..., LocalStore], add: Callable[..., Any]
) -> None:
    made = await add()
    names = ["brand", "collection", "theme", "style_code", "gtin"]
    writers = [open_store() for _ in names]
    await asyncio.gather(
        *(
            writer.update(made.ref, ProductChanges({name: "4006381333931"}))
            for writer, name in zip(writers, names, strict=True)
        )
    )
    found = await writers[0].get(made.ref)
    assert all(value(found, name) == "4006381333931" for name in names)
    assert found.version == str(1 + len(names))


async def test_archiving_is_undone(store: LocalStore, add: Callable[..., Any]) -> None:
    made = await add()
    assert value(await store.archive(made.ref), "visibility")["archived"] is True
    assert value(await store.archive(made.ref, False), "visibility")["archived"] is False


async def test_what_was_deleted_is_not_found_and_deleting_it_again_is_no_error(
    store: LocalStore, add: Callable[..., Any]
) -> None:
    made = await add()
    await store.delete(made.ref)
    await store.delete(made.ref)
    with pytest.raises(NotFound, match=made.ref.id):
        await store.get(made.ref)
    with pytest.raises(NotFound):
        await store.update(made.ref, ProductChanges({"brand": "x"}))


async def test_a_start_of_a_product_says_that_it_is_one(store: LocalStore) -> None:
    made = await store.create(ProductDraft({"name": "Top"}, complete=False))
    assert made.raw == {"complete": False}


async def test_pictures_without_an_address_are_kept_once_and_whole(store: LocalStore, tmp_path: Path) -> None:
    images = (GarmentImage(Image.of(PNG)), GarmentImage(Image.of("https://img.example.com/back.jpg"), "back"))
    first = await store.create(ProductDraft({"name": "Top"}, images))
    await store.create(ProductDraft({"name": "Other"}, images[:1]))
    media = value(first, "media")
    assert {item.role: item.url for item in media} == {"front": "", "back": "https://img.example.com/back.jpg"}
    assert files_in(tmp_path / "media") == [(next(item.path for item in media if item.path), PNG)]
    changed = await store.update(first.ref, ProductChanges(images=()))
    assert value(changed, "media") == ()


@pytest.mark.parametrize("fields", [{}, {"brand": "Acme"}, {"name": "  "}])
async def test_a_product_without_a_name_and_a_sku_is_refused(store: LocalStore, fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="needs a name or a SKU"):
        await store.create(ProductDraft(fields))
    assert await store.list(ProductQuery()).collect() == []


async def test_a_change_cannot_take_the_last_name_away(store: LocalStore, add: Callable[..., Any]) -> None:
    made = await add()
    with pytest.raises(InvalidInput, match="would leave it neither"):
        await store.update(made.ref, ProductChanges({"name": None}))
    assert await store.get(made.ref) == made


async def test_a_field_that_no_record_has_is_refused(store: LocalStore) -> None:
    with pytest.raises(InvalidInput, match="colour"):
        await store.create(ProductDraft({"name": "Top", "colour": "navy"}))


async def test_a_reference_to_something_else_is_refused(store: LocalStore) -> None:
    with pytest.raises(InvalidInput, match="is not a product"):
        await store.get(Ref("here", "catalog", "1"))

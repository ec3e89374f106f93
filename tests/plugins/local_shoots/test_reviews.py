"""What people say of shots, what the store learns of it, and what is handed out."""

import zipfile
from typing import Any

import pytest

from placket.errors import Conflict, InvalidInput, NotFound
from placket.interfaces import (
    ExportRequest,
    ProductChanges,
    ProductDraft,
    ProductQuery,
    Ref,
    ReviewState,
    SkuDraft,
    Ticket,
    WantedShot,
)
from placket.merge import merge

DETAILS = WantedShot("detail", count=2)


async def test_a_review_is_kept_with_its_revision(here: Any, photo: Any) -> None:
    sku = await here.sku(("front", photo()))
    first, _ = await here.made([sku.ref], DETAILS)
    said = await here.shoots.review(sku.ref, first.id, ReviewState.REJECTED, "too dark")
    assert (said.state, said.details["note"]) == ("rejected", "too dark")
    (revision,) = await here.shoots.revisions(sku.ref, first.id)
    assert (revision.state, revision.details["note"]) == ("rejected", "too dark")
    assert [shot.id for shot in await here.shoots.list_shots(sku.ref, state="rejected").collect()] == [first.id]
    (again, _) = await here.made([sku.ref], DETAILS)
    assert again.state == "rejected", "the same picture stays what a person said it is"


async def test_what_has_no_picture_cannot_be_reviewed(here: Any, photo: Any) -> None:
    sku = await here.sku(("front", photo()))
    await here.brief([sku.ref], WantedShot("detail"))
    (shot,) = await here.shoots.list_shots(sku.ref).collect()
    with pytest.raises(Conflict, match="has no picture yet"):
        await here.shoots.review(sku.ref, shot.id, ReviewState.APPROVED)
    with pytest.raises(NotFound, match="list_shots tells those it has"):
        await here.shoots.review(sku.ref, "nothing", ReviewState.APPROVED)
    with pytest.raises(InvalidInput, match="a shot is pending, in-review, approved, rejected"):
        await here.shoots.review(sku.ref, shot.id, "splendid")


async def test_one_picture_of_a_type_counts(here: Any, photo: Any) -> None:
    sku = await here.sku(("front", photo()))
    first, second = await here.made([sku.ref], DETAILS)
    for picture in (first.id, first.details["revision"]):
        await here.shoots.select_shot(sku.ref, "detail/1", picture)
        chosen = await here.shoots.list_shots(sku.ref, "detail").collect()
        assert [shot.details["selected"] for shot in chosen] == [True, False]
    await here.shoots.select_shot(sku.ref, "detail/1", None)
    assert not any(shot.details["selected"] for shot in await here.shoots.list_shots(sku.ref).collect())
    with pytest.raises(NotFound, match="list_shots and revisions tell the ids"):
        await here.shoots.select_shot(sku.ref, "detail/1", second.id)


async def status(here: Any, product: Any) -> Any:
    return merge((await here.store.get(product.ref)).claims, id="x").shoot_state


async def test_the_store_learns_how_far_the_shots_are(here: Any, photo: Any) -> None:
    product = await here.store.create(ProductDraft({"name": "Shirt", "sku": "S-1"}))
    assert await status(here, product) is None
    sku = await here.sku(("front", photo()), sku="S-1")
    brief = await here.brief([sku.ref], DETAILS)
    job = await here.shoots.start_brief(brief.ref)
    await job.result()
    assert await status(here, product) == "in-review"
    first, second = await here.shoots.brief_results(brief.ref).collect()
    await here.shoots.review(sku.ref, first.id, ReviewState.APPROVED)
    assert await status(here, product) == "in-review", "the one that is least far decides"
    await here.shoots.review(sku.ref, second.id, ReviewState.REJECTED)
    assert await status(here, product) == "approved"
    (found,) = await here.store.list(ProductQuery(shot_statuses=("approved",))).collect()
    assert found.ref == product.ref
    await here.shoots.update_sku(sku.ref, SkuDraft({"sku": "S-2"}))
    assert await status(here, product) is None, "its shots are no longer its own"
    await here.shoots.update_sku(sku.ref, SkuDraft({"sku": "S-1"}))
    await here.shoots.delete_sku(sku.ref)
    assert await status(here, product) is None


async def test_a_garment_that_gets_another_sku_takes_its_shots_from_the_product_of_the_old_one(
    here: Any, photo: Any
) -> None:
    old, new = [await here.store.create(ProductDraft({"sku": sku, "name": "Shirt"})) for sku in ("OLD", "NEW")]
    sku = await here.sku(("front", photo()), sku="OLD")
    for shot in await here.made([sku.ref], DETAILS):
        await here.shoots.review(sku.ref, shot.id, ReviewState.APPROVED)
    assert [await status(here, each) for each in (old, new)] == ["approved", None]
    await here.shoots.update_sku(sku.ref, SkuDraft({"sku": "NEW"}))
    assert [await status(here, each) for each in (old, new)] == [None, "approved"]
    (found,) = await here.store.list(ProductQuery(shot_statuses=("approved",))).collect()
    assert found.ref == new.ref
    await here.shoots.update_sku(sku.ref, SkuDraft({"sku": "NOBODY"}))
    assert [await status(here, each) for each in (old, new)] == [None, None]


async def test_a_product_that_comes_later_is_linked_by_the_next_word_about_its_shots(here: Any, photo: Any) -> None:
    sku = await here.sku(("front", photo()), sku="S-1")
    first, _ = await here.made([sku.ref], DETAILS)
    product = await here.store.create(ProductDraft({"name": "Shirt", "sku": "S-1"}))
    await here.shoots.review(sku.ref, first.id, ReviewState.APPROVED)
    assert await status(here, product) == "in-review"
    export = await here.store.start_export(ExportRequest(products=(product.ref,)))
    assert export.items_total == 1


@pytest.mark.parametrize("how", ["create", "upsert", "update"])
async def test_a_product_that_comes_later_has_the_shots_that_are_there(here: Any, photo: Any, how: str) -> None:
    sku = await here.sku(("front", photo()), sku="S-1")
    for shot in await here.made([sku.ref], DETAILS):
        await here.shoots.review(sku.ref, shot.id, ReviewState.APPROVED)

    async def drafts() -> Any:
        yield ProductDraft({"name": "Shirt", "sku": "S-1"})

    if how == "upsert":
        assert (await here.store.upsert(drafts())).created == 1
    else:
        product = await here.store.create(ProductDraft({"name": "Shirt", "sku": "S-1" if how == "create" else "S-2"}))
        if how == "update":
            assert await status(here, product) is None
            product = await here.store.update(product.ref, ProductChanges({"sku": "S-1"}, version=product.version))
        assert merge(product.claims, id="x").shoot_state == "approved"
    (found,) = await here.store.list(ProductQuery(shot_statuses=("approved",))).collect()
    export = await here.store.start_export(ExportRequest(products=(found.ref,)))
    assert export.items_total == 2
    second = await here.store.create(ProductDraft({"name": "Shirt", "sku": "S-1"}))
    assert await status(here, second) is None, "of several products the oldest has them"
    if how == "update":
        await here.store.update(found.ref, ProductChanges({"sku": "S-3"}))
        assert await status(here, found) is None
    else:
        await here.store.delete(found.ref)
    assert await status(here, second) == "approved"


async def test_approved_shots_are_packed(here: Any, photo: Any) -> None:
    one, other = await here.sku(("front", photo())), await here.sku(("front", photo((30, 70, 90))))
    shots = await here.made([one.ref, other.ref], DETAILS)
    assert await (await here.shoots.export_approved([one.ref, other.ref])).result() == ()
    for shot in shots[:3]:
        sku = one if shot.details["sku"] == str(one.ref) else other
        await here.shoots.review(sku.ref, shot.id, ReviewState.APPROVED)
    job = await here.shoots.export_approved([one.ref, other.ref])
    ticket = Ticket.from_json(job.ticket.to_json())
    (packed,) = await job.result()
    with zipfile.ZipFile(packed.path) as archive:
        assert archive.testzip() is None
        assert len(archive.namelist()) == 3
    assert (await (await here.router.resume(ticket)).result()) == (packed,)
    many = [Ref("here", "sku", str(number)) for number in range(255_000)]
    (packed,) = await (await here.shoots.export_approved([one.ref, *many, other.ref, one.ref])).result()
    with zipfile.ZipFile(packed.path) as archive:
        assert len(archive.namelist()) == 3
    with pytest.raises(InvalidInput, match="at least one garment"):
        await here.shoots.export_approved([])


async def test_a_ticket_of_something_else_is_refused(here: Any, photo: Any) -> None:
    sku = await here.sku(("front", photo()))
    job = await here.shoots.start_brief((await here.brief([sku.ref], WantedShot("detail"))).ref)
    await job.result()
    ticket = Ticket.from_json(job.ticket.to_json().replace("start_brief", "start_bruf"))
    with pytest.raises(InvalidInput, match="is not one that the shoots of here gave"):
        await here.router.resume(ticket)

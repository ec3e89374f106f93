"""Updates where PUT replaces everything: what must survive, and what is noticed when two write at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web

from placket.errors import Conflict, InvalidInput, NotFound
from placket.interfaces import GarmentImage, Image, Ref, ShootManager, SkuDraft
from placket.record import Method
from placket.testing.faults import FaultKind

Build = Callable[..., ShootManager]

WHOLE = {
    "name": "Blue Shirt",
    "frontImage": "front-1",
    "backImage": "back-1",
    "gender": "male",
    "isInWardrobe": True,
    "projectIds": [3, 7],
    "skuCategoryName": "top",
}


def ref(sku_id: str) -> Ref:
    return Ref("shoots", "sku", sku_id)


def put(vendor: Any) -> dict[str, Any]:
    (request,) = [request for request in vendor.requests if request.method == "PUT"]
    body: dict[str, Any] = request.json()
    return body


async def test_what_the_draft_does_not_name_survives(provider: Build, vendor: Any, logged: Any) -> None:
    sku_id = vendor.add(**WHOLE)
    sku = await provider().update_sku(ref(sku_id), SkuDraft({"name": "Navy Shirt"}))
    assert put(vendor) == {**WHOLE, "name": "Navy Shirt"}
    assert {key: vendor.skus[sku_id][key] for key in WHOLE} == {**WHOLE, "name": "Navy Shirt"}
    assert sku.ref == ref(sku_id)
    said = {claim.field: claim for claim in sku.claims}
    assert (said["name"].value, said["name"].method) == ("Navy Shirt", Method.ECHO)
    assert said["gender"].method is Method.MERCHANT, "this much the vendor knew before"
    assert logged() == []


@pytest.mark.parametrize(
    ("fields", "changed"),
    [
        ({"gender": "female"}, {"gender": "female"}),
        ({"category": "jeans"}, {"skuCategoryName": "bottom"}),
        ({"shoot.project_ids": [9]}, {"projectIds": [9]}),
        ({"shoot.project_ids": []}, {"projectIds": []}),
        ({"extra.autoretouch.is_in_wardrobe": False}, {"isInWardrobe": False}),
        ({}, {}),
    ],
)
async def test_what_the_draft_names_is_changed(
    provider: Build, vendor: Any, fields: dict[str, Any], changed: dict[str, Any]
) -> None:
    sku_id = vendor.add(**WHOLE)
    await provider().update_sku(ref(sku_id), SkuDraft(fields))
    assert put(vendor) == {**WHOLE, **changed}


@pytest.mark.parametrize(("fields", "key"), [({"gender": None}, "gender"), ({"category": None}, "skuCategoryName")])
async def test_nothing_takes_a_value_away(provider: Build, vendor: Any, fields: dict[str, Any], key: str) -> None:
    sku_id = vendor.add(**WHOLE)
    await provider().update_sku(ref(sku_id), SkuDraft(fields))
    assert put(vendor) == {name: value for name, value in WHOLE.items() if name != key}


async def test_the_seller_s_code_names_new_skus_only(provider: Build, vendor: Any, logged: Any) -> None:
    sku_id = vendor.add(**WHOLE)
    await provider().update_sku(ref(sku_id), SkuDraft({"sku": "AB-12"}))
    assert put(vendor) == WHOLE
    assert "names=['sku']" in logged()[0]


async def test_a_gender_that_cannot_be_said_replaces_the_old_one_by_none(
    provider: Build, vendor: Any, logged: Any
) -> None:
    sku_id = vendor.add(**WHOLE)
    await provider().update_sku(ref(sku_id), SkuDraft({"gender": "unisex"}))
    assert "gender" not in put(vendor), "male would now be wrong"
    assert "gender (Unisex)" in logged()[0]


async def test_a_new_picture_is_uploaded_and_the_other_kept(
    provider: Build, vendor: Any, picture: Callable[..., bytes]
) -> None:
    sku_id = vendor.add(**WHOLE)
    image = Image.of(picture())
    await provider().update_sku(ref(sku_id), SkuDraft(images=(GarmentImage(image, "back"),)))
    assert put(vendor) == {**WHOLE, "backImage": image.sha256}


async def test_what_was_read_in_other_forms_is_written_in_the_vendors(provider: Build, vendor: Any) -> None:
    sku_id = vendor.add(**WHOLE)
    vendor.shown = lambda sku: {
        **sku,
        "gender": "MALE",
        "isInWardrobe": "true",
        "projectIds": ["7", "3"],
        "skuCategoryName": " Top",
        "name": 501,
    }
    await provider(check_updates=False).update_sku(ref(sku_id), SkuDraft({}))
    assert put(vendor) == {**WHOLE, "name": "501", "projectIds": [7, 3]}


async def test_what_was_read_in_no_known_form_goes_back_as_it_came(provider: Build, vendor: Any, logged: Any) -> None:
    odd = {"backImage": {"contentHash": "back-1", "url": "/back"}, "projectIds": [{"id": 3}, {"id": 7}]}
    sku_id = vendor.add(**{**WHOLE, **odd})
    await provider().update_sku(ref(sku_id), SkuDraft({"name": "Navy Shirt"}))
    assert put(vendor) == {**WHOLE, **odd, "name": "Navy Shirt"}
    assert logged() == []


async def test_the_sku_is_found_beyond_the_first_page_and_among_similar_ones(provider: Build, vendor: Any) -> None:
    vendor.largest_page = 2
    for number in range(5):
        vendor.add(id=f"a1{number}")
    sku_id = vendor.add(id="a1", **WHOLE)
    await provider().update_sku(ref(sku_id), SkuDraft({"name": "Found"}))
    assert vendor.skus["a1"]["name"] == "Found"


async def test_a_global_sku_can_be_updated(provider: Build, vendor: Any) -> None:
    vendor.shared["g-1"] = {"id": "g-1", **WHOLE}
    await provider().update_sku(ref("g-1"), SkuDraft({"name": "Found"}))
    assert vendor.shared["g-1"]["name"] == "Found"


async def test_a_filter_that_filters_something_else_can_be_left_out(provider: Build, vendor: Any) -> None:
    vendor.filter_works = False
    sku_id = vendor.add(**WHOLE)
    with pytest.raises(NotFound, match="find_by_filter = false"):
        await provider().update_sku(ref(sku_id), SkuDraft({"name": "x"}))
    await provider(find_by_filter=False).update_sku(ref(sku_id), SkuDraft({"name": "Found"}))
    assert vendor.skus[sku_id]["name"] == "Found"


async def test_an_unknown_sku_is_not_found_and_nothing_is_uploaded(
    provider: Build, vendor: Any, picture: Callable[..., bytes]
) -> None:
    draft = SkuDraft(images=(GarmentImage(Image.of(picture()), "front"),))
    with pytest.raises(NotFound) as caught:
        await provider().update_sku(ref("nowhere"), draft)
    assert (caught.value.provider, caught.value.operation) == ("shoots", "update_sku")
    assert set(vendor.counts()) == {"GET"}


async def test_an_id_from_outside_stays_one_part_of_the_path(provider: Build, vendor: Any) -> None:
    sku_id = vendor.add(id="a/../b?c", **WHOLE)
    await provider().update_sku(ref(sku_id), SkuDraft({"name": "Found"}))
    assert vendor.skus[sku_id]["name"] == "Found"


@pytest.mark.parametrize(
    "answer",
    [
        lambda sku: None,
        lambda sku: web.Response(status=200),
        lambda sku: sku,
        lambda sku: web.Response(text="<ok>"),
        lambda sku: {"message": "updated"},
    ],
)
async def test_whatever_an_update_is_answered_with(provider: Build, vendor: Any, answer: Any) -> None:
    sku_id = vendor.add(**WHOLE)
    vendor.put_answer = answer
    for settings in ({}, {"check_updates": False}):
        sku = await provider(**settings).update_sku(ref(sku_id), SkuDraft({"name": "Navy Shirt"}))
        assert {key: sku.raw[key] for key in WHOLE} == {**WHOLE, "name": "Navy Shirt"}


async def test_a_vendor_that_does_not_show_what_it_would_reset_is_told_of(
    provider: Build, vendor: Any, logged: Any
) -> None:
    sku_id = vendor.add(**WHOLE)
    vendor.shown = lambda sku: {key: value for key, value in sku.items() if key not in ("isInWardrobe", "projectIds")}
    await provider().update_sku(ref(sku_id), SkuDraft({"name": "x", "shoot.project_ids": [3]}))
    assert "update-resets" in logged()[0]
    assert "keys=['isInWardrobe']" in logged()[0]


async def test_a_vendor_that_does_not_show_the_front_image_needs_it_in_the_draft(provider: Build, vendor: Any) -> None:
    sku_id = vendor.add(**WHOLE)
    vendor.shown = lambda sku: {"id": sku["id"], "name": sku["name"]}
    with pytest.raises(InvalidInput, match="a front image"):
        await provider().update_sku(ref(sku_id), SkuDraft({"name": "x"}))
    assert "PUT" not in vendor.counts()


async def test_further_keys_are_sent_back_where_the_operator_names_them(
    provider: Build, vendor: Any, logged: Any
) -> None:
    sku_id = vendor.add(**WHOLE, tags=["a"], season="SS26")
    await provider(send_back=("tags",)).update_sku(ref(sku_id), SkuDraft({"name": "x"}))
    assert put(vendor)["tags"] == ["a"]
    assert "season" not in put(vendor)
    assert "names=['season']" in logged()[0], "the write took it away, and that is told"


async def test_somebody_who_writes_right_after_us_is_noticed(provider: Build, vendor: Any) -> None:
    sku_id = vendor.add(**WHOLE)
    vendor.after_put.append(lambda sku: sku.update(name="Theirs", projectIds=[], updatedAt="2027-01-01T00:00:00Z"))
    with pytest.raises(Conflict, match=r"\(name, projectIds\); look at it") as caught:
        await provider().update_sku(ref(sku_id), SkuDraft({"name": "Ours"}))
    assert (caught.value.provider, caught.value.operation) == ("shoots", "update_sku")


async def test_somebody_who_removes_it_right_after_us_is_noticed(provider: Build, vendor: Any) -> None:
    sku_id = vendor.add(**WHOLE)
    vendor.after_put.append(lambda sku: vendor.skus.clear())
    with pytest.raises(Conflict, match="is gone"):
        await provider().update_sku(ref(sku_id), SkuDraft({"name": "Ours"}))


async def test_somebody_who_changes_the_same_key_while_we_upload_is_noticed_before_we_write(
    provider: Build, vendor: Any, picture: Callable[..., bytes]
) -> None:
    sku_id = vendor.add(**WHOLE)
    vendor.on_upload.append(lambda: vendor.skus[sku_id].update(frontImage="theirs"))
    with pytest.raises(Conflict, match=r"while its pictures were uploaded \(frontImage\)"):
        await provider().update_sku(ref(sku_id), SkuDraft(images=(GarmentImage(Image.of(picture()), "front"),)))
    assert "PUT" not in vendor.counts()


async def test_what_others_change_meanwhile_survives_where_we_do_not(
    provider: Build, vendor: Any, picture: Callable[..., bytes]
) -> None:
    sku_id = vendor.add(**WHOLE)
    vendor.on_upload.append(lambda: vendor.skus[sku_id].update(projectIds=[3, 7, 11]))
    await provider().update_sku(ref(sku_id), SkuDraft(images=(GarmentImage(Image.of(picture()), "front"),)))
    assert vendor.skus[sku_id]["projectIds"] == [3, 7, 11]


async def test_what_others_write_between_our_reading_and_writing_is_lost_which_is_the_limit(
    provider: Build, vendor: Any
) -> None:
    """The vendor has no versions and no conditional requests: the docs page tells that nobody can notice this."""
    sku_id = vendor.add(**WHOLE)
    vendor.before_put.append(lambda sku: sku.update(projectIds=[11]))
    await provider().update_sku(ref(sku_id), SkuDraft({"name": "Ours"}))
    assert vendor.skus[sku_id]["projectIds"] == [3, 7]


async def test_updates_of_one_sku_by_this_process_do_not_lose_each_other(provider: Build, vendor: Any) -> None:
    sku_id = vendor.add(**WHOLE)
    manager = provider()
    drafts = [{"name": "Navy Shirt"}, {"gender": "female"}, {"shoot.project_ids": [9]}, {"category": "jeans"}]
    await asyncio.gather(*(manager.update_sku(ref(sku_id), SkuDraft(fields)) for fields in drafts))
    stored = vendor.skus[sku_id]
    assert (stored["name"], stored["gender"], stored["projectIds"]) == ("Navy Shirt", "female", [9])
    assert stored["skuCategoryName"] == "bottom"


async def test_a_list_that_lags_is_no_conflict_where_its_times_tell(provider: Build, vendor: Any, logged: Any) -> None:
    sku_id = vendor.add(**WHOLE)
    old = dict(vendor.skus[sku_id])
    vendor.shown = lambda sku: old
    sku = await provider().update_sku(ref(sku_id), SkuDraft({"name": "Ours"}))
    assert sku.raw["name"] == "Ours"
    assert "update-not-shown-yet" in logged()[0]


async def test_the_order_of_projects_says_nothing(provider: Build, vendor: Any) -> None:
    sku_id = vendor.add(**WHOLE)
    vendor.shown = lambda sku: {**sku, "projectIds": sorted(sku["projectIds"])}
    sku = await provider().update_sku(ref(sku_id), SkuDraft({"shoot.project_ids": [9, 2]}))
    assert sku.raw["projectIds"] == [2, 9]


async def test_without_times_old_values_are_a_conflict(provider: Build, vendor: Any) -> None:
    sku_id = vendor.add(**WHOLE)
    vendor.shown = lambda sku: {"id": sku_id, **WHOLE}
    with pytest.raises(Conflict, match="name"):
        await provider().update_sku(ref(sku_id), SkuDraft({"name": "Ours"}))
    await provider(check_updates=False).update_sku(ref(sku_id), SkuDraft({"name": "Ours"}))


async def test_an_update_that_cannot_be_checked_is_an_update_all_the_same(
    provider: Build, vendor: Any, logged: Any
) -> None:
    sku_id = vendor.add(**WHOLE)
    vendor.after_put.append(lambda sku: vendor.faults.add(FaultKind.STATUS, status=503))
    sku = await provider().update_sku(ref(sku_id), SkuDraft({"name": "Ours"}))
    assert sku.raw["name"] == "Ours"
    assert "update-not-checked" in logged()[-1]


async def test_an_update_costs_three_requests(provider: Build, vendor: Any) -> None:
    await provider().update_sku(ref(vendor.add(**WHOLE)), SkuDraft({"name": "Ours"}))
    assert vendor.counts() == {"GET": 2, "PUT": 1}


async def test_an_update_and_a_removal_may_be_repeated(provider: Build, vendor: Any) -> None:
    sku_id = vendor.add(**WHOLE)
    vendor.faults.add(FaultKind.STATUS, method="PUT", status=503, times=1)
    vendor.faults.add(FaultKind.STATUS, method="DELETE", status=503, times=1)
    await provider().update_sku(ref(sku_id), SkuDraft({"name": "Ours"}))
    assert vendor.skus[sku_id]["name"] == "Ours"
    await provider().delete_sku(ref(sku_id))
    assert vendor.skus == {}
    assert (vendor.counts()["PUT"], vendor.counts()["DELETE"]) == (2, 2)


async def test_removing_what_is_not_there_is_not_found(provider: Build) -> None:
    with pytest.raises(NotFound):
        await provider().delete_sku(ref("nowhere"))

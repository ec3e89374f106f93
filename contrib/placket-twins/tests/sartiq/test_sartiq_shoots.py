"""Shots, looks and generations that a backend has, as the Sartiq twin tells them and the vendor's plugin reads them."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

import placket
from placket.config import default_config
from placket.interfaces import (
    Generation,
    Listing,
    LookScope,
    Page,
    Ref,
    Revision,
    ShootManager,
    Sku,
    SkuQuery,
)
from placket.record import Look, MediaItem, Shot

pytestmark = pytest.mark.real_time

SKU = Ref("studio", "sku", "tee")
SHOT = "86131ba9-931e-4ce8-93c3-afb80175c878"
LOOK = "0a5fd2cf-6a4d-4f0f-9f4e-5f2b0d1d7f52"
PICTURE = MediaItem(
    "shot", url="https://images.example.invalid/shot.jpg", vendor_ref="9b0c306f-0539-4f0c-9419-9f48e511bfd9"
)


def listed(*items: Any) -> Listing[Any]:
    async def fetch(_: str | None) -> Page[Any]:
        return Page(items, len(items))

    return Listing(fetch)


class Studio(ShootManager):
    """Has one garment with one shot, in one look, that one run of a model made."""

    def __init__(self) -> None:
        self.selected: list[tuple[str, str | None]] = []

    def list_skus(self, query: SkuQuery) -> Listing[Sku]:
        return listed(Sku(SKU, ())) if query.sku == "T-1" else listed()

    def list_shots(self, sku: Ref, shot_type: str | None = None, state: str | None = None) -> Listing[Shot]:
        return (
            listed(Shot(SHOT, "approved", "full-body", look=LOOK, image=PICTURE)) if shot_type != "detail" else listed()
        )

    async def revisions(self, sku: Ref, shot: str) -> tuple[Revision, ...]:
        return (Revision("r2", shot, "approved", (PICTURE,)), Revision("r1", shot, "rejected", (PICTURE,)))

    def list_looks(self, sku: Ref, scope: LookScope = LookScope.MAIN, summary: bool = False) -> Listing[Look]:
        return listed(Look(LOOK, "Sea", "draft"))

    def list_generations(self, sku: Ref) -> Listing[Generation]:
        return listed(Generation("g-1", "succeeded", (PICTURE,)))

    async def select_shot(self, sku: Ref, shot_type: str, picture: str | None) -> None:
        self.selected.append((shot_type, picture))


class Backend:
    """A store, and a studio beside it."""

    def __init__(self, store: Any) -> None:
        self.product_store = store
        self.shoot_manager = Studio()


@pytest.fixture
async def backend(tmp_path):
    async with placket.open(default_config(), data_folder=tmp_path / "backend") as router:
        yield Backend(router.product_store)


@pytest.mark.parametrize(
    ("path", "schema"),
    [
        ("shots", "ShotsPublic"),
        ("shooting-looks", "ShootingLooksPublic"),
        ("shooting-looks-summary", "ShootingLooksSummaryPublic"),
        ("related-shooting-looks", "ShootingLooksPublic"),
        ("generations", "GenerationsPublic"),
    ],
)
async def test_what_a_studio_has_is_in_the_shapes_of_the_page(make_client, backend, path, schema):
    client = await make_client(twin={"backend": backend})
    made = await client.create(sku="T-1")
    status, told = await client.request("GET", f"/products/{made['id']}/{path}")
    assert status == 200
    assert len(told if path == "generations" else told["data"]) == 1
    schemas = client.twin.vendor.schemas
    Draft202012Validator({**schemas[schema], "components": {"schemas": schemas}}).validate(told)


async def test_a_run_that_has_succeeded_is_completed_in_the_vendors_word(make_client, backend):
    client = await make_client(twin={"backend": backend})
    made = await client.create(sku="T-1")
    (run,) = (await client.request("GET", f"/products/{made['id']}/generations"))[1]
    assert (run["status"], run["predictions"][0]["status"]) == ("COMPLETED", "completed")


async def test_generations_are_personal_or_of_the_organisation_that_is_named(make_client, backend):
    client = await make_client(twin={"backend": backend})
    ours = client.twin.credentials["organization_id"]
    made = await client.create(sku="T-1", organization_id=ours)
    path = f"/products/{made['id']}/generations"
    assert await client.request("GET", path) == (200, [])
    assert len((await client.request("GET", path, params={"organization_id": ours}))[1]) == 1


async def test_the_plugin_reads_and_selects_them(make_client, backend, tmp_path):
    client = await make_client(twin={"backend": backend})
    ours = client.twin.credentials["organization_id"]
    await client.create(sku="T-1", organization_id=ours)
    provider = {
        "plugin": "sartiq",
        "base_url": client.twin.url,
        "username": client.twin.credentials["username"],
        "password": {"env": "SARTIQ_PASSWORD"},
        "organization_id": ours,
    }
    config = {"providers": {"sartiq": provider}, "routes": {"shoot_manager": {"targets": ["sartiq"]}}}
    environ = {"SARTIQ_PASSWORD": client.twin.credentials["password"]}
    async with placket.open(config, environ=environ, data_folder=tmp_path / "client") as router:
        shoots = router.shoot_manager
        (sku,) = await shoots.list_skus(SkuQuery(sku="T-1")).collect()
        (shot,) = await shoots.list_shots(sku.ref, "full-body", "APPROVED").collect()
        assert (shot.shot_type, shot.state, shot.look, shot.image.url) == ("full-body", "APPROVED", LOOK, PICTURE.url)
        assert await shoots.list_shots(sku.ref, "detail").collect() == []
        assert [each.state for each in await shoots.revisions(sku.ref, shot.id)] == ["APPROVED", "REJECTED"]
        for scope, summary in ((LookScope.MAIN, False), (LookScope.MAIN, True), (LookScope.RELATED, False)):
            (look,) = await shoots.list_looks(sku.ref, scope, summary).collect()
            assert (look.id, look.state) == (LOOK, "DRAFT")
        (run,) = await shoots.list_generations(sku.ref).collect()
        assert run.images[0].vendor_ref == PICTURE.vendor_ref
        await shoots.select_shot(sku.ref, shot.shot_type, run.images[0].vendor_ref)
        await shoots.select_shot(sku.ref, shot.shot_type, None)
    assert backend.shoot_manager.selected == [("full-body", PICTURE.vendor_ref), ("full-body", None)]

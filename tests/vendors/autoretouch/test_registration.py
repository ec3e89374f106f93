"""How the plugin enters: what it registers, and whole calls through the router."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import pytest

import placket
from placket.errors import ConfigError, InvalidInput, Unsupported
from placket.interfaces import GarmentImage, Image, Level, Ref, ShootManager, SkuDraft, SkuQuery, operations_of
from placket.record import Vocabulary
from placket.registry import Secret, Url
from placket.testing.virtual_time import VirtualClock
from placket_autoretouch import AutoretouchSettings, placket_provider_types
from placket_autoretouch.translation import SKU_CATEGORY

DONE = {"list_skus", "list_global_skus", "create_sku", "update_sku", "delete_sku", "brief_results"}
PAGE = Path(__file__).parents[3] / "docs" / "vendors" / "autoretouch.md"


def config(url: str, **more: Any) -> dict[str, Any]:
    provider = {
        "plugin": "autoretouch",
        "client_id": "client-1",
        "refresh_token": {"env": "AUTORETOUCH_REFRESH_TOKEN"},
        "base_url": url,
        "auth_url": url,
        **more,
    }
    return {"providers": {"shoots": provider}, "routes": {"shoot_manager": {"targets": ["shoots"]}}}


def opened(document: dict[str, Any], clock: VirtualClock, folder: Path) -> Any:
    environ = {"AUTORETOUCH_REFRESH_TOKEN": "refresh-4711-very-secret"}
    return placket.open(document, clock=clock, environ=environ, data_folder=folder)


def test_one_type_that_does_what_the_page_has_and_nothing_else() -> None:
    (kind,) = placket_provider_types()
    assert (kind.name, kind.interfaces, kind.rate_limit) == ("autoretouch", (ShootManager,), None)
    usable = {name for name in operations_of(ShootManager) if kind.capabilities.operation("shoot_manager", name).usable}
    assert usable == DONE
    assert kind.capabilities.operation("shoot_manager", "list_looks") is Level.UNSUPPORTED


async def test_what_it_cannot_it_says(provider: Any) -> None:
    manager = provider()
    sku = Ref("shoots", "sku", "sku-1")
    with pytest.raises(Unsupported):
        manager.list_looks(sku)
    with pytest.raises(Unsupported):
        await manager.export_approved([sku])


def test_what_only_the_operator_knows_is_required() -> None:
    required = [field.name for field in attrs.fields(AutoretouchSettings) if field.default is attrs.NOTHING]
    assert required == ["client_id"], "no credential is in the code"
    settings = AutoretouchSettings(client_id="client-1", refresh_token=Secret("refresh-4711"))
    assert settings.base_url == Url("https://api.autoretouch.com")
    assert settings.auth_url == Url("https://auth.autoretouch.com")
    assert "-4711" not in repr(settings)


def test_the_docs_page_lists_every_category_that_is_sent() -> None:
    page = PAGE.read_text("utf-8")
    for category, word in SKU_CATEGORY.items():
        term = Vocabulary.default().get("category", category)
        assert term is not None
        (row,) = [line for line in page.splitlines() if line.startswith(f"| `{word}` |")]
        assert term.label in row


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": " "},
        {"first_page": -1},
        {"page_size": 0},
        {"upload_path": "upload"},
        {"result_prefix": "v1"},
        {"content_hash": "md5"},
        {"token_store": "cloud"},
        {"sku_categories": {"aa-1-4": "dress"}},
        {"renew_before": "-1s"},
        {"refresh_token": "refresh-4711-very-secret"},
        {"auth_url": "http://auth.autoretouch.com"},
        {"organisation": "org-1"},
    ],
)
async def test_a_wrong_setting_is_named(wrong: dict[str, Any], clock: VirtualClock, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=next(iter(wrong))) as caught:
        async with opened(config("https://api.autoretouch.com", **wrong), clock, tmp_path):
            pass
    assert "-4711" not in str(caught.value)


async def test_whole_calls_through_the_router(vendor: Any, clock: VirtualClock, tmp_path: Path) -> None:
    picture = b"\x89PNG\r\n\x1a\n" + bytes(16)
    async with opened(config(vendor.url), clock, tmp_path) as router:
        shoots = router.shoot_manager
        made = await shoots.create_sku(
            SkuDraft(
                {"name": "Blue Shirt", "gender": "male", "shoot.project_ids": [3]},
                (GarmentImage(Image.of(picture), "front"),),
            )
        )
        await shoots.update_sku(made.ref, SkuDraft({"name": "Navy Shirt"}))
        (listed,) = await shoots.list_skus(SkuQuery(project="3")).collect()
        assert vendor.skus[made.ref.id]["projectIds"] == [3]
        assert {claim.value for claim in listed.claims if claim.field == "name"} == {"Navy Shirt"}
        vendor.results["41"] = [{"id": 1, "skuId": made.ref.id, "imageUrl": "https://img.example.com/1.png"}]
        (shot,) = await shoots.brief_results(Ref("shoots", "brief", "41")).collect()
        assert shot.details["sku"] == made.ref.id
        await shoots.delete_sku(made.ref)
        assert vendor.skus == {}


@pytest.mark.parametrize("brief", ["summer", "-1", "4/1"])
async def test_a_brief_is_a_whole_number(provider: Any, vendor: Any, brief: str) -> None:
    with pytest.raises(InvalidInput, match="whole number"):
        provider().brief_results(Ref("shoots", "brief", brief))
    assert vendor.requests == []

"""How the plugin enters: what it registers, and a whole call through the router."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import pytest

import placket
from placket.errors import ConfigError, Unsupported
from placket.interfaces import Interface, Level, ProductDraft, ProductQuery, ProductStore, ShootManager, operations_of
from placket.registry import Secret, Url
from placket.testing.virtual_time import VirtualClock
from placket_sartiq import SartiqSettings, placket_provider_types

INTERFACES: tuple[type[Interface], ...] = (ProductStore, ShootManager)
ABSENT = {"list_global_skus", "create_sku", "update_sku", "delete_sku", "brief_results"}


def config(url: str, **more: Any) -> dict[str, Any]:
    provider = {
        "plugin": "sartiq",
        "base_url": url,
        "username": "buyer@shop.example.com",
        "password": {"env": "SARTIQ_PASSWORD"},
        **more,
    }
    route = {"strategy": "first", "targets": ["shop"]}
    return {"providers": {"shop": provider}, "routes": {"product_store": route, "shoot_manager": route}}


def opened(document: dict[str, Any], clock: VirtualClock, folder: Path) -> Any:
    environ = {"SARTIQ_PASSWORD": "pass-4711-very-secret"}
    return placket.open(document, clock=clock, environ=environ, data_folder=folder)


def test_one_type_for_both_interfaces() -> None:
    (kind,) = placket_provider_types()
    assert (kind.name, kind.interfaces) == ("sartiq", INTERFACES)


def test_what_is_declared_is_what_is_overridden() -> None:
    from placket_sartiq.provider import Sartiq

    (kind,) = placket_provider_types()
    for interface in INTERFACES:
        for name in operations_of(interface):
            overridden = getattr(Sartiq, name) is not getattr(interface, name)
            assert kind.capabilities.operation(interface.interface_name, name).usable is overridden, name
            assert not (overridden and name in ABSENT)
    assert kind.capabilities.operation("product_store", "list") is Level.PARTIAL


def test_what_only_the_operator_knows_is_required() -> None:
    required = [field.name for field in attrs.fields(SartiqSettings) if field.default is attrs.NOTHING]
    assert required == ["username", "password"]
    settings = SartiqSettings(username="a@b", password=Secret("pass-4711"))
    assert settings.base_url == Url("https://api.sartiq.com/api/v1")
    assert (settings.image_upload, settings.sync_captioning) == ("presigned", True)
    assert "-4711" not in repr(settings)


@pytest.mark.parametrize(
    "wrong",
    [
        {"username": " "},
        {"password": "pass-4711-very-secret"},
        {"image_upload": "ftp"},
        {"poll_interval": "0s"},
        {"presigned_request": {"name": "colour"}},
        {"max_download": "big"},
        {"download_from": "moon"},
        {"export_limit": 0},
        {"organisation_id": "o-1"},
        {"age_classes": {"teenies": "TEEN"}},
    ],
)
async def test_a_wrong_setting_is_named(wrong: dict[str, Any], clock: VirtualClock, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=next(iter(wrong))) as caught:
        async with opened(config("https://api.sartiq.com/api/v1", **wrong), clock, tmp_path) as router:
            await router.product_store.list(ProductQuery()).collect()
    assert "-4711" not in str(caught.value)


async def test_calls_through_the_router(vendor: Any, clock: VirtualClock, tmp_path: Path) -> None:
    async with opened(config(vendor.base_url), clock, tmp_path) as router:
        draft = ProductDraft({"name": "Tee", "media": [placket.record.MediaItem("front", url="https://x/1.jpg")]})
        made = await router.product_store.create(draft)
        assert str(made.ref) == f"shop/product/{made.raw['id']}"
        listed = await router.product_store.list(ProductQuery()).collect()
        assert [product.ref for product in listed] == [made.ref]
        job = await router.shoot_manager.export_approved([made.ref])
        vendor.tasks[job.ticket.id]["status"] = "COMPLETED"
        (item,) = await job.result()
        assert item.vendor_ref == f"shop/export/{job.ticket.id}"


async def test_an_operation_that_is_not_there_names_its_interface(vendor: Any, provider: Any) -> None:
    with pytest.raises(Unsupported, match=r"cannot shoot_manager\.create_sku"):
        await provider().create_sku(None)

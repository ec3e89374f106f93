"""How the plugin enters: what it registers, and whole calls through the router."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import placket
from placket.errors import ConfigError
from placket.interfaces import (
    ArConfiguration,
    ARContentBuilder,
    ArProductDraft,
    GarmentImage,
    Image,
    JobState,
    Ref,
    operations_of,
)
from placket.registry import Secret, Url
from placket.testing.virtual_time import VirtualClock
from placket_pictofit import PictofitSettings, placket_provider_types

API_KEY = "pf-key-4711-very-secret"
CUSTOMER = "428ab0cd-3205-4674-a188-08d5b0355406"


def config(url: str, **more: Any) -> dict[str, Any]:
    provider = {
        "plugin": "pictofit",
        "base_url": url,
        "api_key": {"env": "PICTOFIT_API_KEY"},
        "customer_id": CUSTOMER,
        **more,
    }
    chosen = {key: value for key, value in provider.items() if value is not None}
    return {"providers": {"ar": chosen}, "routes": {"ar_content_builder": {"strategy": "first", "targets": ["ar"]}}}


def opened(document: dict[str, Any], clock: VirtualClock, folder: Path) -> Any:
    environ = {"PICTOFIT_API_KEY": API_KEY, "PICTOFIT_PASSWORD": "pass-0815"}
    return placket.open(document, clock=clock, environ=environ, data_folder=folder)


def test_one_type_that_can_all_operations() -> None:
    (kind,) = placket_provider_types()
    assert (kind.name, kind.interfaces) == ("pictofit", (ARContentBuilder,))
    for name in operations_of(ARContentBuilder):
        assert kind.capabilities.operation("ar_content_builder", name).usable


def test_the_defaults() -> None:
    settings = PictofitSettings(api_key=Secret("key-4711"), customer_id="c")
    assert settings.base_url == Url("https://api.cs.pictofit.com/v1.5")
    assert (settings.first_poll, settings.poll_interval, settings.poll_maximum) == (1, 2, 3600)
    assert settings.deadline == 7 * 86400
    assert "-4711" not in repr(settings)


@pytest.mark.parametrize(
    "wrong",
    [
        {"customer_id": " "},
        {"poll_interval": "0.5s"},
        {"states": {"4": "done"}},
        {"files_path": "files"},
        {"ready_path": "/ready"},
        {"callbacks_path": "/customers/{customer}/callbacks"},
        {"trigger_path": "/customers/{customer}/callbacks/{type}"},
        {"trigger_method": "PATCH"},
        {"product_type_ids": {"GARMENT_3D": "2"}},
        {"max_result_size": "0 MB"},
        {"base_url": "http://api.cs.pictofit.com/v1.5"},
        {"api_kee": {"env": "X"}},
        {"login": {"username": "me", "password": {"env": "PICTOFIT_PASSWORD"}}},
    ],
)
async def test_a_wrong_setting_is_named(wrong: dict[str, Any], clock: VirtualClock, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=next(iter(wrong))) as caught:
        async with opened(config("https://api.cs.pictofit.com/v1.5", **wrong), clock, tmp_path):
            pass
    assert "-4711" not in str(caught.value)


@pytest.mark.parametrize("both", [True, False])
async def test_there_is_one_way_in(clock: VirtualClock, tmp_path: Path, both: bool) -> None:
    secret = {"env": "PICTOFIT_PASSWORD"}
    more: dict[str, Any] = {"login": {"username": "me", "password": secret, "client_secret": secret}}
    if not both:
        more = {"api_key": None}
    with pytest.raises(ConfigError, match="give either api_key or login"):
        async with opened(config("https://api.cs.pictofit.com/v1.5", **more), clock, tmp_path):
            pass


async def test_a_garment_through_the_router(vendor: Any, clock: VirtualClock, tmp_path: Path, picture: Any) -> None:
    vendor.files["/f/a.garment"] = b"file"
    vendor.results = [{"type": "MOBILE", "url": "/f/a.garment"}]
    draft = ArProductDraft("Shirt", (ArConfiguration("Red", (GarmentImage(Image.of(picture())),)),))
    async with opened(config(vendor.base_url), clock, tmp_path) as router:
        builder = router.ar_content_builder
        made = await builder.create_product(draft)
        job = await builder.mark_ready(made.ref)
        product = await job.result()
        again = await (await router.resume(job.ticket.to_json())).result()
        assert again.assets == product.assets == (await builder.get_product(made.ref)).assets
    assert product.state is JobState.SUCCEEDED
    assert Path(product.assets[0].path).is_relative_to(tmp_path)


async def test_the_embedded_image_host_publishes_results(vendor: Any, clock: VirtualClock, tmp_path: Path) -> None:
    vendor.files["/f/a.glb"] = b"file"
    vendor.finish(results=["/f/a.glb"])
    host = {"plugin": "local:directory", "folder": str(tmp_path / "www"), "base_url": "https://ar.example.com/a"}
    async with opened({**config(vendor.base_url), "images": {"host": host}}, clock, tmp_path) as router:
        ref = Ref("ar", "ar_product", "48d17eb6-88f4-4b99-9f21-2a6653a10bc8")
        (asset,) = (await router.ar_content_builder.get_product(ref)).assets
    assert asset.url == f"https://ar.example.com/a/{asset.sha256}.glb"
    assert (tmp_path / "www" / f"{asset.sha256}.glb").read_bytes() == b"file"

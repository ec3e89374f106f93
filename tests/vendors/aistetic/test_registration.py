"""How the plugin enters: what it registers, and a whole call through the router."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import pytest

import placket
from placket.errors import ConfigError
from placket.interfaces import GarmentTagger, Level, operations_of
from placket.registry import Duration, Rate, Secret, Url
from placket.testing.virtual_time import VirtualClock
from placket_aistetic import AisteticSettings, placket_provider_types

PHOTO = "https://shop.example.com/photos/1.webp"


def config(url: str, **more: Any) -> dict[str, Any]:
    provider = {
        "plugin": "aistetic",
        "base_url": url,
        "api_key": {"env": "AISTETIC_API_KEY"},
        "domain": "shop.example.com",
        **more,
    }
    return {"providers": {"tags": provider}, "routes": {"garment_tagger": {"strategy": "first", "targets": ["tags"]}}}


def opened(document: dict[str, Any], clock: VirtualClock, folder: Path) -> Any:
    environ = {"AISTETIC_API_KEY": "key-4711-very-secret"}
    return placket.open(document, clock=clock, environ=environ, data_folder=folder)


def test_one_type_with_the_page_s_rate_limit() -> None:
    (kind,) = placket_provider_types()
    assert (kind.name, kind.interfaces, kind.rate_limit) == ("aistetic", (GarmentTagger,), Rate(6, 60.0))
    for name in operations_of(GarmentTagger):
        assert kind.capabilities.operation("garment_tagger", name) is Level.FULL


def test_what_only_the_operator_knows_is_required() -> None:
    required = [field.name for field in attrs.fields(AisteticSettings) if field.default is attrs.NOTHING]
    assert required == ["api_key", "domain"]
    settings = AisteticSettings(api_key=Secret("key-4711"), domain="shop.example.com")
    assert settings.base_url == Url("https://api.aistetic.com/garment-tagging")
    assert settings.poll_interval == Duration(10.0)
    assert settings.repeat_upload is False
    assert "-4711" not in repr(settings)


@pytest.mark.parametrize(
    "wrong",
    [
        {"domain": " "},
        {"poll_interval": "5s"},
        {"typical_latency": "-1s"},
        {"confidence": {"High": 1.5}},
        {"refused_query": "maybe"},
        {"api_key": "key-4711-very-secret"},
        {"base_url": "http://api.aistetic.com/garment-tagging"},
        {"api_kee": {"env": "X"}},
    ],
)
async def test_a_wrong_setting_is_named(wrong: dict[str, Any], clock: VirtualClock, tmp_path: Path) -> None:
    document = config("https://api.aistetic.com/garment-tagging", **wrong)
    with pytest.raises(ConfigError, match=next(iter(wrong))) as caught:
        async with opened(document, clock, tmp_path):
            pass
    assert "-4711" not in str(caught.value)


async def test_a_whole_call_through_the_router(vendor: Any, clock: VirtualClock, tmp_path: Path) -> None:
    vendor.latency = 20
    document = config(vendor.service, typical_latency="21s", confidence={"High": 0.8, "certain": 1.0})
    async with opened(document, clock, tmp_path) as router:
        record = await router.tag(PHOTO, known={"brand": "Stone Island"})
    assert record.brand == "Stone Island"
    assert record.category.id == "aa-1-12-4"
    (claim,) = [one for one in record.why("color").support if one.source.provider == "tags"]
    assert (claim.confidence, claim.raw_confidence) == (0.8, "High")
    assert record.external_ids["aistetic"] == vendor.uploads[0]["uuid"]
    assert vendor.uploads[0]["attribute"] == {"Brand": "Stone Island"}
    assert len(vendor.times) == 2


async def test_the_rate_limit_needs_no_configuration(vendor: Any, clock: VirtualClock, tmp_path: Path) -> None:
    async with opened(config(vendor.service, typical_latency="1s"), clock, tmp_path) as router:
        for _ in range(4):
            await router.tag(PHOTO)
    assert [time < 50 for time in vendor.times] == [True] * 6 + [False] * 2


async def test_the_embedded_image_host_serves_it(vendor: Any, clock: VirtualClock, tmp_path: Path) -> None:
    host = {"plugin": "local:directory", "folder": str(tmp_path / "www"), "base_url": "https://img.example.com/g"}
    document = {**config(vendor.service, typical_latency="1s"), "images": {"host": host}}
    async with opened(document, clock, tmp_path) as router:
        await router.tag(b"\x89PNG\r\n\x1a\n" + bytes(16))
    (published,) = (tmp_path / "www").iterdir()
    assert vendor.uploads[0]["image_url"] == f"https://img.example.com/g/{published.name}"

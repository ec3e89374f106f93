"""How the plugin enters: what it registers and costs to import, its settings, and whole calls through the router."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import pytest

import placket
from placket.errors import ConfigError, Unsupported
from placket.interfaces import CatalogItem, CatalogState, GarmentTagger, Image, Level, Query, VisualSearch
from placket.registry import Secret, Url
from placket_threadgenius import ThreadGeniusSettings, placket_provider_types, wire

ENVIRON = {"TG_KEY": "key-4711-very-secret", "TG_SECRET": "secret-0815-even-more"}


def config(url: str, **more: Any) -> dict[str, Any]:
    provider = {
        "plugin": "threadgenius",
        "base_url": url,
        "api_key": {"env": "TG_KEY"},
        "api_secret": {"env": "TG_SECRET"},
        **more,
    }
    route = {"strategy": "first", "targets": ["tg"]}
    return {"providers": {"tg": provider}, "routes": {"garment_tagger": route, "visual_search": route}}


def opened(document: dict[str, Any], clock: Any, folder: Path) -> Any:
    return placket.open(document, clock=clock, environ=ENVIRON, data_folder=folder)


def test_one_type_with_two_interfaces() -> None:
    (kind,) = placket_provider_types()
    assert (kind.name, kind.interfaces, kind.rate_limit) == ("threadgenius", (GarmentTagger, VisualSearch), None)
    levels = kind.capabilities.operations
    assert {name for name, level in levels.items() if level is Level.PARTIAL} == {
        "visual_search.add_items",
        "visual_search.list_items",
        "visual_search.delete_items",
        "visual_search.search",
    }
    assert len(levels) == 13


def test_what_only_the_operator_knows_is_required() -> None:
    required = [field.name for field in attrs.fields(ThreadGeniusSettings) if field.default is attrs.NOTHING]
    assert required == ["api_key"]
    settings = ThreadGeniusSettings(api_key=Secret("key-4711"), api_secret=Secret("secret-0815"))
    assert (settings.protocol, settings.authorization) == ("v0", "bearer")
    assert "-4711" not in repr(settings)
    assert "-0815" not in repr(settings)
    assert ThreadGeniusSettings(api_key=Secret("key-4711"), protocol="v1").api_secret is None
    with pytest.raises(ConfigError, match="api_secret"):
        ThreadGeniusSettings(api_key=Secret("key-4711"))


def test_secrets_go_encrypted_unless_the_operator_says_where() -> None:
    assert all(url.startswith("https://") for url in wire.BASE_URLS.values())


@pytest.mark.parametrize(
    "wrong",
    [
        {"protocol": "v2"},
        {"authorization": "basic"},
        {"boxes": "inches"},
        {"poll_interval": "0s"},
        {"deadline": "0s"},
        {"upload_timeout": "0s"},
        {"states": {"resting": "asleep"}},
        {"catalog_file_quoting": True},
        {"trailing_slash": "yes"},
        {"api_secret": "secret-0815-even-more"},
        {"base_url": "http://api.threadgenius.co/v0"},
        {"base_url": "https://api.threadgenius.co/v1"},
        {"base_url": "https://api.threadgenius.co/v0/", "protocol": "v1"},
        {"api_kee": {"env": "X"}},
    ],
)
async def test_a_wrong_setting_is_named(wrong: dict[str, Any], clock: Any, tmp_path: Path) -> None:
    document = config("https://api.threadgenius.co/v0", **wrong)
    with pytest.raises(ConfigError, match=next(iter(wrong))) as caught:
        async with opened(document, clock, tmp_path):
            pass
    assert "-0815" not in str(caught.value)


async def test_a_missing_secret_is_named(clock: Any, tmp_path: Path) -> None:
    document = config("https://api.threadgenius.co/v0")
    del document["providers"]["tg"]["api_secret"]
    with pytest.raises(ConfigError, match=r"config\.providers\.tg\.api_secret: is missing"):
        async with opened(document, clock, tmp_path):
            pass


async def test_whole_calls_through_the_router(vendor: Any, clock: Any, tmp_path: Path, streamed: Any) -> None:
    async with opened(config(vendor.base), clock, tmp_path) as router:
        record = await router.tag("https://shop.example.com/photos/1.webp")
        search = router.visual_search
        catalog = await search.create_catalog("one")
        items = [CatalogItem("a", Image.of("https://cdn.example.com/a.jpg"))]
        assert (await search.add_items(catalog.ref, streamed(items))).accepted == 1
        job = await search.index(catalog.ref)
        assert (await job.result()).state is CatalogState.READY
        resumed = await search.resume(job.ticket)
        assert (await resumed.result()).state is CatalogState.READY
        found = await search.search(Query(Image.of("https://shop.example.com/q.jpg")), [catalog.ref])
        assert [catalog.name async for catalog in search.list_catalogs()] == ["one"]
        with pytest.raises(Unsupported, match='protocol = "v1"'):
            await search.list_items(catalog.ref).collect()
    assert record.category.id == "aa-8-3"
    assert [hit.id for hit in found.hits] == ["a"]
    assert found.attempts[0].provider == "tg"


async def test_the_router_s_image_host_serves_items(
    vendor: Any, clock: Any, tmp_path: Path, streamed: Any, png: Any
) -> None:
    host = {"plugin": "local:directory", "folder": str(tmp_path / "www"), "base_url": "https://img.example.com/g"}
    document = {**config(vendor.base), "images": {"host": host}}
    async with opened(document, clock, tmp_path) as router:
        catalog = await router.visual_search.create_catalog("one")
        await router.visual_search.add_items(catalog.ref, streamed([CatalogItem("a", Image.of(png(2, 2)))]))
    (published,) = (tmp_path / "www").iterdir()
    assert vendor.catalogs[catalog.ref.id]["items"][0][1] == f"https://img.example.com/g/{published.name}"


def test_base_urls_can_be_given() -> None:
    settings = ThreadGeniusSettings(api_key=Secret("k"), protocol="v1", base_url=Url("https://tg.example.com/v1"))
    assert settings.base_url == "https://tg.example.com/v1"

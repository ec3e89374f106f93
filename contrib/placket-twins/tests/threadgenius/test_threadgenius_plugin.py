"""Placket's own plugin against the twin: both versions, and every setting of every quirk."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest

import placket
from placket.errors import (
    AllProvidersFailed,
    InvalidRequest,
    NotFound,
    PlacketError,
    ProtocolError,
    ProviderError,
    Unauthenticated,
)
from placket.interfaces import CatalogItem, CatalogState, Image, Query
from placket_twins import ThreadGeniusQuirks, Twin
from placket_twins.quirks import quirks_of

COLORS = ("navy", "red", "blue")

SUITED: dict[tuple[str, str], dict[str, Any]] = {
    ("authorization", "bare"): {"authorization": "token"},
    ("slash", "redirect"): {"trailing_slash": True},
    ("header_line", "skipped"): {"catalog_file_header": True},
    ("quoting", "csv"): {"catalog_file_quoting": "csv"},
}
"""Settings of the plugin that a quirk needs, as its page says."""

CANNOT = {("parameters", "query")}
"""The plugin sends forms, as the page's commands do."""

SETTINGS = [
    (quirk.name, choice)
    for quirk in quirks_of(ThreadGeniusQuirks)
    for choice in quirk.choices
    if choice != quirk.default
]


@pytest.fixture
def opened(tagger, search, clock, images, tmp_path):
    """Open a twin with some quirks, and Placket with the plugin that is pointed to it."""
    tagger.see_skinny_jeans()
    search.see_an_outfit()

    @asynccontextmanager
    async def make(protocol: str, quirks: dict[str, str] | None = None, **settings: Any) -> AsyncIterator[Any]:
        twin = Twin(
            "threadgenius",
            quirks=ThreadGeniusQuirks(**(quirks or {})),
            backend=SimpleNamespace(garment_tagger=tagger, visual_search=search),
            clock=clock,
            trusted_hosts=(images.authority,),
        )
        async with twin as base:
            secrets = {"TG_KEY": settings.pop("api_key", "twin-api-key")}
            provider: dict[str, Any] = {"plugin": "threadgenius", "protocol": protocol, "api_key": {"env": "TG_KEY"}}
            provider |= settings
            provider["base_url"] = base if protocol == "v0" else base.removesuffix("v0") + "v1"
            if protocol == "v0":
                secrets["TG_SECRET"] = provider.pop("api_secret", "twin-api-secret")
                provider["api_secret"] = {"env": "TG_SECRET"}
            route = {"strategy": "first", "targets": ["tg"]}
            config = {
                "providers": {"tg": provider},
                "routes": {"garment_tagger": route, "visual_search": route},
            }
            async with placket.open(
                config, clock=clock, image_host=images, data_folder=tmp_path, environ=secrets
            ) as router:
                yield SimpleNamespace(router=router, twin=twin, images=images)

    return make


async def item(at: Any, color: str, picture: bytes, **metadata: Any) -> CatalogItem:
    return CatalogItem(color, Image.of(await at.images.publish(Image.of(picture))), metadata)


async def fill(at: Any, plain: Any) -> Any:
    """A catalog of three pictures, indexed."""
    search = at.router.visual_search
    catalog = await search.create_catalog("summer")
    assert catalog.state is CatalogState.EMPTY

    async def items() -> AsyncIterator[CatalogItem]:
        for color in COLORS:
            yield await item(at, color, plain(color), price=19.99, word=color)

    uploaded = await search.add_items(catalog.ref, items())
    assert (uploaded.accepted, uploaded.refused) == (3, ())
    job = await search.index(catalog.ref)
    indexed = await job.result()
    assert indexed.state is CatalogState.READY, indexed
    return catalog.ref


async def use_everything(at: Any, plain: Any, gone: type[PlacketError] = NotFound) -> None:
    router = at.router
    search = router.visual_search
    ref = await fill(at, plain)
    assert [each.ref for each in [one async for one in search.list_catalogs()]] == [ref]

    found = await search.search(Query(Image.of(plain("navy")), limit=2), [ref])
    assert [hit.metadata["word"] for hit in found.hits] == ["navy", "blue"]
    assert found.hits[0].metadata["price"] == 19.99

    detections = await search.detect(Image.of(plain("navy", (336, 600))))
    boxes = sorted(each.box for each in detections)
    assert boxes[1] == pytest.approx((48 / 336, 203 / 600, 270 / 336, 524 / 600), abs=0.002)

    record = await router.tag(plain("navy"))
    assert str(record.color[0].term if hasattr(record.color[0], "term") else record.color[0]).lower() == "blue"

    usage = {each.operation: each.calls for each in await search.usage()}
    assert usage["search"] == 1

    await search.delete_catalog(ref)
    with pytest.raises(gone):
        await search.get_catalog(ref)


@pytest.fixture
def plain():
    import io

    from PIL import Image as Picture

    shades = {"navy": "#1d2a52", "blue": "#2e4fae", "red": "#b01e28"}

    def picture(color: str, size: tuple[int, int] = (40, 60)) -> bytes:
        file = io.BytesIO()
        Picture.new("RGB", size, shades[color]).save(file, "PNG")
        return file.getvalue()

    return picture


@pytest.mark.parametrize("protocol", ["v0", "v1"])
async def test_everything_works(opened, plain, protocol):
    async with opened(protocol) as at:
        await use_everything(at, plain)


@pytest.mark.parametrize(("quirk", "choice"), [each for each in SETTINGS if each not in CANNOT])
async def test_everything_works_with_every_quirk(opened, plain, quirk, choice):
    async with opened("v0", {quirk: choice}, **SUITED.get((quirk, choice), {})) as at:
        await use_everything(at, plain, InvalidRequest if (quirk, choice) == ("unknown_catalog", "400") else NotFound)


@pytest.mark.parametrize("quirks", [{"http_status": "always-200"}, {"error_body": "text"}, {"error_body": "empty"}])
async def test_v1_bears_the_quirks_of_refusals(opened, plain, quirks):
    # The envelope of v1 has no code: without an HTTP status only words tell what went wrong.
    gone = ProtocolError if "http_status" in quirks else NotFound
    async with opened("v1", quirks) as at:
        await use_everything(at, plain, gone)


@pytest.mark.parametrize(("quirk", "choice"), sorted(CANNOT))
async def test_what_the_plugin_cannot_do_is_told(opened, quirk, choice):
    async with opened("v0", {quirk: choice}) as at:
        with pytest.raises(PlacketError) as caught:
            await at.router.visual_search.create_catalog("summer")
    assert "The parameter api_key is required." in str(caught.value)


REFUSALS = [
    {},
    {"http_status": "always-200"},
    {"error_body": "text"},
    {"error_body": "empty"},
    {"bad_credentials": "403", "bad_token": "403"},
    {"bad_credentials": "400"},
]


@pytest.mark.parametrize("quirks", REFUSALS)
async def test_a_wrong_secret_is_told(opened, plain, quirks):
    async with opened("v0", quirks, api_secret="mis-typed") as at:
        with pytest.raises(AllProvidersFailed) as caught:
            await at.router.tag(plain("navy"))
    (error,) = caught.value.exceptions
    assert isinstance(error, ProviderError)
    assert "mis-typed" not in str(error)


@pytest.mark.parametrize("quirks", REFUSALS[:4])
async def test_a_wrong_key_of_v1_is_told(opened, plain, quirks):
    async with opened("v1", quirks, api_key="wrong-key") as at:
        with pytest.raises(AllProvidersFailed) as caught:
            await at.router.visual_search.create_catalog("summer")
    assert [type(each) for each in caught.value.exceptions] == [Unauthenticated]


@pytest.mark.parametrize("quirks", REFUSALS[:5])
async def test_a_token_that_expires_is_renewed(opened, plain, clock, quirks):
    async with opened("v0", quirks) as at:
        await at.router.visual_search.create_catalog("one")
        await clock.sleep(90_000)
        await at.router.visual_search.create_catalog("two")


@pytest.mark.parametrize("quirks", [{}, {"bad_image": "fails"}, {"error_log_form": "list"}, {"error_log": "never"}])
async def test_a_catalog_of_which_nothing_can_be_indexed(opened, quirks):
    async with opened("v0", quirks) as at:
        search = at.router.visual_search
        catalog = await search.create_catalog("summer")

        async def items() -> AsyncIterator[CatalogItem]:
            yield CatalogItem("gone", Image.of(f"http://{at.images.authority}/gone.png"))

        await search.add_items(catalog.ref, items())
        job = await search.index(catalog.ref)
        with pytest.raises(PlacketError) as caught:
            await job.result()
        seen = await search.get_catalog(catalog.ref)
    assert seen.state is CatalogState.FAILED
    if quirks.get("error_log") != "never":
        assert "gone" in str(caught.value)
        assert "gone" in " ".join(seen.errors)

"""A plugin that calls ``sys.exit()`` while it is asked has failed; the exits of the host are the host's."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys

import pytest

import placket
from placket.errors import AllProvidersFailed, ProtocolError
from placket.interfaces import CatalogItem, Image, Ref

PICTURE = b"\x89PNG\r\n\x1a\n"

PLUGIN = """
import asyncio, logging, os, signal, sys
from datetime import UTC, datetime

from attrs import frozen

import placket
from placket.interfaces import (
    Capabilities, Catalog, CatalogState, Findings, GarmentTagger, Job, Level, Ref, Ticket, Uploaded,
    VisualSearch
)
from placket.registry import ProviderType


@frozen
class Settings:
    way: str = "exits"


def leave():
    sys.exit("no licence")


class Leaving(Job):
    ticket = Ticket("acme", "garment_tagger", "submit", "7", datetime.now(UTC))

    async def status(self):
        leave()

    async def result(self, deadline=None):
        leave()

    async def events(self):
        leave()
        yield


class Acme(GarmentTagger, VisualSearch):
    def __init__(self, settings, context):
        self.way = settings.way

    async def tag(self, garment):
        match self.way:
            case "exits":
                leave()
            case "exits in a thread":
                await asyncio.to_thread(leave)
            case "is signalled":
                os.kill(os.getpid(), signal.SIGTERM)
        return Findings()

    async def submit(self, garment):
        return Leaving()

    async def aclose(self):
        match self.way:
            case "exits when it is closed":
                leave()
            case "exits in a thread when it is closed":
                await asyncio.to_thread(leave)
            case "is signalled when it is closed":
                os.kill(os.getpid(), signal.SIGTERM)
            case "closes":
                logging.getLogger("acme").warning("acme-closed")

    async def list_catalogs(self):
        yield Catalog(Ref("acme", "catalog", "1"), "one", CatalogState.READY)
        leave()

    async def add_items(self, catalog, items):
        return Uploaded(len([item async for item in items]))


@placket.hookimpl
def placket_provider_types():
    names = ("garment_tagger.tag", "garment_tagger.submit", "visual_search.list_catalogs", "visual_search.add_items")
    yield ProviderType(
        name="acme",
        title="Acme",
        settings=Settings,
        factory=Acme,
        interfaces=(GarmentTagger, VisualSearch),
        capabilities=Capabilities(dict.fromkeys(names, Level.FULL), {}),
    )
"""


@pytest.fixture
def acme(install, tmp_path):
    """A router whose provider leaves the program in one way or another; others may stand beside it."""
    install("placket-acme", "1.2", {"acme": "placket_acme"}, placket_acme=PLUGIN)

    def opened(way: str = "exits", *others: str):
        routes = {name: {"targets": ["acme"]} for name in ("garment_tagger", "visual_search")}
        ways = {"acme": way, **{f"other{number}": other for number, other in enumerate(others)}}
        providers = {name: {"plugin": "acme", "way": each} for name, each in ways.items()}
        return placket.open({"providers": providers, "routes": routes}, environ={}, data_folder=tmp_path)

    return opened


@pytest.mark.parametrize("way", ["exits", "exits in a thread"])
async def test_a_plugin_that_exits_has_failed(acme, way):
    async with acme(way) as router:
        with pytest.raises(AllProvidersFailed) as caught:
            await router.tag(PICTURE)
    [error] = caught.value.exceptions
    assert isinstance(error, ProtocolError)
    assert "the plugin placket-acme 1.2 failed with SystemExit" in str(error)
    assert isinstance(error.__cause__, SystemExit)


async def test_a_plugin_that_exits_in_its_job_has_failed(acme):
    async with acme() as router:
        job = await router.garment_tagger.submit(placket.Garment.of(PICTURE))
        for use in (job.status, job.result, lambda: anext(job.events())):
            with pytest.raises(ProtocolError, match=r"the plugin placket-acme 1\.2 failed with SystemExit"):
                await use()


async def test_a_plugin_that_exits_in_its_list_has_failed(acme):
    async with acme() as router:
        listing = router.visual_search.list_catalogs()
        assert (await anext(listing)).name == "one"
        with pytest.raises(ProtocolError, match=r"the plugin placket-acme 1\.2 failed with SystemExit"):
            await anext(listing)


@pytest.mark.parametrize("way", ["exits when it is closed", "exits in a thread when it is closed"])
async def test_a_plugin_that_exits_as_it_is_closed_is_told_of_and_the_others_are_closed(acme, way, caplog):
    with caplog.at_level(logging.WARNING):
        async with acme(way, "closes"):
            pass
    assert "close-failed" in caplog.text
    assert "SystemExit" in caplog.text
    assert "acme-closed" in caplog.text


@pytest.mark.parametrize("way", ["is signalled", "is signalled when it is closed"])
def test_a_signal_handler_of_the_host_ends_the_host(acme, way):
    async def main():
        async with acme(way) as router:
            await router.tag(PICTURE)

    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
    try:
        with pytest.raises(SystemExit) as caught:
            asyncio.run(main())
    finally:
        signal.signal(signal.SIGTERM, before)
    assert caught.value.code == 7


def test_a_host_that_exits_while_its_items_are_read_exits(acme):
    async def items():
        yield CatalogItem("1", Image.of(PICTURE))
        sys.exit(7)

    async def main():
        async with acme() as router:
            await router.visual_search.add_items(Ref("acme", "catalog", "1"), items())

    with pytest.raises(SystemExit) as caught:
        asyncio.run(main())
    assert caught.value.code == 7

"""The same router for code that is not async."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

import placket
from placket.errors import InvalidInput, PluginError
from placket.interfaces import GarmentTagger

GARMENT = placket.Garment("g")


@pytest.fixture
def open_sync(config, plugin, tmp_path):
    def opened(**providers):
        return placket.open_sync(config(**providers), plugins=[plugin.module()], data_folder=tmp_path, environ={})

    return opened


def threads():
    return {thread for thread in threading.enumerate() if thread.name == "placket"}


def test_a_plain_program_tags(open_sync, plugin):
    with open_sync(a={"says": "acme"}) as router:
        assert router.tag(GARMENT).brand == "acme"
        tagged = router.tag_with_evidence(GARMENT, known={"sku": "1"})
        assert (tagged.record.sku, tagged.attempts[0].provider) == ("1", "a")
        assert router.plan().steps[0].provider == "a"
        assert router.garment_tagger.tag(GARMENT).claims[0].value == "acme"
        assert router.interface(GarmentTagger).submit(GARMENT).result().claims[0].value == "acme"
    assert plugin.built[0].closed
    assert threads() == set()


def test_a_plain_program_enriches(open_sync):
    picture = b"\x89PNG\r\n\x1a\n a picture"
    with open_sync(a={"says": "acme"}) as router:
        assert router.enrich(picture, known={"sku": "1"}, id="g").id == "g"
        enriched = router.enrich_with_evidence(picture, steps=["tag"])
    assert enriched.record.brand == "acme"
    assert [part.state.value for part in enriched.parts] == ["answered"]


def test_it_works_from_several_threads_at_once(open_sync, plugin):
    with open_sync(a={"says": "acme", "after": 0.001}) as router, ThreadPoolExecutor(8) as pool:
        records = list(pool.map(lambda number: router.tag(placket.Garment(str(number))), range(64)))
    assert [record.id for record in records] == [str(number) for number in range(64)]
    assert len(plugin.built[0].asked) == 64
    assert plugin.built[0].busiest > 1


async def test_it_works_under_a_running_loop(open_sync):
    with open_sync(a={"says": "acme"}) as router:
        assert router.tag(GARMENT).brand == "acme"
    assert asyncio.get_running_loop().is_running()


def test_it_reloads(open_sync, config):
    with open_sync(a={"says": "old"}) as router:
        router.reload(config(a={"says": "new"}))
        assert router.tag(GARMENT).brand == "new"


def test_two_at_once_do_not_meet(open_sync):
    with open_sync(a={"says": "one"}) as one, open_sync(a={"says": "two"}) as two:
        assert (one.tag(GARMENT).brand, two.tag(GARMENT).brand) == ("one", "two")


def test_errors_come_through_and_leave_no_thread(open_sync):
    with pytest.raises(PluginError), open_sync(a={"broken": True}):
        pass
    with open_sync(a={}) as router, pytest.raises(InvalidInput, match="there is no image"):
        router.tag("/nowhere/at/all.png")
    assert threads() == set()


def test_an_error_inside_passes_and_closes_everything(open_sync, plugin):
    with pytest.raises(LookupError), open_sync(a={}):
        raise LookupError("the host's own")
    assert plugin.built[0].closed
    assert threads() == set()

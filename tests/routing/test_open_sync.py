"""The same router for code that is not async."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

import placket
from placket.errors import InvalidInput, PluginError, UnknownOutcome
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


def test_what_is_open_is_not_opened_again(open_sync):
    app = open_sync(a={"says": "acme"})
    with app as router:
        with pytest.raises(InvalidInput, match="open already"), app:
            pass
        assert router.tag(GARMENT).brand == "acme"
    assert threads() == set()
    with app as router:
        assert router.tag(GARMENT).brand == "acme"
    assert threads() == set()


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


class Calling(threading.Thread):
    """Uses a router in a thread of its own; ``ended_in`` is the error that the use ends in."""

    def __init__(self, use):
        super().__init__(daemon=True)
        self.use = use
        self.ended_in = None
        self.start()

    def run(self):
        try:
            self.use()
        except Exception as error:
            self.ended_in = error

    def error(self):
        self.join(20)
        assert not self.is_alive()
        return self.ended_in


@pytest.fixture
def asked(plugin):
    """Opened providers whose calls do not end by themselves; ``asked`` is set when one is under way."""
    under_way = threading.Event()

    async def hang(_garment):
        under_way.set()
        await asyncio.Event().wait()

    def hanging():
        for each in plugin.built:
            each.script = (hang,)
        return under_way

    return hanging


@pytest.mark.parametrize(
    "use",
    [
        lambda router: router.tag(GARMENT),
        lambda router: router.garment_tagger.tag(GARMENT),
        lambda router: list(router.tag_many([GARMENT])),
    ],
    ids=["tag", "interface", "tag_many"],
)
def test_calls_of_other_threads_end_with_the_router(open_sync, plugin, asked, use):
    with open_sync(a={}) as router:
        under_way = asked()
        calls = [Calling(lambda: use(router)) for _ in range(3)]
        assert under_way.wait(20)
    errors = [call.error() for call in calls]
    assert {type(error) for error in errors} <= {UnknownOutcome, InvalidInput}
    assert UnknownOutcome in {type(error) for error in errors}
    assert all("closed" in str(error) for error in errors)
    assert (plugin.built[0].running, plugin.built[0].closed) == (0, True), "closed when its calls had ended"
    assert threads() == set()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_call_that_will_not_end_is_not_waited_for(open_sync, plugin, monkeypatch):
    monkeypatch.setattr("placket.loop_thread.PATIENCE", 0.01)
    under_way = threading.Event()

    async def stubborn(_garment):
        under_way.set()
        while True:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.Event().wait()

    with open_sync(a={}) as router:
        plugin.built[0].script = (stubborn,)
        call = Calling(lambda: router.tag(GARMENT))
        assert under_way.wait(20)
    assert isinstance(call.error(), UnknownOutcome)
    assert threads() == set()
    del call
    gc.collect()  # what is left of the call complains of its context here, and not in another test


def test_a_plugin_that_exits_ends_its_own_call_and_no_other(open_sync, plugin):
    async def exits(_garment):
        raise SystemExit(3)

    with open_sync(a={"says": "acme"}, b={"says": "other"}) as router:
        first, answers = plugin.built[0], plugin.built[0].tag
        first.tag = exits
        with pytest.raises(SystemExit):
            router.tag(GARMENT)
        first.tag = answers
        assert router.tag(GARMENT).brand == "acme"
    assert threads() == set()


def test_the_error_that_leaves_the_with_stays_itself(open_sync, asked):
    with pytest.raises(LookupError), open_sync(a={}) as router:  # noqa: PT012 - both have to happen inside
        under_way = asked()
        call = Calling(lambda: router.tag(GARMENT))
        assert under_way.wait(20)
        raise LookupError("the host's own")
    assert isinstance(call.error(), UnknownOutcome)


def test_a_closed_router_says_so(open_sync):
    with open_sync(a={}) as router:
        job = router.garment_tagger.submit(GARMENT)
        begun = router.tag_many([GARMENT, GARMENT])
        next(begun)
        tagger = router.garment_tagger
    uses = [
        lambda: router.tag(GARMENT),
        lambda: router.enrich(GARMENT),
        lambda: router.tag_many([GARMENT]),
        lambda: router.plan(),
        lambda: router.reload(),
        lambda: tagger.tag(GARMENT),
        lambda: router.garment_tagger.submit(GARMENT),
        lambda: job.result(),
        lambda: next(begun),
    ]
    for use in uses:
        with pytest.raises(InvalidInput, match=r"the router is closed; .* inside `with placket\.open_sync"):
            use()
    gc.collect()  # a coroutine that was never awaited would be told now


def test_an_unread_stream_outlives_its_router_in_peace(open_sync):
    with open_sync(a={}) as router:
        begun = router.tag_many([GARMENT, GARMENT])
        next(begun)
    begun.close()


def test_what_the_router_reads_in_its_own_thread_cannot_use_it(open_sync):
    async def tagged_before(router):
        yield router.tag(GARMENT)

    with open_sync(a={}) as router:
        call = Calling(lambda: list(router.tag_many(tagged_before(router))))
        assert "wait for itself" in str(call.error())
        assert list(router.tag_many([GARMENT])), "and goes on"


def test_a_stream_that_is_collected_in_the_routers_thread_is_closed_without_waiting(open_sync):
    async def collecting(begun):
        begun.pop().close()
        yield GARMENT

    with open_sync(a={}) as router:
        begun = [router.tag_many([GARMENT, GARMENT])]
        next(begun[0])
        call = Calling(lambda: list(router.tag_many(collecting(begun))))
        assert call.error() is None

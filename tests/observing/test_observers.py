"""What observers are told, in which order, and that none of them can break a call."""

from __future__ import annotations

import asyncio
import logging
from contextvars import ContextVar
from types import SimpleNamespace

import pytest

import placket
from placket.errors import AllProvidersFailed, ConfigError, InvalidInput, PluginError
from placket.interfaces import Garment
from placket.registry import CallObserver
from placket.testing import FaultKind

GARMENT = Garment("sku-1")


def plugin_of(*observers):
    hook = placket.hookimpl(lambda: list(observers))
    hook.__name__ = "placket_call_observers"
    return SimpleNamespace(__name__="watching", placket_call_observers=hook)


class Ear:
    """An observer that writes down what it hears."""

    def __init__(self, name="ear"):
        self.heard = []
        self.attempts = []
        self.calls = []
        self.observer = CallObserver(
            name=name,
            routed=self.routed,
            started=self.started,
            finished=self.finished,
            breaker_changed=lambda change: self.heard.append(
                f"{change.provider} {change.interface}.{change.operation} {change.state}"
            ),
        )

    @property
    def plugin(self):
        return plugin_of(self.observer)

    def routed(self, interface, operation):
        self.heard.append(f"routed {interface}.{operation}")

        def ended(call):
            self.heard.append(f"ended {call.interface}.{call.operation} {call.outcome}")
            self.calls.append(call)

        return ended

    def started(self, call):
        self.heard.append(f"started {call.provider} {call.interface}.{call.operation}")
        return lambda attempt: self.heard.append(f"over {attempt.provider} {attempt.outcome}")

    def finished(self, attempt):
        self.heard.append(f"finished {attempt.provider} {attempt.outcome}")
        self.attempts.append(attempt)


async def test_a_routed_call_is_told_around_its_attempts(document, opened):
    ear = Ear()
    async with opened(document(a={"path": "/gone"}, b={}), ear.plugin) as router:
        await router.tag(GARMENT)
    assert ear.heard == [
        "routed garment_tagger.tag",
        "started a garment_tagger.tag",
        "finished a failed",
        "over a failed",
        "started b garment_tagger.tag",
        "finished b succeeded",
        "over b succeeded",
        "ended garment_tagger.tag succeeded",
    ]
    [call] = ear.calls
    assert (call.error_type, [attempt.provider for attempt in call.attempts]) == ("", ["a", "b"])


async def test_a_call_that_nobody_could_answer_has_failed(document, opened):
    ear = Ear()
    async with opened(document(a={"path": "/gone"}), ear.plugin) as router:
        with pytest.raises(AllProvidersFailed):
            await router.tag(GARMENT)
    [call] = ear.calls
    assert (call.outcome, call.error_type) == ("failed", "AllProvidersFailed")


async def test_a_call_that_is_given_up_was_cancelled(document, opened, server):
    server.faults.add(FaultKind.LATENCY, seconds=60)
    ear = Ear()
    async with opened(document(a={}), ear.plugin) as router:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await router.tag(GARMENT)
    [call] = ear.calls
    assert (call.outcome, call.error_type) == ("cancelled", "")
    assert [attempt.outcome for attempt in call.attempts] == ["cancelled"]


async def test_attempts_say_what_was_repeated_and_what_was_waited_for(document, opened, server):
    server.faults.add(FaultKind.STATUS, status=503, times=2)
    ear = Ear()
    async with opened(document(a={"rate_limit": "3/minute"}), ear.plugin) as router:
        await router.tag(GARMENT)
        await router.tag(GARMENT)
    first, second = ear.attempts
    assert (first.interface, first.exchanges, first.retries, first.waited) == ("garment_tagger", 3, 2, 0.0)
    assert (second.exchanges, second.retries) == (1, 0)
    assert 50 < second.waited <= 60
    assert second.seconds >= second.waited


async def test_a_breaker_is_told_when_it_opens_probes_and_closes(document, opened, server, clock):
    ear = Ear()
    settings = {"breaker": {"failures": 1, "cooldown": "10s"}}
    server.faults.add(FaultKind.WRONG_SHAPE, times=2)
    async with opened(document(a=settings), ear.plugin) as router:
        for _ in range(3):
            with pytest.raises(AllProvidersFailed):
                await router.tag(GARMENT)
            await clock.sleep(4)
        with pytest.raises(AllProvidersFailed):
            await router.tag(GARMENT)
        await clock.sleep(10)
        await router.tag(GARMENT)
    changes = [line for line in ear.heard if line.startswith("a ")]
    told = [line.removeprefix("a garment_tagger.tag ") for line in changes]
    assert told == ["open", "half-open", "open", "half-open", "closed"]


async def test_calls_that_fail_after_the_breaker_has_opened_open_it_no_second_time(document, opened, server):
    ear = Ear()
    server.faults.add(FaultKind.WRONG_SHAPE)
    async with opened(document(a={"breaker": {"failures": 1}}), ear.plugin) as router:
        await asyncio.gather(*(router.tag(GARMENT) for _ in range(3)), return_exceptions=True)
    assert [attempt.outcome for attempt in ear.attempts] == ["failed"] * 3
    assert [line for line in ear.heard if line.startswith("a ")] == ["a garment_tagger.tag open"]


async def test_a_probe_that_is_given_up_leaves_the_breaker_open(document, opened, server, clock):
    ear = Ear()
    server.faults.add(FaultKind.WRONG_SHAPE, times=1)
    server.faults.add(FaultKind.LATENCY, seconds=60)
    async with opened(document(a={"breaker": {"failures": 1, "cooldown": "10s"}}), ear.plugin) as router:
        with pytest.raises(AllProvidersFailed):
            await router.tag(GARMENT)
        await clock.sleep(11)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await router.tag(GARMENT)
    changes = [line.rpartition(" ")[2] for line in ear.heard if line.startswith("a ")]
    assert changes == ["open", "half-open", "open"]


@pytest.mark.parametrize("broken", ["routed", "started", "finished", "breaker_changed", "ended", "over", "headers"])
async def test_an_observer_that_breaks_breaks_no_call(document, opened, server, caplog, broken):
    def breaks(*_):
        raise ZeroDivisionError("observer")

    def part(name, ending=None):
        if name == broken:
            return breaks
        return lambda *_: breaks if ending == broken else None

    observer = CallObserver(
        name="clumsy",
        routed=part("routed", "ended"),
        started=part("started", "over"),
        finished=part("finished"),
        breaker_changed=part("breaker_changed"),
        trace_headers=part("headers"),
    )
    ear = Ear()
    server.faults.add(FaultKind.WRONG_SHAPE, times=1)
    config = document(a={"breaker": {"failures": 1}, "trace_context": True}, b={"trace_context": True})
    with caplog.at_level(logging.WARNING, "placket.routing"):
        async with opened(config, plugin_of(observer), ear.plugin) as router:
            assert (await router.tag(GARMENT)).brand == "acme"
    assert "observer='clumsy'" in caplog.text
    assert "ZeroDivisionError" in caplog.text
    assert [attempt.outcome for attempt in ear.attempts] == ["failed", "succeeded"], "the others hear as always"


async def test_what_the_beginning_puts_into_the_context_the_provider_sees_and_the_end_takes_out(document, opened):
    where = ContextVar("where", default="outside")
    seen = []

    def entering(name):
        def enter(*_):
            token = where.set(f"{where.get()} > {name}")
            seen.append(where.get())
            return lambda _: where.reset(token)

        return enter

    outer, inner = (
        CallObserver(name=name, routed=entering(name), started=entering(name), finished=lambda _: None)
        for name in ("outer", "inner")
    )
    async with opened(document("all", a={}, b={}), plugin_of(outer, inner)) as router:
        await router.tag(GARMENT)
    assert seen == [
        "outside > outer",
        "outside > outer > inner",
        *(["outside > outer > inner > outer", "outside > outer > inner > outer > inner"] * 2),
    ]
    assert where.get() == "outside"


async def test_what_is_wrong_with_an_observer_is_said_when_the_router_opens(document, opened):
    def missing():
        raise ConfigError("it needs a package")

    def bug():
        raise ZeroDivisionError("oops")

    def leaves():
        raise SystemExit("no licence")

    for prepare, error, message in (
        (missing, ConfigError, "^it needs a package$"),
        (bug, PluginError, "'ear' of watching failed while its observer got ready: ZeroDivisionError: oops"),
        (leaves, PluginError, "'ear' of watching failed while its observer got ready: SystemExit: no licence"),
    ):
        observer = CallObserver(name="ear", finished=lambda _: None, prepare=prepare)
        with pytest.raises(error, match=message):
            async with opened(document(a={}), plugin_of(observer)):
                pass


async def test_observers_get_ready_again_on_a_reload(document, opened):
    ready = []
    observer = CallObserver(name="ear", finished=lambda _: None, prepare=lambda: ready.append("ready"))
    config = document(a={})
    async with opened(config, plugin_of(observer)) as router:
        assert ready == ["ready"]
        await router.reload(config)
    assert ready == ["ready", "ready"]


async def test_bad_arguments_are_no_call(document, opened):
    ear = Ear()
    async with opened(document(a={}), ear.plugin) as router:
        with pytest.raises(InvalidInput):
            await router.garment_tagger.tag("not a garment")
    assert ear.heard == []

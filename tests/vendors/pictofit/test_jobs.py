"""From ready to finished: flags, slow looks, states, and tickets."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import accumulate, pairwise
from typing import Any

import pytest
from aiohttp import web

from placket.errors import InvalidInput, JobExpired, JobFailed, UnknownOutcome
from placket.interfaces import ARContentBuilder, ArProduct, Job, JobState, Ref, Ticket
from placket.testing.faults import FaultKind
from placket.testing.virtual_time import VirtualClock

Build = Callable[..., ARContentBuilder]

PRODUCT = "48d17eb6-88f4-4b99-9f21-2a6653a10bc8"
REF = Ref("ar", "ar_product", PRODUCT)
SECOND = {"id": "second", "productId": PRODUCT, "name": "L", "stateId": 1}


def looks(vendor: Any) -> int:
    return len(vendor.sent("GET", f"/products/{PRODUCT}/configurations")) - 1


async def test_every_configuration_is_flagged_with_an_empty_form(provider: Build, vendor: Any) -> None:
    vendor.finish(SECOND, id="first", stateId=1)
    await provider().mark_ready(REF)
    for id_ in ("first", "second"):
        (flag,) = vendor.sent("POST", f"/configurations/{id_}/ready")
        assert (flag.body, flag.headers["Content-Length"]) == (b"", "0")
        assert flag.headers["Content-Type"] == "application/x-www-form-urlencoded"


async def pauses(job: Job[ArProduct], vendor: Any, clock: VirtualClock) -> list[float]:
    """The seconds before each look until the job ends."""
    times = [clock.monotonic()]
    vendor.answers["GET", f"/products/{PRODUCT}/configurations"] = lambda _: (
        times.append(clock.monotonic()),
        vendor._look(PRODUCT),
    )[1]
    product = await job.result()
    assert (product.state, product.ref) == (JobState.SUCCEEDED, REF)
    return [round(after - before, 1) for before, after in pairwise(times)]


async def test_a_job_looks_soon_and_less_and_less_often(provider: Build, vendor: Any, clock: VirtualClock) -> None:
    vendor.finish(stateId=1)
    vendor.states = [2, *[3] * 21, 4]
    seconds = await pauses(await provider().mark_ready(REF), vendor, clock)
    assert seconds[:8] == [1, 2, 3, 4.5, 6.8, 10.1, 15.2, 22.8]
    assert sum(at <= 600 for at in accumulate(seconds)) == 13, "looks in the first ten minutes"
    assert seconds[-3:] == [3600, 3600, 3600]


async def test_what_is_built_at_once_is_there_within_seconds(provider: Build, vendor: Any, clock: VirtualClock) -> None:
    vendor.finish(stateId=1)
    vendor.states = [3, 3, 4]
    assert await pauses(await provider().mark_ready(REF), vendor, clock) == [1, 2, 3]


async def test_an_operator_may_have_it_look_less_often(provider: Build, vendor: Any, clock: VirtualClock) -> None:
    vendor.finish(stateId=1)
    vendor.states = [2, 3, 3, 3, 3, 3, 3, 4]
    builder = provider(first_poll=600.0, poll_interval=300.0)
    seconds = await pauses(await builder.mark_ready(REF), vendor, clock)
    assert [round(each / 60, 1) for each in seconds] == [10, 5, 7.5, 11.2, 16.9, 25.3, 38.0, 57.0]


@pytest.mark.parametrize(("hours", "expected"), [(0, [1, 2, 3]), (1, [0, 1800, 2700]), (24, [0, 3600, 3600])])
async def test_who_takes_a_job_up_goes_on_at_its_pace(
    provider: Build, vendor: Any, clock: VirtualClock, hours: float, expected: list[float]
) -> None:
    vendor.finish(stateId=1)
    vendor.states = [3, 3, 4]
    job = await provider().mark_ready(REF)
    assert job.ticket is not None
    await clock.sleep(hours * 3600)
    assert await pauses(await provider().resume(job.ticket), vendor, clock) == expected


async def test_events_tell_each_change_once(provider: Build, vendor: Any) -> None:
    vendor.finish(stateId=1)
    vendor.states = [2, 2, 3, 3, 17, 4]
    job = await provider().mark_ready(REF)
    seen = [(status.state, status.raw_state, status.progress) async for status in job.events()]
    assert seen == [
        (JobState.QUEUED, "2", 0),
        (JobState.RUNNING, "3", 0),
        (JobState.UNKNOWN, "unknown(17)", 0),
        (JobState.SUCCEEDED, "4", 1),
    ]


STATES = [
    ([1, 2], JobState.QUEUED, 0.0),
    ([1, 3], JobState.RUNNING, 0.0),
    ([4, 1], JobState.RUNNING, 0.5),
    ([4, 17], JobState.RUNNING, 0.5),
    ([17, 2], JobState.UNKNOWN, 0.0),
    ([None, 2], JobState.UNKNOWN, 0.0),
    ([4, 5], JobState.SUCCEEDED, 1.0),
    ([4, 6], JobState.FAILED, 1.0),
    ([3, 6], JobState.RUNNING, 0.5),
    (["4", 4.0], JobState.SUCCEEDED, 1.0),
    ([True, {}], JobState.UNKNOWN, 0.0),
]


@pytest.mark.parametrize(("states", "state", "progress"), STATES)
async def test_a_product_stands_as_its_configurations_do(
    provider: Build, vendor: Any, states: list[Any], state: JobState, progress: float
) -> None:
    vendor.finish({**SECOND, "stateId": states[1]}, id="first", stateId=states[0])
    job = await provider().resume(ticket("first", "second"))
    status = await job.status()
    assert (status.state, status.progress) == (state, progress)


async def test_states_are_a_setting(provider: Build, vendor: Any) -> None:
    vendor.finish(stateId=17)
    builder = provider(states={"17": "cancelled", "4": "running"})
    assert (await builder.get_product(REF)).state is JobState.CANCELLED
    vendor.finish(stateId=4)
    assert (await builder.get_product(REF)).state is JobState.RUNNING
    vendor.finish(stateId=3)
    assert (await builder.get_product(REF)).state is JobState.RUNNING, "what is not listed stays"


async def test_a_rejected_configuration_fails_the_job(provider: Build, vendor: Any) -> None:
    vendor.finish(SECOND, id="first", stateId=1, name="M")
    vendor.states = [6]
    job = await provider().mark_ready(REF)
    with pytest.raises(JobFailed, match=r"ar\.mark_ready: job .* has not made: M, L \(state 6\)"):
        await job.result()


async def test_only_the_flagged_configurations_are_waited_for(provider: Build, vendor: Any) -> None:
    vendor.finish(stateId=4)
    job = await provider().mark_ready(REF)
    vendor.finish(SECOND)
    assert (await job.result()).state is JobState.SUCCEEDED


async def test_a_configuration_that_vanished_is_not_taken_for_finished(provider: Build, vendor: Any) -> None:
    vendor.finish()
    job = await provider(deadline=7200.0).resume(ticket("85f09939-272c-406f-b3ad-3b4fcc991517", "gone"))
    assert (await job.status()).state is JobState.RUNNING


async def test_patience_ends(provider: Build, vendor: Any, clock: VirtualClock) -> None:
    vendor.finish(stateId=1)
    vendor.states = [3]
    job = await provider(deadline=6 * 3600.0).mark_ready(REF)
    with pytest.raises(JobExpired) as caught:
        await job.result()
    assert clock.monotonic() == pytest.approx(6 * 3600, abs=5)
    assert caught.value.ticket == job.ticket
    assert looks(vendor) == 23


async def test_a_ticket_resumes_in_another_process(provider: Build, vendor: Any, clock: VirtualClock) -> None:
    vendor.finish(stateId=1)
    vendor.states = [4]
    job = await provider().mark_ready(REF)
    assert job.ticket is not None
    text = job.ticket.to_json()
    assert json.loads(text)["id"] == PRODUCT
    assert "-4711" not in text
    await clock.sleep(3600)
    before = clock.monotonic()
    product = await (await provider().resume(Ticket.from_json(text))).result()
    assert product.state is JobState.SUCCEEDED
    assert clock.monotonic() - before < 1, "its first pause is over"
    assert len(vendor.sent("POST", "/configurations/85f09939-272c-406f-b3ad-3b4fcc991517/ready")) == 1


@pytest.mark.parametrize("changes", [{"interface": "garment_tagger"}, {"data": {}}, {"data": {"configurations": "x"}}])
async def test_a_ticket_of_something_else_is_refused(
    provider: Build, vendor: Any, clock: VirtualClock, changes: dict[str, Any]
) -> None:
    given = {**json.loads(ticket("x").to_json()), **changes}
    with pytest.raises(InvalidInput, match="is not one that ar gave"):
        await provider().resume(Ticket.from_json(json.dumps(given)))


async def test_nothing_to_build_is_said_so(provider: Build, vendor: Any) -> None:
    with pytest.raises(InvalidInput, match="no configurations"):
        await provider().mark_ready(REF)


@pytest.mark.parametrize("ref", [Ref("other", "ar_product", PRODUCT), Ref("ar", "catalog", PRODUCT)])
async def test_a_reference_to_something_else_is_refused(provider: Build, vendor: Any, ref: Ref) -> None:
    for call in (provider().mark_ready, provider().get_product):
        with pytest.raises(InvalidInput, match="is no product of ar: write ar/ar_product/<id>"):
            await call(ref)
    assert vendor.requests == []


async def test_a_flag_may_be_sent_again(provider: Build, vendor: Any, caplog: pytest.LogCaptureFixture) -> None:
    vendor.finish(stateId=1)
    path = "/configurations/85f09939-272c-406f-b3ad-3b4fcc991517/ready"
    vendor.faults.add(FaultKind.RESET, method="POST", path=f"*{path}", times=1)
    await provider().mark_ready(REF)
    assert len(vendor.sent("POST", path)) == 2
    assert "conflict" not in caplog.text
    vendor.answers["POST", path] = lambda _: web.json_response({"title": "no frontal picture"}, status=409)
    await provider().mark_ready(REF)
    assert "conflict-counts-as-done" in caplog.text
    assert "no frontal picture" in caplog.text
    vendor.faults.clear()
    vendor.faults.add(FaultKind.RESET, method="POST", path=f"*{path}", times=1)
    with pytest.raises(UnknownOutcome):
        await provider(repeat_posts=False).mark_ready(REF)


async def test_the_ready_path_is_a_setting(provider: Build, vendor: Any) -> None:
    vendor.finish()
    vendor.answers["POST", "/ready/85f09939-272c-406f-b3ad-3b4fcc991517"] = lambda _: web.Response(status=204)
    await provider(ready_path="/ready/{configuration}").mark_ready(REF)


async def test_a_look_that_fails_does_not_flag_again(provider: Build, vendor: Any) -> None:
    vendor.finish(stateId=1)
    job = await provider().mark_ready(REF)
    vendor.faults.add(FaultKind.STATUS, path="*/configurations", status=503, times=2)
    await job.result()
    assert len([one for one in vendor.requests if one.method == "POST"]) == 1


def ticket(*configurations: str) -> Ticket:
    shown = {
        "schema": "placket/ticket/1",
        "provider": "ar",
        "interface": "ar_content_builder",
        "operation": "mark_ready",
        "id": PRODUCT,
        "submitted_at": "2026-01-01T00:00:00+00:00",
        "data": {"configurations": list(configurations)},
    }
    return Ticket.from_json(json.dumps(shown))

"""Jobs of vendors that work in the background, and the tickets that take them up again."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placket.errors import InvalidInput, JobExpired, JobFailed, ProtocolError, Unavailable
from placket.interfaces import (
    Call,
    Deadline,
    FinishedJob,
    JobState,
    JobStatus,
    Look,
    PolledJob,
    PollSchedule,
    Ticket,
    TypicalDuration,
    current_call,
)

TICKET = Ticket("a", "garment_tagger", "submit", "j1", datetime(2026, 11, 1, tzinfo=UTC), {"task": 7})


def job(clock, *looks, **options):
    """A job whose polls see these, the last one for ever; and when it was polled."""
    seen = []

    async def look():
        seen.append(clock.monotonic())
        found = looks[min(len(seen), len(looks)) - 1]
        if isinstance(found, Exception):
            raise found
        return found

    return PolledJob(TICKET, look, clock=clock, schedule=PollSchedule(1, 2, 2, 10), **options), seen


def is_now(state, result=None, **details):
    return Look(JobStatus(JobState(state), **details), result)


def test_the_schedule_grows_to_its_maximum():
    assert list(islice(PollSchedule(1, 2, 2, 10).delays(), 7)) == [1, 2, 4, 8, 10, 10, 10]
    assert list(islice(PollSchedule(5, 60, 2, 10).delays(), 3)) == [5, 10, 10]


async def test_a_job_is_polled_by_its_schedule_until_it_ends(clock):
    made, seen = job(clock, is_now("queued"), is_now("running"), is_now("unknown"), is_now("succeeded", "done"))
    assert await made.result() == "done"
    assert seen == [1, 3, 7, 15]
    assert await made.result() == "done"
    assert len(seen) == 4, "what is final is not asked for again"


async def test_events_are_the_changes(clock):
    half, looks = is_now("running", progress=0.5), [is_now("queued")] * 2
    made, _ = job(clock, *looks, half, half, is_now("succeeded", "done"))
    assert [status.state.value async for status in made.events()] == ["queued", "running", "succeeded"]


@pytest.mark.parametrize(
    ("look", "text"),
    [
        (is_now("failed", message="too blurred"), "too blurred"),
        (is_now("cancelled", raw_state="ABORTED"), "ABORTED"),
        (is_now("failed"), "failed"),
    ],
)
async def test_a_job_that_fails_says_why(clock, look, text):
    made, _ = job(clock, look)
    with pytest.raises(JobFailed, match=f"job j1 did not succeed: {text}") as caught:
        await made.result()
    assert (caught.value.provider, caught.value.operation) == ("a", "submit")


async def test_success_without_a_result_is_the_vendors_mistake(clock):
    made, _ = job(clock, is_now("succeeded"))
    with pytest.raises(ProtocolError, match="brought no result"):
        await made.result()


async def test_its_deadline_passes_and_the_ticket_stays(clock):
    made, seen = job(clock, is_now("running", raw_state="PROCESSING"))
    with pytest.raises(JobExpired, match="last seen PROCESSING"):
        await made.result(deadline=12)
    assert clock.monotonic() == 12
    assert seen == [1, 3, 7]
    assert made.ticket is TICKET


async def test_a_deadline_before_the_first_poll(clock):
    made, seen = job(clock, is_now("running"))
    with pytest.raises(JobExpired, match="never seen"):
        await made.result(deadline=0.5)
    assert seen == []


async def test_the_deadline_of_the_routed_call_counts_as_well(clock):
    made, _ = job(clock, is_now("running"))
    token = current_call.set(Call("a", "tag", Deadline.after(4, clock)))
    try:
        with pytest.raises(JobExpired):
            await made.result(deadline=100)
    finally:
        current_call.reset(token)
    assert clock.monotonic() == 4


async def test_a_poll_that_fails_passes_its_failure_on_and_can_be_repeated(clock):
    made, seen = job(clock, Unavailable("down"), is_now("succeeded", "done"))
    with pytest.raises(Unavailable):
        await made.result()
    assert await made.result() == "done"
    assert len(seen) == 2


async def test_success_is_told_once(clock):
    told = []
    made, _ = job(clock, is_now("running"), is_now("succeeded", "done"), on_success=lambda: told.append(True))
    await made.result()
    await made.status()
    await made.result()
    assert told == [True]


async def test_two_who_wait_get_the_same(clock):
    made, _ = job(clock, is_now("running"), is_now("succeeded", "done"))
    assert await asyncio.gather(made.result(), made.result()) == ["done", "done"]


async def test_a_finished_job_is_finished():
    made = FinishedJob("done")
    assert await made.result(deadline=0) == "done"
    assert [status.progress async for status in made.events()] == [1.0]
    assert made.ticket is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda each: st.lists(each, max_size=3), max_leaves=5
)


@given(
    ticket=st.builds(
        Ticket,
        *(st.text(min_size=1) for _ in ("provider", "interface", "operation", "id")),
        st.datetimes(timezones=st.just(UTC)),
        st.dictionaries(st.text(), JSON, max_size=3),
    )
)
def test_a_ticket_survives_the_round_trip(ticket):
    text = ticket.to_json()
    assert Ticket.from_json(text) == ticket
    assert "\n" not in text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "[]",
        "7",
        "{}",
        '{"schema": "other/1"}',
        TICKET.to_json()[:-1],
        TICKET.to_json().replace('"id"', '"ID"'),
        TICKET.to_json().replace('"j1"', "null"),
        TICKET.to_json().replace('"j1"', "5"),
    ],
)
def test_what_is_no_ticket_is_bad_input(text):
    with pytest.raises(InvalidInput, match="not a"):
        Ticket.from_json(text)


def test_a_typical_duration_is_stated_until_enough_were_seen():
    typical = TypicalDuration(60, enough=3)
    typical.learn(10)
    typical.learn(20)
    assert typical.seconds == 60
    typical.learn(30)
    assert typical.seconds == 30
    assert TypicalDuration().seconds is None


def test_a_typical_duration_is_a_high_quantile_of_the_latest():
    typical = TypicalDuration(quantile=0.9, window=10)
    for seconds in range(1, 101):
        typical.learn(seconds)
    assert typical.seconds == 100
    for _ in range(9):
        typical.learn(5)
    typical.learn(1000)
    assert typical.seconds == 1000
    typical.learn(5)
    for _ in range(9):
        typical.learn(5)
    assert typical.seconds == 5


async def test_an_expired_job_hands_over_its_ticket(clock):
    async def never() -> Look[str]:
        return Look(JobStatus(JobState.RUNNING))

    ticket = Ticket("a", "garment_tagger", "tag", "job-1", clock.now())
    job = PolledJob(ticket, never, clock=clock, schedule=PollSchedule(), patience=30.0)
    started = clock.monotonic()
    with pytest.raises(JobExpired) as caught:
        await job.result()
    assert caught.value.ticket == ticket
    assert clock.monotonic() - started == pytest.approx(30.0)


async def test_a_schedule_without_pauses_leaves_others_their_turn(clock):
    done = asyncio.Event()

    async def look() -> Look[str]:
        return is_now("succeeded", "made") if done.is_set() else is_now("running")

    asyncio.get_running_loop().call_soon(done.set)
    job = PolledJob(TICKET, look, clock=clock, schedule=PollSchedule(first=0, interval=0))
    assert await job.result() == "made"

"""In order, until one succeeds; and what every route promises about deadlines, attempts and causes."""

from __future__ import annotations

import asyncio

import pytest

from placket.errors import (
    AllProvidersFailed,
    Conflict,
    InvalidInput,
    JobFailed,
    NotFound,
    ProtocolError,
    RateLimited,
    TimedOut,
    Unavailable,
    UnknownOutcome,
    Unsupported,
)
from placket.interfaces import GarmentTagger, Outcome, ProductDraft, ProductStore, current_call
from placket.routing import First


async def test_the_first_that_succeeds_answers_and_nobody_else_is_asked(fake, garment, told):
    second = fake.tagger("b")
    answer = await fake.router(First(), fake.tagger("a"), second).garment_tagger.tag(garment)
    assert [claim.value for claim in answer.claims] == ["a"]
    assert told(answer) == [("a", "succeeded")]
    assert second.provider.asked == []


@pytest.mark.parametrize(
    "error",
    [RateLimited("slow"), Unavailable("down"), TimedOut("late"), NotFound("what"), JobFailed("no"), Conflict("x")],
)
async def test_a_classified_failure_moves_on(fake, garment, told, error):
    router = fake.router(
        First(), fake.tagger("a", fake.fails(error, after=2)), fake.tagger("b", fake.says("b", after=3))
    )
    answer = await router.garment_tagger.tag(garment)
    assert told(answer) == [("a", "failed"), ("b", "succeeded")]
    first, second = answer.attempts
    assert (first.started_after, first.seconds, first.error_type) == (0, 2, type(error).__name__)
    assert "a.tag" in first.error
    assert (second.started_after, second.seconds, second.error) == (2, 3, "")


@pytest.mark.parametrize("error", [InvalidInput("not an image"), UnknownOutcome("sent")])
async def test_bad_input_and_an_unknown_outcome_stop_the_route(fake, garment, told, error):
    second = fake.tagger("b")
    router = fake.router(First(), fake.tagger("a", fake.fails(error)), second)
    with pytest.raises(type(error)) as caught:
        await router.garment_tagger.tag(garment)
    assert caught.value is error
    assert len(told(error)) == 1
    assert second.provider.asked == []


async def test_bad_input_comes_back_as_it_is_also_when_others_failed_before(fake, garment, told):
    router = fake.router(
        First(),
        fake.tagger("a", fake.fails(Unavailable("down"))),
        fake.tagger("b", fake.fails(InvalidInput("too large"))),
    )
    with pytest.raises(InvalidInput, match="too large") as caught:
        await router.garment_tagger.tag(garment)
    assert told(caught.value) == [("a", "failed"), ("b", "failed")]


async def test_when_all_fail_the_group_holds_every_cause_and_every_attempt(fake, garment, told):
    errors = [RateLimited("slow"), Unavailable("down"), ProtocolError("garbage")]
    targets = [fake.tagger(name, fake.fails(error)) for name, error in zip("abc", errors, strict=True)]
    with pytest.raises(AllProvidersFailed) as caught:
        await fake.router(First(), *targets).garment_tagger.tag(garment)
    assert list(caught.value.exceptions) == errors
    assert [error.provider for error in caught.value.exceptions] == ["a", "b", "c"]
    assert told(caught.value) == [("a", "failed"), ("b", "failed"), ("c", "failed")]
    assert all(word in str(caught.value) for word in ("slow", "down", "garbage"))


async def test_the_deadline_holds_for_the_whole_route_and_the_rest_is_not_asked(fake, garment, told, clock):
    third = fake.tagger("c")
    router = fake.router(
        First(),
        fake.tagger("a", fake.fails(Unavailable("x"), after=4)),
        fake.tagger("b", fake.hangs),
        third,
        deadline=10,
    )
    with pytest.raises(AllProvidersFailed) as caught:
        await router.garment_tagger.tag(garment)
    assert clock.monotonic() == 10
    assert told(caught.value) == [("a", "failed"), ("b", "failed"), ("c", "skipped")]
    assert [type(error) for error in caught.value.exceptions] == [Unavailable, TimedOut, TimedOut]
    assert [attempt.seconds for attempt in caught.value.attempts] == [4, 6, 0]
    assert third.provider.asked == []


async def test_a_timeout_of_one_provider_leaves_time_for_the_next(fake, garment, told, clock):
    router = fake.router(First(), fake.tagger("a", fake.hangs, timeout=3), fake.tagger("b"), deadline=10)
    answer = await router.garment_tagger.tag(garment)
    assert told(answer) == [("a", "failed"), ("b", "succeeded")]
    assert clock.monotonic() == 3


async def test_waiting_for_a_free_place_counts_against_the_deadline(fake, garment, clock):
    target = fake.tagger("a", fake.hangs, gate=asyncio.Semaphore(1), failures=1)
    patient = asyncio.create_task(fake.router(First(), target).garment_tagger.tag(garment))
    await clock.sleep(1)
    with pytest.raises(AllProvidersFailed) as caught:
        await fake.router(First(), target, deadline=5).garment_tagger.tag(garment)
    assert clock.monotonic() == 6
    assert len(target.provider.asked) == 1
    [cause] = caught.value.exceptions
    assert isinstance(cause, TimedOut)
    assert "concurrency" in str(cause)
    assert target.obstacle("garment_tagger", "tag") is None, "a full house says nothing about the provider's health"
    patient.cancel()
    await asyncio.gather(patient, return_exceptions=True)


async def test_a_write_that_waits_for_a_free_place_was_not_sent(fake, clock):
    target = fake.provider("a", ProductStore, create=fake.hangs)
    target.gate = asyncio.Semaphore(0)
    with pytest.raises(AllProvidersFailed) as caught:
        await fake.router(First(), target, name="product_store", deadline=5).product_store.create(ProductDraft({}))
    assert caught.value.attempts[0].outcome is Outcome.FAILED


async def test_no_more_calls_run_at_once_than_configured(fake, garment):
    target = fake.tagger("a", fake.says("a", after=1), gate=asyncio.Semaphore(3))
    tagger = fake.router(First(), target).garment_tagger
    await asyncio.gather(*(tagger.tag(garment) for _ in range(10)))
    assert target.provider.busiest == 3


@pytest.mark.parametrize("failure", [KeyError("id"), ProtocolError("not JSON")])
async def test_a_write_that_went_out_and_whose_answer_makes_no_sense_is_not_failed_over(fake, told, failure):
    async def create(_draft: ProductDraft) -> None:
        current_call.get().exchanges += 1
        raise failure

    second = fake.provider("b", ProductStore)
    router = fake.router(First(), fake.provider("a", ProductStore, create=create), second, name="product_store")
    with pytest.raises(UnknownOutcome, match="may have happened") as caught:
        await router.product_store.create(ProductDraft({"name": "dress"}))
    assert told(caught.value) == [("a", "unknown")]


async def test_a_write_whose_provider_hangs_has_an_unknown_outcome(fake, clock, told):
    second = fake.provider("b", ProductStore)
    router = fake.router(
        First(), fake.provider("a", ProductStore, create=fake.hangs), second, name="product_store", deadline=7
    )
    with pytest.raises(UnknownOutcome, match="may have happened") as caught:
        await router.product_store.create(ProductDraft({"name": "dress"}))
    assert clock.monotonic() == 7
    assert told(caught.value) == [("a", "unknown")]
    assert caught.value.provider == "a"


async def test_a_provider_that_declares_it_cannot_is_skipped(fake, garment, told):
    router = fake.router(First(), fake.tagger("a", without=["tag"]), fake.tagger("b"))
    assert told(await router.garment_tagger.tag(garment)) == [("a", "skipped"), ("b", "succeeded")]


async def test_when_nobody_on_the_route_can_the_error_names_who_else_could(fake, garment):
    able = fake.tagger("c")
    route = fake.route(First(), fake.tagger("a", without=["tag"]), fake.tagger("b", without=["tag"]))
    router = fake.router(First(), able, name="spare")
    router._generation.routes["garment_tagger"] = route
    with pytest.raises(Unsupported, match=r"a declares .*b declares .*configured providers that can: c"):
        await router.garment_tagger.tag(garment)


async def test_an_interface_without_a_route_says_what_to_add(fake):
    with pytest.raises(Unsupported, match=r"\[routes\.visual_search\]"):
        await fake.router(First(), fake.tagger("a")).visual_search.usage()


async def test_the_routed_object_is_an_instance_of_its_interface(fake):
    router = fake.router(First(), fake.tagger("a"))
    assert isinstance(router.garment_tagger, GarmentTagger)
    assert isinstance(router.product_store, ProductStore)
    assert router.garment_tagger is router.interface(GarmentTagger)

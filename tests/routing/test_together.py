"""Strategies that ask several at once: all and race."""

from __future__ import annotations

import asyncio

import pytest

from placket.errors import (
    AllProvidersFailed,
    InvalidInput,
    ProtocolError,
    RateLimited,
    Unavailable,
    UnknownOutcome,
    Unsupported,
)
from placket.interfaces import Facet, Findings, ProductDraft, ProductStore, Query, VisualSearch
from placket.routing import All, Race

pytestmark = pytest.mark.usefixtures("no_task_left")


async def test_all_merges_whatever_arrives_before_the_deadline(fake, garment, told, clock):
    targets = [fake.tagger("a", fake.says("a", after=2)), fake.tagger("b", fake.hangs), fake.tagger("c")]
    answer = await fake.router(All(), *targets, deadline=5).garment_tagger.tag(garment)
    assert [claim.value for claim in answer.claims] == ["a", "c"], "in the order of the targets, not of arrival"
    assert told(answer) == [("c", "succeeded"), ("a", "succeeded"), ("b", "failed")]
    assert clock.monotonic() == 5
    assert answer.raw == {"a": {"from": "a"}, "c": {"from": "c"}}


async def test_all_runs_together(fake, garment, clock):
    targets = [fake.tagger(name, fake.says(name, after=3)) for name in "abc"]
    await fake.router(All(), *targets).garment_tagger.tag(garment)
    assert clock.monotonic() == 3


async def test_all_fails_below_its_quorum_with_the_causes(fake, garment):
    targets = [fake.tagger("a"), fake.tagger("b", fake.fails(Unavailable("down")))]
    with pytest.raises(AllProvidersFailed, match="1 of 2 providers failed") as caught:
        await fake.router(All(min_success=2), *targets).garment_tagger.tag(garment)
    assert [type(error) for error in caught.value.exceptions] == [Unavailable]
    assert len(caught.value.attempts) == 2


async def test_a_quorum_of_more_than_are_enabled_is_told(fake, garment):
    with pytest.raises(Unsupported, match="min_success is 2, and only 1 of the route's targets can be asked") as caught:
        await fake.router(All(min_success=2), fake.tagger("a")).garment_tagger.tag(garment)
    assert len(caught.value.attempts) == 1


async def test_what_is_bad_input_for_one_may_be_good_for_another(fake, garment, told):
    targets = [fake.tagger("a", fake.fails(InvalidInput("too large for a"))), fake.tagger("b", fake.says("b", after=1))]
    assert told(await fake.router(All(), *targets).garment_tagger.tag(garment)) == [("a", "failed"), ("b", "succeeded")]
    assert told(await fake.router(Race(), *targets).garment_tagger.tag(garment)) == [
        ("a", "failed"),
        ("b", "succeeded"),
    ]


@pytest.mark.parametrize("strategy", [All(), Race()])
async def test_bad_input_for_all_is_bad_input(fake, garment, strategy):
    targets = [fake.tagger(name, fake.fails(InvalidInput("no image"))) for name in "ab"]
    with pytest.raises(InvalidInput, match="no image"):
        await fake.router(strategy, *targets).garment_tagger.tag(garment)


@pytest.mark.parametrize("strategy", [All(), Race()])
async def test_bad_input_for_some_and_failure_of_others_is_a_group(fake, garment, strategy):
    targets = [fake.tagger("a", fake.fails(InvalidInput("x"), after=1)), fake.tagger("b", fake.fails(Unavailable("y")))]
    with pytest.raises(AllProvidersFailed) as caught:
        await fake.router(strategy, *targets).garment_tagger.tag(garment)
    assert {type(error) for error in caught.value.exceptions} == {InvalidInput, Unavailable}


async def test_an_unknown_outcome_is_told_before_other_failures(fake, garment):
    targets = [fake.tagger("a", fake.fails(Unavailable("x"))), fake.tagger("b", fake.fails(UnknownOutcome("sent")))]
    with pytest.raises(UnknownOutcome):
        await fake.router(All(), *targets).garment_tagger.tag(garment)


async def test_the_same_provider_twice_loses_no_claims(fake, garment):
    target = fake.tagger("a", fake.says("a", name="one"), fake.says("a", name="two"))
    inner = fake.route(All(), target, name="inner")
    answer = await fake.router(All(), target, inner).garment_tagger.tag(garment)
    assert sorted(claim.value for claim in answer.claims) == ["one", "two"]


@pytest.mark.parametrize("strategy", [All(), Race()])
async def test_nothing_is_written_by_several(fake, strategy, told):
    made = []

    async def create(draft):
        made.append(draft)
        raise Unavailable("down")

    targets = [fake.provider(name, ProductStore, create=create) for name in "ab"]
    router = fake.router(strategy, *targets, name="product_store")
    with pytest.raises(AllProvidersFailed) as caught:
        await router.product_store.create(ProductDraft({}))
    assert told(caught.value) == [("a", "failed"), ("b", "failed")], "in order, like first"
    assert "serves it like first" in router.plan(ProductStore, "create").note


async def test_reads_with_one_answer_are_raced_but_not_gathered(fake):
    async def slow(_facet):
        await fake.clock.sleep(5)
        return ("slow",)

    async def quick(_facet):
        return ("quick",)

    targets = [fake.provider("a", ProductStore, facet=slow), fake.provider("b", ProductStore, facet=quick)]
    for strategy, expected in ((Race(), ("quick",)), (All(), ("slow",))):
        router = fake.router(strategy, *targets, name="product_store")
        assert await router.product_store.facet(Facet.BRANDS) == expected


async def test_the_first_good_answer_wins_and_the_losers_are_cancelled(fake, garment, told, clock):
    targets = [fake.tagger("a", fake.hangs), fake.tagger("b", fake.says("b", after=2)), fake.tagger("c", fake.hangs)]
    answer = await fake.router(Race(), *targets, deadline=60).garment_tagger.tag(garment)
    assert [claim.value for claim in answer.claims] == ["b"]
    assert sorted(told(answer)) == [("a", "cancelled"), ("b", "succeeded"), ("c", "cancelled")]
    assert [target.provider.running for target in targets] == [0, 0, 0]
    assert clock.monotonic() == 2


async def test_losing_a_race_is_held_against_nobody(fake, garment):
    loser = fake.tagger("a", fake.hangs, failures=1)
    for _ in range(3):
        await fake.router(Race(), loser, fake.tagger("b")).garment_tagger.tag(garment)
    assert loser.obstacle("garment_tagger", "tag") is None


async def test_a_race_waits_for_an_answer_that_says_something_sure(fake, garment):
    async def says_nothing(_garment):
        return Findings()

    quick = fake.tagger("a", says_nothing)
    unsure = fake.tagger("b", fake.says("b", after=1, confidence=0.3))
    sure = fake.tagger("c", fake.says("c", after=2, confidence=0.8))
    answer = await fake.router(Race(min_confidence=0.7), quick, unsure, sure).garment_tagger.tag(garment)
    assert answer.claims[0].value == "c"


async def test_a_race_that_nobody_wins_gives_what_there_is(fake, garment):
    targets = [fake.tagger("a", fake.fails(RateLimited("x"))), fake.tagger("b", fake.says("b", confidence=0.1))]
    answer = await fake.router(Race(min_confidence=0.7), *targets).garment_tagger.tag(garment)
    assert answer.claims[0].value == "b"


async def test_a_race_past_its_deadline_fails_with_all(fake, garment, clock):
    with pytest.raises(AllProvidersFailed) as caught:
        await fake.router(Race(), *(fake.tagger(n, fake.hangs) for n in "ab"), deadline=4).garment_tagger.tag(garment)
    assert clock.monotonic() == 4
    assert len(caught.value.exceptions) == 2


async def test_an_empty_result_list_does_not_win_a_race(fake):
    router = fake.router(Race(), fake.searcher("a"), fake.searcher("b", "hit"), name="visual_search")
    results = await router.visual_search.search(Query(text="x"), ())
    assert [hit.id for hit in results.hits] == ["hit"]


async def test_a_plugin_that_is_cancelled_from_inside_is_at_fault_itself(fake, garment, told):
    router = fake.router(
        Race(), fake.tagger("a", fake.fails(asyncio.CancelledError())), fake.tagger("b", fake.says("b", after=1))
    )
    assert told(await router.garment_tagger.tag(garment)) == [("a", "failed"), ("b", "succeeded")]
    with pytest.raises(AllProvidersFailed) as caught:
        await fake.router(All(), fake.tagger("a", fake.fails(asyncio.CancelledError()))).garment_tagger.tag(garment)
    assert isinstance(caught.value.exceptions[0], ProtocolError)


async def test_ranked_lists_are_fused_and_cut_to_what_was_asked_for(fake):
    targets = [fake.searcher("a", "x", "y", "z"), fake.searcher("b", "y", "w", "x")]
    router = fake.router(All(), *targets, name="visual_search")
    results = await router.interface(VisualSearch).search(Query(text="x", limit=3), ())
    assert [hit.id for hit in results.hits] == ["y", "x", "w"]
    assert results.hits[0].providers == ("a", "b")
    assert len(results.attempts) == 2

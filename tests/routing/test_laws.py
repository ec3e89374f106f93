"""What holds for every tree of routes over every kind of provider."""

from __future__ import annotations

import asyncio
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placket.errors import AllProvidersFailed, InvalidInput, PlacketError, RateLimited, Unavailable, UnknownOutcome
from placket.interfaces import Findings, GarmentTagger, Outcome
from placket.routing import All, Balance, Complete, First, Race, Route, Shadow
from placket.testing.virtual_time import run_virtual

STRATEGIES = st.sampled_from(
    [
        First(),
        Complete(),
        Complete(min_confidence=0.7),
        All(),
        All(min_success=2),
        Race(),
        Race(min_confidence=0.7),
        Shadow(),
    ]
) | st.integers(0, 9).map(lambda seed: Balance({}, random.Random(seed)))

BEHAVIOURS = st.sampled_from(
    [
        "answers",
        "answers unsurely",
        "says nothing",
        "hangs",
        "is down",
        "asks to wait",
        "refuses input",
        "has a bug",
        "loses a write",
    ]
)
FIELDS = st.frozensets(st.sampled_from(["name", "brand", "sku"]), max_size=3)

PROVIDERS = st.tuples(st.just("provider"), BEHAVIOURS, st.integers(0, 20), FIELDS, st.booleans())


def routes(inside):
    deadlines = st.none() | st.integers(1, 30)
    return st.tuples(st.just("route"), STRATEGIES, st.lists(inside, min_size=1, max_size=4), deadlines)


TREES = routes(st.recursive(PROVIDERS, routes, max_leaves=8))


class Tree:
    """A tree of routes and providers made as described."""

    def __init__(self, fake, description):
        self.fake = fake
        self.count = 0
        self.top = self.route(description, "garment_tagger")

    def route(self, description, name=""):
        _, strategy, targets, deadline = description
        self.count += 1
        made = [self.route(each) if each[0] == "route" else self.provider(each) for each in targets]
        return Route(name or f"r{self.count}", strategy, made, deadline, on_difference=self.fake.differences.append)

    def provider(self, description):
        _, behaviour, after, fields, able = description
        self.count += 1
        name = f"p{self.count}"
        step = self.step(behaviour, name, after, fields)
        return self.fake.tagger(name, step, fields=sorted(fields), without=() if able else ["tag"])

    def step(self, behaviour, name, after, fields):
        fake, values = self.fake, dict.fromkeys(sorted(fields) or ["name"], name)
        errors = {
            "is down": Unavailable("down"),
            "asks to wait": RateLimited("slow", retry_after=5),
            "refuses input": InvalidInput("bad"),
            "has a bug": KeyError("bug"),
            "loses a write": UnknownOutcome("sent"),
        }
        match behaviour:
            case "answers":
                return fake.says(name, after=after, confidence=0.9, **values)
            case "answers unsurely":
                return fake.says(name, after=after, confidence=0.4, **values)
            case "says nothing":

                async def silent(_garment):
                    await asyncio.sleep(after)
                    return Findings()

                return silent
            case "hangs":
                return fake.hangs
        return fake.fails(errors[behaviour], after=after)


async def outcome_of(router, garment):
    try:
        return await router.garment_tagger.tag(garment)
    except PlacketError as error:
        return error


def with_tree(make_fakes, description, deadline, check):
    async def main():
        fake = make_fakes()
        _, strategy, targets, own = description
        limited = ("route", strategy, targets, min(deadline, own or deadline))
        tree = Tree(fake, limited)
        router = fake.router(First(), tree.top, name="unused")
        router._generation.routes["garment_tagger"] = tree.top
        await check(router, tree)
        await router.aclose()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    run_virtual(main())


@settings(max_examples=200)
@given(tree=TREES, deadline=st.integers(1, 40))
def test_no_provider_is_tried_twice_and_no_deadline_is_passed(make_fakes, garment, tree, deadline):
    async def check(router, made):
        answer = await outcome_of(router, garment)
        assert router._clock.monotonic() <= made.top.deadline <= deadline
        providers = [target.name for target in made.top.providers()]
        tried = [attempt.provider for attempt in answer.attempts]
        assert len(tried) == len(set(tried)) <= len(providers)
        assert set(tried) <= set(providers)
        await router.settle()
        assert all(len(target.provider.asked) <= 1 for target in made.top.providers())

    with_tree(make_fakes, tree, deadline, check)


@settings(max_examples=200)
@given(tree=TREES, deadline=st.integers(1, 40))
def test_what_the_plan_calls_certain_is_what_happens(make_fakes, garment, tree, deadline):
    async def check(router, made):
        plan = router.plan(GarmentTagger, "tag")
        assert [step.provider for step in plan.steps] == [target.name for target in made.top.providers()]
        answer = await outcome_of(router, garment)
        told = {attempt.provider: attempt.outcome for attempt in answer.attempts}
        for step in plan.steps:
            if step.when.startswith("always") and "beside it" not in step.when:
                assert step.provider in told
                assert (told[step.provider] is Outcome.SKIPPED) == bool(step.obstacle)
            if step.when.startswith("never") or "beside it" in step.when:
                assert step.provider not in told
            if step.obstacle and step.provider in told:
                assert told[step.provider] is Outcome.SKIPPED

    with_tree(make_fakes, tree, deadline, check)


@settings(max_examples=100)
@given(tree=TREES, deadline=st.integers(1, 40), moment=st.integers(0, 20))
def test_a_cancelled_call_leaves_nothing_running(make_fakes, garment, tree, deadline, moment):
    async def check(router, made):
        call = asyncio.create_task(router.garment_tagger.tag(garment))
        await asyncio.sleep(moment)
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
        await router.settle()
        assert all(target.provider.running == 0 for target in made.top.providers())
        assert router._generation.running == 0

    with_tree(make_fakes, tree, deadline, check)


def leaves(error):
    return (
        [leaf for cause in error.exceptions for leaf in leaves(cause)]
        if isinstance(error, AllProvidersFailed)
        else [error]
    )


@settings(max_examples=100)
@given(tree=TREES)
def test_a_group_of_failures_has_a_cause_for_every_attempt(make_fakes, garment, tree):
    async def check(router, made):
        answer = await outcome_of(router, garment)
        if isinstance(answer, AllProvidersFailed):
            failed = {(a.error_type, a.error) for a in answer.attempts if a.outcome is not Outcome.CANCELLED}
            told = {(type(leaf).__name__, str(leaf)) for leaf in leaves(answer)}
            assert {each for each in told if each[0] != "Unsupported"} <= failed

    with_tree(make_fakes, tree, 1000, check)


async def test_when_every_single_provider_fails_every_cause_is_in_the_group(fake, garment):
    inner = fake.route(
        All(), fake.tagger("b", fake.fails(Unavailable("b"))), fake.tagger("c", fake.fails(RateLimited("c")))
    )
    last = fake.route(Race(), fake.tagger("d", fake.fails(KeyError("d"))), fake.tagger("e", fake.hangs))
    router = fake.router(First(), fake.tagger("a", fake.fails(Unavailable("a"))), inner, last, deadline=9)
    with pytest.raises(AllProvidersFailed) as caught:
        await router.garment_tagger.tag(garment)
    assert [error.provider for error in leaves(caught.value)] == ["a", "b", "c", "d", "e"]
    assert [attempt.provider for attempt in caught.value.attempts] == ["a", "b", "c", "d", "e"]

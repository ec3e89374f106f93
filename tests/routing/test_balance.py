"""A weighted choice among the healthy."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from placket.errors import AllProvidersFailed, InvalidInput, Unavailable
from placket.routing import Balance


async def served(router, garment, calls=400):
    counted = Counter()
    for _ in range(calls):
        counted[(await router.garment_tagger.tag(garment)).attempts[-1].provider] += 1
    return counted


async def test_the_choice_follows_the_weights(fake, garment):
    strategy = Balance({"a": 3, "b": 1}, random.Random(7))
    counted = await served(fake.router(strategy, fake.tagger("a"), fake.tagger("b")), garment)
    assert 270 <= counted["a"] <= 330
    assert counted["a"] + counted["b"] == 400


async def test_without_weights_all_are_alike(fake, garment):
    strategy = Balance(choices=random.Random(7))
    counted = await served(fake.router(strategy, *(fake.tagger(name) for name in "abcd")), garment)
    assert all(70 <= counted[name] <= 130 for name in "abcd")


async def test_the_same_seed_makes_the_same_choices(fake, garment):
    def router():
        return fake.router(Balance({"a": 1}, random.Random(3)), fake.tagger("a"), fake.tagger("b"))

    async def sequence():
        tagger = router().garment_tagger
        return [(await tagger.tag(garment)).attempts[0].provider for _ in range(20)]

    assert await sequence() == await sequence()


async def test_the_others_stand_in_when_the_chosen_one_fails(fake, garment, told):
    failing = fake.tagger("a", fake.fails(Unavailable("down")), failures=100)
    router = fake.router(Balance({"a": 1000}, random.Random(1)), failing, fake.tagger("b"))
    assert told(await router.garment_tagger.tag(garment)) == [("a", "failed"), ("b", "succeeded")]


async def test_the_unhealthy_are_not_chosen_until_they_have_rested(fake, garment, clock):
    ill = fake.tagger("a", fake.fails(Unavailable("down")), fake.says("a"), failures=1, cooldown=60)
    router = fake.router(Balance({"a": 1000}, random.Random(1)), ill, fake.tagger("b"))
    await router.garment_tagger.tag(garment)
    assert await served(router, garment, 20) == {"b": 20}
    assert len(ill.provider.asked) == 1
    await clock.sleep(60)
    assert (await served(router, garment, 20))["a"] >= 19


async def test_when_nobody_is_healthy_every_reason_is_told(fake, garment):
    targets = [fake.tagger(name, fake.fails(Unavailable("down")), failures=1) for name in "ab"]
    router = fake.router(Balance(), *targets)
    for _ in range(2):
        with pytest.raises(AllProvidersFailed) as caught:
            await router.garment_tagger.tag(garment)
    assert [attempt.outcome.value for attempt in caught.value.attempts] == ["skipped", "skipped"]


async def test_bad_input_is_not_passed_on(fake, garment):
    targets = [fake.tagger(name, fake.fails(InvalidInput("bad"))) for name in "ab"]
    with pytest.raises(InvalidInput) as caught:
        await fake.router(Balance(), *targets).garment_tagger.tag(garment)
    assert len(caught.value.attempts) == 1


async def test_the_deadline_holds(fake, garment, clock):
    with pytest.raises(AllProvidersFailed):
        await fake.router(Balance(), *(fake.tagger(n, fake.hangs) for n in "ab"), deadline=9).garment_tagger.tag(
            garment
        )
    assert clock.monotonic() == 9


async def test_the_plan_states_the_shares(fake):
    steps = fake.router(Balance({"a": 3}), fake.tagger("a"), fake.tagger("b")).plan().steps
    assert [step.when.split(" of")[0] for step in steps] == ["first in 75%", "first in 25%"]

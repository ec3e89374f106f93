"""What may be spent: reserved before a call, settled after it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placket.errors import AllProvidersFailed, InvalidInput, QuotaExhausted, Unavailable, UnknownOutcome
from placket.interfaces import Findings, ProductDraft, ProductStore, current_call
from placket.routing import First, SpendingLimit
from placket.testing.virtual_time import VirtualClock, run_virtual


def limit(clock, amount="10", period="day"):
    return SpendingLimit(clock, Decimal(amount), period)


async def test_a_spent_budget_skips_the_provider(fake, garment, told, clock):
    router = fake.router(First(), fake.tagger("a", cost="4", budget=limit(clock)), fake.tagger("b"))
    answers = [await router.garment_tagger.tag(garment) for _ in range(3)]
    assert [told(answer)[0] for answer in answers] == [("a", "succeeded"), ("a", "succeeded"), ("a", "skipped")]
    assert answers[0].attempts[0].cost == 4
    assert answers[2].attempts[0].error_type == "QuotaExhausted"
    assert "10 per day has 2 left" in answers[2].attempts[0].error


async def test_without_anybody_else_the_error_says_so(fake, garment, clock):
    with pytest.raises(AllProvidersFailed) as caught:
        await fake.router(First(), fake.tagger("a", cost="11", budget=limit(clock))).garment_tagger.tag(garment)
    assert isinstance(caught.value.exceptions[0], QuotaExhausted)


async def test_what_the_provider_charges_counts_instead_of_the_estimate(fake, garment, clock):
    async def charges(_garment):
        current_call.get().charge(1.5)
        current_call.get().charge(Decimal("0.25"))
        return Findings()

    budget = limit(clock)
    answer = await fake.router(First(), fake.tagger("a", charges, cost="4", budget=budget)).garment_tagger.tag(garment)
    assert answer.attempts[0].cost == Decimal("1.75")
    assert budget.left == Decimal("8.25")


async def test_a_call_that_sent_nothing_costs_nothing(fake, garment, clock):
    budget = limit(clock)
    target = fake.tagger("a", fake.fails(Unavailable("down")), cost="4", budget=budget)
    with pytest.raises(AllProvidersFailed):
        await fake.router(First(), target).garment_tagger.tag(garment)
    assert budget.left == 10


async def test_a_failed_call_that_sent_something_is_paid(fake, garment, clock):
    async def sends(_garment):
        current_call.get().exchanges += 1
        raise Unavailable("down")

    budget = limit(clock)
    with pytest.raises(AllProvidersFailed) as caught:
        await fake.router(First(), fake.tagger("a", sends, cost="4", budget=budget)).garment_tagger.tag(garment)
    assert (budget.left, caught.value.attempts[0].cost) == (6, 4)


async def test_a_write_that_may_have_happened_is_paid(fake, clock):
    target = fake.provider("a", ProductStore, create=fake.hangs)
    target.costs, target.budget = {"create": Decimal(4)}, limit(clock)
    with pytest.raises(UnknownOutcome):
        await fake.router(First(), target, name="product_store", deadline=5).product_store.create(ProductDraft({}))
    assert target.budget.left == 6


async def test_a_call_under_way_has_its_cost_set_aside(fake, garment, clock):
    budget = limit(clock)
    router = fake.router(First(), fake.tagger("a", fake.hangs, cost="4", budget=budget))
    call = asyncio.create_task(router.garment_tagger.tag(garment))
    await clock.sleep(1)
    assert budget.left == 6
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    assert budget.left == 10


class Calendar:
    """A clock that says what it is told."""

    def __init__(self, *moment):
        self.moment = datetime(*moment, tzinfo=UTC)

    def now(self):
        return self.moment


@pytest.mark.parametrize(
    ("period", "same", "later"),
    [
        ("hour", (2026, 1, 31, 23, 59), (2026, 2, 1, 0, 0)),
        ("day", (2026, 1, 31, 23, 59), (2026, 2, 1, 0, 0)),
        ("month", (2026, 1, 31, 23, 59), (2026, 2, 1, 0, 0)),
        ("month", (2026, 1, 31, 23, 59), (2027, 1, 31, 23, 30)),
    ],
)
def test_a_new_period_begins_with_the_whole_limit(period, same, later):
    clock = Calendar(2026, 1, 31, 23, 30)
    budget = limit(clock, "10", period)
    first = budget.reserve(Decimal(7))
    clock.moment = datetime(*same, tzinfo=UTC)
    assert budget.reserve(Decimal(7)) is None
    clock.moment = datetime(*later, tzinfo=UTC)
    assert budget.left == 10
    second = budget.reserve(Decimal(7))
    budget.settle(first, Decimal(7), Decimal(0))
    assert budget.left == 3, "what ends late is settled in its own period, not in the new one"
    budget.settle(second, Decimal(7), Decimal(1))
    assert budget.left == 9


def test_a_budget_of_the_process_is_never_renewed():
    clock = Calendar(2026, 1, 1)
    budget = limit(clock, "10", "process")
    budget.reserve(Decimal(7))
    clock.moment = datetime(2036, 1, 1, tzinfo=UTC)
    assert budget.left == 3


def test_another_limit_keeps_what_was_spent():
    budget = limit(Calendar(2026, 1, 1))
    budget.reserve(Decimal(7))
    raised = budget.with_limit(Decimal(20), "day")
    assert (budget.left, raised.left) == (3, 13)
    raised.reserve(Decimal(5))
    assert (budget.left, raised.left) == (0, 8), "and spending goes on together"


def test_what_was_spent_counts_in_every_period_it_is_a_part_of():
    clock = Calendar(2026, 1, 31, 23)
    daily = limit(clock)
    daily.settle(daily.reserve(Decimal(7)), Decimal(7), Decimal(4))
    monthly = daily.with_limit(Decimal(10), "month")
    assert (daily.left, monthly.left) == (6, 6)
    monthly.reserve(Decimal(5))
    assert (daily.left, monthly.with_limit(Decimal(10), "hour").left) == (1, 1)
    clock.moment = datetime(2026, 2, 1, tzinfo=UTC)
    assert (daily.left, monthly.left, monthly.with_limit(Decimal(10), "process").left) == (10, 10, 1)


async def test_a_provider_with_a_client_of_its_own_is_paid_whenever_it_was_asked(fake, garment, clock):
    budget = limit(clock)
    steps = (fake.fails(Unavailable("down")), fake.fails(InvalidInput("no picture")), fake.hangs)
    target = fake.tagger("a", *steps, cost="3", budget=budget, counts_exchanges=False, timeout=1.0)
    left = []
    for _ in range(3):
        with pytest.raises((AllProvidersFailed, InvalidInput)):
            await fake.router(First(), target).garment_tagger.tag(garment)
        left.append(budget.left)
    assert left == [7, 7, 4], "what it found fault with before it asked costs nothing"


@given(
    budget=st.integers(0, 60),
    cost=st.integers(0, 15),
    calls=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.booleans()), max_size=20),
)
def test_calls_made_at_the_same_time_never_overspend(make_fakes, garment, budget, cost, calls):
    async def main():
        fake = make_fakes()
        spending = SpendingLimit(fake.clock, Decimal(budget), "process")

        def step(after, fails):
            async def call(_garment):
                current_call.get().exchanges += 1
                await fake.clock.sleep(after)
                assert spending._spending.amount <= budget
                if fails:
                    raise Unavailable("down")
                return Findings()

            return call

        script = [step(after, fails) for _, after, fails in calls] or [fake.says("a")]
        target = fake.tagger("a", *script, cost=str(cost), budget=spending, failures=1000)
        router = fake.router(First(), target)

        async def one(begin):
            await fake.clock.sleep(begin)
            await router.garment_tagger.tag(garment)

        await asyncio.gather(*(one(begin) for begin, *_ in calls), return_exceptions=True)
        assert len(target.provider.asked) == min(len(calls), budget // cost if cost else len(calls))
        assert spending.left == budget - cost * len(target.provider.asked)

    run_virtual(main())


async def test_the_virtual_clock_rolls_a_real_budget_over(fake, garment, told):
    clock = VirtualClock()
    router = fake.router(First(), fake.tagger("a", cost="10", budget=limit(clock)), fake.tagger("b"))
    assert told(await router.garment_tagger.tag(garment)) == [("a", "succeeded")]
    assert told(await router.garment_tagger.tag(garment))[0] == ("a", "skipped")
    await clock.sleep(24 * 3600)
    assert told(await router.garment_tagger.tag(garment)) == [("a", "succeeded")]

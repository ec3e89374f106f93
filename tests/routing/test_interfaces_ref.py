"""References to what a provider holds, and deadlines."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placket.errors import InvalidInput
from placket.interfaces import Deadline, Ref
from placket.interfaces.cutoff import Cutoffs

WORD = st.text(min_size=1).filter(lambda text: "/" not in text)


@given(provider=WORD, kind=WORD, name=st.text(min_size=1))
def test_what_is_written_can_be_read(provider, kind, name):
    ref = Ref(provider, kind, name)
    assert Ref.parse(str(ref)) == ref


@pytest.mark.parametrize("text", ["", "a", "a/b", "a/b/", "/b/c", "a//c"])
def test_anything_else_says_how_to_write_it(text):
    with pytest.raises(InvalidInput, match="write provider/kind/id"):
        Ref.parse(text)


async def test_a_deadline_counts_down_to_nothing(clock):
    deadline = Deadline.after(10, clock)
    await clock.sleep(4)
    assert deadline.left() == 6
    await clock.sleep(10)
    assert deadline.left() == 0
    assert Deadline.after(None, clock).left() == math.inf


async def test_the_earlier_of_two_deadlines_counts(clock):
    deadline = Deadline.after(10, clock)
    assert deadline.sooner(None) is deadline
    assert deadline.sooner(20) is deadline
    assert deadline.sooner(3).left() == 3


@pytest.mark.parametrize("cutoffs", [None, Cutoffs()])
async def test_a_deadline_ends_what_runs_inside_it(clock, cutoffs):
    with pytest.raises(TimeoutError):
        async with Deadline.after(60, clock, cutoffs).sooner(5).timeout():
            await clock.sleep(6)
    assert clock.monotonic() == 5
    async with Deadline(clock).timeout():
        await clock.sleep(1000)

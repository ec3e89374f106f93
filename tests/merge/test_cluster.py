"""Measurements that mean the same, and the middle one of them."""

from __future__ import annotations

from typing import Any

import pytest

from placket.merge import FieldPolicy, MergePolicy
from placket.record.values import Measurement

WAIST = "measurements.waist"


def test_the_value_is_the_middle_claim_as_its_source_wrote_it(say: Any, resolve: Any) -> None:
    middle = Measurement(742.95, 29.25, "in")
    found = resolve(
        say("amber", WAIST, Measurement(740, 74, "cm"), 0.8),
        say("birch", WAIST, middle, 0.8),
        say("cedar", WAIST, Measurement(749, 749, "mm"), 0.8),
    )
    assert found.value is middle
    assert (len(found.support), found.conflict) == (3, False)


def test_the_middle_is_weighted(say: Any, resolve: Any) -> None:
    claims = [say(name, WAIST, Measurement(mm), 0.8) for name, mm in (("amber", 740), ("birch", 742), ("cedar", 744))]
    assert resolve(*claims, policy=MergePolicy(weights={"cedar": 5})).value.mm == 744


def test_the_group_with_more_evidence_wins_and_the_other_is_a_conflict(say: Any, resolve: Any) -> None:
    lone = say("amber", WAIST, Measurement(900), 0.8)
    found = resolve(lone, say("birch", WAIST, Measurement(740), 0.7), say("cedar", WAIST, Measurement(742), 0.7))
    assert (found.value.mm, found.dissent, found.conflict) == (740, (lone,), True)


def test_a_dissenter_that_is_less_than_half_sure_takes_nothing_from_the_others(say: Any, resolve: Any) -> None:
    found = resolve(say("amber", WAIST, Measurement(740), 0.8), say("birch", WAIST, Measurement(900), 0.02))
    assert (found.value.mm, found.score, found.conflict) == (740, 0.8, True)


def test_a_provider_without_weight_decides_only_alone(say: Any, resolve: Any) -> None:
    rules = MergePolicy(weights={"amber": 0})
    mute = say("amber", WAIST, Measurement(900), 0.98)
    assert resolve(mute, say("birch", WAIST, Measurement(740), 0.3), policy=rules).value.mm == 740
    assert resolve(mute, policy=rules).value.mm == 900


def test_a_source_that_says_two_things_contradicts_nobody(say: Any, resolve: Any) -> None:
    assert not resolve(say("amber", WAIST, Measurement(740)), say("amber", WAIST, Measurement(900))).conflict


@pytest.mark.parametrize(("apart", "together"), [(10, True), (11, False)])
def test_short_lengths_may_differ_by_ten_millimetres(apart: int, together: bool, say: Any, resolve: Any) -> None:
    found = resolve(say("amber", WAIST, Measurement(200)), say("birch", WAIST, Measurement(200 + apart)))
    assert (len(found.support) == 2) is together


@pytest.mark.parametrize(("apart", "together"), [(30, True), (32, False)])
def test_long_lengths_may_differ_by_three_percent(apart: int, together: bool, say: Any, resolve: Any) -> None:
    found = resolve(say("amber", WAIST, Measurement(1000)), say("birch", WAIST, Measurement(1000 + apart)))
    assert (len(found.support) == 2) is together


def test_an_operator_may_set_the_tolerance(say: Any, resolve: Any) -> None:
    claims = say("amber", WAIST, Measurement(740)), say("birch", WAIST, Measurement(743))
    strict = MergePolicy(fields={"measurements": FieldPolicy(tolerance_mm=2)})
    assert len(resolve(*claims).support) == 2
    assert len(resolve(*claims, policy=strict).support) == 1


def test_machines_near_a_persons_measurement_support_it(say: Any, resolve: Any) -> None:
    person = say("editor", WAIST, Measurement(740), method="human")
    near, far = say("amber", WAIST, Measurement(745)), say("birch", WAIST, Measurement(900))
    found = resolve(near, far, person)
    assert (found.value.mm, found.support, found.dissent) == (740, (person, near), (far,))
    assert not found.conflict

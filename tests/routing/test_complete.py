"""The next provider is asked only for what is still missing."""

from __future__ import annotations

import pytest
from attrs import evolve

from placket.errors import AllProvidersFailed, InvalidInput, Unavailable, Unsupported
from placket.interfaces import Garment, GarmentTagger, Level
from placket.merge import MergePolicy
from placket.record import Measurement
from placket.routing import Complete, First


def wanted(target):
    return [None if asked.wanted is None else set(asked.wanted) for asked in target.provider.asked]


async def test_the_next_is_asked_for_what_is_missing_and_it_can_tell(fake, garment, told):
    first = fake.tagger("a", fake.says("a", name="dress"), fields=["name", "brand"])
    second = fake.tagger("b", fake.says("b", brand="acme"), fields=["name", "brand", "sku"])
    answer = await fake.router(Complete(), first, second).garment_tagger.tag(garment)
    assert [claim.value for claim in answer.claims] == ["dress", "acme"]
    assert answer.raw == {"a": {"from": "a"}, "b": {"from": "b"}}
    assert told(answer) == [("a", "succeeded"), ("b", "succeeded")]
    assert wanted(first) == [{"name", "brand"}]
    assert wanted(second) == [{"brand", "sku"}]


async def test_a_provider_that_can_add_nothing_is_not_asked(fake, garment, told):
    first = fake.tagger("a", fake.says("a", name="dress"), fields=["name"])
    second, third = fake.tagger("b", fields=["name"]), fake.tagger("c", fields=["sku"])
    answer = await fake.router(Complete(), first, second, third).garment_tagger.tag(garment)
    assert told(answer) == [("a", "succeeded"), ("c", "succeeded")]
    assert second.provider.asked == []


async def test_an_unsure_field_is_asked_again_and_both_answers_are_kept(fake, garment):
    first = fake.tagger("a", fake.says("a", confidence=0.5, name="dress", brand="x"), fields=["name", "brand"])
    second = fake.tagger("b", fake.says("b", confidence=0.9, name="gown", brand="x"), fields=["name", "brand"])
    third = fake.tagger("c", fields=["name", "brand"])
    answer = await fake.router(Complete(min_confidence=0.7), first, second, third).garment_tagger.tag(garment)
    assert sorted(claim.value for claim in answer.claims) == ["dress", "gown", "x", "x"]
    assert wanted(second) == [{"name", "brand"}]
    assert third.provider.asked == []


async def test_only_the_configured_fields_are_completed(fake, garment):
    target = fake.tagger("a", fields=["name", "brand", "sku"])
    await fake.router(Complete(fields=("brand", "season")), target).garment_tagger.tag(garment)
    assert wanted(target) == [{"brand"}]


async def test_what_the_caller_wants_and_what_is_configured_both_limit(fake):
    target = fake.tagger("a", fields=["name", "brand", "sku"])
    asked = Garment("g", wanted=frozenset({"sku", "brand"}))
    await fake.router(Complete(fields=("brand", "name")), target).garment_tagger.tag(asked)
    assert wanted(target) == [{"brand"}]


async def test_one_key_of_a_map_field_can_be_wanted(fake):
    first = fake.tagger("a", fake.says("a", **{"measurements.waist": Measurement(740.0)}), fields=["measurements"])
    second = fake.tagger("b", fields=["measurements"])
    asked = Garment("g", wanted=frozenset({"measurements.waist", "measurements.hips"}))
    await fake.router(Complete(), first, second).garment_tagger.tag(asked)
    assert wanted(first) == [{"measurements.waist", "measurements.hips"}]
    assert wanted(second) == [{"measurements.hips"}]


async def test_a_failure_leaves_its_fields_to_the_next(fake, garment, told):
    first = fake.tagger("a", fake.fails(Unavailable("down")), fields=["name"])
    answer = await fake.router(Complete(), first, fake.tagger("b")).garment_tagger.tag(garment)
    assert told(answer) == [("a", "failed"), ("b", "succeeded")]


async def test_what_was_found_before_the_deadline_is_kept(fake, garment, told, clock):
    slow = fake.tagger("b", fake.hangs, fields=["brand"])
    answer = await fake.router(Complete(), fake.tagger("a"), slow, deadline=5).garment_tagger.tag(garment)
    assert told(answer) == [("a", "succeeded"), ("b", "failed")]
    assert clock.monotonic() == 5


async def test_bad_input_ends_it(fake, garment):
    second = fake.tagger("b", fields=["brand"])
    router = fake.router(Complete(), fake.tagger("a", fake.fails(InvalidInput("bad"))), second)
    with pytest.raises(InvalidInput):
        await router.garment_tagger.tag(garment)
    assert second.provider.asked == []


async def test_all_failing_is_a_group(fake, garment):
    targets = [fake.tagger(name, fake.fails(Unavailable(name)), fields=["name"]) for name in "ab"]
    with pytest.raises(AllProvidersFailed) as caught:
        await fake.router(Complete(), *targets).garment_tagger.tag(garment)
    assert len(caught.value.exceptions) == 2


async def test_a_wish_that_nobody_can_meet_is_unsupported(fake):
    router = fake.router(Complete(), fake.tagger("a", fields=["name"]))
    with pytest.raises(Unsupported, match="declares a field that is wanted"):
        await router.garment_tagger.tag(Garment("g", wanted=frozenset({"brand"})))


async def test_an_inner_route_completes_what_the_outer_one_still_wants(fake, garment):
    inner_one = fake.tagger("b", fake.says("b", brand="x"), fields=["name", "brand"])
    inner_two = fake.tagger("c", fields=["name", "sku"])
    inner = fake.route(Complete(fields=("name", "brand", "sku")), inner_one, inner_two, name="inner")
    outer = fake.router(Complete(), fake.tagger("a"), inner)
    await outer.garment_tagger.tag(garment)
    assert wanted(inner_one) == [{"brand"}]
    assert wanted(inner_two) == [{"sku"}]


async def test_submitting_has_one_answer_and_goes_in_order(fake, garment, told):
    first = fake.tagger("a", fake.fails(Unavailable("down")), fields=["name"])
    second = fake.tagger("b", fields=[])
    job = await fake.router(Complete(), first, second).garment_tagger.submit(garment)
    assert (await job.result()).claims[0].value == "b"
    assert wanted(second) == [None], "the question is not narrowed, for nobody completes the answer"


async def test_the_plan_names_who_can_add_nothing(fake):
    router = fake.router(Complete(fields=("brand",)), fake.tagger("a"), fake.tagger("b", fields=["brand", "sku"]))
    first, second = router.plan().steps
    assert first.when.startswith("never")
    assert second.when == "always"
    assert second.fields == ("brand", "sku")


async def test_an_unusable_field_is_not_declared(fake, garment):
    target = fake.tagger("a")
    target.capabilities = evolve(target.capabilities, fields={"name": Level.NOT_IMPLEMENTED, "brand": Level.PARTIAL})
    await fake.router(Complete(), target).interface(GarmentTagger).tag(garment)
    assert wanted(target) == [{"brand"}]


async def test_what_a_store_can_hold_is_no_reason_to_ask_its_tagger(fake, garment, told):
    first = fake.tagger("a", fake.says("a", name="dress"), fields=["name"])
    second = fake.tagger("b", fields=["name", "sku", "price"])
    second.capabilities = evolve(second.capabilities, interface_fields={"garment_tagger": {"name": Level.FULL}})
    answer = await fake.router(Complete(), first, second).garment_tagger.tag(garment)
    assert told(answer) == [("a", "succeeded")]
    plan = fake.router(Complete(), first, second).plan(GarmentTagger, "tag")
    assert [step.fields for step in plan.steps] == [("name",), ("name",)]


async def test_what_has_no_field_is_no_reason_to_ask_but_is_asked_for(fake, garment, told):
    first = fake.tagger("a", fake.says("a", name="dress"), fields=["name", "extra"])
    second = fake.tagger("b", fields=["name", "extra"])
    answer = await fake.router(Complete(), first, second).garment_tagger.tag(garment)
    assert told(answer) == [("a", "succeeded")]
    assert wanted(first) == [{"name", "extra"}]


async def test_the_plan_does_not_promise_to_ask_for_the_sake_of_what_has_no_field(fake):
    first, second = fake.tagger("a", fields=["name"]), fake.tagger("b", fields=["extra"])
    plan = fake.router(Complete(), first, second).plan(GarmentTagger, "tag")
    assert [step.when for step in plan.steps] == ["always", "never: it declares none of the fields to complete"]


async def test_what_has_no_field_can_be_wanted_by_name(fake, told):
    first = fake.tagger("a", fake.says("a", name="dress"), fields=["name"])
    second = fake.tagger("b", fields=["name", "extra"])
    asked = Garment("g", wanted=frozenset({"name", "extra"}))
    answer = await fake.router(Complete(), first, second).garment_tagger.tag(asked)
    assert told(answer) == [("a", "succeeded"), ("b", "succeeded")]
    assert wanted(second) == [{"extra"}]


async def test_first_does_not_narrow(fake, garment):
    target = fake.tagger("a")
    await fake.router(First(), target).garment_tagger.tag(garment)
    assert wanted(target) == [None]


@pytest.mark.parametrize(
    ("rules", "second_is_asked"),
    [
        (MergePolicy(), True),
        (MergePolicy(unstated_confidence=0.9), False),
        (MergePolicy(calibration={"a": ((0.0, 0.0), (1.0, 1.0))}), True),
    ],
)
async def test_a_claim_without_a_confidence_is_as_sure_as_the_merge_takes_it_for(fake, garment, rules, second_is_asked):
    second = fake.tagger("b")
    strategy = Complete(0.7, rules=rules)
    await fake.router(strategy, fake.tagger("a"), second).garment_tagger.tag(garment)
    assert bool(second.provider.asked) is second_is_asked


async def test_a_claim_is_as_sure_as_it_is_calibrated(fake, garment):
    boaster = fake.tagger("a", fake.says("a", confidence=0.95))
    second = fake.tagger("b")
    rules = MergePolicy(calibration={"a": ((0.0, 0.0), (1.0, 0.5))})
    await fake.router(Complete(0.7, rules=rules), boaster, second).garment_tagger.tag(garment)
    assert second.provider.asked

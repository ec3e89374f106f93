"""Claims become a record: what counts, and who has the word."""

from __future__ import annotations

from typing import Any

import pytest

from placket.errors import InvalidInput
from placket.merge import POLICIES, Evidence, FieldPolicy, MergePolicy, merge
from placket.record.record import Resolution
from placket.record.values import Label


def test_claims_records_and_iterables_of_them_can_be_mixed(say: Any) -> None:
    brand, name, sku = say("amber", "brand", "Acme"), say("amber", "name", "Dress"), say("amber", "sku", "A-1")
    record = merge(merge(brand, id="one"), [[name], iter([sku])], id="garment")
    assert (record.id, record.brand, record.name, record.sku) == ("garment", "Acme", "Dress", "A-1")
    assert set(record.claims) == {brand, name, sku}


def test_nothing_merges_to_an_empty_record() -> None:
    record = merge(id="garment")
    assert (record.claims, record.resolutions, record.brand, record.color) == ((), {}, None, ())


def test_echoes_and_unknown_words_are_kept_and_do_not_count(say: Any) -> None:
    echo = say("amber", "brand", "Acme", 0.9, method="echo")
    unknown = say("amber", "fit", None, 0.9, raw="wonky")
    record = merge(echo, unknown, id="garment")
    assert (record.brand, record.fit, record.resolutions) == (None, None, {})
    assert record.why("brand").echoes == (echo,)
    assert record.why("fit").unknown_words == record.unknown_words == (unknown,)


def test_a_person_decides_alone_and_settles_the_conflict(say: Any, resolve: Any) -> None:
    machines = [say("amber", "brand", "Zara", 0.99), say("birch", "brand", "Acme", 0.4)]
    person = say("editor", "brand", "Acme", method="human")
    assert resolve(*machines).conflict
    found = resolve(*machines, person)
    assert (found.value, found.score, found.conflict) == ("Acme", 0.95, False)
    assert (found.support, found.dissent) == ((person, machines[1]), (machines[0],))


def test_two_people_who_disagree_are_a_conflict(say: Any, resolve: Any) -> None:
    assert resolve(say("ann", "brand", "Zara", method="human"), say("bob", "brand", "Acme", method="human")).conflict


def test_a_person_settles_one_field_only(say: Any) -> None:
    record = merge(
        say("editor", "descriptions.short", "Mine", method="human"),
        say("amber", "descriptions.long", "Theirs"),
        id="garment",
    )
    assert record.descriptions == {"short": "Mine", "long": "Theirs"}


def test_the_first_preferred_provider_that_speaks_decides(say: Any, resolve: Any) -> None:
    rules = MergePolicy(fields={"brand": FieldPolicy(prefer=["silent", "birch", "amber"])})
    amber, birch = say("amber", "brand", "Acme", 0.9), say("birch", "brand", "Zara", 0.5)
    found = resolve(amber, birch, policy=rules)
    assert (found.value, found.support, found.dissent, found.conflict) == ("Zara", (birch,), (amber,), False)
    assert resolve(amber, say("cedar", "brand", "Zara", 0.95), policy=rules).value == "Acme"
    assert resolve(say("cedar", "brand", "Other"), policy=rules).value == "Other"


def test_a_person_outranks_a_preferred_provider(say: Any, resolve: Any) -> None:
    rules = MergePolicy(fields={"brand": FieldPolicy(prefer=["amber"])})
    person = say("editor", "brand", "Zara", method="human")
    assert resolve(say("amber", "brand", "Acme", 0.9), person, policy=rules).value == "Zara"


def test_weights_and_a_sellers_word_count_more(say: Any, resolve: Any) -> None:
    amber, birch = say("amber", "brand", "Acme", 0.8), say("birch", "brand", "Zara", 0.75)
    assert resolve(amber, birch).value == "Acme"
    assert resolve(amber, birch, policy=MergePolicy(weights={"birch": 3})).value == "Zara"
    seller = say("birch", "brand", "Zara", 0.75, method="merchant")
    assert resolve(amber, seller).value == "Zara"
    assert resolve(amber, seller, policy=MergePolicy(merchant_weight=1)).value == "Acme"


def test_a_provider_without_weight_decides_only_alone(say: Any, resolve: Any) -> None:
    rules = MergePolicy(weights={"amber": 0})
    mute = say("amber", "brand", "Acme", 0.98)
    assert resolve(mute, say("birch", "brand", "Zara", 0.3), policy=rules).value == "Zara"
    assert resolve(mute, policy=rules).value == "Acme"


def test_stated_confidences_are_calibrated(say: Any, resolve: Any) -> None:
    rules = MergePolicy(calibration={"amber": ((0.2, 0.1), (0.6, 0.5), (1.0, 0.8))})
    for stated, calibrated in ((0.0, 0.1), (0.2, 0.1), (0.4, 0.3), (0.8, 0.65), (1.0, 0.8)):
        assert resolve(say("amber", "brand", "Acme", stated), policy=rules).score == pytest.approx(calibrated)
    assert resolve(say("amber", "brand", "Acme"), policy=rules).score == 0.6
    assert resolve(say("birch", "brand", "Acme", 0.9), policy=rules).score == 0.9


def test_unstated_confidence_depends_on_who_speaks(say: Any, resolve: Any) -> None:
    scores = [
        resolve(say("amber", "brand", "Acme", method=method), policy=MergePolicy(merchant_weight=1)).score
        for method in ("model", "rule", "merchant", "human")
    ]
    assert scores == [0.6, 0.6, 0.8, 0.95]


def test_nobody_is_ever_entirely_sure(say: Any, resolve: Any) -> None:
    assert resolve(say("amber", "brand", "Acme", 1.0)).score == 0.98
    assert resolve(say("amber", "brand", "Acme", 0.0)).score == 0.02


def test_an_operator_may_choose_another_policy(say: Any, resolve: Any) -> None:
    rules = MergePolicy(fields={"brand": FieldPolicy(policy="prefer")})
    claims = [say(name, "brand", brand, 0.6) for name, brand in (("a", "X"), ("b", "X"), ("c", "Longer"))]
    assert resolve(*claims).value == "X"
    found = resolve(*claims, policy=rules)
    assert (found.value, found.policy) == ("Longer", "prefer")


def test_a_policy_of_ones_own_decides_by_name(say: Any, resolve: Any) -> None:
    def last_in_the_alphabet(evidence: Evidence) -> Resolution:
        best = max(evidence.voters, key=lambda voter: str(voter.claim.value))
        return evidence.resolution(best.claim.value, 0.5, {best.key})

    rules = MergePolicy(
        policies={**POLICIES, "last": last_in_the_alphabet}, fields={"brand": FieldPolicy(policy="last")}
    )
    found = resolve(say("amber", "brand", "Acme", 0.9), say("birch", "brand", "Zara", 0.1), policy=rules)
    assert (found.value, found.policy, found.conflict, len(found.dissent)) == ("Zara", "last", True, 1)


def test_fields_come_in_the_records_own_order(say: Any) -> None:
    record = merge(
        say("amber", "labels", Label("x")),
        say("amber", "measurements.waist", None, raw="?"),
        say("amber", "descriptions.short", "b"),
        say("amber", "descriptions.long", "a"),
        say("amber", "sku", "A-1"),
        id="garment",
    )
    assert list(record.resolutions) == ["sku", "descriptions.long", "descriptions.short", "labels"]


def test_a_claim_about_a_field_that_no_record_has_is_refused(say: Any) -> None:
    with pytest.raises(InvalidInput, match="no field 'colour'"):
        merge(say("amber", "colour", "red"), id="garment")


def test_identical_claims_count_once(say: Any, resolve: Any) -> None:
    one, same = say("amber", "brand", "Acme", 0.8), say("amber", "brand", "Acme", 0.8)
    assert resolve(one, same) == resolve(one)

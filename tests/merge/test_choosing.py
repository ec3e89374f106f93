"""One claim, or one answer, has the word."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from placket.merge import MergePolicy
from placket.record.values import Fibre, Price

OLD, NEW = datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)


def test_a_sellers_text_comes_before_a_models(say: Any, resolve: Any) -> None:
    seller = say("shop", "name", "Dress", 0.5, method="merchant")
    model = say("amber", "name", "A very long name of a dress", 0.9)
    found = resolve(model, seller)
    assert (found.value, found.support, found.dissent) == ("Dress", (seller,), (model,))
    assert not found.conflict


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"generated": False}, {"generated": True, "confidence": 0.9}),
        ({"confidence": 0.9}, {"confidence": 0.8}),
    ],
)
def test_written_text_comes_before_generated_and_surer_before_less_sure(
    first: dict[str, Any], second: dict[str, Any], say: Any, resolve: Any
) -> None:
    found = resolve(say("birch", "name", "Longer text", **second), say("amber", "name", "Text", **first))
    assert found.value == "Text"


def test_the_heavier_provider_then_the_longer_text_comes_first(say: Any, resolve: Any) -> None:
    short, long = say("amber", "name", "Dress"), say("birch", "name", "Red dress")
    assert resolve(short, long).value == "Red dress"
    assert resolve(short, long, policy=MergePolicy(weights={"amber": 2})).value == "Dress"
    assert resolve(say("amber", "name", "Bag B"), say("birch", "name", "Bag A")).value == "Bag A"


def test_agreement_makes_a_text_surer_and_dissent_does_not_lower_it(say: Any, resolve: Any) -> None:
    one, same, other = say("amber", "name", "Dress", 0.8), say("birch", "name", "DRESS", 0.7), say("cedar", "name", "X")
    assert resolve(one, same).score > resolve(one).score == resolve(one, other).score


def test_models_may_word_it_differently_but_sellers_contradict_each_other(say: Any, resolve: Any) -> None:
    prices = [Price(Decimal(amount), "EUR") for amount in (10, 20)]
    for method, conflict in (("model", False), ("merchant", True), ("human", True)):
        claims = [say(f"shop-{index}", "price", price, method=method) for index, price in enumerate(prices)]
        assert resolve(*claims).conflict is conflict


def test_what_a_provider_says_later_at_the_same_place_replaces_the_earlier(say: Any, resolve: Any) -> None:
    old = say("shop", "name", "The long old name", method="merchant", path="title", observed_at=OLD)
    new = say("shop", "name", "New name", method="merchant", path="title", observed_at=NEW)
    found = resolve(old, new)
    assert (found.value, found.dissent, found.conflict) == ("New name", (old,), False)
    assert resolve(old, say("shop", "name", "Short", method="merchant", path="subtitle")).value == "The long old name"


def test_times_are_taken_by_value(say: Any, resolve: Any) -> None:
    for field, value in (("created_at", OLD), ("updated_at", NEW)):
        found = resolve(say("amber", field, NEW), say("birch", field, OLD, observed_at=NEW))
        assert (found.value, found.conflict) == (value, False)


def test_a_time_without_a_zone_is_read_as_utc(say: Any, resolve: Any) -> None:
    naive = datetime(2026, 1, 1)  # noqa: DTZ001 - the point of the test
    found = resolve(say("amber", "created_at", naive), say("birch", "created_at", NEW))
    assert len(found.support) == 2


def test_other_values_are_taken_by_when_they_were_said(say: Any, resolve: Any) -> None:
    undated = say("cedar", "ar.state", "queued", 0.9)
    found = resolve(
        undated,
        say("amber", "ar.state", "done", observed_at=NEW),
        say("birch", "ar.state", "running", 0.9, observed_at=OLD),
    )
    assert (found.value, found.policy, found.conflict, len(found.dissent)) == ("done", "latest", False, 2)
    assert resolve(undated).value == "queued"


def test_false_is_a_value(say: Any, resolve: Any) -> None:
    assert resolve(say("amber", "visibility.public", False)).value is False


def test_a_composition_comes_from_one_answer_whole(say: Any, resolve: Any) -> None:
    found = resolve(
        say("amber", "composition", Fibre("cotton", 95), 0.8, path="parts[0]"),
        say("amber", "composition", Fibre("elastane", 5), 0.7, path="parts[1]"),
        say("birch", "composition", Fibre("Cotton", 100), 0.75, path="a"),
        say("cedar", "composition", Fibre("silk", 100), 0.6, path="a"),
    )
    assert found.value == (Fibre("cotton", 95), Fibre("elastane", 5))
    assert (found.score, found.conflict) == (0.7, True)
    assert {claim.source.provider for claim in found.support} == {"amber", "birch"}
    assert [claim.source.provider for claim in found.dissent] == ["cedar"]


def test_members_keep_the_order_of_the_answer(say: Any, resolve: Any) -> None:
    claims = [say("amber", "composition", Fibre(f"fibre {index}"), path=f"parts[{index}]") for index in range(12)]
    assert [part.fibre for part in resolve(*reversed(claims)).value] == [f"fibre {index}" for index in range(12)]


def test_places_may_have_numbers_of_any_length(say: Any, resolve: Any) -> None:
    places = ["0", "7", "08", "010", "1" + "0" * 5000, "2" + "0" * 5000]
    claims = [say("amber", "composition", Fibre(f"fibre {place}"), path=place) for place in places]
    assert [part.fibre for part in resolve(*reversed(claims)).value] == [f"fibre {place}" for place in places]

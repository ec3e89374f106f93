"""One value by summed log-odds, as deep as the evidence agrees."""

from __future__ import annotations

from math import exp, log
from typing import Any

import pytest

from placket.merge import FieldPolicy, MergePolicy
from placket.record.claim import Alternative
from placket.record.terms import Term
from placket.record.values import Season, Size


def logit(probability: float) -> float:
    return log(probability / (1 - probability))


def logistic(odds: float) -> float:
    return 1 / (1 + exp(-odds))


def test_one_voice_is_as_sure_as_it_says(say: Any, resolve: Any, term: Any) -> None:
    found = resolve(say("amber", "fit", term("fit", "slim"), 0.83))
    assert found.value == term("fit", "slim")
    assert (found.score, found.conflict, found.policy) == (0.83, False, "vote")


def test_log_odds_of_independent_voices_add_up(say: Any, resolve: Any) -> None:
    found = resolve(say("amber", "brand", "Acme", 0.8), say("birch", "brand", "Acme", 0.7))
    assert found.score == pytest.approx(logistic(logit(0.8) + logit(0.7)), abs=1e-6)


def test_a_dissenting_voice_leaves_what_it_holds_of_anything_else(say: Any, resolve: Any) -> None:
    acme, zara = say("amber", "brand", "Acme", 0.9), say("birch", "brand", "Zara", 0.8)
    found = resolve(acme, zara)
    assert found.value == "Acme"
    assert found.score == pytest.approx(logistic(logit(0.9) + logit(0.2)), abs=1e-6)
    assert (found.support, found.dissent, found.conflict) == ((acme,), (zara,), True)


def test_two_that_agree_beat_a_surer_one(say: Any, resolve: Any) -> None:
    found = resolve(
        say("amber", "brand", "Zara", 0.9), say("birch", "brand", "Acme", 0.85), say("cedar", "brand", "Acme", 0.8)
    )
    assert found.value == "Acme"


@pytest.mark.parametrize("alternatives", [(), (Alternative("Other"),), (Alternative("Other", confidence=0.01),)])
def test_a_dissenter_that_is_less_than_half_sure_speaks_neither_for_nor_against_others(
    alternatives: tuple[Alternative, ...], say: Any, resolve: Any
) -> None:
    for sure in (0.3, 0.9):
        zara = say("birch", "brand", "Zara", 0.02, alternatives=alternatives)
        found = resolve(say("amber", "brand", "Acme", sure), zara)
        assert (found.value, found.score, found.conflict) == ("Acme", sure, True)


def test_the_surer_a_dissenter_the_lower_the_score(say: Any, resolve: Any) -> None:
    acme = say("amber", "brand", "Acme", 0.95)
    scores = [
        resolve(acme, say("birch", "brand", "Zara", sure)).score for sure in (0.0, 0.02, 0.1, 0.4, 0.5, 0.6, 0.8, 0.9)
    ]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] == 0.95


def test_what_a_source_holds_hardly_possible_takes_nothing_from_its_own_first_choice(
    say: Any, resolve: Any, term: Any
) -> None:
    shirt, dress = term("category", "T-Shirts"), term("category", "Dresses")
    found = resolve(say("amber", "category", shirt, 0.9), say("amber", "category", dress, 0.03, path="second"))
    assert found.value == shirt


def test_hesitant_voices_that_agree_do_not_lower_each_other(say: Any, resolve: Any) -> None:
    assert resolve(say("amber", "brand", "Acme", 0.3), say("birch", "brand", "Acme", 0.4)).score == 0.4
    assert resolve(say("amber", "brand", "Acme", 0.3), say("birch", "brand", "Acme", 0.9)).score == 0.9


@pytest.mark.parametrize(
    ("alternatives", "held"),
    [
        ((Alternative("Zara", confidence=0.3),), 0.3),
        ((Alternative("Zara"),), 0.2),
        ((Alternative("Zara"), Alternative("Other", confidence=0.1)), 0.15),
        ((Alternative("Other"), Alternative(None, "?")), 0.4 / 3),
        ((), 0.4),
    ],
)
def test_alternatives_share_what_is_left(
    alternatives: tuple[Alternative, ...], held: float, say: Any, resolve: Any
) -> None:
    found = resolve(say("amber", "brand", "Zara", 0.9), say("birch", "brand", "Acme", 0.6, alternatives=alternatives))
    assert found.value == "Zara"
    assert found.score == pytest.approx(logistic(logit(0.9) + logit(held)), abs=1e-6)


def test_alternatives_alone_are_no_candidates(say: Any, resolve: Any) -> None:
    alternatives = (Alternative("Zara", confidence=0.95),)
    found = resolve(
        say("amber", "brand", "Acme", 0.5, alternatives=alternatives),
        say("birch", "brand", "Other", 0.4, alternatives=alternatives),
    )
    assert found.value == "Acme"


def test_copies_of_a_lineage_do_not_outvote_two_independent_voices(say: Any, resolve: Any) -> None:
    resold = [say(f"reseller-{number}", "brand", "Acme", 0.8, lineage="one") for number in range(6)]
    honest = [say("amber", "brand", "Zara", 0.8), say("birch", "brand", "Zara", 0.8)]
    assert resolve(*resold, *honest).value == "Zara"
    assert resolve(*resold, *honest, policy=MergePolicy(lineage_correlation=0)).value == "Acme"


def test_a_narrower_term_supports_the_broader_one_and_wins_when_it_is_sure(say: Any, resolve: Any, term: Any) -> None:
    jeans, pants = term("category", "jeans"), term("category", "pants")
    both = say("amber", "category", jeans, 0.7), say("birch", "category", pants, 0.9)
    found = resolve(*both)
    assert (found.value, found.score) == (jeans, 0.7)
    assert (set(found.support), found.conflict) == (set(both), False)


def test_an_unsure_narrower_term_leaves_the_broader_one(say: Any, resolve: Any, term: Any) -> None:
    jeans, pants = term("category", "jeans"), term("category", "pants")
    found = resolve(say("amber", "category", jeans, 0.3), say("birch", "category", pants, 0.9))
    assert (found.value, found.score, found.conflict) == (pants, 0.9, False)


def test_siblings_meet_at_what_they_have_in_common(say: Any, resolve: Any, term: Any) -> None:
    jeans, skirt = term("category", "jeans"), term("category", "skirts")
    found = resolve(say("amber", "category", jeans, 0.9), say("birch", "category", skirt, 0.9))
    assert found.value == term("category", "clothing")
    assert found.score == pytest.approx(logistic(2 * logit(0.9)), abs=1e-6)
    assert len(found.support) == 2
    assert found.conflict, "the sources contradict each other below the value"


def test_siblings_right_below_a_root_meet_there_with_its_score(say: Any, resolve: Any) -> None:
    root = Term("fit", "root", "Root")
    one, other = (Term("fit", word, word, broader=root) for word in ("one", "other"))
    found = resolve(say("amber", "fit", one, 0.9), say("birch", "fit", other, 0.9))
    assert found.value == root
    assert found.score == pytest.approx(logistic(2 * logit(0.9)), abs=1e-6)


def test_a_surer_sibling_wins_over_what_they_have_in_common(say: Any, resolve: Any, term: Any) -> None:
    jeans, skirt = term("category", "jeans"), term("category", "skirts")
    found = resolve(say("amber", "category", jeans, 0.9), say("birch", "category", skirt, 0.7))
    assert found.value == jeans
    strict = MergePolicy(fields={"category": FieldPolicy(threshold=0.8)})
    both = resolve(say("amber", "category", jeans, 0.9), say("birch", "category", skirt, 0.7), policy=strict)
    assert both.value == term("category", "clothing")


def test_a_voice_that_wavers_between_siblings_is_sure_of_what_they_share(say: Any, resolve: Any, term: Any) -> None:
    jeans, chinos, pants = (term("category", word) for word in ("jeans", "chinos", "pants"))
    found = resolve(say("amber", "category", jeans, 0.4, alternatives=(Alternative(chinos, confidence=0.35),)))
    assert found.value == pants
    assert found.score == pytest.approx(0.75)


def test_a_lone_unsure_voice_keeps_its_depth(say: Any, resolve: Any, term: Any) -> None:
    jeans = term("category", "jeans")
    found = resolve(say("amber", "category", jeans, 0.4, alternatives=(Alternative(None, "denimish"),)))
    assert (found.value, found.score) == (jeans, 0.4)


def test_the_best_root_wins_even_when_nobody_is_sure(say: Any, resolve: Any, term: Any) -> None:
    jeans, watch = term("category", "jeans"), term("fit", "slim")
    found = resolve(say("amber", "category", jeans, 0.4), say("birch", "category", watch, 0.2))
    assert found.value.is_a(jeans) or jeans.is_a(found.value)
    assert found.score < 0.5


def test_texts_agree_without_case_and_blanks_and_the_best_voter_spells(say: Any, resolve: Any) -> None:
    found = resolve(say("amber", "brand", "ACME  studios", 0.6), say("birch", "brand", "Acme Studios", 0.8))
    assert (found.value, len(found.support)) == ("Acme Studios", 2)


def test_a_season_without_a_year_agrees_with_one_that_has_it(say: Any, resolve: Any) -> None:
    found = resolve(
        say("amber", "season", Season("SS"), 0.9),
        say("birch", "season", Season("SS", 2026), 0.7),
        say("cedar", "season", Season("FW", 2025), 0.6),
    )
    assert (found.value, len(found.support), len(found.dissent)) == (Season("SS", 2026), 2, 1)


def test_a_size_without_a_system_agrees_with_one_that_has_it(say: Any, resolve: Any, term: Any) -> None:
    exact = Size("m", term("size_system", "EU"))
    assert resolve(say("amber", "size", Size("M")), say("birch", "size", exact)).value == exact


def test_ties_go_by_weight_confidence_time_and_name(say: Any, resolve: Any) -> None:
    def winner(*claims: Any, **options: Any) -> Any:
        assert resolve(*claims, **options).value == resolve(*reversed(claims), **options).value
        return resolve(*claims, **options).value

    from datetime import UTC, datetime

    old, new = datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
    assert winner(say("birch", "brand", "B", 0.6), say("amber", "brand", "A", 0.6)) == "A"
    assert winner(say("birch", "brand", "B", 0.6, observed_at=old), say("amber", "brand", "A", 0.6)) == "B"
    assert (
        winner(say("birch", "brand", "B", 0.6, observed_at=new), say("amber", "brand", "A", 0.6, observed_at=old))
        == "B"
    )
    assert (
        winner(
            say("amber", "brand", "A", 0.6),
            say("amber", "brand", "B", 0.6, path="a"),
            say("amber", "brand", "C", 0.6, path="b"),
        )
        == "A"
    )


def test_among_thousands_of_values_the_one_that_two_say_wins(say: Any, resolve: Any) -> None:
    flood = [say("amber", "brand", f"Brand {number}", 0.6, path=str(number)) for number in range(5000)]
    found = resolve(*flood, say("birch", "brand", "brand 4321", 0.6))
    assert found.value == "Brand 4321"
    assert len(found.dissent) == 4999


@pytest.mark.parametrize("count", [16, 17, 40])
def test_the_surest_of_many_wins_however_many_there_are(count: int, say: Any, resolve: Any) -> None:
    others = [say(f"provider-{number}", "brand", f"Brand {number}", 0.6) for number in range(count)]
    found = resolve(*others, say("amber", "brand", "Acme", 0.7))
    assert found.value == "Acme"
    assert found.score == pytest.approx(logistic(logit(0.7) - count * logit(0.6)), abs=1e-6)

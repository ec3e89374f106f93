"""Sets: each member in or out by its own evidence."""

from __future__ import annotations

from typing import Any

import pytest

from placket.merge import FieldPolicy, MergePolicy
from placket.record.values import Color


@pytest.fixture
def color(term: Any) -> Any:
    return lambda word, share=None, lab=None: Color(term("color", word), share, lab)


def labels(found: Any) -> list[str]:
    return [color.term.id for color in found.value]


def test_silence_speaks_against_nobody(say: Any, resolve: Any, term: Any) -> None:
    cotton, denim = term("fabric", "cotton"), term("fabric", "denim")
    found = resolve(say("amber", "fabric", cotton, 0.7), say("birch", "fabric", denim, 0.9))
    assert found.value == (denim, cotton)
    assert (found.score, found.conflict, found.dissent) == (0.9, False, ())


def test_an_unlikely_member_stays_out_unless_somebody_else_sees_it(say: Any, resolve: Any, term: Any) -> None:
    cotton, denim = term("fabric", "cotton"), term("fabric", "denim")
    doubtful = say("amber", "fabric", denim, 0.4)
    found = resolve(say("amber", "fabric", cotton, 0.7), doubtful)
    assert (found.value, found.dissent) == ((cotton,), (doubtful,))
    both = resolve(say("amber", "fabric", cotton, 0.7), doubtful, say("birch", "fabric", denim, 0.6))
    assert both.value == (cotton, denim)


def test_several_members_of_one_source_are_not_copies(say: Any, resolve: Any, term: Any) -> None:
    claims = [say("amber", "fabric", term("fabric", word), 0.9) for word in ("cotton", "denim", "silk")]
    assert resolve(*claims).score == 0.9


def test_when_nothing_is_likely_the_set_is_empty_and_says_how_unlikely(say: Any, resolve: Any, term: Any) -> None:
    claim = say("amber", "fabric", term("fabric", "silk"), 0.3)
    found = resolve(claim)
    assert (found.value, found.score, found.dissent) == ((), 0.3, (claim,))
    easy = MergePolicy(fields={"fabric": FieldPolicy(threshold=0.2)})
    assert resolve(claim, policy=easy).value == (term("fabric", "silk"),)


def test_colors_come_by_score_times_share(say: Any, resolve: Any, color: Any) -> None:
    found = resolve(
        say("amber", "color", color("white", 0.2), 0.95),
        say("amber", "color", color("navy", 0.7), 0.8),
        say("amber", "color", color("red", 0.1), 0.6),
    )
    assert labels(found) == ["navy", "white", "red"]
    assert found.score == 0.8


def test_a_color_is_one_claims_value_and_the_measured_one_is_kept(say: Any, resolve: Any, color: Any) -> None:
    measured = color("navy", 0.6, (20.0, 5.0, -25.0))
    found = resolve(
        say("amber", "color", color("navy"), 0.95),
        say("birch", "color", measured, 0.8),
        say("cedar", "color", color("navy", 0.9), 0.7),
    )
    assert found.value == (measured,)
    assert len(found.support) == 3


def test_a_broader_color_joins_the_narrower_one(say: Any, resolve: Any, color: Any) -> None:
    narrow, broad = say("amber", "color", color("light blue"), 0.7), say("birch", "color", color("blue"), 0.9)
    found = resolve(narrow, broad)
    assert labels(found) == ["x:light_blue"]
    assert (set(found.support), found.score, found.conflict) == ({narrow, broad}, 0.7, False)


def test_a_doubtful_narrower_color_supports_the_broader_one(say: Any, resolve: Any, color: Any) -> None:
    narrow, broad = say("amber", "color", color("light blue"), 0.4), say("birch", "color", color("blue"), 0.8)
    found = resolve(narrow, broad)
    assert labels(found) == ["blue"]
    assert set(found.support) == {narrow, broad}


def test_a_broader_color_that_was_measured_beside_the_narrower_one_is_another(
    say: Any, resolve: Any, color: Any
) -> None:
    blue, navy = say("amber", "color", color("blue", 0.8), 0.9), say("amber", "color", color("navy", 0.2), 0.6)
    assert labels(found := resolve(blue, navy)) == ["blue", "navy"]
    assert found.score == 0.9
    doubtful = say("amber", "color", color("navy", 0.2), 0.1)
    assert resolve(blue, doubtful).score == 0.9, "what is doubtful on a fifth takes nothing from the rest"
    seller = say("birch", "color", color("navy"), 0.8)
    assert labels(resolve(blue, navy, seller)) == ["blue", "navy"]
    light = say("cedar", "color", color("light blue", 0.8), 0.8)
    assert labels(resolve(blue, navy, light)) == ["x:light_blue", "navy"]
    unmeasured = [say("amber", "color", color(word), 0.9) for word in ("blue", "navy")]
    assert labels(resolve(*unmeasured)) == ["navy"], "two words for one colour"
    copies = [say(name, "color", color(word, 1.0), 0.9, lineage="one") for name, word in (("a", "blue"), ("b", "navy"))]
    assert labels(resolve(*copies)) == ["navy"], "one model's answers, which measured the same surface"


def test_main_colors_that_nobody_else_saw_are_a_conflict(say: Any, resolve: Any, color: Any) -> None:
    assert resolve(say("amber", "color", color("red"), 0.8), say("birch", "color", color("green"), 0.8)).conflict


def test_a_main_color_that_the_other_saw_as_well_is_none(say: Any, resolve: Any, color: Any) -> None:
    found = resolve(
        say("amber", "color", color("red", 0.9), 0.8),
        say("birch", "color", color("green", 0.6), 0.8),
        say("birch", "color", color("red", 0.4), 0.8),
    )
    assert not found.conflict


def test_one_voice_cannot_contradict_itself(say: Any, resolve: Any, color: Any) -> None:
    found = resolve(
        say("amber", "color", color("red"), 0.8, lineage="one"),
        say("birch", "color", color("green"), 0.8, lineage="one"),
    )
    assert not found.conflict


def test_a_persons_set_replaces_what_machines_saw(say: Any, resolve: Any, color: Any) -> None:
    agreeing = say("amber", "color", color("x:light_blue"), 0.9)
    other = say("amber", "color", color("red"), 0.9)
    person = say("editor", "color", color("blue"), method="human")
    found = resolve(agreeing, other, person)
    assert labels(found) == ["blue"]
    assert (found.support, found.dissent, found.conflict) == ((person, agreeing), (other,), False)


def test_a_color_that_nobody_measured_gets_what_the_measured_ones_leave(say: Any, resolve: Any, color: Any) -> None:
    seen = [say("amber", "color", color("cream", 0.55), 0.6), say("amber", "color", color("navy", 0.35), 0.7)]
    found = resolve(*seen, say("birch", "color", color("black"), 0.95))
    assert labels(found) == ["x:cream", "navy", "black"]


def test_who_names_nothing_of_the_main_colors_kind_dissents(say: Any, resolve: Any, color: Any) -> None:
    navy, cream = say("amber", "color", color("navy", 0.4), 0.8), say("amber", "color", color("cream", 0.5), 0.8)
    black = say("birch", "color", color("black"), 0.8)
    white = say("cedar", "color", color("white"), 0.6)
    found = resolve(navy, cream, black, white)
    assert labels(found)[0] == "x:cream"
    assert found.conflict
    assert black in found.dissent
    assert set(found.support) == {navy, cream, white}

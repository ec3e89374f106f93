"""A claim is made whole and never changes, however it was made."""

import copy
import json
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from functools import partial

import numpy
import pytest
from msgspec.structs import replace

from placket.errors import InvalidInput
from placket.record import Alternative, Claim, Method, Source
from placket.record.claim import repeated
from placket.record.codec import claim_from_json, claim_to_json

CLAIM = Claim("brand", "Halyard", Source("amber"), "HALYARD", confidence=0.9)


LATER = datetime(2026, 11, 1, tzinfo=UTC)
MADE = [CLAIM, copy.copy(CLAIM), replace(CLAIM, path="data.brand"), *repeated([CLAIM], Source("birch"), LATER)]


@pytest.mark.parametrize("made", MADE)
def test_nothing_of_a_claim_can_be_changed(made):
    assert type(made) is Claim
    with pytest.raises(AttributeError):
        made.value = "Another"
    with pytest.raises(AttributeError):
        del made.value
    assert made.value == "Halyard"


@pytest.mark.parametrize("confidence", [-0.1, 1.1, float("nan")])
def test_a_confidence_beyond_0_and_1_is_refused(confidence):
    with pytest.raises(InvalidInput, match="confidence must be between 0 and 1"):
        replace(CLAIM, confidence=confidence)


@pytest.mark.parametrize("confidence", ["0.9", Decimal("0.9"), 10**400, 0.5j, [0.9]])
@pytest.mark.parametrize("kind", [lambda stated: replace(CLAIM, confidence=stated), partial(Alternative, "x", "x")])
def test_what_is_no_confidence_is_refused(kind, confidence):
    with pytest.raises(InvalidInput, match="confidence must be between 0 and 1"):
        kind(confidence)


@pytest.mark.parametrize("confidence", [numpy.float32(0.5), numpy.float64(0.5), Fraction(1, 2), numpy.int64(1), 1])
def test_a_confidence_of_any_kind_of_number_is_a_float(confidence):
    for made in (replace(CLAIM, confidence=confidence), Alternative("x", confidence=confidence)):
        assert type(made.confidence) is float
        assert made.confidence == confidence


@pytest.mark.parametrize("raw", [Decimal("2.50"), LATER])
def test_a_word_that_is_written_as_text_equals_the_text(raw):
    claim = replace(CLAIM, raw=raw)
    again = claim_from_json(json.loads(json.dumps(claim_to_json(claim))))
    assert isinstance(again.raw, str)
    assert again == claim
    assert len({again, claim}) == 1
    assert not again < claim
    assert not claim < again


def test_half_a_character_is_told_apart_and_changes_no_other_id():
    halves = [replace(CLAIM, value=text) for text in ("nice \ud83d", "nice \ud83e", "nice \ud83d")]
    assert halves[0] == halves[2] != halves[1]
    assert len({claim.id for claim in (*halves, CLAIM, replace(CLAIM, raw="\ud83d"))}) == 4
    assert Claim("brand", "Größe \U0001f600", Source("amber")).id == "3e6def87871d2f0a958023437d9c9b4d"


def test_looking_at_the_id_changes_nothing():
    before = repr(CLAIM), hash(CLAIM)
    assert CLAIM.id == copy.deepcopy(CLAIM).id
    assert (repr(CLAIM), hash(CLAIM)) == before


def test_a_repeated_claim_says_the_same_in_another_answer():
    said = Claim(
        "fit", "Slim", Source("amber"), "slim", "in", 0.7, "High", (Alternative("Wide", "wide"),), "tag.fit",
        Method.RULE, True, LATER,
    )  # fmt: skip
    answer = Source("amber", request_id="2")
    assert repeated([said], answer, None)[0] == replace(said, source=answer, observed_at=None)
    assert repeated([said], said.source, LATER) == [said]

"""A claim is made whole and never changes, however it was made."""

import copy

import attrs
import pytest
from attrs.exceptions import FrozenInstanceError

from placket.errors import InvalidInput
from placket.record import Claim, Source

CLAIM = Claim("brand", "Halyard", Source("amber"), "HALYARD", confidence=0.9)


@pytest.mark.parametrize("made", [CLAIM, copy.copy(CLAIM), attrs.evolve(CLAIM, path="data.brand")])
def test_nothing_of_a_claim_can_be_changed(made):
    assert type(made) is Claim
    with pytest.raises(FrozenInstanceError):
        made.value = "Another"
    with pytest.raises(FrozenInstanceError):
        del made.value
    assert made.value == "Halyard"


@pytest.mark.parametrize("confidence", [-0.1, 1.1, float("nan")])
def test_a_confidence_beyond_0_and_1_is_refused(confidence):
    with pytest.raises(InvalidInput, match="confidence must be between 0 and 1"):
        attrs.evolve(CLAIM, confidence=confidence)


def test_looking_at_the_id_changes_nothing():
    before = repr(CLAIM), hash(CLAIM)
    assert CLAIM.id == copy.deepcopy(CLAIM).id
    assert (repr(CLAIM), hash(CLAIM)) == before

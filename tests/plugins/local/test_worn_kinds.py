"""The second opinion on worn garments: what it may move, and when it is asked."""

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from placket_local import network
from placket_local.analysis import analyze
from placket_local.kinds import CATEGORIES, probabilities
from placket_local.worn_kinds import FILE, Discriminant, reconsidered

LOGITS = arrays(np.float32, (1, 5), elements=st.floats(-20, 20, width=32))
VECTORS = arrays(np.float32, (1, 3), elements=st.floats(-1, 1, width=32))
KNOWN = Discriminant(
    places=np.array([1, 3]),
    weights=np.array([[4, -4], [0, 2], [1, 0]], np.float32),
    bias=np.array([0.5, -0.5], np.float32),
    temperature=2.0,
)


@given(LOGITS, VECTORS)
def test_it_moves_probability_among_the_kinds_it_knows_alone(logits, vectors):
    before, after = (probabilities(one, 1.0)[0] for one in (logits, KNOWN.corrected(logits, vectors)))
    assert after[[0, 2, 4]] == pytest.approx(before[[0, 2, 4]], abs=1e-4)
    assert after[[1, 3]].sum() == pytest.approx(before[[1, 3]].sum(), abs=1e-4)


@given(LOGITS, VECTORS)
def test_it_is_multiplied_with_what_the_tail_thought(logits, vectors):
    made = KNOWN.corrected(logits, vectors)[0]
    opinion = KNOWN.opinion(vectors)[0]
    expected = (logits[0, 1] - logits[0, 3]) + (opinion[0] - opinion[1])
    assert made[1] - made[3] == pytest.approx(expected, abs=1e-3)


def test_an_opinion_is_a_probability_of_the_vectors_direction_alone():
    vectors = np.array([[0.3, -0.2, 0.9], [3, -2, 9]], np.float32)
    found = KNOWN.opinion(vectors)
    assert np.exp(found).sum(axis=1) == pytest.approx([1, 1], abs=1e-5)
    assert found[0] == pytest.approx(found[1], abs=1e-5)


@pytest.fixture
def seen(photo):
    pixels = [network.squeezed(photo(cloth, (235, 235, 235))) for cloth in ((40, 60, 140), (150, 40, 50))]
    return network.see(np.stack(pixels))


def told(seen, worn):
    return evolve(network.tag_scores(seen), worn=np.array(worn, np.float32))


def test_nobody_is_asked_about_a_garment_laid_flat(seen, monkeypatch):
    monkeypatch.setattr(network, "look", None)  # it would be called for a worn one
    scores = told(seen, [-9.0, -9.0])
    assert reconsidered(scores, seen) is scores


def test_of_a_batch_only_what_is_worn_changes(seen):
    scores = told(seen, [-9.0, 9.0])
    found = reconsidered(scores, seen)
    assert found.kinds[0] == pytest.approx(scores.kinds[0])
    assert not np.allclose(found.kinds[1], scores.kinds[1])
    assert found.patterns is scores.patterns


def test_vectors_that_the_caller_has_are_taken(seen):
    scores = told(seen, [9.0, 9.0])
    own = reconsidered(scores, seen)
    given_ = reconsidered(scores, seen, network.look(seen))
    assert own.kinds == pytest.approx(given_.kinds, abs=1e-3)


def test_the_shipped_one_knows_some_of_the_networks_kinds():
    with np.load(network.WEIGHTS / FILE) as shipped:
        names = [network.heads()["kinds"]["names"][place] for place in shipped["places"]]
        assert set(names) < set(CATEGORIES)
        assert shipped["weights"].shape == (1280, len(names))


def test_a_flat_lay_is_tagged_as_before(photo, file_of, palette, monkeypatch):
    """Of what lies flat, the whole way from bytes to tags does not ask for a second opinion."""
    monkeypatch.setattr(network, "look", None)
    assert analyze(file_of(photo((40, 60, 140), (225, 222, 215))), palette).tags is not None

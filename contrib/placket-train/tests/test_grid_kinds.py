"""The second opinion on garments laid flat: what it learns, and how much it is let count."""

import numpy as np
import pytest

from placket_train.calibration import log_loss, temperature_of
from placket_train.grid_kinds import fit, vectors_of, weighed, weight_of
from placket_train.photos import CLASSES

KINDS = len(CLASSES)


def photos(count, seed, noise):
    """Vectors of every kind in two views each, and the kinds."""
    directions = np.random.default_rng(0).normal(size=(KINDS, 200))
    random = np.random.default_rng(seed)
    kinds = np.arange(count) % KINDS
    vectors = directions[kinds][:, None] + noise * random.normal(size=(count, 2, 200))
    return vectors.astype(np.float32), kinds


def guesses(kinds, seed, right):
    """Logits of somebody who is right that often."""
    random = np.random.default_rng(seed)
    said = np.where(random.random(len(kinds)) < right, kinds, random.integers(KINDS, size=len(kinds)))
    return 4 * np.eye(KINDS)[said] + random.normal(size=(len(kinds), KINDS))


def test_a_cell_is_the_mean_of_what_lies_in_it():
    deep = np.zeros((1, 2, 3, 16, 16), np.float16)
    deep[0, 1, 2, 4:8, 12:] = 5
    (plain, made), cells = vectors_of(deep)[0], vectors_of(deep)[0, 1].reshape(3, 4, 4)
    assert plain.sum() == 0
    assert made.sum() == cells[2, 1, 3] == 5


def test_it_tells_every_kind():
    found = fit(*photos(340, 1, noise=2.0))
    vectors, kinds = photos(170, 2, noise=2.0)
    assert (found.scores(vectors[:, 0]).argmax(axis=1) == kinds).mean() > 0.9
    halved = weighed(found, 0.5).scores(vectors[:, 0])
    assert halved == pytest.approx(0.5 * found.scores(vectors[:, 0]))


def test_it_counts_as_far_as_it_helps_and_not_at_all_where_it_knows_nothing():
    kinds = np.arange(1700) % KINDS
    tails, knows, noise = guesses(kinds, 1, 0.8), guesses(kinds, 2, 0.6), guesses(kinds, 3, 0.0)
    weight = weight_of(tails, knows, kinds)
    joined = tails + weight * knows
    alone = log_loss(tails, kinds, temperature_of(tails, kinds))
    assert log_loss(joined, kinds, temperature_of(joined, kinds)) < 0.8 * alone
    assert weight_of(tails, noise, kinds) * np.ptp(noise) < 0.05 * np.ptp(tails)


def test_photos_that_lack_a_kind_are_refused_by_its_name():
    vectors, kinds = photos(340, 1, noise=2.0)
    some = kinds != CLASSES.index("Polo")
    with pytest.raises(SystemExit, match="labelled Polo;"):
        fit(vectors[some], kinds[some])

"""The discriminant over the untuned tail's vectors: what it learns, and that it does not boast."""

import numpy as np
import pytest

from placket_local.worn_kinds import FILE
from placket_train.worn_kinds import calibrated, fit, write

WIDTH = 1280
PLACES = np.array([5, 7, 12])


def photos(count, seed, noise):
    """Vectors of three kinds in four views each, and the kinds."""
    directions = np.random.default_rng(0).normal(size=(len(PLACES), WIDTH))
    random = np.random.default_rng(seed)
    number = random.integers(len(PLACES), size=count)
    vectors = directions[number][:, None] + noise * random.normal(size=(count, 4, WIDTH))
    return vectors.astype(np.float32), PLACES[number]


def test_it_tells_kinds_apart_by_their_direction():
    found = fit(*photos(90, 1, noise=3.0))
    vectors, kinds = photos(60, 2, noise=3.0)
    said = found.places[found.opinion(vectors[:, 0]).argmax(axis=1)]
    assert (said == kinds).mean() > 0.9
    assert found.places.tolist() == PLACES.tolist()


def test_its_temperature_makes_it_as_sure_as_it_is_right():
    learned, kept, asked = (photos(count, seed, noise=12.0) for count, seed in ((60, 1), (300, 2), (300, 3)))
    raw = fit(*learned)
    found = calibrated(raw, kept[0][:, 0], kept[1])
    chances = np.exp(found.opinion(asked[0][:, 0]))
    right = (found.places[chances.argmax(axis=1)] == asked[1]).mean()
    assert chances.max(axis=1).mean() == pytest.approx(right, abs=0.08)
    assert found.temperature != raw.temperature


def test_what_is_written_is_what_the_tagger_reads(tmp_path):
    found = fit(*photos(60, 1, noise=3.0))
    write(found, tmp_path)
    with np.load(tmp_path / FILE) as stored:
        assert stored["places"].tolist() == found.places.tolist()
        assert stored["weights"].astype(np.float32) == pytest.approx(found.weights, rel=1e-2, abs=1e-2)
        assert float(stored["temperature"]) == 1.0

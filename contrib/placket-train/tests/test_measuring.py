"""What decides whether a figure is honest: the split, the intervals, the calibration error, the ranks."""

import numpy as np
import pytest

from placket_train.calibration import (
    calibration_error,
    interval,
    least_familiar,
    least_for,
    softmax,
    temperature_of,
)
from placket_train.photos import part_of
from placket_train.search import fit, precision, recall, units


def test_a_sender_is_always_in_the_same_part():
    parts = [part_of("clothing-dataset", str(sender)) for sender in range(400)]
    assert parts == [part_of("clothing-dataset", str(sender)) for sender in range(400)]
    assert 0.68 < parts.count("train") / 400 < 0.8
    assert 0.1 < parts.count("test") / 400 < 0.22
    assert set(parts) == {"train", "validation", "test"}


def test_the_interval_holds_the_share_and_narrows():
    low, high = interval(90, 100)
    assert low < 0.9 < high
    wide = interval(9, 10)
    assert wide[1] - wide[0] > high - low
    assert interval(0, 0) == (0.0, 1.0)


def test_a_forecaster_that_is_right_as_often_as_it_says_has_no_error():
    said = np.full(1000, 0.75)
    hit = np.arange(1000) % 4 != 0
    assert calibration_error(said, hit) == pytest.approx(0, abs=1e-9)
    assert calibration_error(np.full(1000, 0.95), hit) == pytest.approx(0.2)


def test_the_temperature_cools_a_boaster():
    random = np.random.default_rng(0)
    honest = random.normal(0, 1.5, (4000, 3))
    truth = np.array([random.choice(3, p=row) for row in softmax(honest)])
    assert temperature_of(honest * 3, truth) == pytest.approx(3, rel=0.15)


def test_the_threshold_gives_the_precision_that_is_asked():
    said = np.linspace(0, 1, 1001)
    hit = said > 0.6
    least = least_for(said, hit, 0.9)
    assert hit[said >= least].mean() >= 0.9
    assert least < 0.6


def test_recall_leaves_the_query_out_and_asks_only_what_has_a_partner():
    names = np.array(["a", "a", "b", "c", "c"])
    vectors = units(np.array([[1, 0], [1, 0.1], [0, 1], [1, 0.05], [-1, 0]], float))
    found = recall(vectors @ vectors.T, names, np.ones(5, bool), (1, 4))
    assert found[4] == [True] * 4
    assert found[1] == [False, False, False, False]


def test_precision_counts_the_first_places():
    kinds = np.array([0, 0, 1, 1])
    vectors = units(np.array([[1, 0], [1, 0.1], [0, 1], [0.1, 1]], float))
    assert precision(vectors @ vectors.T, kinds, 1).tolist() == [1, 1, 1, 1]


def test_the_map_takes_out_what_differs_inside_a_product():
    random = np.random.default_rng(1)
    product = np.repeat(np.arange(60), 4)
    features = 0.1 * random.normal(size=(240, 1664))
    features[:, 0] += 8 * random.normal(size=240)  # pose: large, and says nothing
    features[:, 1] += random.normal(size=60)[product]
    names = product.astype(str)
    histograms = np.abs(random.normal(size=(240, 648)))
    maps = fit(features, histograms, names)
    look = units((features - maps.center) @ maps.look)
    raw = units(features - features.mean(axis=0))
    asked = np.ones(240, bool)
    better = np.mean(recall(look @ look.T, names, asked, (5,))[5])
    assert better > np.mean(recall(raw @ raw.T, names, asked, (5,))[5])


def test_no_garment_that_was_learned_from_is_taken_for_something_else():
    energies = np.random.default_rng(2).normal(4, 0.6, 400)
    assert least_familiar(energies) < energies.min()

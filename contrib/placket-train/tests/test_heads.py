"""How the sleeve and being worn are counted."""

from pathlib import Path

import numpy as np
import pytest

from placket_train.measure import Chances, measure_sleeves, measure_worn
from placket_train.photos import CLASSES, Photo


def photo(label, *, worn=False):
    return Photo(Path("photo.jpg"), "magento-sample" if worn else "clothing-dataset", label, "sender", "test")


def sure(*labels, of=0.97):
    rest = (1 - of) / (len(CLASSES) - 1)
    return np.array([[of if name == label else rest for name in CLASSES] for label in labels], np.float32)


def test_a_sleeve_counts_where_the_label_tells_it_and_something_is_said():
    photos = [photo("T-Shirt"), photo("Hoodie"), photo("Polo"), photo("Dress"), photo("T-Shirt", worn=True)]
    kinds = np.concatenate([sure("T-Shirt", "T-Shirt"), sure("Polo", of=0.2), sure("Dress", "Hoodie")])
    (said, right), error = measure_sleeves(photos, Chances(kinds, np.zeros(5)))
    assert (said.count, said.value) == (3, pytest.approx(2 / 3))
    assert (right.count, right.value) == (2, 0.5)
    assert error == pytest.approx(0.97 - 0.5, abs=0.02)


def test_a_tagger_that_dares_to_say_no_sleeve_is_measured_all_the_same():
    (said, right), error = measure_sleeves([photo("T-Shirt")], Chances(sure("T-Shirt", of=0.1), np.zeros(1)))
    assert (said.value, right.count, error) == (0.0, 0, 0.0)


def test_being_worn_is_right_on_either_side_of_a_half():
    photos = [photo("Dress", worn=True), photo("Dress"), photo("Dress"), photo("Dress", worn=True)]
    told, error = measure_worn(photos, Chances(sure(*4 * ["Dress"]), np.array([0.9, 0.1, 0.6, 0.9])))
    assert told.value == 0.75
    assert error == pytest.approx(0.25 * abs(0.6 - 0) + 0.75 * abs(0.9 - 1))

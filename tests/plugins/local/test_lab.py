import numpy as np
import pytest

from placket_local.lab import ciede2000, lab_to_rgb, rgb_to_lab

# From the table of test pairs published with Sharma, Wu and Dalal (2005).
PAIRS = [
    ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
    ((50.0, -1.0, 2.0), (50.0, 0.0, 0.0), 2.3669),
    ((50.0, 2.49, -0.001), (50.0, -2.49, 0.0011), 7.2195),
    ((50.0, 2.5, 0.0), (61.0, -5.0, 29.0), 22.8977),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((22.7233, 20.0904, -46.6940), (23.0331, 14.9730, -42.5619), 2.0373),
    ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
]


@pytest.mark.parametrize(("one", "other", "difference"), PAIRS)
def test_ciede2000_of_the_published_pairs(one, other, difference):
    assert ciede2000(one, other) == pytest.approx(difference, abs=2e-4)
    assert ciede2000(other, one) == pytest.approx(difference, abs=2e-4)


def test_ciede2000_broadcasts():
    table = np.array([pair[0] for pair in PAIRS])
    assert ciede2000(table[:, None], table[None]).shape == (7, 7)
    assert np.diag(ciede2000(table[:, None], table[None])) == pytest.approx(0)


def test_known_lab_values():
    expected = {(255, 255, 255): (100, 0, 0), (255, 0, 0): (53.24, 80.09, 67.20), (0, 0, 255): (32.30, 79.19, -107.86)}
    for rgb, lab in expected.items():
        assert rgb_to_lab(np.array(rgb, np.uint8)) == pytest.approx(lab, abs=0.05)


def test_every_byte_survives_the_round_trip():
    rgb = np.random.default_rng(0).integers(0, 256, (200, 200, 3), dtype=np.uint8)
    assert np.array_equal(lab_to_rgb(rgb_to_lab(rgb)), rgb)

"""What is told from an outline is told as SciPy would."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from placket_local.outline import blurred, contrast_across, solidity_of


@given(st.integers(1, 30), st.integers(1, 30), st.sampled_from([(2.0, 4.0), (3.0, 2.5)]), st.integers(0, 99))
def test_a_blur_is_that_of_scipy(height, width, filtered, seed):
    sigma, truncate = filtered
    planes = np.random.default_rng(seed).normal(size=(height, width, 3)).astype(np.float32)
    expected = ndimage.gaussian_filter(planes, (sigma, sigma, 0.0), truncate=truncate)
    assert blurred(planes, sigma, truncate) == pytest.approx(expected, abs=1e-4)


def test_the_contrast_is_the_step_from_one_side_to_the_other():
    kept = np.zeros((60, 40), bool)
    kept[15:45, 10:30] = True
    lab = np.where(kept[..., None], (70.0, 0.0, 0.0), (40.0, 0.0, 0.0)).astype(np.float32)
    assert contrast_across(lab, kept) == pytest.approx(30, abs=0.5)
    assert contrast_across(lab, ~np.zeros_like(kept)) == 0.0


def test_a_torn_mask_is_less_solid_than_a_whole_one():
    whole = np.zeros((60, 40), bool)
    whole[15:45, 10:30] = True
    torn = whole.copy()
    torn[::2] = False
    assert solidity_of(whole) == pytest.approx(1, abs=0.01)
    assert solidity_of(torn) < 0.6

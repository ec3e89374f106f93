"""Masks made smaller and larger are those that SciPy makes."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from placket_local.morphology import dilated, eroded, opened, spread


@st.composite
def masks(draw: st.DrawFn) -> np.ndarray:
    height, width = draw(st.integers(1, 12)), draw(st.integers(1, 12))
    bits = draw(st.lists(st.booleans(), min_size=height * width, max_size=height * width))
    return np.array(bits, np.bool_).reshape(height, width)


@given(masks())
def test_they_are_those_of_scipy(flags: np.ndarray) -> None:
    before = flags.copy()
    assert (eroded(flags) == ndimage.binary_erosion(flags)).all()
    assert (eroded(flags, beyond=True) == ndimage.binary_erosion(flags, border_value=1)).all()
    assert (dilated(flags) == ndimage.binary_dilation(flags)).all()
    assert (opened(flags) == ndimage.binary_opening(flags)).all()
    assert (flags == before).all(), "what was given is left alone"


@given(masks(), st.integers(1, 9))
def test_a_spread_is_what_the_distance_transform_tells(flags: np.ndarray, reach: int) -> None:
    before = flags.copy()
    expected = ndimage.distance_transform_edt(~flags) <= reach if flags.any() else flags
    assert (spread(flags, reach) == expected).all()
    assert (flags == before).all(), "what was given is left alone"

"""Plain shirts on a plain ground are cut out whole, whatever the network makes of their folds."""

from collections.abc import Callable

import numpy as np
import pytest

from placket_local.picture import decode
from placket_local.studio.fine_cutout import fine_cutout, overlap


@pytest.mark.parametrize("cloth", [(30, 70, 90), (190, 40, 50), (40, 40, 45), (200, 180, 60), (90, 140, 90)])
def test_a_shirt_is_whole(
    photo: Callable[..., bytes], silhouette: Callable[..., np.ndarray], cloth: tuple[int, int, int]
) -> None:
    found = fine_cutout(decode(photo(cloth), working_size=1200))
    assert overlap(found.mask, silhouette()) > 0.99
    assert found.quality > 0.9
    assert found.problems == ()

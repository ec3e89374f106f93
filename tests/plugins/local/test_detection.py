import io

import numpy as np
import pytest
from PIL import Image

from placket.errors import InvalidInput
from placket_local.detection import detect, detect_in


def test_one_garment_is_found_in_its_box(photo):
    found = detect_in(photo((40, 60, 140), (225, 222, 215)))
    assert len(found) == 1
    assert found[0].box == pytest.approx((0.125, 0.167, 0.875, 0.833), abs=0.08)
    assert 0.3 < found[0].score <= 1


def test_two_garments_side_by_side_are_two(photo):
    one, other = photo((40, 60, 140), (225, 222, 215)), photo((150, 40, 50), (225, 222, 215))
    found = detect_in(np.concatenate([one, other], axis=1))
    assert len(found) == 2
    left, right = sorted(found, key=lambda garment: garment.box[0])
    assert left.box[2] < 0.55 < right.box[2]
    assert left.box[0] < 0.45 < right.box[0] + 0.05


def test_boxes_lie_in_the_picture_surest_first(photo, planks):
    found = detect_in(np.concatenate([photo((240, 240, 236), planks), photo((30, 120, 70), planks)], axis=0))
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    for one in found:
        x0, y0, x1, y1 = one.box
        assert 0 <= x0 < x1 <= 1
        assert 0 <= y0 < y1 <= 1


@pytest.mark.parametrize("shape", [(1, 1, 3), (400, 7, 3), (300, 300, 3)])
def test_nothing_is_found_where_nothing_is(shape):
    assert detect_in(np.full(shape, 200, np.uint8)) == ()


def test_what_a_transparent_picture_hides_is_not_found(photo):
    one, other = photo((40, 60, 140), (225, 222, 215)), photo((150, 40, 50), (225, 222, 215))
    picture = Image.fromarray(np.concatenate([one, other], axis=1))
    cover = np.full((picture.height, picture.width), 255, np.uint8)
    cover[:, picture.width // 2 :] = 0
    picture.putalpha(Image.fromarray(cover))
    file = io.BytesIO()
    picture.save(file, "PNG")
    (found,) = detect(file.getvalue())
    assert found.box[2] < 0.55


def test_what_is_no_image_is_refused():
    with pytest.raises(InvalidInput):
        detect(b"%PDF-1.7")

"""The surface made of a silhouette is closed, smooth and as large as it should be, whatever the silhouette."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from scipy import ndimage

from placket.errors import InvalidInput
from placket_local.content.sheet import Sheet, sheet_of
from placket_local.content.surface import Surface, inflate


def drawn(*shapes: list[tuple[int, int]], size: int = 240) -> np.ndarray:
    image = Image.new("L", (size, size))
    for shape in shapes:
        ImageDraw.Draw(image).polygon(shape, fill=255)
    return np.asarray(image, np.float32) / 255


def surface_of(mask: np.ndarray, rows: int = 20) -> Surface:
    height, width = mask.shape
    return inflate(sheet_of(mask, rows), (0, 0, width, height), 0.7)


def places(surface: Surface) -> np.ndarray:
    """The number of each point's place: the front's and the back's point on the rim are one."""
    front, back = np.split(surface.positions, 2)
    number = np.arange(len(front))
    return np.concatenate((number, np.where((front == back).all(axis=1), number, number + len(front))))


def assert_closed(surface: Surface) -> None:
    triangles = places(surface)[surface.triangles]
    directed = Counter(
        (int(a), int(b)) for triangle in triangles for a, b in zip(triangle, np.roll(triangle, -1), strict=True)
    )
    assert set(directed.values()) == {1}, "no edge runs twice in the same direction"
    assert all((b, a) in directed for a, b in directed), "every edge has a neighbour that runs the other way"


@st.composite
def blobs(draw: st.DrawFn) -> np.ndarray:
    """Silhouettes with bays, holes and thin parts: noise, smoothed and cut off at a level."""
    seed, roughness, level = draw(st.integers(0, 10_000)), draw(st.floats(3, 9)), draw(st.floats(-0.3, 0.5))
    noise = ndimage.gaussian_filter(np.random.default_rng(seed).normal(size=(160, 160)), roughness)
    return (noise / noise.std() > level).astype(np.float32)


@settings(max_examples=25, deadline=None)
@given(mask=blobs())
def test_any_silhouette_gives_a_closed_surface_with_unit_normals(mask: np.ndarray) -> None:
    try:
        surface = surface_of(mask)
    except InvalidInput:
        assert ndimage.label(mask)[0].max() == 0 or mask.sum() < 200
        return
    assert_closed(surface)
    assert np.abs(np.linalg.norm(surface.normals, axis=1) - 1).max() < 1e-4
    assert np.isfinite(surface.positions).all()
    assert surface.coordinates.min() >= 0
    assert surface.coordinates.max() <= 1


def test_it_is_as_high_as_asked_and_keeps_its_proportions(shirt: np.ndarray) -> None:
    surface = surface_of(shirt, 40)
    width, height, depth = surface.size
    rows, columns = np.nonzero(shirt > 0.5)
    assert height == pytest.approx(0.7, rel=1e-6)
    assert width / height == pytest.approx(np.ptp(columns) / np.ptp(rows), rel=0.02)
    assert 0.05 < depth < width / 2


def test_it_encloses_its_volume(shirt: np.ndarray) -> None:
    surface = surface_of(shirt, 40)
    a, b, c = surface.positions[surface.triangles].transpose(1, 0, 2).astype(np.float64)
    volume = (np.cross(a, b) * c).sum() / 6
    assert volume > 0, "seen from outside, triangles run counter-clockwise"


def test_the_rim_lies_on_the_silhouette(shirt: np.ndarray) -> None:
    sheet = sheet_of(shirt, 40)
    distance = ndimage.distance_transform_edt(shirt > 0.5) + ndimage.distance_transform_edt(shirt <= 0.5)
    x, y = np.rint(sheet.points[sheet.rim]).astype(int).T
    assert distance[y, x].max() <= 5, "corners are rounded by a few pixels"
    assert np.median(distance[y, x]) <= 1.5


def test_triangles_have_no_slivers(shirt: np.ndarray) -> None:
    assert smallest_angles(sheet_of(shirt, 40)).min() > 5


def smallest_angles(sheet: Sheet) -> np.ndarray:
    a, b, c = sheet.points[sheet.triangles].transpose(1, 0, 2)
    angles = []
    for one, other in ((b - a, c - a), (c - b, a - b), (a - c, b - c)):
        cosine = (one * other).sum(axis=1) / np.linalg.norm(one, axis=1) / np.linalg.norm(other, axis=1)
        angles.append(np.degrees(np.arccos(np.clip(cosine, -1, 1))))
    return np.min(angles, axis=0)


def test_two_parts_that_touch_in_a_point_are_not_pinched_together() -> None:
    mask = drawn([(40, 40), (120, 40), (120, 120), (40, 120)], [(119, 119), (200, 119), (200, 200), (119, 200)])
    assert_closed(surface_of(mask))


def test_a_hole_in_the_garment_stays_and_a_flaw_of_the_mask_is_filled() -> None:
    mask = drawn([(20, 20), (220, 20), (220, 220), (20, 220)])
    mask[100:140, 100:140] = 0
    mask[60:62, 60:62] = 0
    sheet = sheet_of(mask, 30)
    centers = sheet.points[sheet.triangles].mean(axis=1)
    assert not ((np.abs(centers - 120) < 15).all(axis=1)).any()
    assert ((np.abs(centers - 61) < 8).all(axis=1)).any()


def test_only_the_largest_part_is_meshed() -> None:
    mask = drawn([(20, 20), (150, 20), (150, 220), (20, 220)], [(190, 100), (210, 100), (210, 120), (190, 120)])
    assert sheet_of(mask, 30).points[:, 0].max() < 160


def test_it_is_inside_out_of_nothing() -> None:
    for mask in (np.zeros((50, 50), np.float32), drawn([(10, 10), (11, 10), (11, 11)], size=40)):
        with pytest.raises(InvalidInput, match=r"no garment|too small"):
            sheet_of(mask, 20)

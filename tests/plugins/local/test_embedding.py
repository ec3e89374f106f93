import numpy as np
import pytest

from placket_local import network
from placket_local.embedding import embed, histogram
from placket_local.picture import Picture
from placket_local.seen_cutout import seen_cutout


def embedding_of(rgb):
    picture = Picture(rgb, None, (rgb.shape[1], rgb.shape[0]), "PNG")
    seen = network.see(network.squeezed(rgb)[None])
    cutout = seen_cutout(picture, seen.mask[0])
    return embed(picture, seen, network.look(seen), network.tag_scores(seen), cutout)


def test_vectors_have_length_one_whatever_the_knob(photo):
    found = embedding_of(photo((40, 60, 140), (225, 222, 215)))
    for weight in (0.0, 0.3, 1.0):
        assert np.linalg.norm(found.vector(weight)) == pytest.approx(1, abs=1e-4)
    assert found.vector().dtype == np.float32


def test_the_same_garment_on_another_surface_is_nearer_than_another_colour(photo):
    here = embedding_of(photo((40, 60, 140), (225, 222, 215)))
    there = embedding_of(photo((40, 60, 140), (190, 180, 150)))
    other = embedding_of(photo((170, 40, 50), (225, 222, 215)))
    assert here.vector() @ there.vector() > here.vector() @ other.vector()


def test_the_knob_turns_from_look_to_colour(photo, cloths):
    plain, striped = (embedding_of(photo(cloth, (225, 222, 215))) for cloth in ((32, 42, 84), cloths["stripes"]))
    blue = embedding_of(photo((40, 60, 200), (225, 222, 215)))
    assert plain.vector(0.0) @ blue.vector(0.0) > plain.vector(0.0) @ striped.vector(0.0)
    assert plain.vector(1.0) @ blue.vector(1.0) == pytest.approx(plain.color @ blue.color, abs=1e-4)


def test_a_picture_without_a_garment_has_no_colour():
    assert not embedding_of(np.full((200, 200, 3), 200, np.uint8)).color.any()


def test_the_histogram_is_the_square_root_of_shares():
    lab = np.zeros((4, 4, 3), np.float32)
    lab[:2] = (60, 30, -20)
    values = histogram(lab, np.ones((4, 4), bool))
    assert (values**2).sum() == pytest.approx(1)
    assert not histogram(lab, np.zeros((4, 4), bool)).any()

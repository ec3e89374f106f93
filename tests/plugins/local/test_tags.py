"""What is said about pictures, from bytes to tags; the pictures are rendered here, so only sure things are asked."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageDraw

from placket.errors import InvalidInput
from placket_local import network
from placket_local.analysis import WORKING_SIZE, analyze
from placket_local.kinds import CATEGORIES, GROUPS, SLEEVES, Guess, category_of, probabilities, sleeve_of
from placket_local.tags import kind_chances, read_scores

LEAST = {"kind": 0.6, "group": 0.75, "sleeve": 0.75}


def chances(**sure):
    rest = (1 - sum(sure.values())) / (len(CATEGORIES) - len(sure))
    return {kind: sure.get(kind.replace("-", "_"), rest) for kind in CATEGORIES}


def test_a_sure_kind_is_claimed_with_what_else_it_may_be():
    guess = category_of(chances(Shirt=0.8, Blouse=0.15), LEAST)
    assert guess.term == "aa-1-13-7"
    assert guess.confidence == pytest.approx(0.8)
    assert guess.alternatives == (("aa-1-13-1", pytest.approx(0.15)),)


def test_an_unsure_blouse_is_still_a_sure_top():
    guess = category_of(chances(Blouse=0.45, Shirt=0.4, Top=0.1), LEAST)
    assert guess.term == "aa-1-13"
    assert guess.confidence > 0.95
    assert [term for term, _ in guess.alternatives] == ["aa-1-13-1", "aa-1-13-7"]


def test_what_may_be_a_top_or_a_dress_is_clothing_at_least():
    assert category_of(chances(Dress=0.5, Blouse=0.48), LEAST).term == "aa-1"


def test_between_a_hat_and_a_shoe_nothing_is_claimed():
    assert category_of(chances(Hat=0.5, Shoes=0.48), LEAST) is None


def test_a_sleeve_is_told_where_all_likely_kinds_have_the_same():
    assert sleeve_of(chances(T_Shirt=0.5, Polo=0.45), 0.75) == Guess("short", pytest.approx(0.95, abs=0.02))
    assert sleeve_of(chances(Longsleeve=0.5, Undershirt=0.4), 0.75) is None


def test_every_word_is_in_the_vocabulary():
    from placket.record import Vocabulary

    vocabulary = Vocabulary.default()
    for term in (*CATEGORIES.values(), *GROUPS):
        assert vocabulary.get("category", term) is not None
    for length in SLEEVES.values():
        assert vocabulary.get("sleeve_length", length) is not None


def test_probabilities_sum_to_one_and_follow_the_temperature():
    logits = np.array([[2.0, 1.0, 0.0]], np.float32)
    mild, sharp = probabilities(logits, 2.0), probabilities(logits, 0.5)
    assert mild.sum() == pytest.approx(1)
    assert sharp[0, 0] > mild[0, 0]


def test_of_a_worn_garment_less_is_sure():
    kinds = np.tile(np.linspace(0, 3, len(CATEGORIES), dtype=np.float32), (3, 1))
    scores = network.Scores(kinds, np.array([-9.0, 0.0, 9.0], np.float32), np.zeros((3, 6), np.float32))
    flat, perhaps, worn = kind_chances(scores)
    assert flat.max() > perhaps.max() > worn.max()
    assert flat.sum() == pytest.approx(1)
    assert worn.sum() == pytest.approx(1)


def test_what_no_kind_speaks_up_for_is_no_garment_unless_somebody_wears_it():
    kinds = np.full((3, len(CATEGORIES)), -4.0, np.float32)
    kinds[1, 3] = 6.0
    kinds[0, 3] = -1.0  # likelier than all others together, and still next to nothing
    scores = network.Scores(kinds, np.array([-5.0, -5.0, 5.0], np.float32), np.zeros((3, 6), np.float32))
    assert [read_scores(scores, place).familiar for place in range(3)] == [False, True, True]
    assert probabilities(kinds[0], 0.6).max() > 0.9


def test_a_rendered_shirt_is_a_top_of_its_colour(photo, palette, file_of):
    seen = analyze(file_of(photo((40, 60, 140), (225, 222, 215)), "JPEG", quality=92), palette)
    assert seen.cutout.problems == ()
    assert seen.tags.category.term in {"aa-1", "aa-1-13", *(CATEGORIES[kind] for kind in GROUPS["aa-1-13"])}
    assert seen.colors[0].name in {"blue", "navy"}


def test_a_batch_sees_what_single_pictures_show(photo, planks):
    pictures = np.stack([network.squeezed(photo((40, 60, 140), ground)) for ground in ((225, 222, 215), planks)])
    both, one = network.see(pictures), network.see(pictures[1:])
    assert np.allclose(both.mask[1], one.mask[0], atol=1e-3)
    assert np.allclose(network.tag_scores(both).kinds[1], network.tag_scores(one).kinds[0], atol=2e-2)


def drawing():
    image = Image.new("RGB", (300, 360), "white")
    pen = ImageDraw.Draw(image)
    outline = [(60, 80), (120, 60), (180, 60), (240, 80), (220, 140), (190, 130), (190, 320), (110, 320), (60, 80)]
    pen.line(outline, "black", 2)
    return np.asarray(image)


EMPTY = {
    "gray": np.full((90, 90, 3), 128, np.uint8),
    "black": np.zeros((200, 300, 3), np.uint8),
    "white": np.full((300, 200, 3), 255, np.uint8),
    "one pixel": np.full((1, 1, 3), 60, np.uint8),
    "a thread": np.full((2, 900, 3), 60, np.uint8),
}


@pytest.mark.parametrize("name", EMPTY)
def test_a_picture_without_a_garment_says_so(palette, file_of, name):
    seen = analyze(file_of(EMPTY[name]), palette)
    assert "no-garment" in seen.cutout.problems
    assert (seen.colors, seen.tags) == ((), None)


def test_a_drawing_is_read_without_harm(palette, file_of):
    seen = analyze(file_of(drawing()), palette)
    assert 0 <= seen.cutout.quality <= 1


def test_a_gray_photo_has_no_colour_but_gray(photo, palette, file_of):
    gray = np.asarray(Image.fromarray(photo((40, 60, 140), (225, 222, 215))).convert("L"))
    seen = analyze(file_of(gray), palette)
    assert {color.name for color in seen.colors} <= {"black", "charcoal", "gray", "white"}


def test_a_huge_picture_is_analysed_at_working_size(palette):
    image = Image.new("RGB", (12_000, 900), (200, 200, 200))
    ImageDraw.Draw(image).rectangle((4_000, 200, 8_000, 700), fill=(160, 30, 40))
    file = BytesIO()
    image.save(file, "JPEG", quality=60)
    seen = analyze(file.getvalue(), palette)
    assert max(seen.picture.rgb.shape) <= WORKING_SIZE
    assert seen.picture.original_size == (12_000, 900)


def test_a_phone_s_portrait_is_turned_upright_first(photo, palette):
    upright = Image.fromarray(photo((40, 60, 140), (225, 222, 215)))
    exif = Image.Exif()
    exif[0x0112] = 6
    files = []
    for image, options in ((upright, {}), (upright.transpose(Image.Transpose.ROTATE_90), {"exif": exif})):
        file = BytesIO()
        image.save(file, "PNG", **options)
        files.append(file.getvalue())
    straight, turned = (analyze(data, palette) for data in files)
    assert turned.tags.category.term == straight.tags.category.term
    assert turned.tags.category.confidence == pytest.approx(straight.tags.category.confidence, abs=0.05)
    assert turned.cutout.bounding_box == pytest.approx(straight.cutout.bounding_box, abs=0.02)


def test_what_is_no_image_is_refused(palette):
    with pytest.raises(InvalidInput, match="not an image"):
        analyze(b"GIF? no", palette)

"""The trained networks as the model of visual search."""

import numpy as np
import pytest

from placket.interfaces import CatalogItem, Image, Query
from placket.record import Vocabulary
from placket_local import network
from placket_local.search.embedder import embed_files

pytestmark = pytest.mark.skipif(not (network.WEIGHTS / "search.npz").exists(), reason="the weights are not installed")


@pytest.fixture
def trained():
    from placket_local.search.network_embedder import NetworkEmbedder

    return NetworkEmbedder(Vocabulary.default())


def tee(shade=(180, 40, 50), back=(240, 240, 240), width=300) -> bytes:
    """A drawn T-shirt, on a plain background."""
    from io import BytesIO

    from PIL import Image as Pixels
    from PIL import ImageDraw

    drawing = Pixels.new("RGB", (width, width), back)
    outline = [(70, 60), (125, 45), (150, 60), (175, 45), (230, 60), (275, 120), (235, 145), (220, 120), (220, 270),
               (80, 270), (80, 120), (65, 145), (25, 120)]  # fmt: skip
    ImageDraw.Draw(drawing).polygon(outline, fill=shade)
    file = BytesIO()
    drawing.save(file, "PNG")
    return file.getvalue()


def test_vectors_have_the_lengths_that_are_promised(trained):
    (embedded,) = embed_files(trained, [tee()])
    assert embedded.look.shape == (trained.look,)
    assert embedded.color.shape == (trained.color,)
    assert np.linalg.norm(embedded.look) == pytest.approx(1, abs=1e-3)
    assert np.linalg.norm(embedded.color) == pytest.approx(1, abs=1e-3)
    assert "red" in embedded.seen["color"]


def test_the_version_is_that_of_the_weights(trained, tmp_path, monkeypatch):
    from placket.errors import ConfigError
    from placket_local.search.network_embedder import NetworkEmbedder

    assert trained.version == NetworkEmbedder(Vocabulary.default()).version
    monkeypatch.setattr(network, "WEIGHTS", tmp_path)
    with pytest.raises(ConfigError, match="weights of the embedded model are missing"):
        _ = NetworkEmbedder(Vocabulary.default()).version


async def test_a_catalog_is_searched_with_them(open_search, filled, trained):
    search = open_search(embedder=trained)
    shades = {"red": (180, 40, 50), "green": (40, 140, 70), "blue": (40, 60, 160)}
    catalog = await filled([CatalogItem(name, Image.of(tee(shade))) for name, shade in shades.items()], into=search)
    hits = (await search.search(Query(Image.of(tee((170, 45, 55), width=320))), [catalog.ref])).hits
    assert hits[0].id == "red"
    assert [hit.id for hit in (await search.search(Query(text="blue"), [catalog.ref])).hits] == ["blue"]

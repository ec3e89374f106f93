"""The network for tags as it is written: two tails, and a second opinion on what nobody wears."""

import numpy as np
import pytest

from placket_train.grid_kinds import GridKinds, vectors_of
from placket_train.photos import CLASSES

torch = pytest.importorskip("torch", reason="no torch: pip install ./contrib/placket-train")

from placket_train import export, inference, pattern_head  # noqa: E402

KINDS = len(CLASSES)


class Fixed(torch.nn.Module):
    """A tail that says the same of every picture, but for what it takes from the first number of its map."""

    def __init__(self, kinds, worn):
        super().__init__()
        self.kinds, self.worn = torch.tensor(kinds, dtype=torch.float32), worn

    def forward(self, seen):
        first = seen[:, 0, 0, 0]
        return self.kinds + 0 * first[:, None], self.worn + 0 * first


@pytest.fixture
def opinion():
    random = np.random.default_rng(1)
    return GridKinds(random.normal(size=(1920, KINDS)), random.normal(size=KINDS))


@pytest.fixture
def written(opinion, tmp_path):
    """A network whose tails say these kinds, and that somebody wears the garment as surely as this."""

    def made(long, short, worn):
        path = tmp_path / "tags.onnx"
        export.write(export.Tagging(Fixed(long, worn), Fixed(short, worn), opinion, pattern_head.PatternHead()), path)
        return inference.session(path)

    return made


def said(network, deep):
    samples = {name: value.numpy() for name, value in export.sample_inputs().items()}
    count = len(deep)
    given = {name: np.repeat(samples[name], count, axis=0) for name in ("middle", "summary")}
    return network.run(["kinds", "worn"], {**given, "deep": deep})


def test_of_what_nobody_wears_the_second_opinion_moves_the_mean_of_the_tails(written, opinion):
    random = np.random.default_rng(2)
    long, short = random.normal(size=(2, KINDS))
    deep = random.random((3, 120, 16, 16), np.float32)
    kinds, worn = said(written(long, short, -20.0), deep)
    expected = (long + short) / 2 + opinion.scores(vectors_of(deep[:, None])[:, 0])
    assert kinds - kinds[:, :1] == pytest.approx(expected - expected[:, :1], abs=2e-3)
    assert worn == pytest.approx(np.full(3, -20.0))


def test_how_loudly_the_kinds_speak_up_is_left_to_the_tails(written):
    random = np.random.default_rng(3)
    long, short = random.normal(size=(2, KINDS))
    kinds, _ = said(written(long, short, -20.0), random.random((2, 120, 16, 16), np.float32))
    assert np.logaddexp.reduce(kinds, axis=1) == pytest.approx(np.logaddexp.reduce((long + short) / 2), abs=1e-3)


def test_of_what_somebody_wears_only_the_tails_speak(written):
    random = np.random.default_rng(4)
    long, short = random.normal(size=(2, KINDS))
    kinds, _ = said(written(long, short, 20.0), random.random((2, 120, 16, 16), np.float32))
    assert kinds == pytest.approx(np.tile((long + short) / 2, (2, 1)), abs=1e-4)

"""The garment in three dimensions on a report, in a real browser, judged by pixels."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from placket.errors import InvalidInput
from placket.record import GarmentRecord
from placket_local.content.preview import Photos, build_preview
from placket_twins.passage import File, Model, Passage, Step, StepState
from placket_twins.report import render_report
from placket_twins.still import mesh_of, still_of

HERE = Path(__file__).parent
MODULES = HERE.parents[2] / ".cache" / "validators" / "node_modules"

Picture = np.ndarray[Any, np.dtype[Any]]


def photo(shirt: tuple[int, int, int]) -> bytes:
    """A shirt whose sleeve on the left is blue."""
    image = Image.new("RGB", (800, 960), (236, 234, 230))
    draw = ImageDraw.Draw(image)
    body = [(280, 160), (340, 190), (460, 190), (520, 160), (590, 220), (590, 800), (210, 800), (210, 220)]
    draw.polygon(body, fill=shirt)
    draw.polygon([(590, 215), (700, 260), (660, 400), (588, 372)], fill=shirt)
    draw.polygon([(210, 215), (100, 260), (140, 400), (212, 372)], fill=(30, 60, 160))
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


@pytest.fixture(scope="module")
def glbs() -> dict[str, bytes]:
    """Models by colour and profile, as in ``red web``."""
    made = {}
    for name, shirt in (("red", (190, 40, 50)), ("green", (40, 150, 60))):
        for file in build_preview("shirt", [Photos(name, photo(shirt))], (50.0, 0.0, 0.0)).files:
            if file.format == "glb":
                made[f"{name} {file.profile}"] = file.data
    return made


def stronger(picture: Picture, channel: int) -> Picture:
    """Where one channel is clearly stronger than the two others."""
    others = [each for each in range(3) if each != channel]
    solid = picture[..., 3] > 200 if picture.shape[2] == 4 else np.ones(picture.shape[:2], bool)
    return solid & np.all([picture[..., channel] > picture[..., other] + 40 for other in others], axis=0)


def middle(mask: Picture) -> float:
    """How far to the right the marked pixels are, 0..1."""
    return float(np.argwhere(mask)[:, 1].mean() / mask.shape[1])


@pytest.mark.parametrize("profile", ["web", "compat"])
def test_a_still_shows_the_garment_from_the_side_asked_for(glbs: dict[str, bytes], profile: str) -> None:
    views = []
    for angle in (0.0, 180.0):
        with Image.open(io.BytesIO(still_of(glbs[f"red {profile}"], (angle,)))) as opened:
            views.append(np.asarray(opened.convert("RGBA")).astype(int))
    for view in views:
        assert 0.3 < stronger(view, 0).mean() < 0.9
        assert view[0, 0, 3] == 0, "the ground is transparent"
    front, back = (middle(stronger(view, 2)) for view in views)
    assert front < 0.3 < 0.7 < back, "the blue sleeve changes sides"


@pytest.mark.parametrize("damage", [b"", b"glTF", b"\x89PNG\r\n"])
def test_a_file_that_is_no_model_is_said(damage: bytes) -> None:
    with pytest.raises(InvalidInput, match="cannot be drawn"):
        still_of(damage)


def test_a_damaged_model_is_said(glbs: dict[str, bytes]) -> None:
    whole = glbs["red web"]
    assert len(mesh_of(whole).triangles) > 500
    for damaged in (whole[:-9], whole.replace(b'"POSITION"', b'"POSITOIN"'), whole.replace(b'"count":', b'"count":9')):
        with pytest.raises(InvalidInput, match="cannot be drawn"):
            still_of(damaged)


@pytest.fixture(scope="module")
def report(glbs: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Path:
    models = tuple(
        Model(name, glbs[f"{name} {profile}"], still_of(glbs[f"{name} web"], (0.0,)), (File("a.glb", "glb", 1),))
        for name, profile in (("red", "web"), ("green", "compat"))
    )
    passage = Passage((Step("ar", StepState.DONE, "built", 1.0),), models=models)
    page = render_report(GarmentRecord("1"), made_at=datetime(2026, 3, 4, tzinfo=UTC), passage=passage)
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(page, "utf-8")
    return path


@pytest.fixture(scope="module")
def look(report: Path) -> tuple[dict[str, Any], Callable[[str], Picture]]:
    """What the browser says, and what each of its screenshots shows."""
    node = shutil.which("node")
    if node is None or not (MODULES / "puppeteer-core").is_dir():
        pytest.skip("no node or no puppeteer-core in .cache/validators; `make test` installs it where npm is there")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium is installed")
    command = [node, str(HERE / "look_at_report.mjs"), str(MODULES), chromium, str(report), str(report.parent)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), lambda name: np.asarray(
        Image.open(report.parent / f"{name}.png").convert("RGB")
    ).astype(int)


@pytest.mark.timeout(300)
def test_the_page_turns_the_garment_and_changes_its_colour(
    look: tuple[dict[str, Any], Callable[[str], Picture]],
) -> None:
    told, view = look
    assert told == {"said": [], "asked": [], "names": ["red", "green"], "wide": 375}
    front, turned, other = view("front"), view("turned"), view("other")
    assert stronger(front, 0).mean() > 0.08, "the canvas is not blank"
    assert middle(stronger(front, 2)) < 0.45
    assert stronger(turned, 0).mean() > 0.08
    assert middle(stronger(turned, 2)) > 0.55, "half a turn brings the blue sleeve to the other side"
    assert stronger(other, 1).mean() > 0.08 > stronger(other, 0).mean()


@pytest.mark.timeout(300)
def test_without_scripts_there_are_still_pictures(look: tuple[dict[str, Any], Callable[[str], Picture]]) -> None:
    _, view = look
    still = view("still")
    assert stronger(still, 0).mean() > 0.05
    assert stronger(still, 1).mean() > 0.05, "each colour has its own"

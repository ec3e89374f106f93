"""A preview to look at, and the tools of others that judge it. What is not installed is skipped, with the reason.

``make test`` installs the npm packages into ``.cache/validators`` where npm is there.
"""

import io
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from placket_local.content.preview import Photos, Preview, build_preview

HERE = Path(__file__).parent
MODULES = HERE.parents[1] / ".cache" / "validators" / "node_modules"


@pytest.fixture(scope="session")
def photo() -> bytes:
    """A red shirt with one blue sleeve, so that front and back can be told apart."""
    image = Image.new("RGB", (800, 960), (236, 234, 230))
    draw = ImageDraw.Draw(image)
    body = [(280, 160), (340, 190), (460, 190), (520, 160), (590, 220), (590, 800), (210, 800), (210, 220)]
    draw.polygon(body, fill=(190, 40, 50))
    draw.polygon([(210, 215), (100, 260), (140, 400), (212, 372)], fill=(190, 40, 50))
    draw.polygon([(590, 215), (700, 260), (660, 400), (588, 372)], fill=(30, 60, 160))
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


@pytest.fixture(scope="session")
def preview(photo: bytes) -> Preview:
    main = (42.0, 58.0, 33.0)
    return build_preview("shirt", [Photos("red", photo), Photos("green", color=(51.0, -40.0, 26.0))], main)


@pytest.fixture(scope="session")
def written(preview: Preview, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The path of one of the preview's files."""
    folder = tmp_path_factory.mktemp("preview")
    for file in preview.files:
        (folder / file.name).write_bytes(file.data)
    return lambda name: folder / name


@pytest.fixture(scope="session")
def node() -> Callable[..., Any]:
    """Run one of the scripts here and read the JSON it prints."""
    program = shutil.which("node")
    if program is None or not (MODULES / "gltf-validator").is_dir():
        pytest.skip("no node or no npm packages in .cache/validators; `make test` installs them where npm is there")

    def run(script: str, *arguments: object) -> Any:
        command = [program, str(HERE / script), str(MODULES), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=240)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


@pytest.fixture(scope="session")
def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no Chromium is installed")
    return found


@pytest.fixture
def pixels() -> Callable[[Path], np.ndarray]:
    return lambda path: np.asarray(Image.open(path).convert("RGB")).astype(int)

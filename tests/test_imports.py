"""What ``import placket`` loads: next to nothing. A fresh process each time, for the test run has loaded everything."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {
    "PIL", "aiohttp", "cattrs", "click", "importlib.metadata", "numpy", "onnxruntime", "opentelemetry",
    "pluggy", "prometheus_client", "rich", "scipy", "stamina", "structlog", "tomllib",
}  # fmt: skip


def loaded_by(statement: str) -> set[str]:
    program = f"import json, sys\n{statement}\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=50)
    return set(json.loads(done.stdout))


@pytest.mark.parametrize(
    "statement",
    [
        "import placket",
        "import placket.interfaces",
        "import placket.record",
        "import placket.errors",
        "import placket.routing",
        "from placket import Garment, Image, Claim, GarmentRecord, Router",
    ],
)
def test_an_import_loads_nothing_heavy_and_no_provider(statement):
    loaded = loaded_by(statement)
    assert loaded & HEAVY == set()
    assert {name for name in loaded if name.startswith("placket_")} == set()


def test_import_placket_alone_loads_no_room():
    rooms = {name.split(".")[1] for name in loaded_by("import placket") if name.startswith("placket.")}
    assert rooms == {"errors", "lazy"}


def test_every_public_name_can_be_imported():
    program = "import placket\nfor name in placket.__all__: getattr(placket, name)"
    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True, timeout=50)


def test_whatever_is_in_the_wheel_logs_below_one_name():
    root = Path(__file__).parents[1]
    named = [
        (path.relative_to(root), name)
        for folder in ("core", "plugins")
        for path in (root / folder).rglob("*.py")
        for name in re.findall(r'LazyLogger\("(.*?)"\)', path.read_text("utf-8"))
    ]
    assert named
    assert [(path, name) for path, name in named if name.partition(".")[0] != "placket"] == []

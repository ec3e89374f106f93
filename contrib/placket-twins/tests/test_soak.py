"""The soak script, for some seconds: what it counts, and that it fails when something grows."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import util
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "soak.py"


@pytest.fixture(scope="module")
def soak():
    sys.path.insert(0, str(SCRIPT.parent))
    try:
        spec = util.spec_from_file_location("placket_soak", SCRIPT)
        module = util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
    finally:
        sys.path.remove(str(SCRIPT.parent))


@pytest.mark.timeout(240)
def test_it_visits_all_five_twins():
    command = [sys.executable, str(SCRIPT), "--minutes", "3", "--errands", "48", "--rounds", "3", "--seed", "4"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    # So short a run is still warming up: whether something grows is not asked.
    assert "Traceback" not in ran.stderr, ran.stderr
    assert "defect" not in ran.stdout
    assert len(re.findall(r"^ +\d+ .* MB$", ran.stdout, re.MULTILINE)) == 3
    done, given_up = (int(re.search(rf"errands {word} (\d+)", ran.stdout)[1]) for word in ("done", "given up"))
    assert done + given_up == 48
    assert done > given_up


@pytest.mark.parametrize(
    ("name", "step", "grows"),
    [("tasks", 1, True), ("sockets", 1, True), ("descriptors", 1, True), ("memory", 4.0, True), ("memory", 0.1, False)],
)
def test_what_grows_is_found(soak, name, step, grows):
    level = {"tasks": 3, "sockets": 10, "descriptors": 40, "threads": 9, "memory": 200.0}
    measured = [soak.Held(**{**level, name: level[name] + step * number}) for number in range(30)]
    assert {found: grown for found, _, _, grown in soak.trends(measured)} == {
        each: grows and each == name for each in level
    }


def test_what_grows_while_it_warms_up_is_no_leak(soak):
    measured = [soak.Held(min(number, 8), 10, 40, 9, 100.0 + 20 * min(number, 8)) for number in range(30)]
    assert not any(grown for *_, grown in soak.trends(measured))

"""``placket demo`` end to end, in real processes: the command, the twin, both providers, and the files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import resources
from pathlib import Path

import pytest

from placket.record import record_from_json

RUN = "from placket_twins.command import demo; demo(prog_name='placket demo')"
WITH_SAMPLE = (resources.files("placket_twins") / "demo" / "breton-top.webp").is_file()


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PLACKET_DATA": str(cwd / "data")}
    return subprocess.run(
        [sys.executable, "-c", RUN, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, timeout=50
    )


@pytest.fixture
def photo(tmp_path, picture):
    path = tmp_path / "shirt.png"
    path.write_bytes(picture)
    return path


def test_a_photo_of_ones_own(tmp_path, photo):
    done = run(str(photo), "--json", "--known", "brand=Halyard", "--known", "color=yellow", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    shown = json.loads(done.stdout)
    assert shown["schema"] == "placket/garment-record/1"
    assert shown["brand"] == "Halyard"
    color = shown["provenance"]["/color"]
    assert color["conflict"] is True
    assert {cited["provider"] for cited in color["support"] + color["dissent"]} == {"here", "aistetic", "merchant"}
    assert [(each["provider"], each["outcome"]) for each in shown["attempts"]] == [
        ("here", "succeeded"),
        ("aistetic", "succeeded"),
    ]
    assert shown["attempts"][1]["exchanges"] == 2, "an upload and one query"
    assert shown["files"] == {"record": "placket-demo/record.json", "report": "placket-demo/report.html"}
    written = json.loads((tmp_path / "placket-demo" / "record.json").read_text())
    record = record_from_json(written)
    lineages = {claim.source.lineage for claim in record.claims if claim.source.provider in ("here", "aistetic")}
    assert lineages == {"placket-local"}, "the twin resells the embedded model and must say so"
    page = (tmp_path / "placket-demo" / "report.html").read_text()
    assert "shirt.png" in page
    assert "PLACKET_DEMO_KEY" in page


@pytest.mark.skipif(not WITH_SAMPLE, reason="the demo's picture was not rendered yet")
def test_without_a_photo_the_sample_and_its_listing_are_used(tmp_path):
    done = run("--output", "here/and there", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    for word in ("Halyard", "Striped", "conflict", "Says otherwise", "merchant", "aistetic tag: succeeded"):
        assert word in done.stdout
    assert "\x1b" not in done.stdout, "no colours where there is no terminal"
    assert (tmp_path / "here" / "and there" / "report.html").stat().st_size < 1_000_000


def bad(kind: str, picture: bytes) -> bytes:
    return {"empty": b"", "text": b"not a picture", "cut": picture[:200], "header": picture[:8]}[kind]


@pytest.mark.parametrize("kind", ["empty", "text", "cut", "header"])
def test_a_bad_photo_is_one_clear_line(tmp_path, picture, kind):
    path = tmp_path / "bad.png"
    path.write_bytes(bad(kind, picture))
    done = run(str(path), cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["missing.png"], "there is no image at missing.png"),
        (["."], "cannot be read"),
        (["shirt.png", "--known", "brand"], "FIELD=VALUE"),
        (["shirt.png", "--known", "mood=calm"], "no field 'mood'"),
        (["shirt.png", "--output", "shirt.png"], "choose another folder"),
    ],
)
def test_what_cannot_be_used_is_said(tmp_path, photo, arguments, words):
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_the_plugin_is_light_and_registers_the_command():
    check = (
        "import sys, placket_twins\n"
        "(command,) = placket_twins.placket_commands()\n"
        "heavy = {'aiohttp', 'jinja2', 'PIL', 'numpy', 'rich', 'click'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "assert command.name == 'demo' and command.load().name == 'demo'\n"
        "heavy = {'aiohttp', 'jinja2', 'PIL', 'numpy', 'rich'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", check], env=environment, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr

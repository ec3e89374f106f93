"""``placket demo`` end to end, in real processes: the command, the twin, both providers, and the files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import metadata, resources

import pytest

from placket.record import record_from_json

WITH_SAMPLE = (resources.files("placket_twins") / "demo" / "breton-top.webp").is_file()


@pytest.fixture(scope="session")
def installed(tmp_path_factory) -> list[str]:
    """Folders in which Python finds everything, this package as an installed plugin among it."""
    try:
        metadata.distribution("placket-twins")
    except metadata.PackageNotFoundError:
        site = tmp_path_factory.mktemp("site")
        information = site / "placket_twins-0.dist-info"
        information.mkdir()
        (information / "METADATA").write_text("Metadata-Version: 2.1\nName: placket-twins\nVersion: 0\n")
        (information / "entry_points.txt").write_text("[placket]\ntwins = placket_twins\n")
        return [str(site), *sys.path]
    return sys.path


@pytest.fixture
def run(tmp_path, installed):
    """Run ``placket demo`` in a folder of its own, as a process of its own."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(installed), "PLACKET_DATA": str(tmp_path / "data")}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "placket.cli", "demo", *arguments]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=50)

    return run


@pytest.fixture
def photo(tmp_path, picture):
    path = tmp_path / "shirt.png"
    path.write_bytes(picture)
    return path


def test_a_photo_of_ones_own(run, tmp_path, photo):
    done = run(str(photo), "--json", "--known", "brand=Halyard", "--known", "color=yellow")
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
def test_without_a_photo_the_sample_and_its_listing_are_used(run, tmp_path):
    done = run("--output", "here/and there")
    assert (done.returncode, done.stderr) == (0, "")
    for word in ("Halyard", "Striped", "conflict", "Says otherwise", "merchant", "succeeded", "count about once"):
        assert word in done.stdout
    assert "\x1b" not in done.stdout, "no colours where there is no terminal"
    assert (tmp_path / "here" / "and there" / "report.html").stat().st_size < 1_000_000


def bad(kind: str, picture: bytes) -> bytes:
    return {"empty": b"", "text": b"not a picture", "cut": picture[:200], "header": picture[:8]}[kind]


@pytest.mark.parametrize("kind", ["empty", "text", "cut", "header"])
def test_a_bad_photo_is_one_clear_line(run, tmp_path, picture, kind):
    path = tmp_path / "bad.png"
    path.write_bytes(bad(kind, picture))
    done = run(str(path))
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["missing.png"], "there is no image at missing.png"),
        (["."], "cannot be read"),
        (["shirt.png", "--known", "brand"], "FIELD=VALUE"),
        (["shirt.png", "--known", "mood=calm"], "no field 'mood'"),
        (["shirt.png", "--output", "shirt.png"], "choose a folder with --output"),
    ],
)
def test_what_cannot_be_used_is_said(run, photo, arguments, words):
    done = run(*arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_the_plugin_is_light_and_registers_the_commands():
    check = (
        "import sys, placket_twins\n"
        "commands = list(placket_twins.placket_commands())\n"
        "heavy = {'aiohttp', 'jinja2', 'PIL', 'numpy', 'rich', 'click'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "assert [(command.name, command.load().name) for command in commands] == [(n, n) for n in ('demo', 'serve')]\n"
        "heavy = {'aiohttp', 'jinja2', 'PIL', 'numpy', 'rich'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", check], env=environment, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr

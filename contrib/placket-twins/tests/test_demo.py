"""``placket demo`` end to end, in real processes: the command, five twins, all providers, and the files."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from PIL import Image as Picture

from placket.record import Method, record_from_json


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


@pytest.fixture(scope="session")
def environment(installed, tmp_path_factory) -> dict[str, str]:
    data = str(tmp_path_factory.mktemp("data"))
    return {**os.environ, "PYTHONPATH": os.pathsep.join(installed), "PLACKET_DATA": data}


COMMAND = [sys.executable, "-m", "placket.cli"]
PATIENCE = 200
"""Seconds for a whole demo on a machine that is busy with other things; on an idle one it takes a tenth."""


@pytest.fixture
def run(tmp_path, environment):
    """Run ``placket demo`` in a folder of its own, as a process of its own."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [*COMMAND, "demo", *arguments]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=PATIENCE)

    return run


@pytest.fixture
def photo(tmp_path, picture):
    path = tmp_path / "shirt.png"
    path.write_bytes(picture)
    return path


@pytest.fixture
def large_photo(tmp_path, picture):
    """Large enough for pack-shots."""
    path = tmp_path / "large.png"
    with Picture.open(io.BytesIO(picture)) as opened:
        opened.resize((1050, 1260), Picture.Resampling.BICUBIC).save(path)
    return path


STEPS = ["photo", "tag", "search", "store", "shoot", "ar"]


@pytest.mark.timeout(PATIENCE)
def test_a_photo_of_ones_own_goes_through_all_five_vendors(run, tmp_path, large_photo):
    done = run(str(large_photo), "--json", "--known", "brand=Halyard", "--known", "color=yellow")
    assert (done.returncode, done.stderr) == (0, "")
    shown = json.loads(done.stdout)
    assert shown["schema"] == "placket/garment-record/1"
    assert [(step["step"], step["state"]) for step in shown["steps"]] == [(name, "done") for name in STEPS]
    assert shown["brand"] == "Halyard"
    color = shown["provenance"]["/color"]
    assert color["conflict"] is True
    said = {cited["provider"] for cited in color["support"] + color["dissent"]}
    assert said == {"here", "aistetic", "threadgenius", "merchant"}, "a store that repeats a colour is no source of it"
    asked = {(each["provider"], each["operation"]): each for each in shown["attempts"]}
    assert {each["outcome"] for each in shown["attempts"]} == {"succeeded"}
    assert set(asked) >= {
        ("here", "tag"),
        ("aistetic", "tag"),
        ("threadgenius", "tag"),
        ("threadgenius", "search"),
        ("sartiq", "create"),
        ("sartiq", "get"),
        ("autoretouch", "create_sku"),
        ("autoretouch", "brief_results"),
        ("pictofit", "create_product"),
        ("pictofit", "mark_ready"),
    }
    distances = [each["distance"] for each in shown["similar"]]
    assert len(distances) == 5
    assert distances == sorted(distances)
    folder = tmp_path / "placket-demo"
    assert shown["files"] == {
        name: f"placket-demo/{file}"
        for name, file in (("record", "record.json"), ("report", "report.html"), ("config", "placket.toml"))
    }

    record = record_from_json(json.loads((folder / "record.json").read_text()))
    lineages = {
        claim.source.lineage for claim in record.claims if claim.source.operation == "tag" and claim.source.provider
    }
    assert lineages == {"placket-local"}, "the twins resell the embedded model and must say so"
    assert {"sartiq", "autoretouch", "pictofit"} <= set(record.external_ids)
    assert record.ar is not None
    assert record.ar.state == "succeeded"
    files = [asset.path for asset in record.ar.assets]
    assert sorted({Path(name).suffix for name in files}) == [".glb", ".usdz"]
    assert record.shoot is not None
    pictures = [shot.image.path for shot in record.shoot.shots if shot.image]
    assert len(pictures) == 4
    assert all((folder / name).stat().st_size > 10_000 for name in [*files, *pictures])
    echoes = {claim.field for claim in record.claims if claim.method is Method.ECHO}
    assert {"brand", "color", "sku"} <= echoes
    assert record.sku is None, "what the demo made up is nobody's word"

    page = (folder / "report.html").read_text()
    assert "large.png" in page
    config = (folder / "placket.toml").read_text()
    for name in (folder / "secrets").iterdir():
        assert name.stat().st_mode & 0o077 == 0
        secret = name.read_text().strip()
        assert len(secret) > 15
        assert secret not in page + config + (folder / "record.json").read_text()
        assert f"secrets/{name.name}" in config


@pytest.fixture(scope="session")
def sample(tmp_path_factory, environment):
    """The demo with its own garment, while its twins still listen: the folder, and what it has printed so far."""
    folder = tmp_path_factory.mktemp("sample")
    printed = folder / "stdout"
    with printed.open("w") as stdout:
        process = subprocess.Popen(
            [*COMMAND, "demo", "--output", "here/and there", "--stay"],
            cwd=folder,
            env=environment,
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr is not None
        said = process.stderr.readline()
        assert "listen until Ctrl-C" in said, said + process.communicate()[1]
        yield folder / "here" / "and there", printed
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=30)[1] == ""
        assert process.returncode == 0


@pytest.mark.timeout(PATIENCE)
def test_without_a_photo_the_sample_and_its_listing_are_used(sample):
    folder, printed = sample
    stdout = printed.read_text()
    assert [line.split()[:2] for line in stdout.splitlines()[:6]] == [[name, "done"] for name in STEPS]
    for word in ("Halyard", "Striped", "conflict", "Says otherwise", "merchant", "succeeded", "count about once"):
        assert word in stdout
    assert "the nearest: striped long sleeve top, navy" in stdout
    assert "\x1b" not in stdout, "no colours where there is no terminal"
    assert (folder / "report.html").stat().st_size < 2_000_000


@pytest.mark.timeout(PATIENCE)
def test_while_the_twins_stay_other_commands_work_on_them(sample, environment):
    folder, _ = sample
    script = (
        "import sys, placket\n"
        "from placket.interfaces import ProductQuery\n"
        "with placket.open_sync(sys.argv[1]) as router:\n"
        "    print([product.ref.provider for product in router.product_store.list(ProductQuery())])\n"
        "    print([catalog.state.value for catalog in router.visual_search.list_catalogs()])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder / "placket.toml")],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.stdout, done.stderr) == ("['sartiq']\n['ready']\n", "")


@pytest.mark.timeout(PATIENCE)
def test_a_photo_without_a_garment_is_told_and_what_can_be_done_is_done(run, tmp_path):
    Picture.new("RGB", (800, 900), "#d8d4cc").save(tmp_path / "wall.png")
    done = run("wall.png", "--known", "brand=Halyard")
    assert done.returncode == 3
    states = dict(line.split()[:2] for line in done.stdout.splitlines()[:6])
    assert states == {
        "photo": "partly",
        "tag": "partly",
        "search": "failed",
        "store": "done",
        "shoot": "failed",
        "ar": "failed",
    }
    assert all(line.startswith("error: ") for line in done.stderr.splitlines())
    for words in ("no garment was found", "use a plainer", "cannot be cut out", "has not made: As photographed"):
        assert words in done.stderr
    page = (tmp_path / "placket-demo" / "report.html").read_text()
    assert "cannot be cut out" in page
    assert "Halyard" in page


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

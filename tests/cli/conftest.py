"""Plugins installed for one test, and the command line run in this process or in one of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from attrs import define
from click.testing import CliRunner, Result

PICTURE = b"\x89PNG\r\n\x1a\n and so on"

TAGGER = """
from __future__ import annotations

from pathlib import Path

from attrs import frozen

import placket
from placket.errors import InvalidRequest, Unavailable
from placket.interfaces import Capabilities, Findings, GarmentTagger, Level
from placket.record import ClaimBuilder
from placket.registry import ProviderType, Secret, Url, setting


@frozen(kw_only=True)
class Settings:
    says: str = setting(default="NAME-says", doc="The brand.")
    color: str = setting(default="navy", doc="The colour.")
    confidence: float = setting(default=0.7, doc="How sure it is.")
    fails: str = setting(default="", doc="Fail: always, or on pictures whose path contains this.")
    journal: Path | None = setting(default=None, doc="A file in which every call is noted.")
    key: Secret | None = setting(default=None, doc="A secret.")
    base_url: Url | None = setting(default=None, doc="Where the service is.")


class Tagger(GarmentTagger):
    def __init__(self, settings, context):
        self.settings, self.context = settings, context

    async def tag(self, garment):
        if self.settings.journal:
            with self.settings.journal.open("a") as journal:
                journal.write("NAME\\n")
        origin = garment.image().origin
        if self.settings.fails and (self.settings.fails == "always" or self.settings.fails in origin):
            raise Unavailable("out for lunch")
        build = ClaimBuilder(self.context.source("tag", "request-1"), self.context.vocabulary)
        sure = self.settings.confidence
        build.text("brand", self.settings.says, confidence=sure, path="answer.brand")
        build.word("color", self.settings.color, confidence=sure, path="answer.color", alternatives=["black"])
        build.word("fit", "wibbly", path="answer.fit")
        build.text("extra.NAME.note", "kept")
        return Findings(build.claims)


@placket.hookimpl
def placket_provider_types():
    yield ProviderType(
        name="NAME",
        title="NAME tagging",
        settings=Settings,
        factory=Tagger,
        interfaces=(GarmentTagger,),
        capabilities=Capabilities(
            operations={"garment_tagger.tag": Level.FULL},
            fields={"brand": Level.FULL, "color": Level.FULL, "fit": Level.PARTIAL},
        ),
    )
"""


@define
class Site:
    """A folder of installed distributions."""

    folder: Path
    names: list[str]

    def install(self, name: str, source: str, version: str = "1.2.3") -> None:
        """Install a plugin of one module with its entry point."""
        (self.folder / f"placket_{name}.py").write_text(dedent(source), "utf-8")
        metadata = self.folder / f"placket_{name}-{version}.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: placket-{name}\nVersion: {version}\n")
        (metadata / "entry_points.txt").write_text(f"[placket]\n{name} = placket_{name}\n")
        self.names.append(f"placket_{name}")

    def install_tagger(self, name: str) -> None:
        """Install a plugin with one tagger, whose answers its settings decide."""
        self.install(name, TAGGER.replace("NAME", name))


@pytest.fixture(autouse=True)
def work_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test runs in a folder of its own, with no configuration but its own."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for name in ("PLACKET_CONFIG", "PLACKET_PLUGINS", "COLUMNS", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PLACKET_DATA", str(tmp_path / "data"))
    return folder


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Where plugins are installed for this test."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setenv("PYTHONPATH", str(folder))
    installed = Site(folder, [])
    yield installed
    for name in installed.names:
        sys.modules.pop(name, None)


@pytest.fixture
def photo(work_folder: Path) -> str:
    """A picture, as far as its first bytes tell."""
    (work_folder / "photo.png").write_bytes(PICTURE)
    return "photo.png"


@define
class CommandLine:
    """Runs ``placket`` in this process."""

    def __call__(self, *arguments: str, exit_code: int = 0, **settings: Any) -> Result:
        from placket.cli.program import program

        result = CliRunner().invoke(program, arguments, prog_name="placket", **settings)
        assert result.exit_code == exit_code, (result.exit_code, result.stdout, result.stderr)
        return result

    def json(self, *arguments: str, exit_code: int = 0, **settings: Any) -> Any:
        """The one JSON document that a command writes."""
        return json.loads(self(*arguments, exit_code=exit_code, **settings).stdout)


@pytest.fixture
def placket() -> CommandLine:
    """The command line, run in this process."""
    return CommandLine()


@define
class Process:
    """Runs ``python -m placket.cli`` as a process of its own."""

    def __call__(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-m", "placket.cli", *arguments],
            env={**os.environ, **environment},
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=50,
            check=False,
        )


@pytest.fixture
def process() -> Process:
    """The command line, run in a process of its own."""
    return Process()


TWO_TAGGERS = """
[providers.north]
plugin = "north"
journal = "journal.txt"
{north}

[providers.south]
plugin = "south"
journal = "journal.txt"
says = "South"
color = "red"
{south}

[routes.garment_tagger]
strategy = "{strategy}"
targets = {targets}
{rest}
"""


@define
class TwoTaggers:
    """Two plugins that answer differently, and the ``placket.toml`` that uses both."""

    folder: Path

    def configure(
        self,
        *,
        strategy: str = "all",
        targets: tuple[str, ...] = ("north", "south"),
        north: str = "",
        south: str = "",
        rest: str = "",
    ) -> Path:
        """Write ``placket.toml``; ``north`` and ``south`` are further keys of theirs, ``rest`` further tables."""
        path = self.folder / "placket.toml"
        text = TWO_TAGGERS.format(
            strategy=strategy, targets=json.dumps(list(targets)), north=north, south=south, rest=rest
        )
        path.write_text(text)
        return path

    @property
    def called(self) -> list[str]:
        """Who was called, in order."""
        journal = self.folder / "journal.txt"
        return journal.read_text().split() if journal.exists() else []


@pytest.fixture
def taggers(site: Site, work_folder: Path) -> TwoTaggers:
    """Two installed taggers, asked together."""
    site.install_tagger("north")
    site.install_tagger("south")
    two = TwoTaggers(work_folder)
    two.configure()
    return two


def draw_garment(path: Path, color: tuple[int, int, int], scale: int = 1) -> Path:
    """Draw a top on a white ground, 240 by 300 pixels times ``scale``, as a PNG."""
    from PIL import Image, ImageDraw

    corners = [(60, 60), (180, 60), (225, 130), (190, 150), (180, 120), (180, 260), (60, 260), (60, 120), (50, 150)]
    picture = Image.new("RGB", (240 * scale, 300 * scale), "white")
    outline = [(x * scale, y * scale) for x, y in (*corners, (15, 130))]
    ImageDraw.Draw(picture).polygon(outline, fill=color)
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path)
    return path


NAVY, RED, GREEN = (32, 42, 84), (180, 20, 30), (20, 120, 50)


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with three tops, one of them twice, one file that is no picture, and one that does not look like one."""
    folder = tmp_path_factory.mktemp("pictures")
    draw_garment(folder / "navy.png", NAVY)
    draw_garment(folder / "red.png", RED)
    draw_garment(folder / "green.png", GREEN)
    draw_garment(folder / "again" / "green.png", GREEN)
    (folder / "broken.png").write_bytes(b"hello")
    (folder / "notes.txt").write_text("notes")
    return folder


@pytest.fixture(scope="session")
def large_picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A top that is large enough for a pack-shot."""
    return draw_garment(tmp_path_factory.mktemp("large") / "shirt.png", NAVY, scale=4)


@pytest.fixture(scope="session")
def catalog_data(tmp_path_factory: pytest.TempPathFactory, pictures: Path) -> Path:
    """A data folder with the catalog ``Summer``, indexed; for tests that change nothing in it."""
    folder = tmp_path_factory.mktemp("catalog")
    items = [
        {"id": "navy", "path": "navy.png", "metadata": {"brand": "Acme", "price": 49.5, "sizes": ["S", "M"]}},
        {"id": "red", "path": "red.png", "metadata": {"brand": "Other", "price": 10, "sizes": ["L"]}},
        {"id": "green", "path": "green.png", "metadata": {"brand": "Acme", "price": "12"}},
        {"id": "green-2", "path": "again/green.png", "metadata": {"brand": "Other", "price": 80}},
    ]
    lines = pictures / "summer.jsonl"
    lines.write_text("".join(json.dumps(item) + "\n" for item in items))
    environment = {"PLACKET_DATA": str(folder)}
    placket = CommandLine()
    placket("catalog", "create", "Summer", env=environment)
    placket("catalog", "add", "Summer", str(lines), "--index", env=environment)
    lines.unlink()
    return folder


@pytest.fixture(scope="session")
def finished_shoot(tmp_path_factory: pytest.TempPathFactory, large_picture: Path) -> Path:
    """What `shoot_data` is a copy of."""
    folder = tmp_path_factory.mktemp("shoot")
    environment = {"PLACKET_DATA": str(folder / "data")}
    placket = CommandLine()
    placket("store", "put", "-", input='{"sku": "A-1", "name": "Shirt"}', env=environment)
    run = ("shoot", "run", str(large_picture), "--sku", "A-1", "--preset", "square", "--out", str(folder / "out"))
    placket(*run, env=environment)
    placket("shoot", "review", "A-1", "pack-shot/square-white", "approved", env=environment)
    return folder


@pytest.fixture
def shoot_data(finished_shoot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pack-shot of the garment ``A-1`` was made, approved, and belongs to a product.

    The folder ``data`` is the test's own, and in use; in ``out`` is the shot's file.
    """
    folder = shutil.copytree(finished_shoot, tmp_path / "shoot")
    monkeypatch.setenv("PLACKET_DATA", str(folder / "data"))
    return folder

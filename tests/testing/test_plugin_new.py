"""``placket plugin new`` writes a plugin that works, and so does the example, as a stranger finds out."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from placket.cli.program import program
from placket.cli.skeleton_files import skeleton_files

pytestmark = pytest.mark.timeout(180)  # they build and install wheels, in processes of their own

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "placket-acme"


def placket(*arguments: str) -> Result:
    return CliRunner().invoke(program, ("plugin", "new", *arguments), prog_name="placket")


def test_the_example_is_what_the_command_writes(tmp_path):
    assert placket("acme", "--folder", str(tmp_path)).exit_code == 0
    written = {path.name: path.read_text("utf-8") for path in tmp_path.iterdir()}
    kept = {path.name: path.read_text("utf-8") for path in EXAMPLE.iterdir() if path.is_file()}
    assert kept == written, "write it again: rm -r docs/examples/placket-acme, then placket plugin new acme there"


def test_the_example_passes_its_tests(stranger):
    stranger.install(EXAMPLE)
    assert " passed" in stranger.pytest(EXAMPLE)
    shown = stranger.run("placket", "providers", "--json", folder=EXAMPLE)
    assert '"placket-acme 0.1.0"' in shown


def test_its_tests_pass_untouched(stranger, new_plugin):
    folder = new_plugin("blue-ocean")
    assert {path.name for path in folder.iterdir()} >= {"placket_blue_ocean.py", "test_placket_blue_ocean.py"}
    assert " passed" in stranger.pytest(folder)


@pytest.mark.parametrize("interface", ["visual_search", "product_store", "shoot_manager", "ar_content_builder"])
def test_so_do_those_of_every_other_interface(stranger, new_plugin, interface):
    folder = new_plugin(f"north-{interface.replace('_', '-')}", "--interface", interface)
    assert " passed" in stranger.pytest(folder)


def test_a_fault_in_the_plugin_fails_its_tests(stranger, new_plugin):
    folder = new_plugin("leaky")
    plugin = folder / "placket_leaky.py"
    plugin.write_text(plugin.read_text("utf-8").replace("answer.json_object()", "answer.json()"), "utf-8")
    stranger.install(folder)
    assert "wrong-shape" in stranger.pytest(folder, exit_code=1)


def test_what_is_there_is_not_overwritten(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    result = placket("acme", "--folder", str(tmp_path))
    assert result.exit_code == 2
    assert "is there already" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    result = placket("acme", "--folder", str(tmp_path / "notes.txt" / "acme"))
    assert result.exit_code == 2
    assert "cannot be written: Not a directory; choose another folder with --folder" in result.stderr


@pytest.mark.parametrize("name", ["Acme", "acme tags", "7up", "../acme", ""])
def test_a_name_that_cannot_be(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = placket(name)
    assert result.exit_code == 2
    assert "lower-case words joined by hyphens" in result.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["local", "aistetic", "prometheus"])
@pytest.mark.parametrize("limit", ["", "sartiq", "not-installed"])
def test_the_name_of_an_installed_plugin_is_refused(name, limit, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PLACKET_PLUGINS", limit)
    result = placket(name)
    assert result.exit_code == 2
    assert f"{name!r} is the name of an installed plugin" in result.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["acme", "class", "blue-ocean-tags", "placket", "acme2"])
@pytest.mark.parametrize("interface", ["garment_tagger", "ar_content_builder"])
def test_every_name_gives_python(name, interface):
    for path, text in skeleton_files(name, interface).items():
        if path.endswith(".py"):
            compile(text, path, "exec")

"""``placket ar``: 3D files of a photo, made by the embedded builder."""

from __future__ import annotations

import json

import pytest


@pytest.fixture(scope="module")
def built(tmp_path_factory, large_picture):
    """A product that was built once, and the folder with its files."""
    from click.testing import CliRunner

    from placket.cli.program import program

    folder = tmp_path_factory.mktemp("ar")
    arguments = ("ar", "build", str(large_picture), "--color", "red", "--length", "68 cm", "--sku", "A-1")
    environment = {"PLACKET_DATA": str(folder / "data"), "PLACKET_CONFIG": None}
    result = CliRunner().invoke(program, [*arguments, "--out", str(folder / "out"), "--json"], env=environment)
    assert result.exit_code == 0, result.output
    return folder, json.loads(result.stdout), result.stderr


@pytest.fixture
def product(built, monkeypatch):
    """The product that was built, in its data folder."""
    folder, document, _ = built
    monkeypatch.setenv("PLACKET_DATA", str(folder / "data"))
    return document["ref"]


def test_the_files_are_in_the_folder(built):
    folder, document, told = built
    written = {path.name: path.read_bytes() for path in (folder / "out").iterdir()}
    assert set(written) == {"shirt.glb", "shirt-web.glb", "shirt-As-photographed.usdz", "shirt-red.usdz"}
    assert written["shirt.glb"].startswith(b"glTF")
    assert written["shirt-red.usdz"].startswith(b"PK")
    assert document["state"] == "succeeded"
    assert document["ref"] in told


def test_it_is_shown_and_written_again(placket, product, work_folder):
    table = placket("ar", "show", product).stdout
    assert "glb-web" in table
    assert "the back repeats the front" in table
    files = placket.json("ar", "show", product, "--out", "again", "--json")["files"]
    assert len(files) == len(list((work_folder / "again").iterdir())) == 4
    assert "succeeded" in placket("ar", "resume", product, "--out", "third").stdout


def test_the_types(placket):
    assert placket.json("ar", "types", "--json")["product_types"] == ["preview-2.5d"]
    assert "mask" in placket("ar", "types").stdout


def test_a_photo_of_nothing_says_why(placket, tmp_path):
    from PIL import Image

    Image.new("RGB", (800, 800), "white").save(tmp_path / "nothing.png")
    failed = placket("ar", "build", str(tmp_path / "nothing.png"), "--out", "out", "--json", exit_code=1)
    assert json.loads(failed.stdout)["state"] == "failed"
    assert "error: local.mark_ready: job " in failed.stderr


@pytest.mark.parametrize(
    ("arguments", "exit_code", "told"),
    [
        (("build", "nowhere.png", "--out", "out"), 2, "there is no image at nowhere.png"),
        (("build", "PHOTO", "--out", "out", "--color", "wibbly"), 2, "is no colour to make it in"),
        (("build", "PHOTO", "--out", "out", "--length", "tall"), 2, "--length is a length with its unit"),
        (("build", "PHOTO", "--out", "out", "--length", "68"), 2, "--length needs a unit, as in 68 cm"),
        (("build", "PHOTO", "--out", "out", "--type", "hologram"), 2, "is no type of product"),
        (("build", "PHOTO"), 2, "Missing option '--out'"),
        (("show", "17"), 2, "is not a reference"),
        (("show", "local/product/17"), 2, "an ar_product is wanted, as local/ar_product/17"),
        (("show", "local/ar_product/17"), 1, "there is no AR product 17"),
        (("show", "elsewhere/ar_product/17"), 2, "no provider is configured by the name 'elsewhere'"),
    ],
)
def test_wrong_use_is_told(placket, pictures, arguments, exit_code, told):
    given = [str(pictures / "navy.png") if each == "PHOTO" else each for each in arguments]
    assert told in placket("ar", *given, exit_code=exit_code).stderr


def test_a_name_of_any_length_is_that_of_a_file(placket, large_picture, work_folder):
    placket("ar", "build", str(large_picture), "--name", "コート" * 100, "--out", "long")
    written = sorted(path.name for path in (work_folder / "long").iterdir())
    assert len(written) == 3
    assert all(name.startswith("コート" * 20) for name in written)

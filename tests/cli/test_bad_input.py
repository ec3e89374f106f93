"""Whatever is wrong with a picture or a configuration: one clear error, the right exit code, no traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

GOOD = '[providers.here]\nplugin = "local"\n[routes.garment_tagger]\ntargets = ["here"]\n'

CONFIGURATIONS = {
    "an unknown key": (GOOD + "[http]\ntimeoutt = '5s'\n", "config.http.timeoutt: there is no such key"),
    "an unknown key of the plugin": (
        GOOD + "[providers.b]\nplugin = 'local'\ncolour = 1\n",
        "config.providers.b.colour",
    ),
    "a wrong type": (GOOD + "[http]\nmax_pixels = '2'\n", "config.http.max_pixels: must be a whole number"),
    "a missing secret": (
        GOOD + "[providers.b]\nplugin = 'aistetic'\ndomain = 'x'\napi_key = { env = 'NO_SUCH_KEY' }\n",
        "NO_SUCH_KEY",
    ),
    "a secret that is written down": (
        GOOD + "[providers.b]\nplugin = 'aistetic'\ndomain = 'x'\napi_key = 'hunter22'\n",
        "config.providers.b.api_key",
    ),
    "an unknown plugin": (GOOD + "[providers.b]\nplugin = 'lokal'\n", "config.providers.b.plugin"),
    "an unknown provider": (GOOD.replace('["here"]', '["hre"]'), "there is no provider or route 'hre'"),
    "a route that loops": (
        GOOD.replace('["here"]', '["one"]') + "[routes.one]\ntargets = ['here', 'garment_tagger']\n",
        "leads back to itself",
    ),
    "an empty file": ("", "is empty; a minimal one is:"),
    "no TOML": ("[providers", "placket.toml, line 1, column 11: not TOML"),
}


@pytest.mark.parametrize("case", CONFIGURATIONS)
def test_a_configuration_with(placket, photo, work_folder, case):
    text, message = CONFIGURATIONS[case]
    (work_folder / "placket.toml").write_text(text)
    result = placket("tag", photo, exit_code=2)
    assert message in result.stderr
    assert result.stderr.startswith("error: ")
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert "hunter22" not in result.output


@pytest.mark.parametrize(
    ("plugin", "header"),
    [("plugin = 'aistetic'\ndomain = 'x'", "API-KEY"), ("plugin = 'pictofit'\ncustomer_id = '1'", "Authorization")],
)
@pytest.mark.parametrize("text", ["hunter22\nhunter22\n", "\nhunter22", "hunter22\rhunter22", "hunter22\n\n"])
def test_a_secret_of_several_lines_is_told_with_its_place(placket, photo, work_folder, plugin, header, text):
    (work_folder / "key").write_text(text, newline="")
    (work_folder / "key").chmod(0o600)
    (work_folder / "placket.toml").write_text(f"{GOOD}[providers.b]\n{plugin}\napi_key = {{ file = 'key' }}\n")
    result = placket("tag", photo, exit_code=2)
    assert result.stderr == (
        "error: config.providers.b: the secret in file key holds a line break or another control character, which the "
        f"header {header} cannot have; write it in one line (placket.toml)\n"
    )


def test_a_configuration_that_is_not_there(placket, photo):
    assert "there is no file none.toml" in placket("tag", photo, "--config", "none.toml", exit_code=2).stderr


PICTURES = {
    "nothing": (b"", "is empty (0 bytes)"),
    "a text": (b"just some words", "is not an image in a format known here"),
    "a page": (b"<!DOCTYPE html><html></html>", "is not an image in a format known here"),
    "the beginning of a PNG": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0", "cut off"),
    "the beginning of a JPEG": (b"\xff\xd8\xff\xe0\0\x10JFIF\0", "cut off"),
}


@pytest.mark.parametrize("case", PICTURES)
def test_a_picture_that_is(placket, work_folder, case):
    data, message = PICTURES[case]
    (work_folder / "placket.toml").write_text(GOOD)
    Path("odd.png").write_bytes(data)
    result = placket("tag", "odd.png", exit_code=2)
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("photo", "message"),
    [
        ("missing.png", "there is no image at missing.png"),
        (".", "the image at . cannot be read: Is a directory; name the file of a picture"),
        ("nul\0byte.png", "cannot be read"),
        ("http://127.0.0.1/a.png", "blocked address"),
        ("http://169.254.169.254/latest/meta-data", "blocked address"),
        ("http://[::1]/a.png", "blocked address"),
        ("http://user:hunter22@example.com/a.png", "user name"),
        ("ftp://example.com/a.png", "cannot be read from a ftp: address"),
        ("file:///etc/passwd", "cannot be read from a file: address"),
        ("http://", "address"),
        ("data:image/png,not-base64", "not an image"),
        ("data:image/png;base64,%%%", "not valid base64"),
    ],
)
def test_a_place_where_there_is_no_picture(placket, work_folder, photo, message):
    (work_folder / "placket.toml").write_text(GOOD)
    result = placket("tag", photo, exit_code=2)
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
    assert "hunter22" not in result.output


def test_a_picture_of_nothing_is_told_with_the_reason(placket, work_folder):
    from PIL import Image

    Image.new("RGB", (1, 1), "white").save("white.png")
    output = placket("tag", "white.png").stdout
    assert "Nobody could say anything about it." in output
    assert "nothing stands out from the background" in output
    assert "more value" not in output


@pytest.mark.parametrize(
    "arguments",
    [("catalog", "add", "local/catalog/1"), ("taxonomy", "import"), ("store", "export", "local/product/1", "--out")],
)
def test_a_name_that_no_file_can_have(placket, work_folder, arguments):
    result = placket(*arguments, "x" * 300 + ".png", exit_code=2)
    assert f"{'x' * 40}... is too long for the name of a file" in result.stderr
    assert result.stderr.count("\n") == 1

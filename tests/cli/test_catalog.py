"""``placket catalog``: made, filled, indexed, listed and emptied by the embedded search."""

from __future__ import annotations

import json
import os
import shutil

import pytest


def lines(result):
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_from_nothing_to_nothing(placket, pictures):
    assert "placket catalog create NAME" in placket("catalog", "list").stdout
    made = placket.json("catalog", "create", "Summer", "--json")
    assert (made["name"], made["state"], made["items_total"]) == ("Summer", "empty", 0)

    added = placket("catalog", "add", "Summer", str(pictures), exit_code=3)
    assert "Summer: 4 added, 1 refused" in added.stdout
    assert "placket catalog index Summer" in added.stdout
    assert "refused: broken.png: " in added.stderr
    assert "is not an image" in added.stderr
    assert "notes" not in added.stdout + added.stderr

    indexed = placket("catalog", "index", "Summer")
    assert "4 items, 4 indexed" in indexed.stdout
    [listed] = lines(placket("catalog", "list", "--json"))
    assert (listed["ref"], listed["items_indexed"]) == (made["ref"], 4)
    shown = placket.json("catalog", "show", made["ref"], "--json")
    assert shown["state"] == "ready"

    items = lines(placket("catalog", "items", "Summer", "--json"))
    assert {item["id"] for item in items} == {"again/green.png", "green.png", "navy.png", "red.png"}
    assert "2 of 4" in placket("catalog", "items", "Summer", "--limit", "2").stdout
    removed = placket("catalog", "remove-items", "Summer", "red.png", "-", input="navy.png\nno-such\n").stdout
    assert "2 removed; 1 of the ids were not there" in removed
    assert made["ref"] in placket("catalog", "delete", "Summer").stdout
    assert lines(placket("catalog", "list", "--json")) == []


@pytest.mark.skipif(os.name != "posix", reason="a matter of POSIX pipes")
def test_a_pipe_is_refused_and_the_rest_goes_in(placket, pictures, work_folder):
    os.mkfifo(pictures / "pipe.png")
    os.mkfifo(work_folder / "another.jpg")
    placket("catalog", "create", "Summer")
    added = placket("catalog", "add", "Summer", str(pictures), "another.jpg", exit_code=3)
    assert "Summer: 4 added, 3 refused" in added.stdout
    for name in ("pipe.png", "another.jpg"):
        assert f"refused: {name}: the image at " in added.stderr
    assert added.stderr.count("it is a pipe or a device; name the file of a picture") == 2


def test_metadata_that_is_no_json_is_a_text(placket, pictures):
    placket("catalog", "create", "Summer")
    said = [("brand", "Infinity"), ("line", "NaN"), ("price", "4.5"), ("size", "M"), ("code", "1e999")]
    options = [part for key, value in said for part in ("--metadata", f"{key}={value}")]
    placket("catalog", "add", "Summer", str(pictures / "red.png"), *options)
    [item] = lines(placket("catalog", "items", "Summer", "--json"))
    assert item["metadata"] == {**dict(said), "price": 4.5}


def test_what_json_lines_say(placket, pictures, work_folder):
    (work_folder / "list").mkdir()
    (work_folder / "list" / "red.png").write_bytes((pictures / "red.png").read_bytes())
    written = [
        '{"id": "a", "path": "red.png", "metadata": {"brand": "Acme"}}',
        "",
        '{"id": 7, "url": "https://pictures.example/7.jpg"}',
        "{'id': 1}",
        '{"id": "b", "pathh": "red.png"}',
        '{"id": "c"}',
        '{"id": "d", "path": "red.png", "url": "https://pictures.example/8.jpg"}',
        '{"id": "e", "url": "file:///etc/passwd"}',
        '{"id": "f", "path": "red.png", "metadata": 3}',
        '["g"]',
        '{"id": "a", "path": "red.png"}',
        '{"id": "h", "path": "gone.png"}',
    ]
    (work_folder / "list" / "items.jsonl").write_text("\n".join(written))
    placket("catalog", "create", "Summer")
    arguments = ("catalog", "add", "Summer", "list/items.jsonl", "--metadata", "season=SS", "--metadata", "year=2026")
    document = placket.json(*arguments, "--json", exit_code=3)
    assert document["accepted"] == 2
    refused = {each["id"]: each["reason"] for each in document["refused"]}
    place = "list/items.jsonl, line"
    for where, reason in {
        f"{place} 4": "not JSON",
        f"{place} 5": "did you mean 'path'?",
        f"{place} 6": "in path or in url",
        f"{place} 7": "one of them",
        f"{place} 8": "no http or https address",
        f"{place} 9": "metadata is not an object",
        f"{place} 10": "it is no item",
        "a": "another picture of this run has this id",
        "h": "there is no image at list/gone.png",
    }.items():
        assert reason in refused.pop(where)
    assert refused == {}
    kept = {item["id"]: item["metadata"] for item in lines(placket("catalog", "items", "Summer", "--json"))}
    assert kept == {"a": {"season": "SS", "year": 2026, "brand": "Acme"}, "7": {"season": "SS", "year": 2026}}


def test_pictures_by_pattern_and_from_stdin(placket, pictures, monkeypatch):
    monkeypatch.chdir(pictures)
    placket("catalog", "create", "Summer")
    line = json.dumps({"id": "piped", "path": "red.png"})
    assert "4 added" in placket("catalog", "add", "Summer", "[gn]*.png", "-", "**/a*/*.png", input=line).stdout
    kept = {item["id"] for item in lines(placket("catalog", "items", "Summer", "--json"))}
    assert kept == {"green.png", "navy.png", "piped", "again/green.png"}


def test_an_id_may_be_zero_and_none_may_be_said(placket, pictures, monkeypatch):
    monkeypatch.chdir(pictures)
    placket("catalog", "create", "Summer")
    said = ((0, "red.png"), (None, "navy.png"), ("", "green.png"), (False, "broken.png"))
    coming = "\n".join(json.dumps({"id": each, "path": path}) for each, path in said)
    added = placket("catalog", "add", "Summer", "-", input=coming, exit_code=3)
    assert "refused: stdin, line 4: its id is neither text nor a whole number" in added.stderr
    kept = {item["id"] for item in lines(placket("catalog", "items", "Summer", "--json"))}
    assert kept == {"0", "navy.png", "green.png"}


def test_two_pictures_with_one_id_are_not_mixed_up(placket, pictures, tmp_path):
    placket("catalog", "create", "Summer")
    added = placket("catalog", "add", "Summer", str(pictures / "again"), str(pictures), exit_code=3)
    assert "refused: green.png: another picture of this run has this id" in added.stderr


def test_a_file_whose_name_is_no_text_stops_no_other(placket, pictures, work_folder):
    shutil.copytree(pictures / "again", work_folder / "odd")
    shutil.copy(pictures / "red.png", work_folder / "odd" / os.fsdecode(b"b\xff.png"))
    shutil.copy(pictures / "red.png", work_folder / "odd" / "red.png")
    placket("catalog", "create", "Summer")
    added = placket("catalog", "add", "Summer", "odd", exit_code=3)
    assert "Summer: 2 added, 1 refused" in added.stdout
    assert added.stderr.startswith("refused: b\\udcff.png: its id holds half a character")
    assert {item["id"] for item in lines(placket("catalog", "items", "Summer", "--json"))} == {"green.png", "red.png"}


def test_a_file_that_is_no_text_is_refused_once(placket, pictures, work_folder):
    (work_folder / "items.jsonl").write_bytes((pictures / "red.png").read_bytes())
    placket("catalog", "create", "Summer")
    refused = placket("catalog", "add", "Summer", "items.jsonl", exit_code=2)
    assert refused.stderr.count("refused:") == 1
    assert "no UTF-8 text" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("add", "Summer", "nowhere"), "there is no picture, folder or file nowhere"),
        (("add", "Sumer", "*.png"), "there is no catalog 'Sumer'; did you mean 'Summer'?"),
        (("add", "Summer", "*.png"), "refused: *.png: there is no picture there"),
        (("add", "Summer", "*.png", "--metadata", "brand"), "--metadata takes KEY=VALUE"),
        (("show", "local/product/1"), "there is no catalog 'local/product/1'"),
        (("delete", "Winter"), "there is no catalog 'Winter'"),
        (("create", " "), "a catalog needs a name"),
        (("remove-items", "Summer", "-"), "no id was given"),
        (("list", "--provider", "lokal"), "has no enabled provider 'lokal'; did you mean 'local'?"),
    ],
)
def test_wrong_use_is_told(placket, arguments, told):
    placket("catalog", "create", "Summer")
    assert told in placket("catalog", *arguments, exit_code=2, input="").stderr


def test_a_catalog_that_is_not_there_any_more(placket):
    gone = placket("catalog", "show", "local/catalog/none", exit_code=1).stderr
    assert gone.startswith("error: local.get_catalog: there is no catalog")


def test_several_catalogs_of_one_name_are_told_apart_by_reference(placket):
    refs = [placket.json("catalog", "create", "Summer", "--json")["ref"] for _ in range(2)]
    told = placket("catalog", "show", "Summer", exit_code=2).stderr
    assert "several are called 'Summer'" in told
    assert all(ref in told for ref in refs)
    assert placket.json("catalog", "show", refs[1], "--json")["ref"] == refs[1]


def test_a_provider_that_has_no_catalogs_says_so(placket, taggers):
    refused = placket("catalog", "list", "--provider", "north", exit_code=2).stderr
    assert "north declares visual_search.list_catalogs as unsupported" in refused
    assert "name another in [routes.visual_search]" in placket("catalog", "list", exit_code=2).stderr

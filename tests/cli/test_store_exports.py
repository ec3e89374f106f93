"""``placket store``: facets, and exports that are looked at, stopped and dismissed."""

from __future__ import annotations

import json

import pytest

GONE = "local/export/17"


def lines(result):
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture
def export(placket, shoot_data):
    """An export that has ended, and waits to be fetched."""
    placket("shoot", "export", "A-1", "--out", "packed")
    [packed] = lines(placket("store", "exports", "--json"))
    return packed["ref"]


def test_an_export_is_shown_by_its_name(placket, export):
    [listed] = lines(placket("store", "exports", "--json"))
    assert lines(placket("store", "exports", export, "--json")) == [listed]
    assert (listed["ref"], listed["items_done"]) == (export, 1)
    assert "1 of 1" in placket("store", "exports", export).stdout


def test_one_that_has_ended_is_dismissed_and_not_stopped(placket, export):
    assert f"{export} has ended already" in placket("store", "cancel-export", export, exit_code=1).stderr
    assert placket("store", "dismiss-export", export).stdout == f"{export} is dismissed\n"
    assert "There is no export." in placket("store", "exports").stdout
    for command in (("exports", export), ("dismiss-export", export), ("export", "--resume", export, "--out", "x.zip")):
        assert "there is no export" in placket("store", *command, exit_code=1).stderr


def test_a_file_below_another_file_cannot_be_written(placket, export, work_folder):
    (work_folder / "notes.txt").write_text("mine")
    told = placket("store", "export", "--resume", export, "--out", "notes.txt/shots.zip", exit_code=2).stderr
    assert "notes.txt/shots.zip cannot be written: Not a directory; name another --out" in told
    assert lines(placket("store", "exports", "--json")), "it can still be fetched"


def test_of_several_the_first_are_dismissed_when_a_later_one_is_gone(placket, export):
    told = placket("store", "dismiss-export", export, GONE, exit_code=1)
    assert f"{export} is dismissed" in told.stdout
    assert "there is no export 17" in told.stderr


def test_values_of_products(placket):
    shelf = [
        {"sku": "A", "name": "Top", "brand": "Acme", "collection": "Cruise", "season": "SS 2026"},
        {"sku": "B", "name": "Top", "brand": "Öko\u202e", "collection": "Resort", "season": "AW 2027"},
    ]
    placket("store", "put", "-", input="".join(json.dumps(each) + "\n" for each in shelf))
    assert placket("store", "facet", "brands").stdout == "Acme\nÖko\\u202e\n"
    assert placket.json("store", "facet", "years", "--json") == {"years": ["2027", "2026"]}
    assert placket.json("store", "facet", "seasons", "--json") == {"seasons": ["AW", "SS"]}
    assert placket.json("store", "facet", "collections", "--brand", "acme", "--json") == {"collections": ["Cruise"]}
    assert placket("store", "facet", "collections", "--brand", "Third").stdout == "There are no collections.\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("facet", "colours"), "is not one of"),
        (("facet", "brands", "--provider", "nobody"), "has no enabled provider 'nobody'"),
        (("exports", "17"), "is not a reference"),
        (("exports", "local/brief/17"), "an export is wanted, as local/export/17"),
        (("cancel-export", "local/brief/17"), "an export is wanted"),
        (("dismiss-export",), "Missing argument"),
        (("dismiss-export", "local/brief/17"), "an export is wanted"),
    ],
)
def test_wrong_use_is_told(placket, arguments, told):
    assert told in placket("store", *arguments, exit_code=2).stderr

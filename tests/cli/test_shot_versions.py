"""``placket shoot``: versions of shots, runs, the choice among pictures, briefs, and garments that are changed."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def shot(shoot_data):
    """The one pack-shot that the shoots have."""
    return "pack-shot/square-white"


def lines(result):
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_versions_of_a_shot_are_listed_by_its_type_or_its_id(placket, shot):
    [known] = placket.json("shoot", "show", "A-1", "--json")["shots"]
    [revision] = lines(placket("shoot", "revisions", "A-1", shot, "--json"))
    assert (revision["shot"], revision["state"]) == (known["id"], "approved")
    assert revision["details"]["made_at"]
    table = placket("shoot", "revisions", "A-1", known["id"], env={"COLUMNS": "300"}).stdout
    assert revision["id"] in table
    assert revision["images"][0]["path"] in table


def test_a_shot_that_was_made_of_another_photo_has_two_versions(placket, shot, large_picture, tmp_path):
    from PIL import Image, ImageOps

    with Image.open(large_picture) as picture:
        ImageOps.mirror(picture).save(tmp_path / "other.png")
    placket("shoot", "run", str(tmp_path / "other.png"), "--sku", "A-1", "--preset", "square", "--out", "out")
    newest, oldest = lines(placket("shoot", "revisions", "A-1", shot, "--json"))
    assert (newest["state"], oldest["state"]) == ("in-review", "approved")
    runs = lines(placket("shoot", "generations", "A-1", "--json"))
    assert [run["images"][0]["vendor_ref"] for run in runs] == [newest["id"], oldest["id"]]
    assert len(lines(placket("shoot", "generations", "A-1", "--limit", "1", "--json"))) == 1


def test_what_a_run_has_made_can_be_chosen_and_the_choice_taken_back(placket, shot):
    [run] = lines(placket("shoot", "generations", "A-1", "--json"))
    [picture] = run["images"]
    assert f"({picture['vendor_ref']})" in placket("shoot", "generations", "A-1", env={"COLUMNS": "300"}).stdout
    chosen = placket.json("shoot", "select", "A-1", shot, picture["vendor_ref"], "--json")
    assert (chosen["shot_type"], chosen["selected"]) == (shot, picture["vendor_ref"])
    assert "approved, selected" in placket("shoot", "show", "A-1").stdout
    [known] = placket.json("shoot", "show", "A-1", "--json")["shots"]
    assert known["details"]["selected"] is True
    assert f"no picture is chosen for {shot} of local/sku/" in placket("shoot", "select", "A-1", shot, "--none").stdout
    assert "selected" not in placket("shoot", "show", "A-1").stdout
    told = placket("shoot", "select", "A-1", shot, known["id"], env={"COLUMNS": "300"}).stdout
    assert f"{known['id']} is chosen for {shot} of local/sku/" in told


def test_a_picture_that_is_not_there_is_not_chosen(placket, shot):
    assert "has no pack-shot/square-white nope" in placket("shoot", "select", "A-1", shot, "nope", exit_code=1).stderr
    assert "selected" not in placket("shoot", "show", "A-1").stdout


def test_nothing_was_made_of_a_new_garment(placket, pictures):
    added = placket.json("shoot", "add", str(pictures / "navy.png"), "--sku", "N-1", "--json")
    assert "Nothing was made of this garment yet." in placket("shoot", "generations", "N-1").stdout
    assert lines(placket("shoot", "generations", added["ref"], "--json")) == []


def test_a_shot_without_a_picture_has_no_version(placket, pictures):
    small = str(pictures / "navy.png")
    placket("shoot", "run", small, "--sku", "N-1", "--preset", "square", "--out", "out", exit_code=1)
    assert "The shot has no picture yet." in placket("shoot", "revisions", "N-1", "pack-shot/square-white").stdout


def test_one_brief_is_shown(placket, shot):
    [listed] = lines(placket("shoot", "list", "--json"))
    assert placket.json("shoot", "brief", listed["ref"], "--json") == listed
    told = placket("shoot", "brief", listed["ref"], env={"COLUMNS": "200"}).stdout
    assert "succeeded 100%" in told
    assert f"of {listed['skus'][0]}" in told


def test_a_garment_is_changed_where_nobody_was_faster(placket, shot, pictures, monkeypatch):
    monkeypatch.chdir(pictures)
    before = placket.json("shoot", "show", "A-1", "--json")
    changed = placket.json(
        "shoot", "update", "A-1", "name=Blouse", "brand=Acme", "--version", before["version"], "--json"
    )
    assert (changed["name"], changed["brand"], changed["sku"]) == ("Blouse", "Acme", "A-1")
    assert int(changed["version"]) > int(before["version"])
    late = placket("shoot", "update", "A-1", "brand=Late", "--version", before["version"], exit_code=1).stderr
    assert "see what it is now:  placket shoot show A-1" in late
    assert "Traceback" not in late
    again = ("shoot", "update", "A-1", "brand=Late", "--version", before["version"], "--debug")
    assert "Traceback" in placket(*again, exit_code=1).stderr
    assert f"version {changed['version']}" in placket("shoot", "show", "A-1").stdout
    told = placket("shoot", "update", "A-1", "brand=", "--image", "red.png", "--image", "back=green.png").stdout
    assert "is changed; its version is" in told
    after = placket.json("shoot", "show", "A-1", "--json")
    assert "brand" not in after
    assert sorted(media["role"] for media in after["media"]) == ["back", "front"]


def test_looks_in_which_a_garment_is_worn_beside_another(placket, shot, pictures):
    placket("shoot", "add", str(pictures / "navy.png"), "--sku", "N-1")
    placket("shoot", "create-look", "A-1", "N-1", "--name", "Office")
    assert "Office" not in placket("shoot", "show", "N-1").stdout
    assert "Office" in placket("shoot", "show", "N-1", "--related").stdout


def test_garments_that_every_project_may_use(placket, shot, pictures):
    project = placket.json("shoot", "create-project", "Spring", "--json")["ref"].split("/")[2]
    placket("shoot", "add", str(pictures / "navy.png"), "--sku", "N-1", "--known", f"shoot.project_ids={project}")
    assert [each["sku"] for each in lines(placket("shoot", "list", "global-skus", "--json"))] == ["A-1"]
    assert {each["sku"] for each in lines(placket("shoot", "list", "skus", "--json"))} == {"A-1", "N-1"}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("revisions", "Z-9", "pack-shot"), "there is no sku 'Z-9'"),
        (("revisions", "A-1", "detail"), "'detail' is no shot of local/sku/"),
        (("generations", "Z-9"), "there is no sku 'Z-9'"),
        (("select", "A-1", "pack-shot/square-white"), "say which PICTURE counts, or --none"),
        (("select", "A-1", "pack-shot/square-white", "17", "--none"), "say which PICTURE counts, or --none"),
        (("select", "Z-9", "pack-shot", "17"), "there is no sku 'Z-9'"),
        (("brief", "17"), "is not a reference"),
        (("brief", "local/sku/17"), "a brief is wanted, as local/brief/17"),
        (("update", "A-1"), "say what to change"),
        (("update", "A-1", "colr=red"), "did you mean 'color'?"),
        (("update", "Z-9", "name=Top"), "there is no sku 'Z-9'"),
        (("generations", "A-1", "--provider", "nobody"), "has no enabled provider 'nobody'"),
    ],
)
def test_wrong_use_is_told(placket, shot, arguments, told):
    assert told in placket("shoot", *arguments, exit_code=2).stderr


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_what_cannot_be_is_told_as_the_store_tells_it(placket, pictures, options):
    photo = str(pictures / "navy.png")
    told = placket("shoot", "add", photo, "--sku", "N-1", "--known", "color=wibbly", *options).stderr
    assert told == "warning: N-1: the vocabulary does not have color 'wibbly'; it is kept as it is\n"
    told = placket("shoot", "update", "N-1", "measurements.length=-3 cm", "brand=Acme", *options).stderr
    assert told == "warning: N-1: measurements.length cannot be -3 cm; it is kept as it is\n"

"""``placket shoot``: a pack-shot of the embedded studio, from the photo to the file that is handed out."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def shot(shoot_data):
    """One pack-shot was made, and is approved."""
    return shoot_data


def lines(result):
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_the_picture_is_in_the_folder(shot):
    from PIL import Image

    with Image.open(shot / "out" / "pack-shot-square-white.jpg") as picture:
        assert picture.size == (2000, 2000)
        assert min(picture.convert("RGB").getpixel((3, 3))) > 250


def test_what_was_ordered_is_listed(placket, shot):
    [brief] = lines(placket("shoot", "list", "--json"))
    assert brief["shots"][0]["preset"] == "square-white"
    assert brief["status"]["state"] == "succeeded"
    assert brief["ref"] in placket("shoot", "list", env={"COLUMNS": "200"}).stdout
    [sku] = lines(placket("shoot", "list", "skus", "--json"))
    assert (sku["sku"], sku["ref"]) == ("A-1", brief["skus"][0])
    assert "There are no projects." in placket("shoot", "list", "projects").stdout
    document = placket.json("shoot", "show", "A-1", "--json")
    assert [(each["shot_type"], each["state"]) for each in document["shots"]] == [
        ("pack-shot/square-white", "approved")
    ]
    assert "approved" in placket("shoot", "show", "A-1").stdout


def test_results_can_be_written_again(placket, shot, work_folder):
    [brief] = lines(placket("shoot", "list", "--json"))
    [made] = placket.json("shoot", "results", brief["ref"], "--json")["shots"]
    assert "file" not in made
    [made] = placket.json("shoot", "results", brief["ref"], "--out", "again", "--json")["shots"]
    written = work_folder / made["file"]
    assert written.read_bytes() == (shot / "out" / "pack-shot-square-white.jpg").read_bytes()
    assert "pack-shot" in placket("shoot", "resume", brief["ref"], "--out", "third").stdout
    assert [path.name for path in (work_folder / "third").iterdir()] == ["pack-shot-square-white.jpg"]


def test_what_was_made_is_kept_where_another_file_has_its_name(placket, shot, work_folder):
    [brief] = lines(placket("shoot", "list", "--json"))
    (work_folder / "out").mkdir()
    (work_folder / "out" / "pack-shot-square-white.jpg").write_bytes(b"another shirt")
    refused = placket("shoot", "resume", brief["ref"], "--out", "out", exit_code=2).stderr
    assert f"what was made is kept; write it with:  placket shoot results {brief['ref']} --out DIR" in refused
    assert "out/pack-shot-square-white.jpg is there already" in refused
    assert (work_folder / "out" / "pack-shot-square-white.jpg").read_bytes() == b"another shirt"


def test_approved_shots_are_handed_out(placket, shot, work_folder):
    import zipfile

    [file] = placket.json("shoot", "export", "A-1", "--out", "packed", "--json")["files"]
    assert zipfile.ZipFile(work_folder / file).testzip() is None


def test_what_nobody_approved_is_not_packed(placket, shot, work_folder):
    placket("shoot", "review", "A-1", "pack-shot/square-white", "rejected")
    told = placket("shoot", "export", "A-1", "--out", "packed").stdout
    assert told == "Nothing is approved; approve shots with: placket shoot review SKU SHOT approved\n"
    assert list((work_folder / "packed").iterdir()) == []


def test_a_person_may_change_their_mind(placket, shot):
    [known] = placket.json("shoot", "show", "A-1", "--json")["shots"]
    for state, name in (("rejected", known["id"]), ("approved", "pack-shot/square-white")):
        document = placket.json("shoot", "review", "A-1", name, state, "--note", "the hem", "--json")
        assert (document["state"], document["details"]["note"]) == (state, "the hem")


def test_projects_and_looks_are_planned_and_taken_back(placket, large_picture, work_folder):
    project = placket.json("shoot", "create-project", "Spring", "--json")
    assert project["ref"] in placket("shoot", "list", "projects").stdout
    inside = f"shoot.project_ids={project['ref'].split('/')[2]}"
    order = ("shoot", "run", str(large_picture), "--sku", "A-1", "--known", inside)
    no_such_look = placket(*order, "--shot", "collage", "--out", "out", exit_code=2).stderr
    assert "a collage shows a look" in no_such_look
    look = placket.json("shoot", "create-look", "A-1", "--name", "Office", "--json")
    assert look["details"]["skus"]
    assert "Office" in placket("shoot", "show", "A-1").stdout
    [sku] = lines(placket("shoot", "list", "skus", "--project", project["ref"].split("/")[2], "--json"))
    assert sku["sku"] == "A-1"
    assert f"{sku['ref']} is deleted" in placket("shoot", "delete", "A-1").stdout
    assert lines(placket("shoot", "list", "skus", "--json")) == []


def test_a_brief_that_is_done_cannot_be_undone(placket, shot):
    [brief] = lines(placket("shoot", "list", "--json"))
    assert placket.json("shoot", "cancel", brief["ref"], "--json")["status"]["state"] == "succeeded"


def test_the_kinds_and_their_presets(placket):
    found = placket.json("shoot", "kinds", "--json")
    assert found["pack-shot"][0] == "square-white"
    assert "pack-shot" in placket("shoot", "kinds").stdout


def test_a_photo_that_is_too_small_says_why(placket, pictures, work_folder):
    failed = placket("shoot", "run", str(pictures / "navy.png"), "--out", "out", "--json", exit_code=1)
    [made] = json.loads(failed.stdout)["shots"]
    assert "use a larger photo" in made["details"]["reason"]
    assert "brief local/brief/" in failed.stderr
    assert list((work_folder / "out").iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("run", "nowhere.png", "--out", "out"), "there is no image at nowhere.png"),
        (("run", "broken.png", "--out", "out"), "is not an image"),
        (("run", "navy.png"), "Missing option '--out'"),
        (("run", "navy.png", "--out", "notes.txt"), "is a file"),
        (("run", "navy.png", "--out", "notes.txt/out"), "cannot be made"),
        (("run", "navy.png", "--out", "OUT", "--shot", "pak-shot"), "did you mean 'pack-shot'?"),
        (("run", "navy.png", "--out", "OUT", "--preset", "sqare"), "did you mean 'square-gray'?"),
        (("run", "navy.png", "--out", "OUT", "--shot", "color,colour=red"), "did you mean 'color'?"),
        (("run", "navy.png", "--out", "OUT", "--shot", "color,red"), "KIND,KEY=VALUE"),
        (("run", "navy.png", "--out", "OUT", "--shot", "detail,count=many"), "count is a whole number"),
        (("run", "navy.png", "--out", "OUT", "--shot", "color,color=wibbly"), "is no colour that can be shown"),
        (("run", "navy.png", "--out", "OUT", "--project", "nope"), "project"),
        (("run", "navy.png", "--out", "OUT", "--known", "colr=red"), "did you mean 'color'?"),
        (("results", "17"), "is not a reference"),
        (("resume", "local/sku/17", "--out", "OUT"), "a brief is wanted, as local/brief/17"),
        (("show", "Z-9"), "there is no sku 'Z-9'"),
        (("review", "Z-9", "1", "approved"), "there is no sku 'Z-9'"),
        (("review", "Z-9", "1", "fine"), "is not one of"),
    ],
)
def test_wrong_use_is_told(placket, pictures, monkeypatch, tmp_path, arguments, told):
    monkeypatch.chdir(pictures)
    given = [str(tmp_path / "out") if each == "OUT" else each for each in arguments]
    assert told in placket("shoot", *given, exit_code=2).stderr


def test_a_shot_that_is_not_there(placket, shot):
    told = placket("shoot", "review", "A-1", "detail", "approved", exit_code=2).stderr
    assert "'detail' is no shot of local/sku/" in told
    assert "pack-shot/square-white" in told
    assert "there is no brief" in placket("shoot", "results", "local/brief/none", exit_code=1).stderr


def test_a_provider_without_shoots_says_who_can(placket, taggers, pictures):
    photo = str(pictures / "navy.png")
    refused = placket("shoot", "run", photo, "--out", "out", "--provider", "north", exit_code=2).stderr
    assert "north declares shoot_manager.shot_kinds as unsupported" in refused

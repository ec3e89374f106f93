"""``placket store``: products put, listed, shown, changed and removed, in the embedded store."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

SHIRT = {
    "sku": "P-1",
    "name": "Blouse",
    "brand": "Acme",
    "color": ["navy", "white"],
    "measurements": {"length": "68 cm"},
    "price": "29.90 EUR",
    "season": "SS 2026",
    "images": ["green.png", {"image": "again/../red.png", "role": "back"}],
}


def lines(result):
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture
def products(placket, pictures, monkeypatch):
    """Two products, put as plain values."""
    monkeypatch.chdir(pictures)
    coat = {"sku": "P-2", "name": "Coat", "brand": "Other"}
    placket("store", "put", "-", input=f"{json.dumps(SHIRT)}\n\n{json.dumps(coat)}\n")


def test_plain_values_are_put_and_shown(placket, products):
    document = placket.json("store", "show", "P-1", "--json")
    assert document["schema"] == "placket/garment-record/1"
    assert document["ref"].startswith("local/product/")
    assert document["version"] == "1"
    assert [color["id"] for color in document["color"]] == ["navy", "white"]
    assert document["measurements"]["length"]["mm"] == 680
    assert document["price"] == {"amount": "29.90", "currency": "EUR"}
    assert document["season"] == {"name": "SS", "year": 2026}
    assert sorted(media["role"] for media in document["media"]) == ["back", "front"]
    table = placket("store", "show", document["ref"]).stdout
    assert "Blouse" in table
    assert "version 1" in table


def test_putting_again_updates_what_is_named(placket, products):
    again = placket.json("store", "put", "-", "--json", input='{"sku": "P-2", "brand": "Third"}')
    assert again == {"created": 0, "updated": 1, "refused": []}
    document = placket.json("store", "show", "P-2", "--json")
    assert (document["name"], document["brand"]) == ("Coat", "Third")


OF_THE_STORE = ("external_ids", "created_at", "updated_at")
SHELF = '[providers.shelf]\nplugin = "local"\n[routes.product_store]\ntargets = ["shelf"]\n'


def test_a_tagged_record_keeps_who_said_what(placket, taggers, photo, work_folder):
    taggers.configure(rest=SHELF)
    (work_folder / "brief.json").write_text(placket("tag", photo, "--known", "sku=A-1", "--json").stdout)
    (work_folder / "whole.json").write_text(placket("tag", photo, "--json", "--claims").stdout)
    assert placket.json("store", "put", "brief.json", "--json")["created"] == 1
    assert placket.json("store", "put", "whole.json", "--set", "sku=A-2", "--json")["created"] == 1
    for sku, paths in (("A-1", {""}), ("A-2", {"answer.brand"})):
        [why] = placket.json("store", "show", sku, "--why", "brand", "--json")["why"]
        said = [*why["support"], *why["dissent"]]
        assert {claim["source"]["provider"] for claim in said} == {"north", "south"}
        assert {claim.get("path", "") for claim in said} == paths
    told = placket("store", "show", "A-2", "--why", "brand").stdout
    assert "north-says" in told
    assert "South" in told


def test_the_configured_rules_decide_what_is_shown(placket, taggers, photo, work_folder):
    taggers.configure(rest=SHELF)
    (work_folder / "whole.json").write_text(placket("tag", photo, "--known", "sku=A-1", "--json", "--claims").stdout)
    placket("store", "put", "whole.json")
    for brand, preferred in (("north-says", "north"), ("South", "south")):
        taggers.configure(rest=f'{SHELF}[merge.fields.brand]\nprefer = ["{preferred}"]\n')
        assert placket.json("store", "show", "A-1", "--json")["brand"] == brand


def test_what_cannot_be_put_is_named_and_the_rest_goes_in(placket, pictures, monkeypatch):
    monkeypatch.chdir(pictures)
    written = [
        '{"sku": "A", "name": "Skirt", "color": "wibbly"}',
        '{"sku": "B", "brnd": "Acme"}',
        '{"name": "no code"}',
        "nonsense",
        '["sku"]',
        '{"sku": "C", "images": ["broken.png"]}',
        '{"sku": "D", "images": "green.png"}',
        '{"sku": "E", "brand": ["Acme", "Other"]}',
        '{"sku": "F", "measurements": {"length": 68}}',
        '{"sku": "G", "price": {"amount": "1"}}',
        '{"sku": "H", "schema": "placket/garment-record/1", "id": "x", "provenance": {"/sku": {}}}',
        '{"schema": "placket/garment-record/9", "claims": []}',
        '{"input": "photo.jpg", "error": {"type": "Unavailable"}, "attempts": []}',
    ]
    result = placket("store", "put", "-", "--json", input="\n".join(written), exit_code=3)
    document = json.loads(result.stdout)
    assert (document["created"], document["updated"]) == (1, 0)
    refused = {each["product"]: each["reason"] for each in document["refused"]}
    for number, reason in (
        (2, "did you mean 'brand'?"),
        (3, "it has no SKU"),
        (4, "not JSON"),
        (5, "it is no product"),
        (6, "is not an image"),
        (7, "images is a list"),
        (8, "brand has one value, not 2"),
        (9, "measurements.length cannot be 68"),
        (10, "price.amount"),
        (11, "provenance is damaged"),
        (12, "schema"),
        (13, "could not be tagged"),
    ):
        assert reason in refused.pop(f"stdin, line {number}"), number
    assert refused == {}
    assert "A: the vocabulary does not have color 'wibbly'; it is kept as it is" in result.stderr


def test_a_table_is_refused_once_and_the_files_beside_it_go_in(placket, work_folder):
    (work_folder / "products.CSV").write_text("sku,name\n" + "A-1,Shirt\n" * 1000)
    (work_folder / "products.jsonl").write_text('{"sku": "B-1"}')
    result = placket("store", "put", "products.CSV", "products.jsonl", exit_code=3)
    assert "1 created, 0 updated, 1 refused" in result.stdout
    assert result.stderr.startswith("refused: products.CSV: it is a table; write each row as JSON")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("fields", "doubt"),
    [
        ({"measurements": {"length": "-3 cm"}}, "measurements.length cannot be -3 cm"),
        ({"price": "-5.00 EUR"}, "price cannot be -5.00 EUR"),
        ({"price": "-5"}, "price cannot be -5"),
    ],
)
def test_what_cannot_be_is_told_as_it_was_written_and_kept(placket, fields, doubt):
    told = placket("store", "put", "-", input=json.dumps({"sku": "A", **fields})).stderr
    assert told == f"warning: A: {doubt}; it is kept as it is\n"


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"price": {"amount": "29.90", "currency": "EUR"}}, "price is one text, as in 29.90 EUR"),
        ({"season": {"name": "SS", "year": 2026}}, "season is one text, as in SS 2026"),
    ],
)
def test_what_a_record_has_as_an_object_is_asked_for_as_a_text(placket, given, wanted):
    refused = placket("store", "put", "-", input=json.dumps({"sku": "A", **given}), exit_code=2).stderr
    assert wanted in refused


def test_half_a_character_costs_its_own_product_only(placket):
    written = [{"sku": "A", "name": "Skirt"}, {"sku": "B", "name": "x\ud83d"}, {"sku": "C", "name": "Coat"}]
    result = placket("store", "put", "-", input="\n".join(map(json.dumps, written)), exit_code=3)
    assert "2 created, 0 updated, 1 refused" in result.stdout
    assert result.stderr.startswith("refused: B: this text cannot be stored")
    assert result.stderr.count("\n") == 1


def test_one_document_over_many_lines_may_begin_with_a_byte_order_mark(placket, work_folder):
    (work_folder / "product.json").write_text(json.dumps({"sku": "A", "name": "Skirt"}, indent=2), "utf-8-sig")
    assert placket("store", "put", "product.json").stdout == "1 created, 0 updated\n"


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="there is no file that can be opened and not be read")
def test_a_disk_that_cannot_be_read_is_told(placket):
    told = placket("store", "put", "/proc/self/mem", exit_code=2).stderr
    assert told == "error: /proc/self/mem cannot be read: Input/output error; name another file\n"


def test_a_file_that_is_no_text_is_refused_once(placket, pictures):
    refused = placket("store", "put", str(pictures / "red.png"), exit_code=2).stderr
    assert refused.count("refused:") == 1


def test_lists_pages_and_filters(placket, products):
    assert [each["sku"] for each in lines(placket("store", "list", "--json"))] == ["P-2", "P-1"]
    assert [each["sku"] for each in lines(placket("store", "list", "--brand", "acme", "--json"))] == ["P-1"]
    by_name = ("store", "list", "--sort", "name", "--ascending", "--limit", "1", "--json")
    assert [each["sku"] for each in lines(placket(*by_name))] == ["P-1"]
    assert [each["sku"] for each in lines(placket(*by_name, "--page", "2"))] == ["P-2"]
    assert lines(placket(*by_name, "--page", "3")) == []
    assert "1 of 2" in placket("store", "list", "--limit", "1").stdout
    assert "Page 9 is behind the end." in placket("store", "list", "--page", "9").stdout
    assert "There is no such product." in placket("store", "list", "--season", "AW").stdout


def test_what_is_listed_whole_can_be_put_into_another_store(placket, products, work_folder):
    whole = placket("store", "list", "--all", "--claims").stdout
    other = {"PLACKET_DATA": str(work_folder / "other")}
    assert placket.json("store", "put", "-", "--json", input=whole, env=other)["created"] == 2
    before, after = (placket.json("store", "show", "P-1", "--json", env=env) for env in (None, other))
    for field in ("name", "brand", "color", "measurements", "price", "season"):
        assert after[field] == before[field]


@pytest.mark.parametrize("listed", [("--all",), ("--all", "--claims"), ("--json",)])
def test_what_is_listed_and_put_again_says_nothing_new(placket, products, listed):
    before = told(placket)
    for _ in range(2):
        placket("store", "put", "-", input=placket("store", "list", *listed).stdout)
        assert told(placket) == before


def test_what_taggers_said_is_the_same_after_a_round_trip(placket, taggers, photo, work_folder):
    taggers.configure(north='lineage = "reseller"', south='lineage = "reseller"', rest=SHELF)
    (work_folder / "record.json").write_text(
        placket("tag", photo, "--known", "sku=A-1", "--known", "name=Top", "--json", "--claims").stdout
    )
    placket("store", "put", "record.json")
    before = told(placket)
    whole = placket("store", "list", "--all").stdout
    placket("store", "put", "-", input=whole)
    assert told(placket) == before
    other = {"PLACKET_DATA": str(work_folder / "other")}
    placket("store", "put", "-", input=whole, env=other)
    assert told(placket, env=other) == before


def test_a_record_is_put_in_brief_and_as_a_whole_in_any_order(placket, taggers, photo, work_folder):
    taggers.configure(rest=SHELF)
    (work_folder / "tagged.json").write_text(placket("tag", photo, "--known", "sku=A-1", "--json", "--claims").stdout)
    whole = json.loads((work_folder / "tagged.json").read_text())
    brief = {key: value for key, value in whole.items() if key != "claims"}
    (work_folder / "brief.json").write_text(json.dumps(brief))
    placket("store", "put", "tagged.json")
    before = told(placket)
    placket("store", "put", "brief.json")
    assert told(placket) == before
    placket("store", "delete", "A-1")
    for name in ("brief.json", "tagged.json"):
        placket("store", "put", name)
    assert told(placket) == before


def test_resellers_of_one_model_count_about_once_in_a_record_that_was_put_in_brief(
    placket, taggers, photo, work_folder
):
    taggers.configure(north='lineage = "pole"\ncolor = "red"', south='lineage = "pole"', rest=SHELF)
    tagged = json.loads(placket("tag", photo, "--known", "sku=A-1", "--json").stdout)
    (work_folder / "brief.json").write_text(json.dumps(tagged))
    placket("store", "put", "brief.json")
    stored = placket.json("store", "show", "A-1", "--json")["provenance"]
    for path in ("/brand", "/color"):
        assert stored[path]["score"] == tagged["provenance"][path]["score"]


def test_a_seller_who_agrees_with_a_tagger_is_one_more(placket, taggers, photo, work_folder):
    taggers.configure(rest=SHELF)
    (work_folder / "tagged.json").write_text(placket("tag", photo, "--known", "sku=A-1", "--json", "--claims").stdout)
    placket("store", "put", "tagged.json", "--set", "brand=South")
    [why] = placket.json("store", "show", "A-1", "--why", "brand", "--json")["why"]
    assert [claim["source"]["provider"] for claim in why["support"]] == ["shelf", "south"]


def told(placket, **settings):
    """What a store's products say, and who said it, but for what the store says of itself."""
    found = {}
    for each in lines(placket("store", "list", "--json", "--claims", **settings)):
        claims = [one for one in each["claims"] if one["field"].split(".")[0] not in OF_THE_STORE]
        scores = {
            path: one["score"] for path, one in each["provenance"].items() if path.split("/")[1] not in OF_THE_STORE
        }
        found[each["sku"]] = (claims, scores, len(each["external_ids"]))
    return found


def test_changes_and_conflicts(placket, products):
    changed = placket.json("store", "update", "P-1", "brand=New", "price=", "--version", "1", "--json")
    assert changed["version"] == "2"
    assert changed["brand"] == "New"
    assert "price" not in changed
    assert changed["name"] == "Blouse"
    conflict = placket("store", "update", "P-1", "brand=Newer", "--version", "1", exit_code=1).stderr
    assert "its version is 2, not 1" in conflict
    assert "placket store show P-1" in conflict
    assert "is changed; its version is 3" in placket("store", "update", "P-1", "brand=Newer").stdout


@pytest.mark.parametrize(
    ("changes", "doubts"),
    [
        (("price=-5.00 EUR",), ["price cannot be -5.00 EUR"]),
        (("measurements.length=-3 cm", "brand=New"), ["measurements.length cannot be -3 cm"]),
        (("color=wibbly", "price=-5"), ["the vocabulary does not have color 'wibbly'", "price cannot be -5"]),
        (("price=", "brand=New"), []),
    ],
)
@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_change_to_what_cannot_be_is_told_as_it_is_by_put(placket, products, changes, doubts, options):
    told = placket("store", "update", "P-1", *changes, *options).stderr
    assert told == "".join(f"warning: P-1: {doubt}; it is kept as it is\n" for doubt in doubts)


def test_pictures_are_replaced(placket, products, pictures):
    document = placket.json("store", "update", "P-1", "--image", "navy.png", "--image", "back=green.png", "--json")
    assert sorted(media["role"] for media in document["media"]) == ["back", "front"]


def test_put_away_and_removed(placket, products):
    assert "is archived" in placket("store", "archive", "P-1").stdout
    assert [each["sku"] for each in lines(placket("store", "list", "--archived", "--json"))] == ["P-1"]
    assert "no longer archived" in placket("store", "archive", "P-1", "--undo").stdout
    assert placket("store", "delete", "P-1", "P-2").stdout.count("is deleted") == 2
    assert "there is no product 'P-1'" in placket("store", "show", "P-1", exit_code=2).stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("show", "P-9"), "there is no product 'P-9'"),
        (("show", "local/sku/1"), "there is no product"),
        (("show", "P-1", "--why", "colr"), "did you mean 'color'?"),
        (("show", "P-1", "--claims"), "--claims goes with --json"),
        (("list", "--year", "99999999999999999999999"), "Invalid value for '--year'"),
        (("update", "P-1"), "say what to change"),
        (("update", "P-1", "color"), "FIELD=VALUE"),
        (("update", "P-1", "colr=red"), "did you mean 'color'?"),
        (("update", "P-1", "brand=A", "brand=B"), "is given twice"),
        (("update", "P-1", "price=cheap"), "price is an amount and a currency"),
        (("update", "P-1", "--image", "broken.png"), "is not an image"),
        (("update", "P-1", "--image", "back="), "takes a picture, or ROLE=PICTURE"),
        (("put", "nowhere.jsonl"), "nowhere.jsonl cannot be read"),
        (("put", "."), "cannot be read"),
        (("put", "-"), "there is no product in -"),
        (("list", "--limit", "0"), "is not in the range"),
        (("list", "--sort", "colour"), "is not one of"),
        (("list", "--claims"), "--claims goes with --json"),
        (("export", "--out", "shots.zip"), "in one way"),
        (("export", "P-1", "--brand", "Acme", "--out", "shots.zip"), "in one way"),
        (("export", "P-1", "--out", "red.png"), "is there already"),
        (("export", "--resume", "17", "--out", "shots.zip"), "is not a reference"),
        (("export", "--resume", "local/brief/17", "--out", "shots.zip"), "an export is wanted"),
    ],
)
def test_wrong_use_is_told(placket, products, arguments, told):
    assert told in placket("store", *arguments, exit_code=2, input="").stderr


def test_approved_shots_are_exported_once_and_whole(placket, shoot_data, work_folder):
    import zipfile

    document = placket.json("store", "export", "A-1", "--out", "shots.zip", "--json")
    assert (document["items_total"], document["file"]) == (1, "shots.zip")
    with zipfile.ZipFile(work_folder / "shots.zip") as packed:
        assert packed.testzip() is None
        assert any(name.endswith(".jpg") for name in packed.namelist())
    assert document["ref"] not in placket("store", "exports", "--json").stdout
    gone = placket("store", "export", "--resume", document["ref"], "--out", "again.zip", exit_code=1).stderr
    assert "error: local." in gone
    assert not (work_folder / "again.zip").exists()


def test_nothing_approved_says_how(placket, products, work_folder):
    told = placket("store", "export", "P-1", "--out", str(work_folder / "shots.zip")).stdout
    assert "0 approved shots" in told
    assert "placket shoot review" in told

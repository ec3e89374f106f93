"""``placket taxonomy``: words looked up, and an invented taxonomy in the form of Shopify's imported."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

CATEGORIES = """\
# Shopify Product Taxonomy - Categories: 2026-11
# Format: {GID} : {Ancestor name} > ... > {Category name}

gid://shopify/TaxonomyCategory/aa         : Apparel & Accessories
gid://shopify/TaxonomyCategory/aa-1       : Apparel & Accessories > Clothing
gid://shopify/TaxonomyCategory/aa-1-90    : Apparel & Accessories > Clothing > Sky Wear
gid://shopify/TaxonomyCategory/aa-1-90-1  : Apparel & Accessories > Clothing > Sky Wear > Cloud Skirts
gid://shopify/TaxonomyCategory/aa-1-90-2  : Apparel & Accessories > Clothing > Sky Wear > Shorts
gid://shopify/TaxonomyCategory/aa-1-91    : Apparel & Accessories > Clothing > Sea Wear
gid://shopify/TaxonomyCategory/aa-1-91-1  : Apparel & Accessories > Clothing > Sea Wear > Wave Tops
gid://shopify/TaxonomyCategory/aa-1-91-2  : Apparel & Accessories > Clothing > Sea Wear > Loop Tops
gid://shopify/TaxonomyCategory/aa-1-90-3  : Apparel & Accessories > Clothing > Sky Wear > Loop Tops
gid://shopify/TaxonomyCategory/zz         : Kites
"""
ATTRIBUTES = "# names\ngid://shopify/TaxonomyAttribute/1    : Color\ngid://shopify/TaxonomyAttribute/9999 : Kite size\n"
VALUES = """\
# values
gid://shopify/TaxonomyValue/15     : Navy [Color]
gid://shopify/TaxonomyValue/990001 : Dusk glow [Color]
gid://shopify/TaxonomyValue/990002 : Other [Color]
gid://shopify/TaxonomyValue/990003 : Blue [Color]
gid://shopify/TaxonomyValue/990004 : Large [Kite size]
"""
JSON_CATEGORIES = {
    "version": "2026-11",
    "verticals": [
        {
            "name": "Apparel & Accessories",
            "categories": [
                {"id": f"gid://shopify/TaxonomyCategory/{key}", "level": 0, "name": name, "parent_id": None}
                for key, name in (("aa", "Apparel & Accessories"), ("aa-1", "Clothing"), ("aa-1-90", "Sky Wear"))
            ],
        }
    ],
}
JSON_ATTRIBUTES = {
    "version": "2026-11",
    "attributes": [
        {
            "id": "gid://shopify/TaxonomyAttribute/1",
            "name": "Color",
            "values": [{"id": "gid://shopify/TaxonomyValue/990001", "name": "Dusk glow", "handle": "color__dusk-glow"}],
        }
    ],
}
MAPPINGS = {
    "mappings": [
        {
            "input_taxonomy": "shopify/2026-11",
            "output_taxonomy": "google/2021-09-21",
            "rules": [
                {
                    "input": {"category": {"id": "gid://shopify/TaxonomyCategory/aa-1-90"}},
                    "output": {"category": [{"id": "4711"}]},
                },
                {"input": {"category": None}, "output": {}},
            ],
        }
    ]
}


@pytest.fixture
def checkout(work_folder):
    """A checkout with the text files."""
    folder = work_folder / "product-taxonomy" / "dist" / "en"
    (folder / "integrations").mkdir(parents=True)
    (folder / "categories.txt").write_text(CATEGORIES)
    (folder / "attributes.txt").write_text(ATTRIBUTES)
    (folder / "attribute_values.txt").write_text(VALUES)
    (folder / "integrations" / "all_mappings.json").write_text(json.dumps(MAPPINGS))
    return folder


def test_words_are_looked_up(placket):
    [value] = placket.json("taxonomy", "show", "Dark-Blue", "--json")["values"]
    assert (value["attribute"], value["id"], value["gid"]) == ("color", "navy", "gid://shopify/TaxonomyValue/15")
    assert [each["id"] for each in value["above"]] == ["blue"]
    assert "dark blue" in value["words"]
    [value] = placket.json("taxonomy", "show", "gid://shopify/TaxonomyCategory/aa-1-4", "--json")["values"]
    assert (value["label"], value["google_category"]) == ("Dresses", 2271)
    assert "Apparel & Accessories (aa)" in placket("taxonomy", "show", "dress").stdout
    several = placket.json("taxonomy", "show", "short", "--json")["values"]
    assert {each["attribute"] for each in several} > {"sleeve_length", "length"}
    [one] = placket.json("taxonomy", "show", "short", "--attribute", "length", "--json")["values"]
    assert one["gid"] is None


def test_the_attributes_are_listed(placket):
    document = placket.json("taxonomy", "show", "--json")
    assert document["imported"] is None
    assert document["attributes"]["color"] > 30
    assert "waist_rise" in placket("taxonomy", "show").stdout


def test_later_runs_have_what_was_imported(placket, checkout):
    document = placket.json("taxonomy", "import", "product-taxonomy", "--json")
    assert document["version"] == "2026-11"
    assert document["added"] == {"category": 7, "color": 2}
    assert placket.json("taxonomy", "show", "--json")["imported"] == document["file"]

    [value] = placket.json("taxonomy", "show", "cloud skirts", "--json")["values"]
    assert [each["id"] for each in value["above"]] == ["aa-1-90", "aa-1", "aa"]
    assert value["google_category"] == 4711
    put = placket("store", "put", "-", input='{"sku": "K-1", "name": "Kite", "color": "dusk glow"}')
    assert "warning" not in put.stderr


def test_nothing_is_guessed(placket, checkout):
    placket("taxonomy", "import", "product-taxonomy")
    # "Shorts" keeps its meaning, "Loop Tops" are two new things, and "Blue" of another number is not our blue.
    own, new = placket.json("taxonomy", "show", "shorts", "--attribute", "category", "--json")["values"]
    assert (own["id"], new["id"]) == ("aa-1-14", "aa-1-90-2")
    assert "shorts" in own["words"]
    assert "shorts" not in new["words"]
    both = placket.json("taxonomy", "show", "loop tops", "--json")["values"]
    assert {each["id"] for each in both} == {"aa-1-91-2", "aa-1-90-3"}
    assert all("loop tops" not in each["words"] for each in both)
    [blue, imported] = placket.json("taxonomy", "show", "blue", "--attribute", "color", "--json")["values"]
    assert (blue["id"], imported["id"]) == ("blue", "blue_990003")
    put = placket("store", "put", "-", input='{"sku": "K-2", "name": "Top", "category": "loop tops"}')
    assert "the vocabulary does not have category 'loop tops'" in put.stderr


@pytest.mark.parametrize("packed", [False, True])
def test_json_and_release_files(placket, work_folder, packed):
    for name, content in (("categories", JSON_CATEGORIES), ("attributes", JSON_ATTRIBUTES)):
        text = json.dumps(content).encode()
        if packed:
            (work_folder / f"{name}.en.json.gz").write_bytes(gzip.compress(text))
        else:
            (work_folder / f"{name}.json").write_bytes(text)
    assert placket.json("taxonomy", "import", ".", "--json")["added"] == {"category": 1, "color": 1}


def test_another_import_takes_the_place_of_the_first(placket, checkout):
    placket("taxonomy", "import", "product-taxonomy")
    document = placket.json("taxonomy", "import", "product-taxonomy/dist", "--branch", "aa-1-91", "--json")
    assert document["added"]["category"] == 3
    assert "no meaning for 'cloud skirts'" in placket("taxonomy", "show", "cloud skirts", exit_code=2).stderr


@pytest.mark.parametrize(
    ("file", "content", "told"),
    [
        ("categories.txt", CATEGORIES + "nonsense\n", "categories.txt, line 14: not of the form"),
        ("categories.txt", CATEGORIES.replace("/aa-1-90 ", "/aa_1_90 "), "line 6: 'aa_1_90' is no category's id"),
        ("categories.txt", CATEGORIES.replace("/aa-1 ", "/aa-2 "), "lies under aa-1, which is not there"),
        ("categories.txt", "# nothing\n", "has no category"),
        ("categories.txt", b"\xff\xfe", "categories.txt is not UTF-8"),
        ("attributes.txt", "gid://shopify/TaxonomyAttribute/x : Color\n", "attributes.txt, line 1: a GID ends in a"),
        ("attributes.txt", f"gid://shopify/TaxonomyAttribute/{'9' * 5000} : Color\n", "line 1: a GID ends in a"),
        ("attribute_values.txt", VALUES.replace(" [Color]", "", 1), "attribute_values.txt, line 2: the value names no"),
        ("attribute_values.txt", None, "has no attribute_values.txt; is the checkout whole?"),
        ("attributes.json", '{\n"attributes": [\n}', "attributes.json, line 3: not JSON"),
        ("attributes.json", '{"attributes": [{"id": 7}]}', "attributes.json has another form"),
        ("attributes.json", "", "attributes.json, line 1: not JSON"),
        ("integrations/all_mappings.json", '{"mappings": 3}', "all_mappings.json has another form"),
        ("categories.txt", None, "has no categories.txt or categories.json"),
    ],
)
def test_a_bad_file_is_named_and_nothing_changes(placket, checkout, file, content, told):
    path = checkout / file
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert told in placket("taxonomy", "import", "product-taxonomy", exit_code=2).stderr
    assert placket.json("taxonomy", "show", "--json")["imported"] is None


@pytest.mark.parametrize("damage", [lambda packed: packed[:40], lambda packed: packed[:15] + b"\xff" * 15])
def test_a_damaged_file_of_a_release_is_named(placket, work_folder, damage):
    (work_folder / "categories.en.txt.gz").write_bytes(damage(gzip.compress(CATEGORIES.encode())))
    told = placket("taxonomy", "import", ".", exit_code=2).stderr
    assert "categories.en.txt.gz cannot be read" in told
    assert "fetch it again" in told


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("show", "wibbly"), "no meaning for 'wibbly'"),
        (("show", "Turquoisee"), "did you mean 'Turquoise'?"),
        (("show", "navy", "--attribute", "colour"), "did you mean 'color'?"),
        (("import", "nowhere"), "nowhere is no folder"),
        (("import", "product-taxonomy", "--branch", "bb"), "no category 'bb'; at its top are aa"),
    ],
)
def test_wrong_use_is_told(placket, checkout, arguments, told):
    assert told in placket("taxonomy", *arguments, exit_code=2).stderr


def test_a_damaged_import_is_told_with_the_way_out(placket, checkout):
    document = placket.json("taxonomy", "import", "product-taxonomy", "--json")
    imported = Path(document["file"])
    imported.write_text(imported.read_text() + "[category\n")
    told = placket("store", "list", exit_code=2).stderr
    assert "the imported taxonomy cannot be used" in told
    assert f"delete {imported}" in told
    imported.unlink()
    placket("store", "list")

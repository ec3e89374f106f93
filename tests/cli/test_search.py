"""``placket search``: by picture, text, attributes and metadata, in a catalog of the embedded search."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def summer(catalog_data, pictures, monkeypatch):
    """The catalog is there, and this is the folder of its pictures."""
    monkeypatch.setenv("PLACKET_DATA", str(catalog_data))
    monkeypatch.chdir(pictures)


def ids(document):
    return [hit["id"] for hit in document["hits"]]


def test_a_picture_finds_itself_first(placket, summer):
    document = placket.json("search", "navy.png", "-k", "2", "--json")
    assert ids(document)[0] == "navy"
    assert len(document["hits"]) == 2
    assert document["hits"][0]["metadata"] == {"brand": "Acme", "price": 49.5, "sizes": ["S", "M"]}
    assert document["input"] == "navy.png"
    assert [attempt["outcome"] for attempt in document["attempts"]] == ["succeeded"]
    table = placket("search", "navy.png").stdout
    assert table.index("navy") < table.index("red")
    assert "brand=Acme, price=49.5, sizes=S, M" in table


def test_the_short_form_is_the_long_one(placket, summer):
    long = placket.json("search", "garments", "navy.png", "--json")
    assert ids(placket.json("search", "--debug", "navy.png", "--json")) == ids(long)
    assert ids(placket.json("search", "--json", "navy.png", "--catalog", "Summer")) == ids(long)


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (["brand=Acme"], {"navy", "green"}),
        (["price=10..49.5"], {"navy", "red"}),
        (["price=50.."], {"green-2"}),
        (["price=..10"], {"red"}),
        (["brand=B.."], {"red", "green-2"}),
        (["brand=A..B"], {"navy", "green"}),
        (["price=12"], {"green"}),
        (["price=10,80"], {"red", "green-2"}),
        (["sizes=M,L"], {"navy", "red"}),
        (['sizes=["S"]'], {"navy"}),
        (['price="10"'], set()),
        (["brand=Acme", "price=10..20"], set()),
    ],
)
def test_filters(placket, summer, filters, found):
    options = [part for each in filters for part in ("--filter", each)]
    assert set(ids(placket.json("search", "navy.png", *options, "--json"))) == found


def test_words_find_what_shows_them(placket, summer):
    assert ids(placket.json("search", "--text", "red top", "--json"))[:1] == ["red"]
    assert ids(placket.json("search", "--attribute", "color=navy", "--json"))[:1] == ["navy"]


def test_colour_and_region_are_handed_on(placket, summer):
    whole = placket.json("search", "navy.png", "--color-weight", "0", "--region", "0,0,1,1", "--json")
    half = placket.json("search", "navy.png", "--color-weight", "1", "--region", "0,0,0.5,1", "--json")
    assert [hit["distance"] for hit in whole["hits"]] != [hit["distance"] for hit in half["hits"]]


def test_each_garment_of_a_picture(placket, summer):
    result = placket("search", "navy.png", "--detect", "--json")
    documents = [json.loads(line) for line in result.stdout.splitlines()]
    assert documents
    assert all(len(document["garment"]["box"]) == 4 and ids(document) for document in documents)
    [seen] = placket.json("search", "detect", "navy.png", "--json")["detections"]
    assert seen["box"] == documents[0]["garment"]["box"]
    assert f"{seen['box'][0]:.2f}" in placket("search", "detect", "navy.png").stdout


def test_duplicates(placket, summer):
    pair = placket.json("search", "duplicates", "Summer", "--json")
    assert {pair["first"], pair["second"]} == {"green", "green-2"}
    assert "green-2" in placket("search", "duplicates", "Summer").stdout


def test_nothing_found_is_no_failure(placket, summer):
    assert "Nothing was found." in placket("search", "navy.png", "--filter", "brand=Nobody").stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "Usage: placket search"),
        (("--json",), "say what to look for"),
        (("nowhere.png",), "there is no image at nowhere.png"),
        (("broken.png",), "is not an image"),
        (("navy.png", "--catalog", "Winter"), "there is no catalog 'Winter'"),
        (("navy.png", "--filter", "price"), "--filter takes KEY=VALUE"),
        (("navy.png", "--filter", "price=1..b"), "two numbers or two texts"),
        (("navy.png", "--filter", "price=..inf"), "leave most out"),
        (("navy.png", "--filter", "price=.."), "is a range without ends"),
        (("navy.png", "--filter", 'price="1'), "is not JSON"),
        (("navy.png", "--filter", "a=1", "--filter", "a=2"), "is given twice"),
        (("navy.png", "--region", "1,2,3"), "--region is four numbers"),
        (("navy.png", "--region", "0.5,0,0.2,1"), "in fractions of the picture"),
        (("navy.png", "--region", "0,0,nan,1"), "in fractions of the picture"),
        (("navy.png", "--detect", "--garment", "skirt"), "choose one"),
        (("--text", "red", "--region", "0,0,1,1"), "are about a PHOTO"),
        (("--attribute", "colour"), "--attribute takes FIELD=WORD"),
        (("--text", "qwerty"), "is no word"),
        (("navy.png", "-k", "0"), "is not in the range"),
        (("duplicates", "Winter"), "there is no catalog 'Winter'"),
        (("detect", "nowhere.png"), "there is no image"),
    ],
)
def test_wrong_use_is_told(placket, summer, arguments, told):
    assert told in placket("search", *arguments, exit_code=2).stderr


def test_the_catalog_must_be_named_where_there_are_several_or_none(placket, pictures):
    photo = str(pictures / "navy.png")
    assert "placket catalog create NAME" in placket("search", photo, exit_code=2).stderr
    for name in ("Summer", "Winter"):
        placket("catalog", "create", name)
    told = placket("search", photo, exit_code=2).stderr
    assert "--catalog" in told
    assert "Summer, Winter" in told


def test_a_catalog_that_was_never_indexed_says_how(placket, pictures):
    placket("catalog", "create", "Summer")
    placket("catalog", "add", "Summer", str(pictures / "navy.png"))
    assert "index it first" in placket("search", str(pictures / "navy.png"), exit_code=1).stderr

"""``placket why``: the whole story of one field, of a saved record or of a fresh picture."""

from __future__ import annotations

import json
from pathlib import Path

import pytest


@pytest.fixture
def record(placket, taggers, photo) -> str:
    """A record that was saved with its claims."""
    Path("record.json").write_text(placket("tag", photo, "--json", "--claims").stdout, "utf-8")
    return "record.json"


def test_the_story_has_everybodys_own_words(placket, record):
    output = placket("why", "color", record).stdout
    assert "color: Navy" in output
    assert "policy include" in output
    assert "north (0.70)" in output
    assert "or Black" in output
    assert "answer.color request-1" in output
    assert "contradict" in output


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_record_that_a_shell_wrote_in_its_own_encoding(placket, record, encoding):
    Path(record).write_text(Path(record).read_text("utf-8"), encoding)
    assert "color: Navy" in placket("why", "color", record).stdout


def test_dissent_is_told(placket, record):
    output = placket("why", "brand", record).stdout
    says_so, _, says_otherwise = output.partition("Says otherwise")
    assert "North" in says_so or "north-says" in says_so
    assert "South" in says_otherwise


def test_json_has_whole_claims(placket, record):
    story = placket.json("why", "brand", record, "--json")
    assert story["value"] == "north-says"
    assert story["policy"] == "vote"
    assert story["conflict"] is True
    [dissent] = story["dissent"]
    assert (dissent["value"], dissent["path"], dissent["confidence"]) == ("South", "answer.brand", 0.7)
    assert story["echoes"] == []


def test_words_nobody_could_place_are_part_of_the_story(placket, record):
    story = placket.json("why", "fit", record, "--json")
    assert story["value"] is None
    assert story["score"] is None
    assert {claim["raw"] for claim in story["unknown_words"]} == {"wibbly"}
    assert "Words that the vocabulary does not have" in placket("why", "fit", record).stdout


def test_a_field_that_nobody_mentions(placket, record):
    assert "Nobody makes a claim" in placket("why", "neckline", record).stdout


def test_a_json_pointer_names_a_field_too(placket, record):
    assert placket.json("why", "/extra/north/note", record, "--json")["value"] == "kept"


def test_a_picture_is_tagged_first(placket, taggers, photo):
    assert placket.json("why", "brand", photo, "--json")["value"] == "north-says"


@pytest.mark.parametrize(
    ("field", "hint"),
    [
        ("colour", "did you mean 'color'?"),
        ("measurement.waist", "did you mean 'measurements'?"),
        ("measurements", "name a key, as in measurements.something"),
        ("brand.name", "has no parts"),
    ],
)
def test_an_unknown_field_is_answered_with_a_suggestion(placket, record, field, hint):
    result = placket("why", field, record, exit_code=2)
    assert hint in result.stderr
    assert result.stdout == ""


def test_a_record_without_claims_says_how_to_get_them(placket, taggers, photo):
    Path("bare.json").write_text(placket("tag", photo, "--json").stdout, "utf-8")
    assert "--claims" in placket("why", "brand", "bare.json", exit_code=2).stderr


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ('{"schema": "something/1"}', "not a garment record"),
        ('{"schema": ', "is not JSON"),
        ('{"a": 1}\n{"a": 2}\n', "several JSON documents"),
        ('{"a":' * 200_000, "is not JSON"),
    ],
)
def test_other_files_are_refused_in_words(placket, content, complaint):
    Path("other.json").write_text(content)
    result = placket("why", "brand", "other.json", exit_code=2)
    assert complaint in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_missing_record_is_told(placket):
    assert "missing.json cannot be read" in placket("why", "brand", "missing.json", exit_code=2).stderr


def test_damaged_provenance_is_refused_in_words(placket, record):
    document = json.loads(Path(record).read_text("utf-8"))
    document["provenance"]["/brand"]["support"] = [{"claim": "gone"}]
    Path(record).write_text(json.dumps(document), "utf-8")
    assert "damaged" in placket("why", "brand", record, exit_code=2).stderr

"""Records and claims to JSON and back. That every record survives the way is a law, in tests/laws."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from placket.errors import InvalidInput
from placket.merge import merge
from placket.record.claim import Alternative, Claim, Method, Source
from placket.record.codec import claim_from_json, claim_to_json, record_from_json, record_to_json, value_to_json
from placket.record.record import GarmentRecord
from placket.record.terms import Term
from placket.record.values import ArAsset, Color, Detection, Fibre, Measurement
from placket.record.vocabulary import Vocabulary, VocabularyAddition

NAVY = Vocabulary.default().find("color", "navy")
assert NAVY is not None
AMBER = Source("amber", "acme", "tag", "r-1", "lineage")
FULL = Claim(
    field="color",
    value=Color(NAVY, 0.7, (20.0, 5.0, -25.0)),
    source=AMBER,
    raw="Navy Blue",
    confidence=0.9,
    raw_confidence="High",
    alternatives=(Alternative(Color(NAVY), "navy", 0.05), Alternative(None, "midnightish")),
    path="tags.color[0]",
    method=Method.RULE,
    generated=True,
    observed_at=datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC),
)


def test_a_record_as_json_shows_values_and_where_they_come_from() -> None:
    record = merge(
        FULL,
        Claim("measurements.waist", Measurement(736.6, 29, "in"), AMBER, 29, "in"),
        Claim("ar.state", "ready", AMBER),
        Claim("extra.acme.a.b", {"c": [1, None]}, AMBER),
        Claim("fit", None, AMBER, "wonky"),
        id="garment",
    )
    shown = record_to_json(record)
    navy = {"id": "navy", "gid": NAVY.gid, "label": "Navy"}
    assert shown["schema"] == "placket/garment-record/1"
    assert shown["color"] == [{**navy, "share": 0.7, "lab": [20.0, 5.0, -25.0]}]
    assert shown["measurements"] == {"waist": {"mm": 736.6, "raw": 29, "raw_unit": "in"}}
    assert shown["ar"] == {"state": "ready"}
    assert shown["extra"] == {"acme": {"a.b": {"c": [1, None]}}}
    assert shown["unknown_words"] == [{"field": "fit", "raw": "wonky", "provider": "amber"}]
    assert list(shown["provenance"]) == ["/color", "/measurements/waist", "/ar/state", "/extra/acme/a.b"]
    waist = shown["provenance"]["/measurements/waist"]
    assert (waist["score"], waist["conflict"], waist["policy"], waist["dissent"]) == (0.6, False, "cluster", [])
    assert waist["support"][0]["provider"] == "amber"
    assert "claims" not in shown


def test_a_claim_keeps_everything_it_says() -> None:
    again = claim_from_json(json.loads(json.dumps(claim_to_json(FULL))))
    assert again == FULL
    for name in ("value", "source", "raw", "confidence", "alternatives", "method", "generated", "observed_at"):
        assert getattr(again, name) == getattr(FULL, name)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("detections", Detection(None, (0.0, 0.0, 1.0, 1.0), 0.0)),
        ("composition", Fibre("cotton", 0.0)),
        ("ar.assets", ArAsset("glb", byte_size=0)),
        ("measurements.waist", Measurement(740, 0)),
        ("visibility.public", False),
        ("extra.acme.count", 0),
    ],
)
def test_a_zero_is_a_statement(field: str, value: Any) -> None:
    again = claim_from_json(json.loads(json.dumps(claim_to_json(Claim(field, value, AMBER)))))
    assert again.value == value
    assert type(again.value) is type(value)


def test_what_is_above_a_term_comes_back_from_the_vocabulary() -> None:
    jeans = Vocabulary.default().find("category", "jeans")
    assert jeans is not None
    record = merge(Claim("category", jeans, AMBER), id="garment")
    again = record_from_json(record_to_json(record, claims=True))
    assert again.category is not None
    assert again.category.broader == jeans.broader


def test_a_term_that_the_vocabulary_lacks_comes_back_as_written() -> None:
    odd = Term("fit", "x:odd", "Odd", None)
    document = record_to_json(merge(Claim("fit", odd, AMBER), id="garment"), claims=True)
    again = record_from_json(document)
    assert again.fit == odd
    assert again.fit.label == "Odd"
    richer = Vocabulary.default().extended([VocabularyAddition("fit", "x:odd", "Odd", broader="slim")])
    found = record_from_json(document, vocabulary=richer).fit
    assert found is not None
    assert found.broader == richer.get("fit", "slim")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"schema": "something/else"}, "schema is 'something/else'"),
        ({"claims": None}, "written without its claims"),
        ({"claims": [{"id": "1"}]}, "not a claim"),
        ({"claims": [{"id": "1", "field": "fit", "source": {"nobody": 1}}]}, "not a claim"),
        ({"provenance": {"/brand": {}}}, "provenance is damaged"),
    ],
)
def test_what_is_no_record_is_refused(change: dict[str, Any], says: str) -> None:
    document = record_to_json(merge(FULL, id="garment"), claims=True) | change
    document = {name: value for name, value in document.items() if value is not None}
    with pytest.raises(InvalidInput, match=says):
        record_from_json(document)


def test_a_value_that_json_cannot_hold_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match="cannot hold a set"):
        value_to_json({1, 2})


def test_an_empty_record_survives() -> None:
    assert record_from_json(record_to_json(GarmentRecord("garment"), claims=True)) == GarmentRecord("garment")

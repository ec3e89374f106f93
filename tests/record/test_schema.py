"""The published JSON Schema. That every record matches it is a law, in tests/laws."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, ValidationError

from placket.merge import merge
from placket.record.claim import Claim, Source
from placket.record.codec import record_to_json
from placket.record.record import RECORD_FIELDS
from placket.record.schema import record_schema
from placket.record.values import Color, Measurement
from placket.record.vocabulary import Vocabulary

COMMITTED = Path(__file__).parents[2] / "docs" / "reference" / "garment-record.schema.json"
REGENERATE = (
    "write it anew: python -c 'import json; from placket.record.schema import record_schema;"
    " print(json.dumps(record_schema(), indent=2, ensure_ascii=False))' > docs/reference/garment-record.schema.json"
)


def test_the_committed_schema_is_current() -> None:
    assert COMMITTED.exists(), REGENERATE
    assert json.loads(COMMITTED.read_text(encoding="utf-8")) == record_schema(), REGENERATE


def test_it_is_a_schema_and_knows_every_field() -> None:
    schema = record_schema()
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == "placket/garment-record/1"
    for spec in RECORD_FIELDS.values():
        place = schema["properties"]
        *parents, last = spec.path.split(".")
        for parent in parents:
            place = place[parent]["properties"]
        assert place[last]["description"] == spec.doc


@pytest.mark.parametrize(
    ("pointer", "wrong"),
    [
        (("color", 0, "id"), None),
        (("color", 0, "share"), "much"),
        (("measurements", "waist", "mm"), "740"),
        (("brand",), 3),
        (("id",), None),
        (("schema",), "placket/garment-record/2"),
        (("provenance", "/brand", "score"), 1.5),
        (("provenance", "/brand", "support", 0, "method"), "hearsay"),
        (("claims", 0, "unheard"), "of"),
        (("claims", 0, "confidence"), -1),
    ],
)
def test_a_document_that_is_no_record_fails(pointer: tuple[str | int, ...], wrong: object) -> None:
    navy = Vocabulary.default().find("color", "navy")
    assert navy is not None
    source = Source("amber")
    claims = [
        Claim("color", Color(navy, 0.5), source),
        Claim("measurements.waist", Measurement(740), source),
        Claim("brand", "Acme", source),
    ]
    document = json.loads(json.dumps(record_to_json(merge(claims, id="garment"), claims=True)))
    validator = Draft202012Validator(record_schema())
    validator.validate(document)
    place = document
    for step in pointer[:-1]:
        place = place[step]
    place[pointer[-1]] = wrong
    with pytest.raises(ValidationError):
        validator.validate(document)

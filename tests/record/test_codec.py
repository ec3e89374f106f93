"""Records and claims to JSON and back. That every record survives the way is a law, in tests/laws."""

from __future__ import annotations

import gc
import json
import weakref
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy
import pytest

from placket.errors import InvalidInput, ProtocolError
from placket.merge import merge
from placket.record.builder import ClaimBuilder, claims_of_known
from placket.record.claim import Alternative, Claim, Method, Source
from placket.record.codec import claim_from_json, claim_to_json, record_from_json, record_to_json, value_to_json
from placket.record.record import GarmentRecord
from placket.record.terms import Term
from placket.record.values import ArAsset, Color, Detection, Fibre, Measurement, Price, Shot
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


def test_vocabularies_that_nobody_uses_any_more_are_not_kept_for_ever() -> None:
    document = claim_to_json(Claim("price", Price(Decimal("39.90"), "EUR"), AMBER))
    seen = []
    for place in range(20):
        grown = Vocabulary.default().extended([VocabularyAddition("fit", f"x:odd-{place}", f"Odd {place}")])
        claim_from_json(document, vocabulary=grown)
        seen.append(weakref.ref(grown))
        del grown
    gc.collect()
    assert sum(each() is not None for each in seen) < 10


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"schema": "something/else"}, "schema is 'something/else'"),
        ({"claims": None}, "written without its claims"),
        ({"claims": [{"id": "1"}]}, "not a claim"),
        ({"claims": [{"id": "1", "field": "fit", "source": {"nobody": 1}}]}, "not a claim"),
        ({"provenance": {"/brand": {}}}, "provenance is damaged"),
        ({"provenance": []}, "provenance is damaged"),
        ({"claims": 5}, "claims or provenance is damaged"),
        ({"claims": [{}]}, "claims or provenance is damaged"),
        ({"claims": [None]}, "claims or provenance is damaged"),
    ],
)
def test_what_is_no_record_is_refused(change: dict[str, Any], says: str) -> None:
    document = record_to_json(merge(FULL, id="garment"), claims=True) | change
    document = {name: value for name, value in document.items() if value is not None}
    with pytest.raises(InvalidInput, match=says):
        record_from_json(document)


@pytest.mark.parametrize("value", ["x", [], {}, {"id": 1}])
@pytest.mark.parametrize("pointer", ["/measurements/waist", "/price", "/color"])
def test_a_damaged_value_is_refused(pointer: str, value: Any) -> None:
    waist, price = Measurement(736.6, 29, "in"), Price(Decimal(5))
    claims = [FULL, Claim("measurements.waist", waist, AMBER), Claim("price", price, AMBER)]
    document = record_to_json(merge(claims, id="garment"), claims=True)
    document["provenance"][pointer]["value"] = [value] if pointer == "/color" else value
    with pytest.raises(InvalidInput, match="provenance is damaged"):
        record_from_json(document)


@pytest.mark.parametrize("document", [None, [], "x", 5])
def test_what_is_no_document_is_no_record(document: Any) -> None:
    with pytest.raises(InvalidInput, match="this is no record"):
        record_from_json(document)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ({1, 2}, "cannot hold a set; give a text"),
        (b"x", "cannot hold a bytes"),
        ([float("nan")], "cannot hold the number nan"),
        ({"a": float("-inf")}, "cannot hold the number -inf"),
        (Decimal("NaN"), "cannot hold the number NaN"),
        (Fraction(1, 3), "cannot hold a Fraction"),
        ({1: "x"}, "cannot hold the key 1; give a text"),
    ],
)
def test_a_value_that_json_cannot_hold_is_refused_by_name(value: Any, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        value_to_json(value)
    with pytest.raises(InvalidInput, match=f"^extra.acme.batch: .*{says}"):
        merge(Claim("extra.acme.batch", value, AMBER), id="garment")
    with pytest.raises(InvalidInput, match=f"^brand: .*{says}"):
        record_to_json(merge(Claim("brand", "Halyard", AMBER, value), id="garment"), claims=True)
    with pytest.raises(InvalidInput, match=f"^extra.acme.batch: .*{says}"):
        ClaimBuilder(AMBER, Vocabulary.default()).extra("acme", "batch", value)
    with pytest.raises(InvalidInput, match=f"^extra.acme.batch: .*{says}"):
        known("extra.acme.batch", value)


def known(name: str, value: Any) -> tuple[Claim, ...]:
    return claims_of_known({name: value}, source=AMBER, vocabulary=Vocabulary.default())


@pytest.mark.parametrize(
    ("name", "value", "raw", "unit"),
    [
        ("measurements.waist", (-3, "cm"), -3, "cm"),
        ("measurements.waist", (900, "m"), 900, "m"),
        ("price", Price(Decimal("-5.00"), "EUR"), "-5.00", "EUR"),
        ("price", Price(Decimal(-1)), "-1", ""),
    ],
)
def test_what_cannot_be_is_kept_as_it_was_said(name: str, value: Any, raw: Any, unit: str) -> None:
    [claim] = known(name, value)
    assert (claim.value, claim.raw, claim.raw_unit) == (None, raw, unit)


@pytest.mark.parametrize("amount", ["0", "-0", "0.01"])
def test_what_costs_nothing_has_a_price(amount: str) -> None:
    [claim] = known("price", Price(Decimal(amount), "EUR"))
    assert claim.value == Price(Decimal(amount), "EUR")


def nested(levels: int) -> Any:
    inner: Any = 1
    for level in range(levels):
        inner = [inner, 2] if level % 2 else {"a": inner}
    return inner


def read_back(record: GarmentRecord) -> GarmentRecord:
    return record_from_json(json.loads(json.dumps(record_to_json(record, claims=True))))


def test_what_is_nested_as_deep_as_a_record_goes_survives() -> None:
    build = ClaimBuilder(AMBER, Vocabulary.default())
    build.extra("acme", "batch", nested(64))
    build.add("shoot.shots", Shot("1", details={"a": nested(62)}))
    record = merge(build.claims, id="garment")
    assert read_back(record) == record


def test_a_list_is_no_text() -> None:
    build = ClaimBuilder(AMBER, Vocabulary.default())
    build.text("brand", ["Acme", "Acme Kids"])
    build.label({"name": "summer"})
    record = merge(build.claims, id="garment")
    assert (record.brand, record.labels) == (None, ())
    assert [claim.raw for claim in record.unknown_words] == [["Acme", "Acme Kids"], {"name": "summer"}]


@pytest.mark.parametrize("levels", [65, 900])
def test_what_is_nested_deeper_is_refused_and_the_field_named(levels: int) -> None:
    build, deep = ClaimBuilder(AMBER, Vocabulary.default()), nested(levels)
    with pytest.raises(ProtocolError, match=r"more than 64 levels .* where extra.acme.batch was read"):
        build.extra("acme", "batch", deep)
    for claim in (build.text, build.word):
        with pytest.raises(ProtocolError, match="where brand was read"):
            claim("brand", deep)
    with pytest.raises(ProtocolError, match="where labels was read"):
        build.label(deep)
    with pytest.raises(ProtocolError, match="where media was read"):
        build.media("front", deep)
    for name in ("brand", "extra.acme.batch"):
        with pytest.raises(InvalidInput, match=f"{name}: a record holds at most 64 levels"):
            known(name, deep)
    with pytest.raises(InvalidInput, match=r"extra.acme.batch: a record holds at most 64 levels"):
        merge(Claim("extra.acme.batch", deep, AMBER), id="garment")
    assert not build.claims


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("extra.acme.batch", (1, ("a", {"b": ()}))),
        ("extra.acme.batch", Decimal("2.50")),
        ("extra.acme.batch", numpy.float32(2.5)),
        ("extra.acme.batch", numpy.int64(3)),
        ("color", Color(NAVY, numpy.float32(0.3), tuple(numpy.array([1.5, 2.1, 3.0], numpy.float32)))),
        ("measurements.waist", Measurement(numpy.float32(700.1))),
    ],
)
def test_what_json_says_in_another_way_survives(field: str, value: Any) -> None:
    record = merge(Claim(field, value, AMBER, value if field.startswith("extra") else None), id="garment")
    assert read_back(record) == record


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        (1, 2, "told by record field, as in 'brand', not by 1"),
        ("brand", b"x", "brand: a record cannot hold a bytes"),
        ("brand", [10**5000], "brand: .*4300 digits"),
        ("extra.acme.batch", [10**5000], "extra.acme.batch: .*4300 digits"),
        ("brand", NAVY, "brand cannot be .*: give a str"),
        ("brand", ["Acme"], r"brand cannot be \['Acme'\]: give a str"),
        ("fit", NAVY, "fit cannot be .*: give a Term"),
        ("measurements.waist", (40,), "give a Measurement, or a pair of number and unit"),
        ("measurements.waist", (40, 2), "give a Measurement, or a pair of number and unit"),
        ("price", Price(2.5), "price cannot be .* read back"),  # type: ignore[arg-type]
        ("name", "\ud83d\ude00", "name cannot be .* read back"),
    ],
)
def test_what_nobody_can_know_of_a_garment_is_refused(name: Any, value: Any, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        known(name, value)


@pytest.mark.parametrize("nothing", [None, "", " ", [], {}])
@pytest.mark.parametrize("name", ["brand", "fit", "color", "price", "in_store_date", "measurements.waist", "labels"])
def test_nothing_is_known_where_there_is_no_value(name: str, nothing: Any) -> None:
    assert known(name, nothing) == ()


def test_nothing_among_several_values_is_left_out() -> None:
    assert [claim.value for claim in known("color", [None, NAVY, ""])] == [Color(NAVY)]


@pytest.mark.parametrize("paths", [("extra.acme",), ("extra.acme", "extra.acme.batch")])
def test_a_vendors_map_needs_a_key(paths: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput, match=r"'extra.acme' is a vendor's map: name a key, as in extra.acme.something"):
        merge([Claim(path, "x", AMBER) for path in paths], id="garment")


@pytest.mark.parametrize(("field", "value"), [("color", "red"), ("measurements.waist", 5), ("price", "5")])
def test_a_value_of_another_type_than_the_field_is_no_claim(field: str, value: Any) -> None:
    with pytest.raises(InvalidInput, match="not a claim"):
        claim_from_json(claim_to_json(Claim(field, value, AMBER)))


def test_an_empty_record_survives() -> None:
    assert record_from_json(record_to_json(GarmentRecord("garment"), claims=True)) == GarmentRecord("garment")

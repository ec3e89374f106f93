"""Reading the vendor's shapes, whatever has become of them since the page was written."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placket_aistetic import wire


@pytest.mark.parametrize(
    ("status", "ok"),
    [(True, True), (False, False), ("true", True), ("False", False), (None, None), (200, None), ("complete", None)],
)
def test_only_a_truth_value_is_a_status(status: Any, ok: bool | None) -> None:
    assert wire.Envelope.of({"status": status}).ok is ok


def test_a_complaint_joins_message_and_errors_once() -> None:
    document = {"status": False, "error": ["bad uuid", {"code": 7}, None, "bad uuid"], "message": "error message"}
    assert wire.Envelope.of(document).complaint == 'error message; bad uuid; {"code": 7}'


@pytest.mark.parametrize("document", [{}, {"error": None, "message": None}, {"error": [], "message": 3}])
def test_a_refusal_without_words_says_so(document: dict[str, Any]) -> None:
    assert wire.Envelope.of({"status": False, **document}).complaint == "it gives no reason"


def test_an_error_may_be_a_text() -> None:
    assert wire.Envelope.of({"status": False, "error": "no credit"}).errors == ("no credit",)


def test_companions_join_their_attribute() -> None:
    found = list(wire.tags({"Fit": "Slim", "Fit Alternatives": ["Regular"], "Fit Confidence": "High", "Brand": "B"}))
    assert found == [wire.Tag("Fit", "Slim", ["Regular"], "High"), wire.Tag("Brand", "B")]


def test_companions_of_nothing_stand_alone() -> None:
    found = list(
        wire.tags({"Fit": None, "Fit Alternatives": ["Regular"], "Fit Confidence": "", "Hem Confidence": "Low"})
    )
    assert found == [wire.Tag("Hem Confidence", "Low"), wire.Tag("Fit Alternatives", ["Regular"])]


def test_what_speaks_for_a_silent_companion_stands_alone() -> None:
    found = list(wire.tags({"Fit": "Slim", "Fit Alternatives": [], "Fit Alternatives Confidence": "High"}))
    assert found == [wire.Tag("Fit", "Slim", []), wire.Tag("Fit Alternatives Confidence", "High")]


def test_what_speaks_for_a_companion_stands_alone() -> None:
    tag = {"Fit": "Slim", "Fit Alternatives": ["Loose"], "Fit Alternatives Confidence": "High"}
    assert list(wire.tags(tag)) == [wire.Tag("Fit", "Slim", ["Loose"]), wire.Tag("Fit Alternatives Confidence", "High")]


NAMES = [
    "".join(("Fit", *ends))
    for ends in [(), *((one, *two) for one in wire.COMPANIONS for two in [(), *((each,) for each in wire.COMPANIONS)])]
]


@given(st.lists(st.sampled_from([*NAMES, "Hem", "Hem Confidence", "", *wire.COMPANIONS]), unique=True))
def test_every_name_is_in_the_family_of_its_first_owner(names: list[str]) -> None:
    found = wire.families(tuple(names))
    assert sorted(name for family, _ in found for name in family) == sorted(names)
    for (first, *others), values in found:
        assert all(name.startswith(f"{first} ") and name.endswith(wire.COMPANIONS) for name in others)
        assert values({name: name for name in names}) == ((first, *others) if others else first)
    firsts = [family[0] for family, _ in found]
    assert not any(name.endswith(wire.COMPANIONS) and name.rpartition(" ")[0] in names for name in firsts)


SAID = st.sampled_from(["", None, [], "said", ["said"]])


@given(st.dictionaries(st.sampled_from([*NAMES, "", *wire.COMPANIONS]), SAID))
def test_all_that_is_said_is_told_once(tag: dict[str, Any]) -> None:
    told = []
    for name, _, alternatives, confidence in wire.tags(tag):
        told.append(name)
        ends = zip(wire.COMPANIONS, (alternatives, confidence), strict=True)
        told += [name + end for end, value in ends if not wire.says_nothing(value)]
    assert sorted(told) == sorted(name for name, value in tag.items() if not wire.says_nothing(value))


@pytest.mark.parametrize(
    ("data", "complete"),
    [
        ({"complete": True}, True),
        ({"complete": "true"}, True),
        ({"complete": False, "tag": {"Fit": "Slim"}}, False),
        ({"complete": None}, None),
        ({}, None),
        ({"tag": {"Fit": "Slim"}}, True),
        ({"complete": "yes", "tag": {}}, None),
    ],
)
def test_completeness(data: dict[str, Any], complete: bool | None) -> None:
    assert wire.is_complete(data) is complete


def test_the_processing_status_is_the_first_text_found() -> None:
    document = {"status": True, "data": {"status": 3, "state": " failed ", "processing_status": "queuing"}}
    assert wire.processing_status(document, wire.STATUS_PLACES) == "failed"
    assert wire.processing_status(document, ("data.processing_status", "data.state")) == "queuing"
    assert wire.processing_status({"status": True, "data": None}, wire.STATUS_PLACES) == ""

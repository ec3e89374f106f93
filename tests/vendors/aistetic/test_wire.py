"""Reading the vendor's shapes, whatever has become of them since the page was written."""

from __future__ import annotations

from typing import Any

import pytest

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
    assert found == [wire.Tag("Fit Alternatives", ["Regular"]), wire.Tag("Hem Confidence", "Low")]


def test_what_speaks_for_a_silent_companion_stands_alone() -> None:
    found = list(wire.tags({"Fit": "Slim", "Fit Alternatives": [], "Fit Alternatives Confidence": "High"}))
    assert found == [wire.Tag("Fit", "Slim", []), wire.Tag("Fit Alternatives Confidence", "High")]


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

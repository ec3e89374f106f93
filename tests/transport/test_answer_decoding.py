"""Answers decoded from JSON: fast where it is plain, and all the same where it is not."""

from __future__ import annotations

from typing import Any

import pytest

from placket.errors import ProtocolError
from placket.transport import Answer


def decoded(body: bytes) -> Any:
    return Answer(200, {}, body).json()


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": [1, 2.5, null, true, "\\u00e9"]}', {"a": [1, 2.5, None, True, "é"]}),
        (b"123456789012345678901234567890", 123456789012345678901234567890),
        (b"0.1", 0.1),
        (b"\xef\xbb\xbf[1]", [1]),
        ('{"a": "é"}'.encode("utf-16"), {"a": "é"}),
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b'["caf\\ud83d", 1.5e300]', ["caf\ud83d", 1.5e300]),
    ],
)
def test_what_it_says(body: bytes, value: Any) -> None:
    found = decoded(body)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"NaN", b'{"a": Infinity}', b"[1] [2]", b"<html>", b"\xff\xfe\xfd", b"[" * 9999]
)
def test_what_is_no_json(body: bytes) -> None:
    with pytest.raises(ProtocolError):
        decoded(body)


@pytest.mark.parametrize("body", [b"1e400", b'{"a": [-1E+400]}', b"9" * 400 + b".0", "[1e400]".encode("utf-16")])
def test_a_number_that_no_float_holds_is_refused(body: bytes) -> None:
    with pytest.raises(ProtocolError, match="too large a number"):
        decoded(body)

"""From statuses and bodies to errors."""

from __future__ import annotations

import json

import pytest

from placket import errors
from placket.testing.virtual_time import VirtualClock
from placket.transport import Redactor
from placket.transport.answer import Answer
from placket.transport.problems import problem_of, retry_after


@pytest.fixture
async def judge(clock: VirtualClock):
    def run(status, body=b"", headers=None, redactor=None, **answer):
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {"Content-Type": "application/json", **(headers or {})}
        return problem_of(Answer(status, given, content, **answer), redactor or Redactor(), clock)

    return run


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.InvalidRequest),
        (401, errors.Unauthenticated),
        (402, errors.QuotaExhausted),
        (403, errors.Forbidden),
        (404, errors.NotFound),
        (405, errors.ProtocolError),
        (408, errors.TimedOut),
        (409, errors.Conflict),
        (410, errors.NotFound),
        (412, errors.Conflict),
        (413, errors.InvalidRequest),
        (415, errors.InvalidRequest),
        (418, errors.Refused),
        (422, errors.InvalidRequest),
        (429, errors.RateLimited),
        (500, errors.Unavailable),
        (501, errors.ProtocolError),
        (502, errors.Unavailable),
        (503, errors.Unavailable),
        (504, errors.Unavailable),
        (522, errors.Unavailable),
        (304, errors.ProtocolError),
        (302, errors.ProtocolError),
    ],
)
async def test_statuses(judge, status, kind):
    problem = judge(status, provider="acme", operation="tag")
    assert type(problem) is kind
    assert (problem.status, problem.provider, problem.operation) == (status, "acme", "tag")


@pytest.mark.parametrize("status", [200, 201, 204])
async def test_a_success_is_no_problem(judge, status):
    assert judge(status) is None


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"detail": "Could not validate credentials"}, "Could not validate credentials"),
        ({"type": "about:blank", "title": "Bad", "detail": "No such size", "status": 400}, "No such size"),
        ({"timestamp": "t", "status": 400, "error": "Bad Request", "message": "no image", "path": "/x"}, "no image"),
        ({"error": "invalid_grant", "error_description": "Unknown refresh token."}, "Unknown refresh token."),
        ({"error": "out of luck"}, "out of luck"),
        ({"status": False, "data": {}, "error": ["no image", "no uuid"], "message": ""}, "no image; no uuid"),
        ({"status": {"message": "Bad Request", "code": 400}}, "Bad Request"),
        ({"errors": [{"message": "Rate limit exceeded"}]}, "Rate limit exceeded"),
        ({"error": {"message": "nested", "code": 4}}, "nested"),
        ("just text", "just text"),
    ],
)
async def test_the_vendors_own_sentence_is_in_the_message(judge, body, sentence):
    assert sentence in judge(400, body).message


@pytest.mark.parametrize("body", [[], {}, None, 7, {"detail": 7}, {"error": {"error": {"error": {"error": "deep"}}}}])
async def test_odd_bodies_do_no_harm(judge, body):
    assert judge(400, body).message == "the vendor rejects the request"


@pytest.mark.parametrize("body", [b"<html>", b"\xff\xfe", b"[" * 100_000])
async def test_bodies_that_are_not_json_do_no_harm(judge, body):
    assert type(judge(500, body)) is errors.Unavailable


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (
            {"detail": [{"loc": ["body", "items", 0, "size"], "msg": "field required", "type": "missing"}]},
            [("items.0.size", "field required")],
        ),
        ({"detail": [{"loc": ["body"], "msg": "not JSON"}]}, [("body", "not JSON")]),
        ({"errors": [{"pointer": "#/age", "detail": "must be positive"}]}, [("/age", "must be positive")]),
        ({"errors": {"sku": ["is taken", "is long"]}}, [("sku", "is taken; is long")]),
        ({"detail": "plain"}, []),
        ({"detail": [7, None]}, []),
        ([], []),
    ],
)
async def test_complaints_about_fields(judge, body, fields):
    assert list(judge(422, body).fields) == fields


async def test_what_the_vendor_says_is_masked_and_harmless(judge):
    body = {"detail": [{"loc": ["body", "x\x1b[2J"], "msg": "key hunter22 is bad"}], "message": "hunter22"}
    problem = judge(422, body, redactor=Redactor(["hunter22"]))
    assert "hunter22" not in problem.message + str(problem.fields)
    assert "\x1b" not in str(problem) + problem.fields[0][0]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120.0),
        ("1.5", 1.5),
        ("0", 0.0),
        ("-5", 0.0),
        ("Thu, 01 Jan 2026 00:01:00 GMT", 60.0),
        ("Wed, 31 Dec 2025 23:59:00 GMT", 0.0),
        ("Thu, 01 Jan 2026 00:01:00", 60.0),
        ("", None),
        ("soon", None),
        ("nan", None),
        ("inf", None),
    ],
)
async def test_retry_after(clock, text, seconds):
    found = retry_after({"Retry-After": text}, clock)
    assert found == (None if seconds is None else pytest.approx(seconds, abs=0.1))


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("https://other.example/login?token=1", "other.example /login"),
        ("/v1/products/", "another path of this host, /v1/products/"),
        ("", "another path of this host"),
        ("http://[broken", "another path"),
    ],
)
async def test_redirections_name_where_they_lead(judge, location, target):
    problem = judge(307, headers={"Location": location})
    assert target in problem.message
    assert "token" not in problem.message

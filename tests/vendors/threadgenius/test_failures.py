"""What goes wrong between here and the vendor, and the error it becomes: by HTTP status and by ``status.code``."""

from __future__ import annotations

import traceback
from typing import Any

import pytest

from placket.errors import (
    Conflict,
    Forbidden,
    InvalidRequest,
    NotFound,
    PlacketError,
    ProtocolError,
    RateLimited,
    Refused,
    TimedOut,
    Unauthenticated,
    Unavailable,
    UnknownOutcome,
)
from placket.interfaces import Garment, Query, Ref
from placket.testing.faults import FaultKind

GARMENT = Garment.of("https://shop.example.com/photos/1.webp", id="g1")
CODES = {
    400: InvalidRequest,
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    405: ProtocolError,
    406: Refused,
    409: Conflict,
    422: InvalidRequest,
    429: RateLimited,
    500: Unavailable,
    503: Unavailable,
}


def said(code: Any) -> dict[str, Any]:
    return {"status": {"message": "No: key-4711-very-secret secret-0815-even-more", "code": code}}


async def raised_by(provider: Any) -> PlacketError:
    with pytest.raises(PlacketError) as caught:
        await provider.tag(GARMENT)
    return caught.value


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("as_text", [False, True])
async def test_a_code_in_a_200_counts_like_the_status(provider: Any, vendor: Any, code: int, as_text: bool) -> None:
    tagger = provider()
    await tagger.usage()
    vendor.rewrites.append(
        lambda request, document: said(str(code) if as_text else code) if request.path == "/v0/tag" else document
    )
    error = await raised_by(tagger)
    assert type(error) is CODES[code]
    assert (error.provider, error.operation, error.status) == ("tg", "tag", code)
    assert '"message"' in error.body


@pytest.mark.parametrize("code", CODES)
async def test_a_status_counts_whatever_the_code_says(provider: Any, vendor: Any, code: int) -> None:
    body = b'{"status": {"message": "OK", "code": 200}}'
    vendor.faults.add(FaultKind.STATUS, path="/v0/tag", status=code, body=body)
    assert type(await raised_by(provider())) is CODES[code]


@pytest.mark.parametrize("code", [100, 302, 700])
async def test_a_code_that_is_neither_success_nor_error(provider: Any, vendor: Any, code: int) -> None:
    vendor.rewrites.append(lambda request, document: said(code) if request.path == "/v0/tag" else document)
    error = await raised_by(provider())
    assert type(error) is ProtocolError
    assert f"status.code is {code}" in str(error)


@pytest.mark.parametrize(
    "status", [{}, {"message": "fine"}, {"code": None}, {"code": "200"}, {"code": 201}, None, "OK"]
)
async def test_without_a_code_the_status_decides(provider: Any, vendor: Any, status: Any) -> None:
    vendor.rewrites.append(lambda _, document: {**document, "status": status})
    assert (await provider().tag(GARMENT)).claims


async def test_retry_after_is_kept(provider: Any, vendor: Any, clock: Any) -> None:
    vendor.faults.add(
        FaultKind.STATUS,
        path="/v0/tag",
        status=429,
        retry_after="50",
        times=1,
    )
    assert (await provider().tag(GARMENT)).claims
    assert clock.monotonic() >= 50


KINDS = [
    (FaultKind.MALFORMED, ProtocolError),
    (FaultKind.WRONG_SHAPE, ProtocolError),
    (FaultKind.EMPTY, ProtocolError),
    (FaultKind.RESET, Unavailable),
    (FaultKind.TRUNCATED, Unavailable),
]


@pytest.mark.parametrize(("kind", "error"), KINDS)
async def test_an_answer_that_is_none(provider: Any, vendor: Any, kind: FaultKind, error: type[PlacketError]) -> None:
    vendor.faults.add(kind, path="/v0/tag")
    assert type(await raised_by(provider())) is error


@pytest.mark.parametrize("labels", ["many", 3, {"name": 3, "type": []}, [[]], [1]])
async def test_labels_of_another_shape(provider: Any, vendor: Any, labels: Any) -> None:
    vendor.labels = labels
    try:
        findings = await provider().tag(GARMENT)
    except ProtocolError:
        return
    assert [claim.raw for claim in findings.claims] == ["3"]


CALLS = {
    "labels": lambda tg: tg.tag(GARMENT),
    "usage": lambda tg: tg.usage(),
    "catalog": lambda tg: tg.create_catalog("one"),
    "boxes": lambda tg: tg.detect(GARMENT.image()),
    "similars": lambda tg: tg.search(Query(GARMENT.image()), [Ref("tg", "catalog", "1")]),
}


@pytest.mark.parametrize("noun", CALLS)
async def test_an_answer_without_its_noun(provider: Any, vendor: Any, noun: str) -> None:
    vendor.mirrors_codes = False
    vendor.rewrites.append(
        lambda request, document: document if "access_token" in document else {"status": {"code": 200}}
    )
    with pytest.raises(ProtocolError, match=f"no {noun}"):
        await CALLS[noun](provider(boxes="fractions"))


async def test_silence_is_timed_out(provider: Any, vendor: Any) -> None:
    vendor.faults.add(FaultKind.LATENCY, path="/v0/tag", seconds=1e6)
    assert type(await raised_by(provider())) is TimedOut


@pytest.mark.parametrize("kind", [FaultKind.RESET, FaultKind.TRUNCATED])
async def test_a_catalog_is_not_made_twice(provider: Any, vendor: Any, kind: FaultKind) -> None:
    vendor.faults.add(kind, path="/v0/catalog")
    with pytest.raises(UnknownOutcome):
        await provider().create_catalog("one")
    assert len(vendor.asked("POST", "/v0/catalog")) == 1


async def test_a_deletion_is_repeated_and_done(provider: Any, vendor: Any) -> None:
    search = provider()
    catalog = await search.create_catalog("one")
    vendor.faults.add(FaultKind.RESET, method="DELETE", times=1)
    await search.delete_catalog(catalog.ref)
    assert vendor.catalogs == {}


async def test_a_failure_for_a_moment_is_passed_over(provider: Any, vendor: Any) -> None:
    vendor.faults.add(FaultKind.STATUS, path="/v0/*", status=503, times=2)
    assert (await provider().tag(GARMENT)).claims


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("mirrors", [True, False])
async def test_no_secret_is_shown(provider: Any, vendor: Any, code: int, mirrors: bool) -> None:
    vendor.rewrites.append(lambda _, document: {**said(200 if mirrors else code), "echo": dict(document)})
    tagger = provider()
    with pytest.raises(PlacketError) as caught:
        await tagger.get_catalog(Ref("tg", "catalog", "1"))
    shown = "".join(traceback.format_exception(caught.value)) + repr(vars(caught.value)) + repr(vars(tagger))
    # With the hyphen, since a port may have the same digits.
    for secret in ("-4711", "-0815", "token-number"):
        assert secret not in shown

"""What goes wrong between here and the vendor, and the error it becomes."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web

from placket.errors import (
    Conflict,
    Forbidden,
    InvalidRequest,
    NotFound,
    PlacketError,
    ProtocolError,
    RateLimited,
    TimedOut,
    Unauthenticated,
    Unavailable,
    UnknownOutcome,
)
from placket.interfaces import (
    ExportRequest,
    Facet,
    GarmentImage,
    Image,
    ProductChanges,
    ProductDraft,
    ProductQuery,
    Ref,
    SkuQuery,
)
from placket.registry import Secret
from placket.testing.faults import FaultKind
from placket.transport import HttpLimits

Build = Callable[..., Any]

PRODUCT, EXPORT = Ref("shop", "product", "p-1"), Ref("shop", "export", "e-1")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
LOGIN = "*/login/access-token"
ELSEWHERE = "*/products*"

READS: dict[str, Callable[[Any], Any]] = {
    "get": lambda shop: shop.get(PRODUCT),
    "list": lambda shop: shop.list(ProductQuery()).collect(),
    "list_exports": lambda shop: shop.list_exports().collect(),
    "get_export": lambda shop: shop.get_export(EXPORT),
    "list_skus": lambda shop: shop.list_skus(SkuQuery()).collect(),
    "list_looks": lambda shop: shop.list_looks(PRODUCT).collect(),
    "list_shots": lambda shop: shop.list_shots(PRODUCT).collect(),
    "list_generations": lambda shop: shop.list_generations(PRODUCT).collect(),
}
REPEATABLE: dict[str, Callable[[Any], Any]] = {
    "update": lambda shop: shop.update(PRODUCT, ProductChanges({"name": "x"})),
    "archive": lambda shop: shop.archive(PRODUCT),
    "cancel_export": lambda shop: shop.cancel_export(EXPORT),
    "select_shot": lambda shop: shop.select_shot(PRODUCT, "full-body", "pr-1"),
}
SILENT: dict[str, Callable[[Any], Any]] = {
    "delete": lambda shop: shop.delete(PRODUCT),
    "dismiss_export": lambda shop: shop.dismiss_export(EXPORT),
}
"""Their answers are not shown on the page, so any success will do."""
WRITES: dict[str, Callable[[Any], Any]] = {
    "create": lambda shop: shop.create(ProductDraft({"name": "x"})),
    "start_export": lambda shop: shop.start_export(ExportRequest(look="l")),
    "export_approved": lambda shop: shop.export_approved([PRODUCT]),
}
EVERY = {**READS, **REPEATABLE, **SILENT, **WRITES}
STATUSES = {
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    422: InvalidRequest,
    429: RateLimited,
    500: Unavailable,
    503: Unavailable,
}


async def raised_by(attempt: Any) -> PlacketError:
    with pytest.raises(PlacketError) as caught:
        await attempt
    return caught.value


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("status", STATUSES)
async def test_a_status(provider: Build, vendor: Any, name: str, status: int) -> None:
    body = json.dumps({"detail": "no, pass-4711-very-secret"}).encode()
    vendor.faults.add(FaultKind.STATUS, path=ELSEWHERE, status=status, body=body, retry_after="7" * (status == 429))
    error = await raised_by(EVERY[name](provider()))
    assert type(error) is STATUSES[status]
    assert (error.provider, error.operation) == ("shop", name)
    assert "no, ****" in str(error)
    assert "-4711" not in str(error) + repr(error) + "".join(traceback.format_exception(error))
    if isinstance(error, RateLimited):
        assert error.retry_after == 7


@pytest.mark.parametrize("name", {**READS, **REPEATABLE, **WRITES})
@pytest.mark.parametrize("kind", [FaultKind.MALFORMED, FaultKind.EMPTY, FaultKind.WRONG_SHAPE])
async def test_an_answer_that_is_none(provider: Build, vendor: Any, name: str, kind: FaultKind) -> None:
    vendor.faults.add(kind, path=ELSEWHERE)
    error = await raised_by(EVERY[name](provider()))
    assert type(error) is ProtocolError
    assert (error.provider, error.operation) == ("shop", name)


@pytest.mark.parametrize("facet", Facet)
@pytest.mark.parametrize("kind", [FaultKind.MALFORMED, FaultKind.EMPTY, FaultKind.WRONG_SHAPE])
async def test_facets_that_are_none(provider: Build, vendor: Any, facet: Facet, kind: FaultKind) -> None:
    vendor.faults.add(kind, path="*/")
    assert type(await raised_by(provider().facet(facet))) is ProtocolError


@pytest.mark.parametrize("name", EVERY)
async def test_no_answer(provider: Build, vendor: Any, name: str) -> None:
    shop = provider()
    await shop.facet(Facet.YEARS)
    vendor.faults.add(FaultKind.RESET, path=ELSEWHERE)
    before = len(vendor.requests)
    error = await raised_by(EVERY[name](shop))
    assert type(error) is (UnknownOutcome if name in WRITES else Unavailable)
    assert len(vendor.requests) - before == (1 if name in WRITES else 3)


@pytest.mark.parametrize("name", ["get", "update", "start_export"])
async def test_no_answer_in_time(provider: Build, vendor: Any, name: str) -> None:
    vendor.faults.add(FaultKind.LATENCY, path=ELSEWHERE, seconds=1000)
    error = await raised_by(EVERY[name](provider(limits=HttpLimits(timeout=5, attempts=1))))
    assert type(error) is (UnknownOutcome if name in WRITES else TimedOut)


@pytest.mark.parametrize("name", ["get", "list", "update"])
async def test_what_fails_for_a_moment_is_repeated(provider: Build, vendor: Any, name: str) -> None:
    product = vendor.add()
    vendor.products["p-1"] = product
    vendor.faults.add(FaultKind.STATUS, path=ELSEWHERE, status=503, times=2)
    assert await EVERY[name](provider())


@pytest.mark.parametrize("status", [400, 401, 403])
async def test_a_login_that_is_refused(provider: Build, vendor: Any, status: int) -> None:
    body = json.dumps({"detail": "Incorrect email or password"}).encode()
    vendor.faults.add(FaultKind.STATUS, path=LOGIN, status=status, body=body)
    error = await raised_by(provider().get(PRODUCT))
    assert type(error) is Unauthenticated
    assert "Incorrect email or password" in str(error)
    assert len(vendor.requests) == 1


async def test_a_wrong_password(provider: Build, vendor: Any) -> None:
    error = await raised_by(provider(password=Secret("wrong-4711")).get(PRODUCT))
    assert type(error) is Unauthenticated
    assert "-4711" not in str(error)


async def test_the_login_is_a_form_and_happens_once(provider: Build, vendor: Any) -> None:
    shop = provider()
    await shop.facet(Facet.BRANDS)
    await shop.facet(Facet.BRANDS)
    (login,) = vendor.asked("POST", "/api/v1/login/access-token")
    assert login.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert login.body == b"username=buyer%40shop.example.com&password=pass-4711-very-secret&grant_type=password"


@pytest.mark.parametrize("bad_token", [401, 403])
@pytest.mark.parametrize("refresh", ["", "refresh-4711-very-secret"])
async def test_a_token_is_replaced_by_logging_in_again(
    provider: Build, vendor: Any, clock: Any, refresh: str, bad_token: int
) -> None:
    vendor.refresh_token, vendor.bad_token = refresh, bad_token
    shop = provider()
    await shop.facet(Facet.BRANDS)
    await clock.sleep(3550)
    await shop.facet(Facet.BRANDS)
    assert vendor.logins == 2, "before it expires"
    vendor.logins = 7
    await shop.facet(Facet.BRANDS)
    assert vendor.logins == 8, "after a refusal"


async def test_what_the_account_may_not_do_is_no_reason_to_log_in_again(provider: Build, vendor: Any) -> None:
    shop = provider()
    for body in (b'{"detail": "Not enough permissions"}', b"<html>", b""):
        vendor.faults.add(FaultKind.STATUS, path="*/brands/", status=403, body=body, times=1)
        assert type(await raised_by(shop.facet(Facet.BRANDS))) is Forbidden
    assert vendor.logins == 1


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"upload_url": "x", "file_url": "y"},
        {"upload_url": "ftp://x/y", "file_url": "y"},
        {"upload_url": "https://r2.example/?X-Amz-Signature=signed-4711"},
    ],
)
async def test_an_upload_address_that_is_none(provider: Build, vendor: Any, answer: dict[str, str]) -> None:
    vendor.answers["POST", "/uploads/presigned-url"] = lambda _: web.json_response(answer)
    draft = ProductDraft({"name": "x"}, (GarmentImage(Image.of(PNG)),))
    error = await raised_by(provider().create(draft))
    assert type(error) is ProtocolError
    assert "-4711" not in str(error)
    assert vendor.asked("POST", "/api/v1/products/") == []


@pytest.mark.parametrize("status", [404, 422])
async def test_a_request_for_an_upload_address_that_is_refused(provider: Build, vendor: Any, status: int) -> None:
    vendor.faults.add(FaultKind.STATUS, path="*/uploads/presigned-url", status=status)
    draft = ProductDraft({"name": "x"}, (GarmentImage(Image.of(PNG)),))
    assert "see presigned_request and image_upload" in str(await raised_by(provider().create(draft)))


async def test_a_storage_that_refuses(provider: Build, vendor: Any) -> None:
    said = b'{"message": "no", "StringToSign": "signed-4711"}'
    vendor.faults.add(FaultKind.STATUS, path="/r2/*", status=403, body=said)
    draft = ProductDraft({"name": "x"}, (GarmentImage(Image.of(PNG)),))
    error = await raised_by(provider().create(draft))
    assert type(error) is Forbidden
    assert "-4711" not in str(error)
    assert vendor.products == {}


async def test_the_other_form_of_an_address_is_never_used(provider: Build, vendor: Any) -> None:
    vendor.products["p-1"] = vendor.add()
    shop = provider()
    for facet in Facet:
        await shop.facet(facet)
    for name in ("get", "list", "update", "list_skus", "list_looks", "archive", "create"):
        draft = ProductDraft({"name": "x"}, (GarmentImage(Image.of("https://x/1.jpg")),))
        await (shop.create(draft) if name == "create" else EVERY[name](shop))
    for path in {request.path.removeprefix("/api/v1") for request in vendor.requests}:
        collection = path.strip("/") in ("products", "brands", "brand-collections", "seasons", "years")
        assert path.endswith("/") is collection


@pytest.mark.parametrize("name", EVERY)
async def test_nothing_shows_a_secret(provider: Build, vendor: Any, name: str) -> None:
    vendor.faults.add(FaultKind.STATUS, path="*", status=400, body=b'{"detail": "pass-4711-very-secret token-4711"}')
    shop = provider()
    error = await raised_by(EVERY[name](shop))
    assert "pass-4711" not in str(error) + repr(error) + json.dumps({k: str(v) for k, v in vars(error).items()})
    assert "pass-4711" not in repr(shop) + repr(vars(shop)) + repr(vars(shop._connection))


TYPES = [None, "", "x", 0, 7, -1.5, True, [], [None], ["x"], [{}], {}, {"a": None}, {"url": 5}, [[[]]]]


@pytest.mark.parametrize("value", TYPES, ids=repr)
async def test_any_value_in_any_key_of_a_product(
    provider: Build, vendor: Any, page_product: dict[str, Any], value: Any
) -> None:
    keys = [key for key in page_product if key != "id"] + ["selected_shots", "caption_status", "new.key", ""]
    vendor.answers["GET", "/products/p-1"] = lambda _: {"id": "p-1", **dict.fromkeys(keys, value)}
    product = await provider().get(PRODUCT)
    if value not in (None, "", [], {}):
        # The year goes with the season. A picture that says nothing, or the same as the one before it, adds nothing.
        elsewhere = {"year"} | {key for key in keys if "image" in key and value in ("x", [None], ["x"], [{}])}
        assert {claim.path for claim in product.claims} >= set(keys) - elsewhere


@pytest.mark.parametrize("value", TYPES, ids=repr)
async def test_any_value_in_any_key_of_a_shot_a_look_and_a_run(provider: Build, vendor: Any, value: Any) -> None:
    keys = [
        "status",
        "shot_type",
        "shooting_look_id",
        "current_revision_id",
        "revisions",
        "predictions",
        "product_name",
    ]
    deep = {"images": value, "version": value, "created_at": value, "effective_image_url": value}
    for document in (dict.fromkeys(keys, value), {"revisions": [deep, value], "predictions": [{"refines": value}]}):
        vendor.children = {name: [{"id": "x", **document}] for name in ("shots", "looks", "generations")}
        shop = provider()
        for found in (shop.list_shots(PRODUCT), shop.list_looks(PRODUCT), shop.list_generations(PRODUCT)):
            (one,) = await found.collect()
            assert one.id == "x"
        await shop.revisions(PRODUCT, "x")


@pytest.mark.parametrize("value", TYPES, ids=repr)
async def test_any_value_in_any_key_of_an_export(provider: Build, vendor: Any, value: Any) -> None:
    task = vendor.add_task()
    vendor.tasks[task["id"]] = {**dict.fromkeys(task, value), "download_url": value, "id": task["id"]}
    assert (await provider().get_export(Ref("shop", "export", task["id"]))).ref.id == task["id"]

"""What goes wrong between here and the vendor, and the error it becomes: one table for every operation."""

from __future__ import annotations

import asyncio
import json
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from placket.errors import (
    Conflict,
    Forbidden,
    InvalidRequest,
    NotFound,
    PlacketError,
    ProtocolError,
    ProviderError,
    RateLimited,
    TimedOut,
    Unauthenticated,
    Unavailable,
    UnknownOutcome,
)
from placket.interfaces import GarmentImage, Image, Ref, ShootManager, SkuDraft, SkuQuery
from placket.record import MediaItem
from placket.testing.faults import FaultKind
from placket.testing.virtual_time import VirtualClock
from placket.transport import HttpLimits

Build = Callable[..., ShootManager]
Operation = Callable[[ShootManager], Awaitable[Any]]

SKU = Ref("shoots", "sku", "sku-1")
MADE = SkuDraft({"name": "x", "media": MediaItem("front", vendor_ref="hash-1")})
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(16)

READS: dict[str, Operation] = {
    "list_skus": lambda manager: manager.list_skus(SkuQuery()).collect(),
    "list_global_skus": lambda manager: manager.list_global_skus(SkuQuery()).collect(),
    "brief_results": lambda manager: manager.brief_results(Ref("shoots", "brief", "41")).collect(),
    "update_sku": lambda manager: manager.update_sku(SKU, SkuDraft({"name": "x"})),
}
"""An update begins with a read."""
UPLOAD: Operation = lambda manager: manager.create_sku(  # noqa: E731
    SkuDraft({"name": "x"}, (GarmentImage(Image.of(PICTURE), "front"),))
)
OPERATIONS: dict[str, Operation] = {
    **READS,
    "create_sku": lambda manager: manager.create_sku(MADE),
    "delete_sku": lambda manager: manager.delete_sku(SKU),
    "upload": UPLOAD,
}

STATUSES = [
    (400, {}, InvalidRequest),
    (401, {}, Unauthenticated),
    (403, {}, Forbidden),
    (404, {}, NotFound),
    (409, {}, Conflict),
    (422, {}, InvalidRequest),
    (429, {}, RateLimited),
    (429, {"retry_after": "7"}, RateLimited),
    (500, {}, Unavailable),
    (503, {}, Unavailable),
]
BODY = (
    b'{"timestamp":"2026-01-01T00:00:00Z","status":0,"error":"Bad","message":"token access-1-very-secret","path":"/"}'
)


async def raised_by(operation: Operation, manager: ShootManager) -> ProviderError:
    with pytest.raises(PlacketError) as caught:
        await operation(manager)
    assert isinstance(caught.value, ProviderError)
    return caught.value


def only(vendor: Any, name: str, kind: FaultKind, **details: Any) -> None:
    """A fault that leaves the login and the question before an upload alone."""
    if name == "upload":
        vendor.faults.add(kind, method="POST", path="/upload", **details)
    else:
        vendor.faults.add(kind, path="/ai-shoot/*", **details)


@pytest.mark.parametrize(("status", "details", "kind"), STATUSES)
@pytest.mark.parametrize("name", OPERATIONS)
async def test_an_error_status(
    provider: Build, vendor: Any, name: str, status: int, details: dict[str, Any], kind: type[ProviderError]
) -> None:
    only(vendor, name, FaultKind.STATUS, status=status, body=BODY, **details)
    error = await raised_by(OPERATIONS[name], provider())
    assert type(error) is kind
    assert (error.provider, error.operation, error.status) == ("shoots", name, status)
    assert "token ****" in error.body
    assert "very-secret" not in str(error) + repr(error) + "".join(traceback.format_exception(error))
    assert "very-secret" not in json.dumps({key: str(value) for key, value in vars(error).items()})
    if "retry_after" in details:
        assert isinstance(error, RateLimited)
        assert error.retry_after == 7


@pytest.mark.parametrize("kind", [FaultKind.MALFORMED, FaultKind.WRONG_SHAPE, FaultKind.EMPTY])
@pytest.mark.parametrize("name", [name for name in OPERATIONS if name != "delete_sku"])
async def test_a_success_that_is_none(provider: Build, vendor: Any, name: str, kind: FaultKind) -> None:
    vendor.results["41"] = []
    only(vendor, name, kind)
    error = await raised_by(OPERATIONS[name], provider())
    assert type(error) is ProtocolError
    assert (error.provider, error.operation) == ("shoots", name)


@pytest.mark.parametrize("kind", [FaultKind.MALFORMED, FaultKind.WRONG_SHAPE, FaultKind.EMPTY])
async def test_a_removal_is_judged_by_its_status(provider: Build, vendor: Any, kind: FaultKind) -> None:
    sku_id = vendor.add()
    vendor.faults.add(kind, method="DELETE")
    await provider().delete_sku(Ref("shoots", "sku", sku_id))
    assert vendor.skus == {}


@pytest.mark.parametrize("kind", [FaultKind.RESET, FaultKind.TRUNCATED])
@pytest.mark.parametrize("name", OPERATIONS)
async def test_a_connection_that_breaks(provider: Build, vendor: Any, name: str, kind: FaultKind) -> None:
    vendor.add()
    vendor.results["41"] = [{"id": 1}]
    vendor.created = dict
    if kind is FaultKind.TRUNCATED and name == "delete_sku":
        return  # There is no body to cut.
    only(vendor, name, kind)
    error = await raised_by(OPERATIONS[name], provider())
    assert type(error) is (UnknownOutcome if name == "create_sku" else Unavailable)
    assert error.operation == name


@pytest.mark.parametrize("name", OPERATIONS)
async def test_no_answer_in_time(provider: Build, vendor: Any, name: str) -> None:
    only(vendor, name, FaultKind.LATENCY, seconds=3600)
    manager = provider(limits=HttpLimits(timeout=5, attempts=2, backoff_initial=0.1))
    error = await raised_by(OPERATIONS[name], manager)
    assert type(error) is (UnknownOutcome if name == "create_sku" else TimedOut)


@pytest.mark.parametrize("name", [name for name in OPERATIONS if name != "create_sku"])
async def test_what_does_no_harm_twice_is_repeated(provider: Build, vendor: Any, name: str) -> None:
    vendor.add()
    vendor.results["41"] = []
    only(vendor, name, FaultKind.STATUS, status=503, times=2)
    await OPERATIONS[name](provider())


@pytest.mark.parametrize("fault", [{"kind": FaultKind.RESET}, {"kind": FaultKind.STATUS, "status": 503}])
async def test_a_creation_is_never_repeated(provider: Build, vendor: Any, fault: dict[str, Any]) -> None:
    vendor.faults.add(method="POST", path="/ai-shoot/skus", **fault)
    await raised_by(OPERATIONS["create_sku"], provider())
    assert len(vendor.asked("POST", "/ai-shoot/skus")) == 1


async def test_the_vendor_s_pause_is_kept(provider: Build, vendor: Any, clock: VirtualClock) -> None:
    only(vendor, "list_skus", FaultKind.STATUS, status=429, retry_after="30", times=1)
    await OPERATIONS["list_skus"](provider())
    assert clock.monotonic() >= 30


async def test_what_the_vendor_says_is_told(provider: Build, vendor: Any) -> None:
    body = b'{"timestamp":"x","status":400,"error":"Bad Request","message":"frontImage: must not be blank","path":"/x"}'
    only(vendor, "create_sku", FaultKind.STATUS, status=400, body=body)
    error = await raised_by(OPERATIONS["create_sku"], provider())
    assert "shoots.create_sku: the vendor rejects the request: frontImage: must not be blank" in str(error)


async def test_a_login_server_that_is_down_is_unavailable(provider: Build, vendor: Any) -> None:
    vendor.faults.add(FaultKind.STATUS, path="/oauth/*", status=503)
    assert type(await raised_by(READS["list_skus"], provider())) is Unavailable


async def test_a_rejected_token_is_renewed_once(provider: Build, vendor: Any) -> None:
    manager = provider()
    await READS["list_skus"](manager)
    vendor.access_tokens[:] = []
    await READS["list_skus"](manager)
    assert len(vendor.asked("POST", "/oauth/token")) == 2


async def test_a_secret_is_in_no_repr_of_the_provider(provider: Build) -> None:
    manager = provider()
    await READS["list_skus"](manager)
    assert "very-secret" not in repr(manager) + repr(vars(manager))


async def test_many_calls_at_once_do_not_mix(provider: Build, vendor: Any) -> None:
    for number in range(64):
        vendor.add(id=f"sku-{number:02}", name=f"Shirt {number:02}")
    manager = provider()

    async def renamed(number: int) -> str:
        sku_id = f"sku-{number:02}"
        sku = await manager.update_sku(Ref("shoots", "sku", sku_id), SkuDraft({"gender": "male"}))
        (name,) = [claim.value for claim in sku.claims if claim.field == "name"]
        return str(name)

    found = await asyncio.gather(*map(renamed, range(64)))
    assert found == [f"Shirt {number:02}" for number in range(64)]
    assert len(vendor.asked("POST", "/oauth/token")) == 1

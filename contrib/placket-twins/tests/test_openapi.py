"""Every twin keeps the contract that it publishes: schemathesis makes requests of it, and judges the answers."""

from __future__ import annotations

import asyncio
import base64
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import aiohttp
import pytest

from placket.errors import InvalidInput
from placket_twins.twin import VENDORS, Twin

schemathesis = pytest.importorskip("schemathesis")
jsonschema = pytest.importorskip("jsonschema")

EXAMPLES = 15
"""Requests an operation: a few more find little more, and cost a test run."""


class NothingThere:
    async def fetch_image(self, url: str) -> bytes:
        raise InvalidInput("there is no network here")


async def _sartiq(twin: Twin) -> Mapping[str, str]:
    form = {name: twin.credentials[name] for name in ("username", "password")}
    async with aiohttp.ClientSession() as session, session.post(f"{twin.url}/login/access-token", data=form) as answer:
        return {"Authorization": f"Bearer {(await answer.json())['access_token']}"}


async def _aistetic(twin: Twin) -> Mapping[str, str]:
    return twin.credentials


async def _threadgenius(twin: Twin) -> Mapping[str, str]:
    async with aiohttp.ClientSession() as session, session.post(f"{twin.url}/token", data=twin.credentials) as answer:
        return {"Authorization": (await answer.json())["access_token"]}


async def _pictofit(twin: Twin) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {twin.credentials['API key']}"}


async def _autoretouch(twin: Twin) -> Mapping[str, str]:
    form = {
        "grant_type": "refresh_token",
        "client_id": twin.credentials["client_id"],
        "refresh_token": twin.credentials["refresh token"],
    }
    async with aiohttp.ClientSession() as session, session.post(f"{twin.url}/oauth/token", data=form) as answer:
        return {"Authorization": f"Bearer {(await answer.json())['access_token']}"}


LOGINS: Mapping[str, Callable[[Twin], Awaitable[Mapping[str, str]]]] = {
    "aistetic": _aistetic,
    "autoretouch": _autoretouch,
    "pictofit": _pictofit,
    "sartiq": _sartiq,
    "threadgenius": _threadgenius,
}
"""How a client of each vendor gets the headers that it is let in with; a new twin needs a line."""

OTHER_LOGINS: Mapping[str, Mapping[str, str]] = {
    "/v1/": {"Authorization": "Basic " + base64.b64encode(b"twin-api-key:").decode()},
}
"""Headers by the beginning of a path: the second version of Thread Genius has a login of its own."""

SETTINGS: Mapping[str, Mapping[str, Any]] = {"aistetic": {"requests_per_minute": None}}

WITH_LOGIN = [vendor for vendor in VENDORS if vendor in LOGINS]


@contextmanager
def serving(vendor: str) -> Iterator[tuple[Twin, Mapping[str, str]]]:
    """The twin in a thread of its own, since schemathesis waits for answers in this one."""
    started, done = threading.Event(), asyncio.Event()
    found: list[Any] = []
    loops: list[asyncio.AbstractEventLoop] = []

    async def run() -> None:
        loops.append(asyncio.get_running_loop())
        twin = Twin(vendor, fetcher=NothingThere(), **SETTINGS.get(vendor, {}))
        try:
            async with twin:
                found.extend((twin, await LOGINS[vendor](twin)))
                started.set()
                await done.wait()
        finally:
            started.set()

    thread = threading.Thread(target=asyncio.run, args=(run(),))
    thread.start()
    try:
        started.wait()
        assert found, "the twin did not start"
        yield found[0], found[1]
    finally:
        loops[0].call_soon_threadsafe(done.set)
        thread.join()


def root(twin: Twin) -> str:
    return twin.url.removesuffix(twin.vendor.prefix)


@pytest.mark.timeout(300)
@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("vendor", WITH_LOGIN)
def test_answers_are_as_the_document_says_and_nothing_breaks(vendor):
    from hypothesis import HealthCheck, Phase, given, settings
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        response_schema_conformance,
        status_code_conformance,
    )

    checks = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
    with serving(vendor) as (twin, headers):
        document = schemathesis.openapi.from_url(f"{root(twin)}/openapi.json")
        asked = 0
        for operation in document.get_all_operations():

            @settings(
                max_examples=EXAMPLES,
                deadline=None,
                database=None,
                derandomize=True,
                phases=[Phase.explicit, Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.ok().as_strategy())
            def ask(case: Any) -> None:
                nonlocal asked
                asked += 1
                others = [found for start, found in OTHER_LOGINS.items() if case.path.startswith(start)]
                answer = case.call(headers=dict(*others or [headers]))
                case.validate_response(answer, checks=checks)

            ask()
        assert asked >= EXAMPLES


@pytest.mark.parametrize("vendor", list(VENDORS))
def test_every_reference_of_the_document_leads_somewhere(vendor):
    from placket_twins.openapi import openapi_of
    from placket_twins.twin import twin_class

    kind = twin_class(vendor)
    twin = kind(_Nothing(), kind.settings_class(), kind.quirks_class())
    document = openapi_of(twin, tuple(twin.routes()))
    names = set(document["components"]["schemas"])
    used = set(_references(document))
    assert used <= {f"#/components/schemas/{name}" for name in names}
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    identifiers = [operation["operationId"] for path in document["paths"].values() for operation in path.values()]
    assert len(identifiers) == len(set(identifiers))


class _Nothing:
    """A ground on which a twin can be made and nothing be done."""

    def __getattr__(self, name: str) -> Any:
        return _Nothing()

    def __truediv__(self, name: str) -> Any:
        return _Nothing()


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if name == "$ref":
                yield inner
            else:
                yield from _references(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _references(inner)

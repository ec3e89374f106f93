"""Placket's own client of the vendor against the twin, through the public face, at every setting of every quirk."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

import placket
from placket.errors import (
    AllProvidersFailed,
    Conflict,
    JobExpired,
    JobFailed,
    NotFound,
    ProviderError,
    RateLimited,
    Unauthenticated,
)
from placket.interfaces import Ticket
from placket_twins import AisteticQuirks
from placket_twins.quirks import quirks_of

CHOICES = [
    (each.name, choice) for each in quirks_of(AisteticQuirks) for choice in each.choices if choice != each.default
]


@pytest.fixture
def opened(images, clock, tmp_path):
    """Opens a router whose one provider is the plugin, and whose vendor is the twin."""

    @asynccontextmanager
    async def open_it(client: Any, key: str = "key-of-the-dashboard", **settings: Any) -> AsyncIterator[Any]:
        provider = {
            "plugin": "aistetic",
            "base_url": client.base_url,
            "api_key": {"env": "TWIN_KEY"},
            "domain": "shop.example.com",
            "rate_limit": "600/minute",
            **settings,
        }
        config = {"providers": {"vendor": provider}, "routes": {"garment_tagger": {"targets": ["vendor"]}}}
        async with placket.open(
            config, clock=clock, environ={"TWIN_KEY": key}, data_folder=tmp_path / "data", image_host=images
        ) as router:
            yield router

    return open_it


def of_vendor(caught: pytest.ExceptionInfo[AllProvidersFailed]) -> BaseException:
    (error,) = caught.value.exceptions
    return error


@pytest.mark.parametrize(("quirk", "choice"), CHOICES)
async def test_a_garment_is_tagged_with_every_quirk(make_client, opened, tagger, picture, quirk, choice):
    tagger.see_skinny_jeans()
    async with opened(await make_client(**{quirk: choice})) as router:
        record = await router.tag(picture, known={"brand": "Stone Island"}, id="976")
    assert (record.category.id, record.fit.id, record.fabric[0].id) == ("aa-1-12-4", "slim", "denim")
    assert round(record.measurements["waist"].mm) == 737


@pytest.mark.parametrize("unmeasured", ["null", "empty", "absent"])
async def test_a_garment_that_nobody_measured(make_client, opened, tagger, picture, unmeasured):
    async with opened(await make_client(unmeasured=unmeasured)) as router:
        record = await router.tag(picture, known={"brand": "Stone Island"})
    assert record.measurements == {}


@pytest.mark.parametrize(
    ("quirks", "expected"),
    [
        ({}, JobFailed),
        ({"status_field": "state"}, JobFailed),
        ({"status_word": "always", "status_field": "processing_status"}, JobFailed),
        ({"status_word": "never"}, JobExpired),
        ({"failed": "never-completes"}, JobExpired),
        ({"failed": "envelope"}, JobFailed),
    ],
)
async def test_a_garment_that_failed(make_client, opened, tagger, picture, quirks, expected):
    tagger.error = NotFound("no garment", provider="scripted")
    async with opened(await make_client(**quirks)) as router:
        with pytest.raises(AllProvidersFailed) as caught:
            await router.tag(picture)
    assert isinstance(of_vendor(caught), expected)


@pytest.mark.parametrize(("refusals", "expected"), [("http-status", Unauthenticated), ("ok-false", ProviderError)])
async def test_a_wrong_key(make_client, opened, picture, refusals, expected):
    async with opened(await make_client(refusals=refusals), key="wrong") as router:
        with pytest.raises(AllProvidersFailed) as caught:
            await router.tag(picture)
    assert isinstance(of_vendor(caught), expected)
    assert "not valid" in str(caught.value)


@pytest.mark.parametrize(("over_limit", "expected"), [("429", RateLimited), ("ok-false", ProviderError)])
async def test_over_the_limit(make_client, opened, picture, over_limit, expected):
    client = await make_client(limit=1, over_limit=over_limit)
    await client.query("976")
    async with opened(client) as router:
        with pytest.raises(AllProvidersFailed) as caught:
            await router.tag(picture)
    assert isinstance(of_vendor(caught), expected)


@pytest.mark.parametrize(
    ("quirk", "expected"), [("not-found", NotFound), ("pending", JobExpired), ("envelope", JobFailed)]
)
async def test_a_ticket_of_a_garment_that_is_not_known(make_client, opened, clock, quirk, expected):
    ticket = Ticket(
        provider="vendor", interface="garment_tagger", operation="submit", id="976", submitted_at=clock.now()
    )
    async with opened(await make_client(unknown_uuid=quirk)) as router:
        job = await router.resume(ticket)
        with pytest.raises(expected):
            await job.result()


@pytest.mark.parametrize("quirk", ["replace", "keep", "refuse"])
async def test_a_uuid_that_was_used_before(make_client, opened, tagger, picture, quirk):
    async with opened(await make_client(reused_uuid=quirk)) as router:
        await router.tag(picture, id="976")
        if quirk == "refuse":
            with pytest.raises(AllProvidersFailed) as caught:
                await router.tag(picture, id="976")
            assert isinstance(of_vendor(caught), Conflict)
        else:
            await router.tag(picture, id="976")
    assert len(tagger.asked) == (2 if quirk == "replace" else 1)

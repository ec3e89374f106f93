"""Tokens: obtained with POST or GET, shown in either form, renewed before they expire and when they are refused."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from placket.errors import InvalidRequest, ProtocolError, Unauthenticated
from placket.interfaces import Garment
from placket.registry import Secret

PHOTO = "https://shop.example.com/photos/1.webp"
GARMENT = Garment.of(PHOTO, id="g1")


async def test_the_pair_is_posted_as_a_form(provider: Any, vendor: Any) -> None:
    await provider().tag(GARMENT)
    (asked,) = vendor.asked("POST", "/v0/token")
    assert asked.query == {}
    assert vendor.forms[0][1] == {"api_key": "key-4711-very-secret", "api_secret": "secret-0815-even-more"}


@pytest.mark.parametrize("mirrors", [True, False])
async def test_where_post_is_not_allowed_it_is_asked_for_with_get(provider: Any, vendor: Any, mirrors: bool) -> None:
    vendor.token_methods, vendor.mirrors_codes = {"GET"}, mirrors
    assert (await provider().tag(GARMENT)).claims
    assert [request.method for request in vendor.requests] == ["POST", "GET", "POST"]


async def test_where_nothing_is_allowed_it_says_so(provider: Any, vendor: Any) -> None:
    vendor.token_methods = set()
    with pytest.raises(ProtocolError) as caught:
        await provider().tag(GARMENT)
    assert caught.value.status == 405


@pytest.mark.parametrize(("form", "header"), [("bearer", "Bearer token-number-0"), ("token", "token-number-0")])
async def test_both_forms_of_the_header(provider: Any, vendor: Any, form: str, header: str) -> None:
    vendor.authorizations = {form}
    assert (await provider(authorization=form).tag(GARMENT)).claims
    assert vendor.requests[-1].headers["Authorization"] == header


async def test_the_wrong_form_is_refused(provider: Any, vendor: Any) -> None:
    vendor.authorizations = {"token"}
    with pytest.raises(Unauthenticated):
        await provider().tag(GARMENT)


async def test_one_token_serves_many_calls(provider: Any, vendor: Any) -> None:
    tagger = provider()
    await asyncio.gather(*(tagger.tag(GARMENT) for _ in range(64)))
    assert len(vendor.tokens) == 1


async def test_a_token_is_renewed_before_it_expires(provider: Any, vendor: Any, clock: Any) -> None:
    tagger = provider()
    await tagger.tag(GARMENT)
    await clock.sleep(86399 - 120)
    await tagger.tag(GARMENT)
    assert len(vendor.tokens) == 1
    await clock.sleep(61)
    await tagger.tag(GARMENT)
    assert len(vendor.tokens) == 2
    assert all(request.headers.get("Authorization") != "Bearer token-number-0" for request in vendor.requests[-1:])


@pytest.mark.parametrize("lifetime", ["3600", None, "soon"])
async def test_a_lifetime_as_a_text_or_not_at_all(provider: Any, vendor: Any, clock: Any, lifetime: Any) -> None:
    vendor.lifetime = lifetime
    tagger = provider()
    await tagger.tag(GARMENT)
    await clock.sleep(3600)
    await tagger.tag(GARMENT)
    assert len(vendor.tokens) == (2 if lifetime == "3600" else 1)


@pytest.mark.parametrize("mirrors", [True, False])
@pytest.mark.parametrize("bad_token", [401, 403])
async def test_a_refused_token_is_renewed_once(provider: Any, vendor: Any, mirrors: bool, bad_token: int) -> None:
    vendor.mirrors_codes, vendor.bad_token = mirrors, bad_token
    tagger = provider()
    await tagger.tag(GARMENT)
    vendor.revoked.update(vendor.tokens)
    assert (await tagger.tag(GARMENT)).claims
    assert len(vendor.tokens) == 2


@pytest.mark.parametrize("mirrors", [True, False])
async def test_a_write_is_made_once_with_the_renewed_token(provider: Any, vendor: Any, mirrors: bool) -> None:
    vendor.mirrors_codes = mirrors
    search = provider()
    await search.usage()
    vendor.revoked.update(vendor.tokens)
    await search.create_catalog("one")
    assert len(vendor.catalogs) == 1


@pytest.mark.parametrize("mirrors", [True, False])
async def test_a_wrong_pair_is_not_tried_again(provider: Any, vendor: Any, mirrors: bool) -> None:
    vendor.mirrors_codes = mirrors
    with pytest.raises(Unauthenticated) as caught:
        await provider(api_secret=Secret("something-wrong")).tag(GARMENT)
    assert len(vendor.requests) == 1
    assert "something-wrong" not in str(caught.value)
    assert "-4711" not in str(caught.value)


@pytest.mark.parametrize("slash", [True, False])
async def test_addresses_end_as_the_operator_says(provider: Any, vendor: Any, slash: bool) -> None:
    vendor.slashes = {slash}
    tagger = provider(trailing_slash=slash)
    assert (await tagger.tag(GARMENT)).claims
    assert await tagger.usage()
    assert await tagger.create_catalog("one")


async def test_a_redirect_is_not_followed(provider: Any, vendor: Any) -> None:
    vendor.slashes = {True}
    with pytest.raises(ProtocolError, match="redirect"):
        await provider().tag(GARMENT)


async def test_an_answer_without_a_token(provider: Any, vendor: Any) -> None:
    vendor.rewrites.append(lambda _, document: {"status": document["status"], "note": "token-number-0"})
    with pytest.raises((ProtocolError, InvalidRequest)) as caught:
        await provider().tag(GARMENT)
    assert "token-number" not in str(caught.value)

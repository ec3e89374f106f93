"""What every twin has beside the vendor's routes: faults that can be changed, a page for people, a log."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from placket.errors import InvalidInput
from placket_twins import Twin
from placket_twins.fault_rules import fault_to_json, parse_fault
from placket_twins.serving import is_loopback

SECRET = "key-of-the-dashboard"


@pytest.fixture
async def twin(tagger, clock):
    served = Twin("aistetic", tagger=tagger, backend=object(), api_key=SECRET, clock=clock, requests_per_minute=None)
    async with served:
        yield served


@pytest.fixture
async def session():
    async with aiohttp.ClientSession() as opened:
        yield opened


def root(twin: Twin, path: str) -> str:
    return twin.url.removesuffix("/garment-tagging") + path


async def status_of(session: Any, twin: Twin, uuid: str = "1") -> int:
    headers = {"API-KEY": SECRET, "DOMAIN": "shop.example.com"}
    async with session.get(twin.url + "/query", params={"uuid": uuid}, headers=headers) as answer:
        return answer.status


async def test_faults_are_changed_while_it_runs(twin, session):
    address = root(twin, "/_twin/faults")
    assert await status_of(session, twin) == 404
    rule = {"kind": "status", "path": "/query", "status": 503, "retry-after": "3"}
    async with session.put(address, json={"rules": [rule]}) as answer:
        shown = await answer.json()
        assert shown == {"seed": 0, "rules": [{**rule, "path": "/garment-tagging/query"}]}
    assert await status_of(session, twin) == 503
    async with session.get(root(twin, "/")) as answer:
        assert answer.status == 200, "faults are the vendor's, not the page's"
    async with session.post(address, json={"kind": "reset"}) as answer:
        assert len((await answer.json())["rules"]) == 2
    async with session.delete(address) as answer:
        assert (await answer.json())["rules"] == []
    assert await status_of(session, twin) == 404


@pytest.mark.parametrize(
    "body", [b"{", b"[1]", b'[{"kind": "none"}]', b'[{"kind": "status", "status": "x"}]', b'{"rules": 3}', b"null"]
)
async def test_a_bad_rule_changes_nothing(twin, session, body):
    headers = {"Content-Type": "application/json"}
    async with session.put(root(twin, "/_twin/faults"), data=body, headers=headers) as answer:
        assert answer.status == 400
        assert await answer.text()
    async with session.put(root(twin, "/_twin/faults"), data=b"[]", headers={"Content-Type": "text/plain"}) as answer:
        assert answer.status == 415, "a web page of somebody else's can send this"
    assert twin.faults.rules == []


async def test_the_same_seed_gives_the_same_faults(tagger, clock, session):
    seen = []
    for _ in range(2):
        rules = ["path=/query,kind=status,status=503,rate=0.5"]
        served = Twin("aistetic", tagger=tagger, backend=object(), api_key=SECRET, clock=clock, faults=rules, seed=7)
        async with served:
            seen.append([await status_of(session, served) for _ in range(6)])
    assert seen[0] == seen[1]
    assert set(seen[0]) == {404, 503}


async def test_the_page_shows_what_is_there_and_no_secret(twin, session):
    headers = {"API-KEY": SECRET, "DOMAIN": "shop.example.com"}
    body = {"uuid": "<b>976</b>", "image_url": "https://images.example.com/1.png", "attribute": {"token": SECRET}}
    async with session.post(twin.url + "/upload", json=body, headers=headers) as answer:
        assert answer.status == 200
    async with session.get(twin.url + "/query", params={"uuid": "1", "api_key": SECRET}, headers=headers):
        pass
    async with session.get(root(twin, "/")) as answer:
        text = await answer.text()
    assert SECRET not in text
    assert "<b>976</b>" not in text
    assert "&lt;b&gt;976&lt;/b&gt;" in text
    assert "/garment-tagging/query" in text
    assert "<script" not in text


async def test_the_pages_are_for_this_machine_only(twin, session):
    for path in ("/", "/_twin/faults"):
        async with session.get(root(twin, path), headers={"Host": "attacker.example.com"}) as answer:
            assert answer.status == 403, "a foreign name that points to this machine"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("reset", {"kind": "reset"}),
        ("path=/query,kind=status,status=503,rate=0.2,retry-after=3", None),
        ("kind=slow_drip, seconds=0.5", {"kind": "slow-drip", "seconds": 0.5}),
    ],
)
def test_rules_are_read_as_people_write_them(text, expected):
    if expected is None:
        expected = {"kind": "status", "path": "/query", "status": 503, "rate": 0.2, "retry-after": "3"}
    assert fault_to_json(parse_fault(text)) == expected


@pytest.mark.parametrize("text", ["", "kind=", "status=503", "kind=status,status=99", "kind=latency,seconds=-1", "x=y"])
def test_a_rule_that_says_nothing_is_refused(text):
    with pytest.raises(InvalidInput):
        parse_fault(text)


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("", False), ("example.com", False)],
)
def test_what_can_be_reached_from_this_machine_only(host, expected):
    assert is_loopback(host) is expected


def test_a_setting_that_there_is_not_is_refused():
    with pytest.raises(InvalidInput, match="did you mean 'api_key'"):
        Twin("aistetic", apikey="x")

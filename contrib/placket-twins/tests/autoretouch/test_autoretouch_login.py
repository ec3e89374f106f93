"""The device flow: begun by a device, confirmed by a person, renewed, revoked."""

from __future__ import annotations

import re

import pytest

GRANT = "urn:ietf:params:oauth:grant-type:device_code"


async def begun(client, scope="offline_access"):
    status, told = await client.form("/oauth/device/code", scope=scope, audience="https://api.autoretouch.com")
    assert status == 200
    return told


async def polled(client, device):
    return await client.form("/oauth/token", grant_type=GRANT, device_code=device["device_code"])


async def confirmed(client, device, decision="confirm", **headers):
    data = {"user_code": device["user_code"], "decision": decision}
    return await client.request("POST", "/activate", data=data, headers=headers)


async def test_a_device_is_confirmed_by_a_person(make_client, clock):
    client = await make_client(log_in=False)
    device = await begun(client)
    assert re.fullmatch(r"[B-Z]{4}-[B-Z]{4}", device["user_code"])
    assert (device["expires_in"], device["interval"]) == (900, 5)
    status, told = await polled(client, device)
    assert (status, told["error"]) == (403, "authorization_pending")
    async with client.session.get(device["verification_uri_complete"]) as answer:
        page = await answer.text()
    assert device["user_code"] in page
    assert (await confirmed(client, device))[0] == 200
    await clock.sleep(5)
    status, told = await polled(client, device)
    assert status == 200
    assert (told["token_type"], told["expires_in"], told["scope"]) == ("Bearer", 86_400, "offline_access")
    client.token = told["access_token"]
    assert (await client.skus())["total"] == 0
    assert (await client.refreshed(told["refresh_token"]))[0] == 200
    status, told = await polled(client, device)
    assert (status, told["error"]) == (403, "invalid_grant")


@pytest.mark.parametrize(("quirk", "status"), [("wanted", 400), ("ignored", 200)])
@pytest.mark.parametrize("audience", [{}, {"audience": "https://elsewhere.example.com"}])
async def test_a_login_for_another_audience_or_none(make_client, quirk, status, audience):
    client = await make_client(log_in=False, audience=quirk)
    found, told = await client.form("/oauth/device/code", scope="offline_access", **audience)
    assert found == status
    assert told.get("error") == ("invalid_request" if status == 400 else None)


async def test_without_offline_access_there_is_no_refresh_token(make_client):
    client = await make_client(log_in=False)
    device = await begun(client, scope="")
    await confirmed(client, device)
    assert "refresh_token" not in (await polled(client, device))[1]


async def test_a_person_can_deny(make_client):
    client = await make_client(log_in=False)
    device = await begun(client)
    assert (await confirmed(client, device, "deny"))[0] == 200
    assert (await polled(client, device))[1]["error"] == "access_denied"


async def test_who_asks_too_often_is_slowed_down(make_client, clock):
    client = await make_client(log_in=False)
    device = await begun(client)
    await polled(client, device)
    status, told = await polled(client, device)
    assert (status, told["error"]) == (429, "slow_down")
    await clock.sleep(7)
    assert (await polled(client, device))[1]["error"] == "slow_down"
    await clock.sleep(16)
    assert (await polled(client, device))[1]["error"] == "authorization_pending"


async def test_a_login_expires(make_client, clock):
    client = await make_client(log_in=False)
    device = await begun(client)
    await clock.sleep(901)
    assert (await polled(client, device))[1]["error"] == "expired_token"
    assert (await confirmed(client, device))[0] == 404


async def test_a_code_may_be_mistyped(make_client):
    client = await make_client(log_in=False)
    device = await begun(client)
    status, page = await confirmed(client, {"user_code": "<b>"})
    assert status == 404
    assert b"&lt;B&gt;" in page
    assert (await confirmed(client, {"user_code": f" {device['user_code'].lower()} "}))[0] == 200


async def test_a_foreign_page_cannot_confirm(make_client):
    client = await make_client(log_in=False)
    device = await begun(client)
    assert (await confirmed(client, device, Origin="https://evil.example.com"))[0] == 403
    assert (await confirmed(client, device, Host="rebound.example.com"))[0] == 403
    assert (await polled(client, device))[1]["error"] == "authorization_pending"


async def test_an_access_token_lasts_a_day(make_client, clock):
    client = await make_client()
    await clock.sleep(86_390)
    assert (await client.request("GET", "/ai-shoot/skus"))[0] == 200
    await clock.sleep(20)
    assert (await client.request("GET", "/ai-shoot/skus"))[0] == 401


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer wrong", "Basic eDp5"])
async def test_everything_wants_a_token(make_client, header):
    client = await make_client()
    for method, path in (("GET", "/ai-shoot/skus"), ("POST", "/upload"), ("GET", "/nowhere")):
        status, told = await client.request(method, path, headers={"Authorization": header})
        assert (status, told["error"]) == (401, "Unauthorized")


async def test_a_revoked_token_stays_void_after_a_restart(make_client, tmp_path):
    client = await make_client(settings={"state": tmp_path / "state"})
    body = {"client_id": "twin-client-id", "token": "twin-refresh-token"}
    assert (await client.request("POST", "/oauth/revoke", json=body))[0] == 200
    assert (await client.refreshed())[1]["error"] == "invalid_grant"
    await client.twin.__aexit__(None, None, None)
    again = await make_client(settings={"state": tmp_path / "state"}, log_in=False)
    assert (await again.refreshed())[1]["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("fields", "status", "error"),
    [
        ({"client_id": "another", "grant_type": "refresh_token"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": GRANT, "device_code": "wrong"}, 403, "invalid_grant"),
        ({"grant_type": GRANT}, 403, "invalid_grant"),
        ({}, 400, "invalid_request"),
    ],
)
async def test_a_wrong_login_is_told_in_the_words_of_oauth(make_client, fields, status, error):
    client = await make_client(log_in=False)
    found, told = await client.form("/oauth/token", **fields)
    assert (found, told["error"]) == (status, error)


async def test_a_refresh_keeps_the_token_or_replaces_it(make_client):
    client = await make_client()
    assert "refresh_token" not in (await client.refreshed())[1]
    client = await make_client(refresh="rotated", log_in=False)
    _, told = await client.refreshed()
    assert (await client.refreshed())[1]["error"] == "invalid_grant"
    assert (await client.refreshed(told["refresh_token"]))[0] == 200


async def test_pending_can_be_a_400(make_client):
    client = await make_client(pending_status="400", log_in=False)
    status, told = await polled(client, await begun(client))
    assert (status, told["error"]) == (400, "authorization_pending")


async def test_nothing_of_a_login_is_on_the_human_page(make_client):
    client = await make_client(log_in=False)
    device = await begun(client)
    await confirmed(client, device)
    _, told = await polled(client, device)
    await client.refreshed(told["refresh_token"])
    await client.request("POST", "/oauth/revoke", json={"client_id": "twin-client-id", "token": told["refresh_token"]})
    page = (await client.request("GET", "/"))[1].decode()
    for secret in (device["device_code"], told["refresh_token"], told["access_token"]):
        assert secret not in page

"""Tokens: obtained once for everybody, renewed in time, replaced when refused."""

from __future__ import annotations

import asyncio
import json

import pytest
from aiohttp import web

from placket.errors import (
    Forbidden,
    ProtocolError,
    TimedOut,
    Unauthenticated,
    Unavailable,
)
from placket.transport import (
    HttpLimits,
    OAuth2ClientCredentials,
    OAuth2Password,
    OAuth2Refresh,
    Rate,
    RateLimiter,
    Secret,
    TokenEndpoint,
)


def client_credentials(endpoint="/token", **options):
    return OAuth2ClientCredentials(endpoint, "client-1", Secret("hunter22"), **options)


async def test_client_credentials_are_exchanged_for_a_token(vendor, base, connect):
    client = connect(base, auth=client_credentials(scope="tags"))
    assert (await client.get("/tags")).json() == {"ok": True}
    assert vendor.logins == [
        {
            "method": "POST",
            "authorization": None,
            "grant_type": "client_credentials",
            "scope": "tags",
            "client_id": "client-1",
            "client_secret": "hunter22",
        }
    ]


async def test_client_credentials_may_travel_as_basic_authentication(vendor, base, connect):
    client = connect(base, auth=client_credentials(basic=True))
    await client.get("/tags")
    assert vendor.logins[0]["authorization"] == "Basic Y2xpZW50LTE6aHVudGVyMjI="
    assert "client_secret" not in vendor.logins[0]


async def test_password_login(vendor, base, connect):
    client = connect(base, auth=OAuth2Password("/token", "ann@example.com", "hunter22"))
    await client.get("/tags")
    login = vendor.logins[0]
    assert (login["username"], login["password"], login["grant_type"]) == ("ann@example.com", "hunter22", "password")


@pytest.mark.parametrize("encoding", ["form", "json", "query"])
async def test_vendors_with_their_own_words(vendor, base, connect, clock, encoding):
    vendor.reply = {"expires_in_seconds": 100}
    endpoint = TokenEndpoint(
        "/token", encoding=encoding, expiry_field="expires_in_seconds", header_form="{token}", skew=10.0
    )
    auth = client_credentials(endpoint, id_field="api_key", secret_field="api_secret", grant_type=None)
    client = connect(base, auth=auth)
    await client.get("/tags")
    await clock.sleep(91)
    await client.get("/tags")
    assert len(vendor.logins) == 2
    assert vendor.logins[0]["method"] == ("GET" if encoding == "query" else "POST")
    assert {"api_key", "api_secret"} <= set(vendor.logins[0])
    assert "grant_type" not in vendor.logins[0]


async def test_a_token_is_renewed_before_it_expires(vendor, base, connect, clock):
    client = connect(base, auth=client_credentials())
    await client.get("/tags")
    await clock.sleep(3600 - 61)
    await client.get("/tags")
    assert len(vendor.logins) == 1
    await clock.sleep(2)
    await client.get("/tags")
    assert len(vendor.logins) == 2
    assert vendor.asked == 3


async def test_a_short_lived_token_is_still_used(vendor, base, connect):
    vendor.reply = {"expires_in": 30}
    client = connect(base, auth=client_credentials())
    for _ in range(5):
        await client.get("/tags")
    assert len(vendor.logins) == 1


@pytest.mark.parametrize("said", [None, 10**400, "soon"], ids=["none", "huge", "text"])
async def test_a_token_without_a_stated_lifetime_is_kept_until_it_is_refused(vendor, base, connect, clock, said):
    vendor.reply = {"expires_in": said}
    client = connect(base, auth=client_credentials())
    await client.get("/tags")
    await clock.sleep(10**7)
    await client.get("/tags")
    assert len(vendor.logins) == 1


async def test_many_calls_at_once_log_in_once(vendor, base, connect):
    client = connect(base, auth=client_credentials())
    await asyncio.gather(*(client.get("/tags") for _ in range(64)))
    assert len(vendor.logins) == 1


async def test_many_refusals_at_once_renew_once_and_every_call_succeeds(vendor, base, connect):
    client = connect(base, auth=client_credentials())
    await client.get("/tags")
    vendor.accepted = "revoked by the vendor"
    answers = await asyncio.gather(*(client.post("/products", json={}) for _ in range(64)))
    assert all(answer.status == 200 for answer in answers)
    assert len(vendor.logins) == 2


async def test_what_a_plugin_reads_as_a_refusal_renews_the_token_too(vendor, serve, connect):
    async def always_200(request):
        answer = await vendor(request)
        return web.json_response({"refused": answer.status == 401} if answer.status != 200 else json.loads(answer.text))

    def refused(answer):
        return Unauthenticated("no") if answer.json().get("refused") else None

    client = connect(await serve(always_200), auth=client_credentials(), classify=refused)
    await client.get("/tags")
    vendor.accepted = "revoked by the vendor"
    assert (await client.post("/products", json={})).json() == {"ok": True}
    assert len(vendor.logins) == 2


@pytest.mark.parametrize("in_the_body", [False, True])
async def test_a_status_that_may_mean_a_refused_token_renews_it_once(vendor, serve, connect, in_the_body):
    allowed = True

    async def forbidding(request):
        answer = await vendor(request)
        if answer.status == 200 and (allowed or request.path == "/token"):
            return answer
        return web.json_response({"code": 403}, status=200 if in_the_body else 403)

    def classify(answer):
        if answer.json().get("code") != 403:
            return None
        return Forbidden("no", **{**answer.details(), "status": 403})

    base = await serve(forbidding)
    client = connect(base, auth=client_credentials(), classify=classify, token_refused=(401, 403))
    await client.get("/tags")
    vendor.accepted = "revoked by the vendor"
    assert (await client.post("/products", json={})).json() == {"ok": True}
    assert len(vendor.logins) == 2
    allowed = False
    with pytest.raises(Forbidden):
        await client.get("/tags")
    assert len(vendor.logins) == 3
    with pytest.raises(Forbidden):
        await connect(base, auth=client_credentials(), classify=classify).get("/tags")
    assert len(vendor.logins) == 4, "where nothing is said, 403 has nothing to do with the token"


async def test_a_late_refusal_of_an_old_token_does_not_cost_the_new_one(vendor, base, connect):
    auth = client_credentials()
    client = connect(base, auth=auth)
    old = await auth.headers(client)
    assert await auth.renew(old)
    new = await auth.headers(client)
    assert await auth.renew(old)
    assert await auth.headers(client) is new
    assert len(vendor.logins) == 2


async def test_a_second_refusal_is_final(vendor, serve, connect, calling):
    async def refuse(request):
        if request.path == "/token":
            return await vendor.login(request)
        return web.json_response({}, status=401)

    client = connect(await serve(refuse), auth=client_credentials())
    with calling() as call, pytest.raises(Unauthenticated):
        await client.get("/tags")
    assert len(vendor.logins) == 2
    assert call.exchanges == 4


@pytest.mark.parametrize("status", [400, 401, 403])
async def test_a_refused_login_is_unauthenticated_and_shared_by_all_who_wait(vendor, base, connect, status):
    vendor.token_status = status
    client = connect(base, auth=client_credentials())
    results = await asyncio.gather(*(client.get("/tags") for _ in range(20)), return_exceptions=True)
    assert all(type(result) is Unauthenticated for result in results)
    assert len({id(result) for result in results}) == 20
    assert len(vendor.logins) == 1
    assert vendor.asked == 0
    assert "hunter22" not in str(results[0])


async def test_a_failing_login_server_is_unavailable_and_the_read_is_repeated(vendor, base, connect):
    vendor.token_status = 503
    client = connect(base, auth=client_credentials(), limits=HttpLimits(attempts=3))
    with pytest.raises(Unavailable):
        await client.get("/tags")
    assert len(vendor.logins) == 3


async def test_a_login_that_fails_for_one_does_not_fail_for_the_next_caller(vendor, base, connect):
    vendor.token_status = 401
    client = connect(base, auth=client_credentials())
    with pytest.raises(Unauthenticated):
        await client.get("/tags")
    vendor.token_status = 200
    await client.get("/tags")


async def test_a_caller_who_gives_up_does_not_take_the_login_away_from_the_others(vendor, base, connect):
    vendor.hold = asyncio.Event()
    client = connect(base, auth=client_credentials())
    first = asyncio.ensure_future(client.get("/tags"))
    await vendor.asked_to_log_in.wait()
    others = [asyncio.ensure_future(client.get("/tags")) for _ in range(5)]
    await asyncio.sleep(0)
    first.cancel()
    vendor.hold.set()
    assert all(answer.status == 200 for answer in await asyncio.gather(*others))
    assert len(vendor.logins) == 2


async def test_the_short_deadline_of_one_caller_is_not_the_failure_of_the_others(vendor, base, connect, calling):
    vendor.hold = asyncio.Event()
    client = connect(base, auth=client_credentials())
    with calling(2.0):
        hurried = asyncio.ensure_future(client.get("/tags"))
    patient = asyncio.ensure_future(client.get("/tags"))
    with pytest.raises(TimedOut):
        await hurried
    vendor.hold.set()
    assert (await patient).status == 200


async def test_waiting_for_a_token_ends_at_the_deadline(vendor, base, connect, clock, calling):
    vendor.hold = asyncio.Event()
    client = connect(base, auth=client_credentials())
    with calling(4.0), pytest.raises(TimedOut):
        await client.post("/products", json={})
    assert clock.monotonic() == pytest.approx(4.0, abs=0.01)
    assert vendor.asked == 0


async def test_logins_at_the_vendors_own_address_count_against_its_rate_limit(vendor, base, connect, clock):
    client = connect(base, auth=client_credentials(), limiter=RateLimiter(Rate(1, 60.0), clock))
    await client.get("/tags")
    assert clock.monotonic() == pytest.approx(60.0, abs=0.1)


async def test_an_answer_without_a_token_names_its_fields_and_not_their_values(base, connect, serve):
    async def odd(request):
        return web.json_response({"jwt": "abc-def-ghi"})

    client = connect(await serve(odd), auth=client_credentials())
    with pytest.raises(ProtocolError, match="jwt") as caught:
        await client.get("/tags")
    assert "abc-def-ghi" not in str(caught.value) + str(vars(caught.value))


async def test_an_answer_that_is_no_json_leaves_no_trace_of_its_body(connect, serve):
    async def odd(request):
        return web.Response(text="your token: abc-def-ghi")

    client = connect(await serve(odd), auth=client_credentials())
    with pytest.raises(ProtocolError, match="where JSON was expected") as caught:
        await client.get("/tags")
    error: BaseException | None = caught.value
    while error is not None:
        assert "abc-def-ghi" not in str(error) + str(vars(error))
        error = error.__cause__ or error.__context__


@pytest.mark.parametrize("token", ["abc\r\nX-Evil: 1", "abc\ud800def", "abc\0"])
async def test_what_no_header_can_hold_is_no_token(connect, serve, token):
    async def odd(request):
        return web.json_response({"access_token": token})

    client = connect(await serve(odd), auth=client_credentials())
    with pytest.raises(ProtocolError, match="is no token"):
        await client.get("/tags")


async def test_a_token_that_the_vendor_echoes_is_masked(serve, connect):
    async def echo(request):
        if request.path == "/token":
            return web.json_response({"access_token": "opaque-value-17"})
        return web.json_response({"detail": f"no rights for {request.headers['X-Session']}"}, status=403)

    auth = client_credentials(TokenEndpoint("/token", header="X-Session", header_form="{token}"))
    client = connect(await serve(echo), auth=auth)
    with pytest.raises(Forbidden, match="no rights") as caught:
        await client.get("/tags")
    assert "opaque-value-17" not in str(caught.value)


def test_credentials_stay_out_of_reprs():
    auths = [
        client_credentials(),
        OAuth2Password("/token", "ann", "hunter22"),
        OAuth2Refresh("/token", "c", refresh_token="hunter22"),
    ]
    assert "hunter22" not in repr(auths)

"""Logging in through a person with a browser."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web

from placket.errors import ConfigError, ProtocolError, Unauthenticated
from placket.transport import FileTokenStore, HttpLimits, OAuth2DeviceFlow, Secret


class AuthServer:
    def __init__(self, *errors, interval=5, expires_in=900, status=400):
        self.errors = list(errors)
        self.offer = {
            "device_code": "device-secret-code",
            "user_code": "WDJB-MJHT",
            "verification_uri": "https://example.com/device",
            "verification_uri_complete": "https://example.com/device?user_code=WDJB-MJHT",
            "expires_in": expires_in,
            "interval": interval,
        }
        self.status = status
        self.polls = []
        self.asked = None
        self.refreshes = 0
        self.granted = {"access_token": "access-1", "refresh_token": "refresh-1", "expires_in": 86400}

    async def __call__(self, request):
        fields = dict(await request.post())
        if request.path == "/device":
            self.asked = fields
            return web.json_response(self.offer)
        if request.path == "/token":
            return self.token(fields)
        return web.json_response({"auth": request.headers["Authorization"]})

    def token(self, fields):
        if fields["grant_type"] == "refresh_token":
            self.refreshes += 1
        else:
            self.polls.append(asyncio.get_running_loop().time())
            error = self.errors.pop(0) if self.errors else None
            if error == "silence":
                return web.Response(status=503)
            if error:
                return web.json_response({"error": error}, status=self.status)
        return web.json_response(self.granted)


@pytest.fixture
def shown():
    return []


def flow(shown, **options):
    return OAuth2DeviceFlow(
        "/token", "/device", "client-1", show=shown.append, scope="offline_access", audience="https://api", **options
    )


async def test_the_person_is_shown_the_code_and_the_vendor_polled_at_its_interval(serve, connect, shown):
    server = AuthServer("authorization_pending", "authorization_pending", interval=7)
    client = connect(await serve(server), auth=flow(shown))
    assert (await client.get("/tags")).json() == {"auth": "Bearer access-1"}
    assert (shown[0].code, shown[0].url, shown[0].seconds) == ("WDJB-MJHT", "https://example.com/device", 900)
    assert server.asked == {"client_id": "client-1", "scope": "offline_access", "audience": "https://api"}
    assert [round(time) for time in server.polls] == [7, 14, 21]


async def test_an_interval_beyond_all_numbers_is_none(serve, connect, shown):
    server = AuthServer("authorization_pending", interval=10**400, expires_in=10**400)
    await connect(await serve(server), auth=flow(shown)).get("/tags")
    assert shown[0].seconds == 900
    assert [round(time) for time in server.polls] == [5, 10]


async def test_slow_down_makes_the_polls_rarer_for_good(serve, connect, shown):
    server = AuthServer("slow_down", "authorization_pending")
    await connect(await serve(server), auth=flow(shown)).get("/tags")
    assert [round(time) for time in server.polls] == [5, 15, 25]


async def test_a_failing_login_server_is_asked_less_often(serve, connect, shown):
    server = AuthServer("silence", "silence")
    await connect(await serve(server), auth=flow(shown)).get("/tags")
    assert [round(time) for time in server.polls] == [5, 15, 35]


@pytest.mark.parametrize("status", [400, 403, 428])
@pytest.mark.parametrize(
    ("error", "reason"), [("access_denied", "refused in the browser"), ("expired_token", "expired")]
)
async def test_the_persons_no_ends_it(serve, connect, shown, error, reason, status):
    server = AuthServer("authorization_pending", error, status=status)
    client = connect(await serve(server), auth=flow(shown))
    with pytest.raises(Unauthenticated, match=reason):
        await client.get("/tags")
    assert len(server.polls) == 2


async def test_a_code_that_nobody_confirms_ends_in_time(serve, connect, shown, clock):
    server = AuthServer(*["authorization_pending"] * 100, expires_in=60)
    client = connect(await serve(server), auth=flow(shown))
    with pytest.raises(Unauthenticated, match="in time"):
        await client.get("/tags")
    assert clock.monotonic() <= 60.1


async def test_afterwards_the_refresh_token_is_enough(serve, connect, shown, tmp_path, clock):
    server, store = AuthServer(), FileTokenStore(tmp_path / "acme.json")
    base = await serve(server)
    client = connect(base, auth=flow(shown, store=store))
    await client.get("/tags")
    await clock.sleep(86400)
    await client.get("/tags")
    await connect(base, auth=flow(shown, store=store)).get("/tags")
    assert len(shown) == 1
    assert server.refreshes == 2
    assert store.load() == Secret("refresh-1")


async def test_where_nobody_is_there_to_ask_the_call_fails_and_login_can_be_called(serve, connect, shown):
    auth = OAuth2DeviceFlow("/token", "/device", "client-1")
    client = connect(await serve(AuthServer()), auth=auth, limits=HttpLimits(attempts=1))
    with pytest.raises(Unauthenticated, match="log in"):
        await client.get("/tags")
    await auth.login(client, shown.append)
    assert (await client.get("/tags")).json() == {"auth": "Bearer access-1"}


async def test_a_login_that_no_later_process_could_use_is_none(serve, connect, shown, tmp_path):
    server = AuthServer()
    del server.granted["refresh_token"]
    auth = flow(shown, store=FileTokenStore(tmp_path / "acme.json"))
    with pytest.raises(ProtocolError, match="no refresh token"):
        await auth.login(connect(await serve(server), auth=auth), shown.append)
    assert list(tmp_path.iterdir()) == []


async def test_a_store_that_cannot_be_written_is_a_matter_of_configuration(serve, connect, shown, tmp_path):
    (tmp_path / "folder").write_text("in the way")
    auth = flow(shown, store=FileTokenStore(tmp_path / "folder" / "acme.json"))
    with pytest.raises(ConfigError, match="cannot be kept in"):
        await auth.login(connect(await serve(AuthServer()), auth=auth), shown.append)


async def test_what_is_shown_cannot_move_the_cursor(serve, connect, shown):
    server = AuthServer()
    server.offer["user_code"] = "\x1b[2JABCD\u202e"
    await connect(await serve(server), auth=flow(shown)).get("/tags")
    assert shown[0].code == "[2JABCD"

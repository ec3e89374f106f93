"""Refresh tokens: how they are exchanged and kept, and which one is spent where several are known."""

from __future__ import annotations

import asyncio
import json
import stat
import sys

import pytest
from aiohttp import web

from placket.errors import ConfigError, TimedOut, Unauthenticated
from placket.transport import FileTokenStore, OAuth2DeviceFlow, OAuth2Refresh, Secret


class Accounts:
    """Logins of several people. Each exchange of a token makes another, and the old one is void, as is one revoked.

    Like many such servers it takes a token that is used twice for a stolen one, and ends the login that it is of.
    """

    def __init__(self):
        self.owners = {}
        self.used = {}
        self.spent = []
        self.rotates = True
        self.forgives = False
        self.meanwhile = None

    def log_in(self, person):
        """A person logs in; gives the refresh token."""
        token = f"token-of-{person}-{len(self.owners) + len(self.used)}"
        self.owners[token] = person
        return token

    def log_out(self, person):
        self.owners = {token: owner for token, owner in self.owners.items() if owner != person}

    async def __call__(self, request):
        if request.path == "/who":
            return web.json_response(request.headers["Authorization"].removeprefix("Bearer access-of-"))
        fields = await request.post()
        if request.path == "/device":
            return web.json_response({"device_code": "device-code-ann", "user_code": "A", "verification_uri": "x"})
        token = self.log_in("ann") if "device_code" in fields else fields["refresh_token"]
        self.spent.append(token)
        if self.meanwhile is not None:
            meanwhile, self.meanwhile = self.meanwhile, None
            await meanwhile(after=0)
        if token in self.used and not self.forgives:
            self.log_out(self.used[token])
        if token not in self.owners:
            return web.json_response({"error": "invalid_grant", "error_description": "void"}, status=403)
        person = self.owners[token]
        granted = {"access_token": f"access-of-{person}", "expires_in": 100}
        if self.rotates:
            self.used[token] = self.owners.pop(token)
            granted["refresh_token"] = self.log_in(person)
        return web.json_response(granted)


@pytest.fixture
def accounts():
    return Accounts()


@pytest.fixture
def store(tmp_path):
    return FileTokenStore(tmp_path / "acme.json")


@pytest.fixture
async def process(serve, connect, accounts, store):
    """Starts a process with a configured token; gives whom the vendor takes it for, asked after the token expired."""
    base = await serve(accounts)

    def start(configured=None, kept_in=store):
        auth = OAuth2DeviceFlow("/token", "/device", "client-1", refresh_token=configured, store=kept_in)
        client = connect(base, auth=auth)

        async def who(after=200):
            await client.clock.sleep(after)
            return (await client.get("/who")).json()

        who.log_in = lambda: auth.login(client, lambda _: None)
        return who

    return start


@pytest.mark.parametrize("rotates", [True, False])
async def test_a_token_that_was_configured_anew_takes_the_place_of_the_one_kept(process, accounts, rotates):
    first = accounts.log_in("ann")
    assert await process(first)() == "ann"
    assert await process(first)() == "ann", "what is kept goes on where it came from"
    accounts.rotates = rotates
    second = accounts.log_in("bob")
    assert await process(second)() == "bob"
    assert await process(second)() == "bob"
    assert await process(None)() == ("bob" if rotates else "ann"), "once begun, it needs no configured token"


async def test_a_new_token_that_is_refused_is_told_and_nobody_acts_for_the_old_account(process, accounts):
    assert await process(accounts.log_in("ann"))() == "ann"
    with pytest.raises(Unauthenticated, match="void"):
        await process("mis-typed")()


async def test_a_login_by_a_person_counts_more_than_the_token_configured_before_it(process, accounts):
    configured = accounts.log_in("bob")
    await process(configured).log_in()
    assert await process(configured)() == "ann"
    assert await process(accounts.log_in("carl"))() == "carl"


async def test_a_token_configured_after_a_login_by_a_person_takes_its_place(process, accounts):
    await process().log_in()
    assert await process()() == "ann"
    assert await process(accounts.log_in("bob"))() == "bob"


async def test_a_token_of_which_nobody_knows_where_it_came_from_is_used(process, accounts, store):
    store.save(Secret(accounts.log_in("ann")))
    assert await process("configured")() == "ann"


async def test_the_file_says_nothing_about_the_configured_token_but_whether_it_is_the_same(process, accounts, store):
    configured = accounts.log_in("ann")
    await process(configured)()
    kept = store.path.read_text()
    assert configured not in kept
    assert store.load() == Secret(json.loads(kept)["refresh_token"])


async def test_processes_that_share_a_file_never_spend_a_token_twice(process, accounts):
    configured = accounts.log_in("ann")
    one, other = process(configured), process(configured)
    for _ in range(3):
        assert await one() == "ann"
        assert await other() == "ann"
    assert len(set(accounts.spent)) == len(accounts.spent) == 6


async def test_a_token_that_another_process_spends_at_this_moment_is_no_loss(process, accounts):
    configured = accounts.log_in("ann")
    one, other = process(configured), process(configured)
    accounts.forgives = True
    accounts.meanwhile = one
    assert await other() == "ann"
    assert accounts.spent[:2] == [configured, configured]


async def test_processes_that_renew_at_the_same_moment_never_spend_a_token_twice(process, accounts):
    configured = accounts.log_in("ann")
    several = [process(configured) for _ in range(3)]
    for _ in range(2):
        assert await asyncio.gather(*(who() for who in several)) == ["ann"] * 3
    assert len(set(accounts.spent)) == len(accounts.spent) == 6


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such lock")
async def test_a_process_that_hangs_while_it_renews_is_not_waited_for_without_end(process, accounts, store, clock):
    import fcntl

    who = process(accounts.log_in("ann"))
    with store.path.with_name("acme.json.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        before = clock.monotonic()
        assert await who() == "ann"
        assert 200 + 15 <= clock.monotonic() - before < 200 + 20


async def test_a_token_that_could_not_be_kept_is_still_the_one_to_use(process, accounts, tmp_path, caplog):
    class Full(FileTokenStore):
        full = False

        def save(self, token, origin=""):
            if self.full:
                raise ConfigError("the disk is full")
            super().save(token, origin)

    store = Full(tmp_path / "full.json")
    who = process(accounts.log_in("ann"), store)
    assert await who() == "ann"
    store.full = True
    for _ in range(2):
        caplog.clear()
        assert await who() == "ann"
        assert "the disk is full" in caplog.text
        assert "lost when this process ends" in caplog.text
    store.full = False
    assert await who() == "ann"
    assert await process(None, store)() == "ann"


@pytest.mark.skipif(sys.platform != "linux", reason="a folder in which nobody can write, not even root")
async def test_a_folder_that_cannot_be_written_costs_no_call(process, accounts, caplog):
    store = FileTokenStore("/proc/placket/acme.json")
    assert await process(accounts.log_in("ann"), store)() == "ann"
    assert "the token cannot be kept in /proc/placket/acme.json" in caplog.text


async def test_a_login_by_a_person_that_cannot_be_kept_is_told_at_once(process, tmp_path):
    class Full(FileTokenStore):
        def save(self, token, origin=""):
            raise ConfigError("the disk is full")

    with pytest.raises(ConfigError, match="full"):
        await process(None, Full(tmp_path / "full.json")).log_in()


async def test_a_refresh_token_is_used_and_a_new_one_is_kept_and_saved(vendor, base, connect, tmp_path, clock):
    vendor.reply = {"expires_in": 100, "refresh_token": "rotated-1"}
    store = FileTokenStore(tmp_path / "tokens" / "acme.json")
    client = connect(base, auth=OAuth2Refresh("/token", "client-1", refresh_token="first-one", store=store))
    await client.get("/tags")
    await clock.sleep(200)
    await client.get("/tags")
    assert [login["refresh_token"] for login in vendor.logins] == ["first-one", "rotated-1"]
    assert store.load() == Secret("rotated-1")


@pytest.mark.parametrize("next_one", ["waits", "comes later"])
async def test_a_refresh_token_that_was_used_up_for_a_caller_who_gave_up_is_replaced(vendor, base, connect, next_one):
    vendor.hold = asyncio.Event()
    vendor.reply = {"expires_in": 3600, "refresh_token": "rotated-1"}
    client = connect(base, auth=OAuth2Refresh("/token", "client-1", refresh_token="first-one"))
    first = asyncio.ensure_future(client.get("/tags"))
    await vendor.asked_to_log_in.wait()
    after = asyncio.ensure_future(client.get("/tags")) if next_one == "waits" else None
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    vendor.hold.set()
    assert (await (after or client.get("/tags"))).status == 200
    assert [login["refresh_token"] for login in vendor.logins] == ["first-one"]


async def test_a_refresh_under_way_is_ended_before_the_connections_close(
    vendor, base, connect, sessions, tmp_path, calling
):
    vendor.hold = asyncio.Event()
    vendor.reply = {"expires_in": 100, "refresh_token": "rotated-1"}
    store = FileTokenStore(tmp_path / "acme.json")
    client = connect(base, auth=OAuth2Refresh("/token", "client-1", refresh_token="first-one", store=store))
    with calling(1.0), pytest.raises(TimedOut):
        await client.get("/tags")
    closing = asyncio.ensure_future(sessions.aclose())
    await asyncio.sleep(0)
    vendor.hold.set()
    await closing
    assert store.load() == Secret("rotated-1")


async def test_a_refresh_answer_without_a_new_token_leaves_the_old_one_in_use(vendor, base, connect, clock):
    vendor.reply = {"expires_in": 100}
    client = connect(base, auth=OAuth2Refresh("/token", "client-1", refresh_token="first-one"))
    await client.get("/tags")
    await clock.sleep(200)
    await client.get("/tags")
    assert [login["refresh_token"] for login in vendor.logins] == ["first-one", "first-one"]


async def test_a_token_renewed_by_another_process_is_taken_from_the_store(serve, connect, tmp_path, clock):
    good = "first-one"

    async def rotating(request):
        if request.path != "/token":
            return web.json_response({})
        if (await request.post())["refresh_token"] != good:
            return web.json_response({"error": "invalid_grant"}, status=400)
        return web.json_response({"access_token": "access-1", "expires_in": 100, "refresh_token": good})

    store = FileTokenStore(tmp_path / "acme.json")
    client = connect(await serve(rotating), auth=OAuth2Refresh("/token", "c", refresh_token="first-one", store=store))
    await client.get("/tags")
    good = "from-the-other-process"
    store.save(Secret(good))
    await clock.sleep(200)
    await client.get("/tags")
    store.save(Secret("stale"))
    good = "nobody has it"
    await clock.sleep(200)
    with pytest.raises(Unauthenticated):
        await client.get("/tags")


async def test_without_any_refresh_token_the_error_says_to_log_in(base, connect):
    client = connect(base, auth=OAuth2Refresh("/token", "client-1"))
    with pytest.raises(Unauthenticated, match="log in"):
        await client.get("/tags")


def test_the_token_file_is_private_and_replaced_whole(tmp_path):
    store = FileTokenStore(tmp_path / "new" / "acme.json")
    assert store.load() is None
    store.save(Secret("one"))
    store.save(Secret("two"))
    assert store.load() == Secret("two")
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    assert [path.name for path in store.path.parent.iterdir()] == ["acme.json"]


def test_a_broken_token_file_says_what_to_do(tmp_path):
    path = tmp_path / "acme.json"
    path.write_text("{hunter22")
    with pytest.raises(ConfigError, match="log in again") as caught:
        FileTokenStore(path).load()
    assert "hunter22" not in str(caught.value)
    assert caught.value.__cause__ is None

"""Which refresh token is spent: the configured one, the one kept from before, or what another process has renewed."""

from __future__ import annotations

import asyncio
import json
import sys

import pytest
from aiohttp import web

from placket.errors import ConfigError, Unauthenticated
from placket.transport import FileTokenStore, OAuth2DeviceFlow, Secret


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

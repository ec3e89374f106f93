"""The ledger: what is in it after whatever happened, and what is said about a file that is none."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from placket.errors import ConfigError, InvalidInput, PluginError
from placket.interfaces import Ticket
from placket.jobs import KeptState, Ledger

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


async def test_a_ticket_comes_back_as_it_was(ledger, ticket):
    given = ticket("7", attribute={"Brand": "Zoë", "size": [1, None, 2.5]})
    async with ledger() as kept:
        await kept.add(given, garment="dress-1", question="q")
    async with ledger() as kept:
        [job] = await kept.pending()
    assert (job.ticket, job.garment, job.state) == (given, "dress-1", KeptState.PENDING)


@pytest.mark.parametrize(
    "change",
    [
        {"provider": []},
        {"interface": {}},
        {"operation": 1},
        {"id": ""},
        {"data": [1]},
        {"more": 1},
        {"submitted_at": "2026-11-22T20:00:00"},
        {"submitted_at": 5},
    ],
    ids=json.dumps,
)
async def test_what_is_no_ticket_is_told(ticket, change):
    document = json.loads(ticket("7").to_json())
    with pytest.raises(InvalidInput, match="not a job ticket"):
        Ticket.from_json(json.dumps({**document, **change}))


async def test_json_that_is_nested_too_deeply_is_no_ticket():
    with pytest.raises(InvalidInput, match="not a job ticket"):
        Ticket.from_json("[" * 100_000)


@pytest.mark.parametrize("state", [KeptState.SUCCEEDED, KeptState.FAILED, KeptState.LOST])
async def test_what_ended_is_not_pending_and_not_taken_up(ledger, ticket, state):
    async with ledger() as kept:
        await kept.add(ticket("1"), question="q")
        await kept.add(ticket("2"), question="r")
        await kept.finish(ticket("1"), state)
        assert [job.ticket.id for job in await kept.pending()] == ["2"]
        assert await kept.ticket_for("work", "q", since=LONG_AGO) is None


async def test_the_latest_job_of_a_question_is_the_one(ledger, ticket):
    async with ledger() as kept:
        await kept.add(ticket("1", hours=1), question="q")
        await kept.add(ticket("2", hours=3), question="q")
        await kept.add(ticket("3", hours=2), question="q")
        assert await kept.ticket_for("work", "q", since=LONG_AGO) == ticket("2", hours=3)
        assert await kept.ticket_for("work", "other", since=LONG_AGO) is None
        assert await kept.ticket_for("another", "q", since=LONG_AGO) is None
        assert await kept.ticket_for("work", "q", since=ticket(hours=4).submitted_at) is None


async def test_a_job_that_is_submitted_again_is_pending_again(ledger, ticket):
    async with ledger() as kept:
        await kept.add(ticket("1"))
        await kept.finish(ticket("1"), KeptState.FAILED)
        await kept.add(ticket("1"))
        assert len(await kept.pending()) == 1


async def test_the_same_number_at_two_providers_is_two_jobs(ledger, ticket):
    async with ledger() as kept:
        await kept.add(ticket("1"))
        await kept.add(ticket("1", provider="other"))
        await kept.finish(ticket("1"), KeptState.SUCCEEDED)
        assert [job.ticket.provider for job in await kept.pending()] == ["other"]


async def test_what_is_old_is_forgotten_pending_or_not(ledger, ticket, clock):
    async with ledger() as kept:
        await kept.add(ticket("1"))
        await kept.add(ticket("2"))
        await clock.sleep(3600)
        await kept.finish(ticket("2"), KeptState.SUCCEEDED)
        await kept.add(ticket("3"))
        assert await kept.forget(clock.now() - timedelta(minutes=30)) == 1
        assert [job.ticket.id for job in await kept.pending()] == ["3"]
        await clock.sleep(3600)
        assert await kept.forget(clock.now() - timedelta(minutes=30)) == 2


async def test_only_its_owner_can_read_it(ledger, ticket, path):
    async with ledger() as kept:
        await kept.add(ticket())
        files = list(path.parent.iterdir())
        assert path in files
        if os.name == "posix":
            assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
            assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [file.name for file in path.parent.iterdir()] == [path.name], "nothing but the ledger stays behind"


async def test_a_cancelled_caller_takes_nothing_back(ledger, ticket):
    async with ledger() as kept:
        adding = asyncio.ensure_future(kept.add(ticket()))
        await asyncio.sleep(0)
        adding.cancel()
        with pytest.raises(asyncio.CancelledError):
            await adding
    async with ledger() as kept:
        assert len(await kept.pending()) == 1


KILLED = """
import asyncio, os, signal, sys
from datetime import UTC, datetime
from placket.interfaces import Ticket
from placket.jobs import Ledger

async def main():
    ledger = await Ledger(sys.argv[1]).__aenter__()
    for number in range(5):
        await ledger.add(Ticket("work", "garment_tagger", "tag", str(number), datetime.now(UTC)), garment="g")
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


@pytest.mark.skipif(os.name != "posix", reason="a matter of POSIX signals")
def test_it_survives_kill_9(path):
    done = subprocess.run([sys.executable, "-c", KILLED, str(path)], capture_output=True, timeout=50, check=False)
    assert done.returncode == -9, done.stderr
    assert asyncio.run(pending(path)) == list("01234")


async def pending(path):
    async with Ledger(path) as kept:
        return [job.ticket.id for job in await kept.pending()]


WRITER = """
import asyncio, sys
from datetime import UTC, datetime
from placket.interfaces import Ticket
from placket.interfaces import Ticket
from placket.jobs import KeptState, Ledger

async def main(name):
    sys.stdin.read(1)
    async with Ledger(sys.argv[1]) as ledger:
        for number in range(25):
            ticket = Ticket(name, "garment_tagger", "tag", str(number), datetime.now(UTC))
            await ledger.add(ticket)
            if number % 5:
                await ledger.finish(ticket, KeptState.SUCCEEDED)

asyncio.run(main(sys.argv[2]))
"""


def test_several_processes_write_one_ledger_from_its_first_moment(path):
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), f"p{number}"], stdin=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for number in range(4)
    ]
    for process in processes:
        process.stdin.write(b"!")
        process.stdin.flush()
    for process in processes:
        _, errors = process.communicate(timeout=50)
        assert process.returncode == 0, errors.decode()
    assert len(asyncio.run(pending(path))) == 4 * 5


@pytest.mark.parametrize("content", [b"a list of jobs\n" * 100, b"SQLite format 3\0" + b"\xff" * 5000])
async def test_another_file_is_no_ledger_and_stays_as_it_is(ledger, path, content):
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"config\.jobs\.ledger: the ledger .* damaged.*move it away"):
        await ledger().__aenter__()
    assert path.read_bytes() == content


async def test_a_damaged_ledger_is_told(ledger, ticket, path):
    async with ledger() as kept:
        for number in range(2000):
            await kept.add(ticket(str(number)), garment="g" * 50)
    content = bytearray(path.read_bytes())
    content[4096 : len(content) // 2] = os.urandom(len(content) // 2 - 4096)
    path.write_bytes(content)
    with pytest.raises(ConfigError, match="damaged"):
        await ledger().__aenter__()


async def test_a_database_of_another_program_is_refused(ledger, path):
    path.parent.mkdir()
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE songs (name TEXT)")
    other.close()
    with pytest.raises(ConfigError, match="another program"):
        await ledger().__aenter__()


async def test_a_newer_ledger_is_refused(ledger, path):
    async with ledger():
        pass
    with sqlite3.connect(path) as newer:
        newer.execute("PRAGMA user_version = 2")
    newer.close()
    with pytest.raises(ConfigError, match=r"newer Placket \(tables of version 2, and this one reads 1\)"):
        await ledger().__aenter__()


async def test_a_place_that_cannot_be_written_is_told(path, clock):
    path.parent.write_text("a file where a folder is wanted")
    with pytest.raises(ConfigError, match=r"jobs\.ledger: the ledger .* cannot be opened"):
        await Ledger(path, clock).__aenter__()


async def test_a_folder_is_no_ledger(path, clock):
    path.mkdir(parents=True)
    with pytest.raises(ConfigError, match=r"jobs\.ledger: the ledger .* cannot be"):
        await Ledger(path, clock).__aenter__()


async def test_a_damaged_ticket_is_told(ledger, ticket, path):
    async with ledger() as kept:
        await kept.add(ticket(), question="q")
    with sqlite3.connect(path) as by_hand:
        by_hand.execute("UPDATE jobs SET ticket = ?", (json.dumps({"schema": "placket/ticket/1"}),))
    by_hand.close()
    async with ledger() as kept:
        with pytest.raises(ConfigError, match="damaged"):
            await kept.pending()


def circle():
    data = {}
    data["circle"] = data
    return data


@pytest.mark.parametrize(
    "wrong",
    [{"data": {"since": LONG_AGO}}, {"data": {"key": b"1"}}, {"data": circle()}, {"data": [1]}, {"id": None}],
)
async def test_a_ticket_that_nobody_could_read_again_is_its_plugins_fault(ledger, ticket, wrong):
    async with ledger() as kept:
        with pytest.raises(PluginError, match="fault is its plugin's"):
            await kept.add(replace(ticket(), **wrong))
        assert await kept.pending() == ()


async def test_a_closed_ledger_says_so(ledger, ticket):
    kept = ledger()
    async with kept:
        pass
    with pytest.raises(InvalidInput, match="is closed"):
        await kept.add(ticket())
    with pytest.raises(InvalidInput, match="is not open"):
        await ledger().add(ticket())


async def test_a_ledger_may_be_closed_again_and_at_once(ledger):
    kept = await ledger().__aenter__()
    await asyncio.gather(kept.aclose(), kept.aclose())
    await kept.aclose()
    unopened = ledger()
    await unopened.aclose()
    await unopened.aclose()

"""``placket serve``: real processes, stopped, killed and started again; faults and the twin's own pages."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from click.testing import CliRunner

from placket.cli.program import program

pytestmark = pytest.mark.real_time

PLACKET = [sys.executable, "-m", "placket.cli"]
PICTURE = "https://images.example.invalid/1.png"


@contextmanager
def served(*arguments: str, state: Path) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """A process that serves, and what it says of the first twin."""
    command = [*PLACKET, "serve", *arguments, "--port", "0", "--json", "--state", str(state)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "NO_COLOR": "1"}
    )
    try:
        lines = []
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line)
            if line.rstrip() == "}":
                break
        assert lines, process.stderr.read() if process.stderr else ""
        yield process, json.loads("".join(lines))["twins"][0]
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


async def logged_in(session: aiohttp.ClientSession, twin: dict[str, Any]) -> dict[str, str]:
    form = {name: twin["credentials"][name] for name in ("username", "password")}
    async with session.post(f"{twin['base_url']}/login/access-token", data=form) as answer:
        assert answer.status == 200
        return {"Authorization": f"Bearer {(await answer.json())['access_token']}"}


async def test_ctrl_c_ends_it_cleanly(tmp_path):
    with served("aistetic", state=tmp_path) as (process, twin):
        assert set(twin) == {"vendor", "base_url", "other_base_urls", "credentials", "page", "openapi"}
        assert twin["other_base_urls"] == []
        process.send_signal(signal.SIGINT)
        _, errors = await asyncio.to_thread(process.communicate)
    assert process.returncode == 0
    assert "Traceback" not in errors


async def test_the_addresses_of_both_versions_are_told_and_answer(tmp_path):
    with served("threadgenius", state=tmp_path) as (_, twin):
        assert twin["base_url"].endswith("/v0")
        (other,) = twin["other_base_urls"]
        assert other == f"{twin['base_url'].removesuffix('/v0')}/v1"
        login = base64.b64encode(f"{twin['credentials']['api_key']}:".encode()).decode()
        headers = {"Authorization": f"Basic {login}"}
        async with aiohttp.ClientSession() as session, session.get(f"{other}/catalog", headers=headers) as answer:
            assert (answer.status, (await answer.json())["response"]) == (200, {"catalogs": []})


def test_people_are_told_both_addresses(tmp_path):
    command = [*PLACKET, "serve", "threadgenius", "--port", "0", "--state", str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    lines = []
    assert process.stdout is not None
    for line in process.stdout:
        lines.append(line.split())
        if line.startswith("State is kept"):
            break
    process.kill()
    process.communicate()
    urls = [words[-1].partition("/v")[2] for words in lines if words[:2] == ["base", "URL"] or words[0] == "or"]
    assert urls == ["0", "1"]


async def create(
    session: aiohttp.ClientSession, base: str, token: dict[str, str], acknowledged: list[str], enough: asyncio.Event
) -> None:
    """Create products until the server is gone; ``enough`` is set when a dozen more were acknowledged."""
    wanted = len(acknowledged) + 12
    while True:
        body = {"name": f"product {len(acknowledged)}", "cover_image": PICTURE}
        try:
            async with session.post(f"{base}/products/", json=body, headers=token) as answer:
                assert answer.status == 200
                acknowledged.append((await answer.json())["id"])
        except aiohttp.ClientError:
            return
        if len(acknowledged) >= wanted:
            enough.set()


async def test_nothing_acknowledged_is_lost_by_a_kill(tmp_path):
    """Clients create products while the process is killed: every one that was answered is there afterwards."""
    acknowledged: list[str] = []
    token: dict[str, str] = {}
    setting = ("sartiq", "--set", "sartiq.image_timeout=0.01")
    for _ in range(3):
        with served(*setting, state=tmp_path) as (process, twin):
            async with aiohttp.ClientSession() as session:
                # A token outlives the process as well.
                token = token or await logged_in(session, twin)
                enough = asyncio.Event()
                clients = [
                    asyncio.create_task(create(session, twin["base_url"], token, acknowledged, enough))
                    for _ in range(4)
                ]
                await enough.wait()
                process.kill()
                await asyncio.gather(*clients)
    with served(*setting, state=tmp_path) as (_, twin):
        async with aiohttp.ClientSession() as session:
            query = {"limit": "1000"}
            async with session.get(f"{twin['base_url']}/products/", params=query, headers=token) as answer:
                found = {each["id"] for each in (await answer.json())["data"]}
    assert len(acknowledged) >= 36
    assert set(acknowledged) <= found


async def test_work_under_way_is_done_after_a_kill(tmp_path):
    """An export that hangs when the process is killed stays what it is; one that waits is done by the next process."""
    with served("sartiq", "--set", "sartiq.image_timeout=0.01", state=tmp_path) as (process, twin):
        async with aiohttp.ClientSession() as session:
            token = await logged_in(session, twin)
            body = {"name": "x", "cover_image": PICTURE}
            async with session.post(f"{twin['base_url']}/products/", json=body, headers=token) as answer:
                product = await answer.json()
            async with session.post(
                f"{twin['base_url']}/products/export-approved-shots/async",
                json={"product_ids": [product["id"]]},
                headers=token,
            ) as answer:
                task = await answer.json()
            process.kill()
    with served("sartiq", state=tmp_path) as (_, twin):
        async with aiohttp.ClientSession() as session:
            path = f"{twin['base_url']}/products/export-tasks/{task['id']}"
            for _ in range(2000):
                async with session.get(path, headers=token) as answer:
                    task = await answer.json()
                if task["status"] not in ("PENDING", "PROCESSING"):
                    break
            assert task["status"] == "COMPLETED"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["sartik"], "did you mean 'sartiq'"),
        (["sartiq", "--quirk", "sartiq.delted=empty"], "did you mean 'deleted'"),
        (["sartiq", "--quirk", "sartiq.deleted=emty"], "did you mean 'empty'"),
        (["sartiq", "--quirk", "aistetic.failed=envelope"], "no twin of 'aistetic' is served"),
        (["sartiq", "--quirk", "deleted"], "write vendor.switch=setting"),
        (["sartiq", "--fault", "kind=statu"], "did you mean 'status'"),
        (["sartiq", "--fault", "kind=status,pth=/x"], "did you mean 'path'"),
        (["sartiq", "--fault", "kind=status,rate=2"], "a probability"),
        (["sartiq", "--fault", "twin=sartic,reset"], "did you mean 'sartiq'"),
        (["sartiq", "--set", "sartiq.usernme=x"], "did you mean 'username'"),
        (["sartiq", "--host", "0.0.0.0"], "--expose"),
        (["sartiq", "--config", "nothing.toml"], "nothing.toml"),
        (["all", "--port", "65535"], "do not fit"),
    ],
)
def test_what_cannot_be_served_is_said_with_what_was_meant(tmp_path, arguments, said):
    result = CliRunner().invoke(program, ["serve", *arguments, "--state", str(tmp_path)], prog_name="placket")
    assert result.exit_code == 2
    assert said in result.output


async def test_two_processes_do_not_share_a_state(tmp_path):
    with served("aistetic", state=tmp_path):
        command = [*PLACKET, "serve", "aistetic", "--port", "0", "--state", str(tmp_path)]
        second = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False)
    assert second.returncode == 2
    assert "another process" in second.stderr


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
async def test_a_real_curl_logs_in_makes_and_lists(tmp_path):
    with served("sartiq", "--set", "sartiq.image_timeout=0.01", state=tmp_path) as (_, twin):

        def curl(*arguments: str) -> Any:
            done = subprocess.run(["curl", "-s", *arguments], capture_output=True, text=True, check=True)
            return json.loads(done.stdout)

        base, known = twin["base_url"], twin["credentials"]
        token = (
            await asyncio.to_thread(
                curl,
                *("-X", "POST", f"{base}/login/access-token"),
                *("-d", f"username={known['username']}", "-d", f"password={known['password']}"),
            )
        )["access_token"]
        headers = ("-H", f"Authorization: Bearer {token}", "-H", "Content-Type: application/json")
        body = json.dumps({"cover_image": PICTURE, "gender": "UNISEX", "name": "Black T-Shirt", "public": False})
        # Without its slash the path is redirected, and curl follows with method and body.
        made = await asyncio.to_thread(curl, "-L", *headers, "-d", body, f"{base}/products")
        assert made["name"] == "Black T-Shirt"
        listed = await asyncio.to_thread(curl, *headers, f"{base}/products/?sort_by=name&sort_order=asc")
        assert [each["id"] for each in listed["data"]] == [made["id"]]


async def test_credentials_are_made_once_and_not_readable_for_others(tmp_path):
    seen = []
    for _ in range(2):
        with served("aistetic", state=tmp_path) as (_, twin):
            seen.append(twin["credentials"]["API-KEY"])
    assert seen[0] == seen[1]
    assert re.fullmatch(r"[\w-]{20,}", seen[0])
    assert (tmp_path / "credentials.json").stat().st_mode & 0o077 == 0

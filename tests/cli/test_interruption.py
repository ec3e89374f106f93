"""Ctrl-C while a vendor works: the command ends at once, and says how it goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

SLOW = """
from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime

from attrs import frozen

import placket
from placket.interfaces import (
    ARContentBuilder, ArProduct, Brief, Capabilities, Catalog, CatalogState, Job, JobState, JobStatus, Level, Listing,
    Page, Ref, ShootManager, Sku, Ticket, Uploaded, VisualSearch,
)
from placket.registry import ProviderType


@frozen
class Settings:
    pass


class Endless(Job):
    ticket = Ticket("slow", "visual_search", "index", "7", datetime.now(UTC))

    async def status(self):
        return JobStatus(JobState.RUNNING, 0.5)

    async def result(self, deadline=None):
        print("the vendor works", file=sys.stderr, flush=True)
        await asyncio.Event().wait()

    def events(self):
        raise AssertionError("nobody sees the progress")


class Slow(VisualSearch, ShootManager, ARContentBuilder):
    def __init__(self, settings, context):
        pass

    async def index(self, catalog):
        return Endless()

    async def add_items(self, catalog, items):
        async for item in items:
            await Endless().result()
        return Uploaded(0)

    async def shot_kinds(self):
        return {"pack-shot": ()}

    async def create_sku(self, draft):
        return Sku(Ref("slow", "sku", "1"), ())

    async def create_brief(self, skus, draft):
        return Brief(Ref("slow", "brief", "2"), draft.name, tuple(skus), draft.shots, JobStatus(JobState.QUEUED))

    async def start_brief(self, brief):
        return Endless()

    async def create_product(self, draft):
        return ArProduct(Ref("slow", "ar_product", "3"), draft.name, "", ())

    async def mark_ready(self, product):
        return Endless()


OPERATIONS = (
    "visual_search.index", "visual_search.add_items", "shoot_manager.shot_kinds", "shoot_manager.create_sku",
    "shoot_manager.create_brief", "shoot_manager.start_brief", "ar_content_builder.create_product",
    "ar_content_builder.mark_ready",
)


@placket.hookimpl
def placket_provider_types():
    yield ProviderType(
        name="slow",
        title="A slow vendor",
        settings=Settings,
        factory=Slow,
        interfaces=(VisualSearch, ShootManager, ARContentBuilder),
        capabilities=Capabilities(dict.fromkeys(OPERATIONS, Level.FULL), {}),
    )
"""

CONFIG = """
[providers.slow]
plugin = "slow"
[routes.visual_search]
targets = ["slow"]
[routes.shoot_manager]
targets = ["slow"]
[routes.ar_content_builder]
targets = ["slow"]
"""


@pytest.mark.parametrize(
    ("arguments", "goes_on"),
    [
        (("catalog", "index", "slow/catalog/7"), "placket catalog index slow/catalog/7"),
        (("catalog", "add", "slow/catalog/7", "photo.png"), "the same command"),
        (("shoot", "run", "photo.png", "--out", "out"), "placket shoot resume slow/brief/2 --out out"),
        (
            ("ar", "build", "photo.png", "--out", "my files", "--config", "placket.toml"),
            "placket ar resume slow/ar_product/3 --out 'my files' --config placket.toml",
        ),
    ],
)
def test_it_says_how_it_goes_on(site, work_folder, photo, arguments, goes_on):
    site.install("slow", SLOW)
    (work_folder / "placket.toml").write_text(CONFIG)
    command = [sys.executable, "-m", "placket.cli", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        told = []
        try:
            for line in running.stderr:
                told.append(line.decode())
                if "the vendor works" in told[-1]:
                    running.send_signal(signal.SIGINT)
            assert running.wait(timeout=50) == 130, "".join(told)
            assert running.stdout.read() == b""
        finally:
            running.kill()  # one that does not listen would be waited for without end
    assert f"it goes on with:  {goes_on}" in "".join(told)
    assert told[-1] == "interrupted\n"


@pytest.mark.parametrize("start", [("-m", "placket.cli"), ("-c", "from placket.cli import main; main()")])
def test_while_the_program_is_still_being_loaded(tmp_path, start):
    (tmp_path / "click.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n")
    done = subprocess.run(
        [sys.executable, *start, "--version"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        timeout=50,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"interrupted\n")

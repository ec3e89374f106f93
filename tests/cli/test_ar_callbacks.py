"""``placket ar``: the callbacks of a vendor, registered, tried and removed."""

from __future__ import annotations

import json

import pytest

BUILDER = """
from __future__ import annotations

import json
from pathlib import Path

from attrs import frozen

import placket
from placket.errors import InvalidRequest
from placket.interfaces import ARContentBuilder, Capabilities, Level
from placket.registry import ProviderType, setting


@frozen(kw_only=True)
class Settings:
    journal: Path = setting(doc="A file in which every call is noted.")


class Builder(ARContentBuilder):
    def __init__(self, settings, context):
        self.journal = settings.journal

    def note(self, *said):
        with self.journal.open("a") as journal:
            journal.write(json.dumps(said) + "\\n")

    async def callback_events(self):
        return ("FINISHED", "REJECTED\\x1b[31m")

    async def register_callback(self, event, url, secret=""):
        if event != "FINISHED":
            raise InvalidRequest(f"there is no event {event}")
        self.note("register", event, url, secret)

    async def test_callback(self, event, product=None):
        self.note("test", event, product and str(product))


@placket.hookimpl
def placket_provider_types():
    yield ProviderType(
        name="studio",
        title="A studio",
        settings=Settings,
        factory=Builder,
        interfaces=(ARContentBuilder,),
        capabilities=Capabilities(
            operations={
                f"ar_content_builder.{name}": Level.FULL
                for name in ("callback_events", "register_callback", "test_callback")
            }
        ),
    )
"""

CONFIG = """
[providers.studio]
plugin = "studio"
journal = "journal.txt"

[routes.ar_content_builder]
targets = ["studio"]
"""


@pytest.fixture
def noted(site, work_folder):
    """What the vendor was asked, once it was."""
    site.install("studio", BUILDER)
    (work_folder / "placket.toml").write_text(CONFIG)

    def read():
        journal = work_folder / "journal.txt"
        return [json.loads(line) for line in journal.read_text().splitlines()] if journal.exists() else []

    return read


def test_the_events_are_listed(placket, noted):
    assert placket("ar", "callback-events").stdout == "FINISHED\nREJECTED\\x1b[31m\n"
    assert placket.json("ar", "callback-events", "--json")["callback_events"][0] == "FINISHED"


def test_an_address_is_registered_with_a_secret_that_nobody_sees(placket, noted):
    address = "https://shop.example.com/ar/"
    told = placket("ar", "register-callback", "FINISHED", address, "--secret-env", "ASKED", env={"ASKED": "hunter22"})
    assert told.stdout == f"FINISHED calls {address}\n"
    assert "hunter22" not in told.output
    placket("ar", "register-callback", "FINISHED", address)
    assert noted() == [["register", "FINISHED", address, "hunter22"], ["register", "FINISHED", address, ""]]


def test_it_is_removed(placket, noted):
    assert placket("ar", "remove-callback", "FINISHED").stdout == "FINISHED calls nobody\n"
    assert noted() == [["register", "FINISHED", "", ""]]


def test_it_is_tried_with_and_without_a_product(placket, noted):
    assert "a test call about FINISHED was asked for" in placket("ar", "test-callback", "FINISHED").stdout
    placket("ar", "test-callback", "FINISHED", "studio/ar_product/17")
    assert noted() == [["test", "FINISHED", None], ["test", "FINISHED", "studio/ar_product/17"]]


@pytest.mark.parametrize(
    ("arguments", "exit_code", "told"),
    [
        (("register-callback", "FINISHED", ""), 2, "placket ar remove-callback FINISHED"),
        (("register-callback", "FINISHED", "https://x.example/", "--secret-env", "UNSET"), 2, "has no UNSET"),
        (("register-callback", "FINISHED", "https://x.example/", "--secret-env", "BLANK"), 2, "has no BLANK"),
        (("register-callback", "LATER", "https://x.example/"), 1, "there is no event LATER"),
        (("remove-callback", "LATER"), 1, "there is no event LATER"),
        (("test-callback", "FINISHED", "17"), 2, "is not a reference"),
        (("test-callback", "FINISHED", "studio/sku/17"), 2, "an ar_product is wanted"),
        (("test-callback", "FINISHED", "nobody/ar_product/17"), 2, "has no enabled provider 'nobody'"),
    ],
)
def test_wrong_use_is_told_and_nothing_is_asked(placket, noted, arguments, exit_code, told):
    assert told in placket("ar", *arguments, exit_code=exit_code, env={"BLANK": ""}).stderr
    assert noted() == []


def test_the_embedded_builder_calls_nobody_back(placket):
    told = placket("ar", "callback-events", exit_code=2).stderr
    assert "local declares ar_content_builder.callback_events as unsupported" in told

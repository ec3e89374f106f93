"""``placket search usage``: what an account has used, as its vendor counts it."""

from __future__ import annotations

import json

import pytest

SEARCH = """
from __future__ import annotations

from attrs import frozen

import placket
from placket.interfaces import Capabilities, Level, Usage, VisualSearch
from placket.registry import ProviderType, setting


@frozen(kw_only=True)
class Settings:
    months: tuple[str, ...] = setting(default=(), doc="The months in which it was used.")


class Search(VisualSearch):
    def __init__(self, settings, context):
        self.months = settings.months

    async def usage(self):
        return tuple(Usage(month, "search", 12, None) for month in self.months)


@placket.hookimpl
def placket_provider_types():
    yield ProviderType(
        name="finder",
        title="A search",
        settings=Settings,
        factory=Search,
        interfaces=(VisualSearch,),
        capabilities=Capabilities(operations={"visual_search.usage": Level.FULL}),
    )
"""


@pytest.fixture
def used(site, work_folder):
    """Configure a search that was used in these months."""
    site.install("finder", SEARCH)

    def configure(*months):
        text = f'[providers.finder]\nplugin = "finder"\nmonths = {json.dumps(months)}\n'
        (work_folder / "placket.toml").write_text(f'{text}[routes.visual_search]\ntargets = ["finder"]\n')

    return configure


def test_months_are_listed_with_what_is_counted(placket, used):
    used("2026-10", "2026-11")
    rows = [json.loads(line) for line in placket("search", "usage", "--json").stdout.splitlines()]
    assert rows == [
        {"month": month, "operation": "search", "calls": 12, "images": None} for month in ("2026-10", "2026-11")
    ]
    table = placket("search", "usage").stdout
    assert "2026-10" in table
    assert "?" in table


def test_nothing_was_used(placket, used):
    used()
    assert placket("search", "usage").stdout == "Nothing was used yet.\n"
    assert placket("search", "usage", "--json").stdout == ""


def test_the_embedded_search_counts_nothing(placket):
    assert "local declares visual_search.usage as unsupported" in placket("search", "usage", exit_code=2).stderr

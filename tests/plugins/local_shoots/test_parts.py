"""The embedded provider is all of its parts at once, and who does not call a part does not pay for it."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import placket
from placket.errors import ConfigError, Unsupported
from placket.interfaces import (
    ARContentBuilder,
    GarmentTagger,
    ProductDraft,
    ProductStore,
    ShootManager,
    SkuQuery,
    Ticket,
)

_OPEN = """
import asyncio, sys
import placket
async def main():
    async with placket.open({"providers": {"here": {"plugin": "local"}}}, data_folder=sys.argv[1]) as router:
        assert router.target("here").provider
asyncio.run(main())
print(sorted({"sqlalchemy", "alembic", "aiosqlite"} & set(sys.modules)))
"""


def test_opening_loads_no_database(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", _OPEN, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert not (tmp_path / "here").exists(), "nothing is written before it is needed"


async def test_it_is_every_interface(here: Any) -> None:
    provider = here.router.target("here").provider
    assert all(isinstance(provider, each) for each in (GarmentTagger, ProductStore, ShootManager, ARContentBuilder))
    await here.store.create(ProductDraft({"name": "Top"}))
    assert await here.shoots.list_skus(SkuQuery()).collect() == []


async def test_what_it_cannot_do_is_said(here: Any) -> None:
    provider = here.router.target("here").provider
    with pytest.raises(Unsupported, match=r"cannot ar_content_builder\.register_callback"):
        await provider.register_callback("DONE", "https://example.com")


async def test_a_missing_library_is_named_with_the_way_out(
    tmp_path: Path, config: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith("placket_local.database")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    async with placket.open(config, data_folder=tmp_path) as router:
        with pytest.raises(ConfigError, match=r"pip install 'placket\[local\]'"):
            await router.interface(ShootManager).list_skus(SkuQuery()).collect()


async def test_a_ticket_of_an_interface_without_jobs_is_unsupported(here: Any) -> None:
    ticket = Ticket("here", "garment_tagger", "submit", "1", here.router.target("here").provider._context.clock.now())
    with pytest.raises(Unsupported, match="no jobs that outlive a process"):
        await here.router.resume(ticket)

"""Without one of its libraries the embedded provider says how to get it, and never that it is at fault itself."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import placket
from placket.interfaces import ProductDraft

SEEING = ("numpy", "PIL", "scipy", "onnxruntime")
KEEPING = ("sqlalchemy", "greenlet", "alembic", "aiosqlite", "faiss")


@pytest.mark.parametrize("library", SEEING)
async def test_it_does_not_open_without_what_it_sees_with(monkeypatch: pytest.MonkeyPatch, library: str) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(placket.ConfigError, match=r"pip install 'placket\[local\]'"):
        async with placket.open():
            pass


@pytest.mark.parametrize("library", KEEPING)
async def test_only_what_is_kept_needs_the_database(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, library: str
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    async with placket.open(data_folder=tmp_path) as router:
        with pytest.raises(placket.ConfigError, match=r"pip install 'placket\[local\]'"):
            await router.product_store.create(ProductDraft({"name": "Top"}))

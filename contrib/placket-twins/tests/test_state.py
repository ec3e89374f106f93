"""What a twin keeps: read back as it was written, known or not, and unchanged by what fails."""

from __future__ import annotations

import pytest

from placket.errors import InvalidInput
from placket_twins.state import State

pytestmark = pytest.mark.real_time


@pytest.fixture
async def state(tmp_path):
    kept = State(tmp_path)
    await kept.open()
    yield kept
    await kept.aclose()


async def test_documents_are_read_back_by_this_process_and_the_next(tmp_path, monkeypatch):
    monkeypatch.setattr("placket_twins.state._MOST_KNOWN", 5)
    first, names = State(tmp_path), [str(number) for number in range(20)]
    for name in names:
        await first.put("thing", name, {"name": name})
    assert [await first.get("thing", name) for name in names] == [{"name": name} for name in names]
    await first.aclose()
    second = State(tmp_path)
    assert await second.get("thing", "7") == {"name": "7"}
    assert await second.count("thing") == len(names)
    await second.aclose()


async def test_who_changes_what_he_was_given_changes_nothing(state):
    await state.put("thing", "1", {"words": ["one"]})
    (await state.get("thing", "1"))["words"].append("two")
    assert await state.get("thing", "1") == {"words": ["one"]}


async def test_a_replaced_document_keeps_its_place(state):
    for name in ("a", "b"):
        await state.put("thing", name, 1)
    await state.put("thing", "a", 2)
    assert [(each.id, each.body) for each in await state.list("thing")] == [("a", 2), ("b", 1)]


async def test_what_was_taken_is_gone(state):
    await state.put("thing", "1", "x")
    assert [await state.take("thing", "1") for _ in range(2)] == ["x", None]
    assert await state.get("thing", "1") is None
    assert await state.add("thing", "1", "y")
    assert not await state.add("thing", "1", "z")
    assert await state.get("thing", "1") == "y"


async def test_a_change_that_raises_or_declines_changes_nothing(state):
    await state.put("thing", "1", 1)

    def fail(_):
        raise InvalidInput("no")

    with pytest.raises(InvalidInput):
        await state.change("thing", "1", fail)
    assert await state.change("thing", "1", lambda _: None) is None
    assert await state.get("thing", "1") == 1
    assert await state.change("thing", "2", lambda body: [body]) == [None]
    assert await state.get("thing", "2") == [None]


async def test_ids_are_any_text_and_large_documents_are_kept(state):
    large = "x" * 100_000
    await state.put("thing", "half a pair \ud800", large)
    assert await state.get("thing", "half a pair \ud800") == large

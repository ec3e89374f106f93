"""Words of enumerations: in any case, and such as the vendor's page does not have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from placket.interfaces import Ref
from placket.merge import merge
from placket.record import record_from_json, record_to_json

Build = Callable[..., Any]

PRODUCT = Ref("shop", "product", "p-1")


@pytest.mark.parametrize("case", [str.upper, str.lower])
async def test_a_word_of_an_enumeration_that_nobody_knows(provider: Build, vendor: Any, case: Any) -> None:
    word = case("Brand_New_Word")
    shoots = provider()
    vendor.answers["GET", "/products/p-1"] = lambda _: {
        "id": "p-1", "gender": word, "age_class": word, "placement": word, "shot_status": word,
    }  # fmt: skip
    claims = (await shoots.get(PRODUCT)).claims
    assert {claim.field for claim in claims if claim.raw == word} == {
        "gender", "age_group", "extra.sartiq.placement", "shoot.state",
    }  # fmt: skip
    assert {claim.field for claim in claims if claim.is_unknown_word} == {"gender", "age_group"}
    vendor.children = {name: [{"id": "x", "status": word}] for name in ("shots", "looks", "generations")}
    for found in (shoots.list_shots(PRODUCT), shoots.list_looks(PRODUCT), shoots.list_generations(PRODUCT)):
        assert [one.state for one in await found.collect()] == [word]
    export = await shoots.get_export(Ref("shop", "export", vendor.add_task(word, task_type=word)["id"]))
    assert (str(export.status.state), export.status.raw_state) == ("unknown", word)
    assert export.details["task_type"] == word


@pytest.mark.parametrize("code", [7, 7.5])
async def test_a_number_where_a_word_is_expected_is_a_word_that_nobody_knows(
    provider: Build, vendor: Any, code: float
) -> None:
    words = ("gender", "age_class", "product_type", "pattern", "neckline", "sleeve_type", "closure_type", "fit_type")
    vendor.answers["GET", "/products/p-1"] = lambda _: {"id": "p-1", "length_type": code, **dict.fromkeys(words, code)}
    claims = [claim for claim in (await provider().get(PRODUCT)).claims if claim.path != "id"]
    assert len(claims) == len(words) + 1
    assert all(claim.is_unknown_word and claim.raw == code for claim in claims)
    record = merge(claims, id="tee")
    assert record_from_json(record_to_json(record, claims=True)) == record
    assert (record.gender, record.category, record.closure) == (None, None, ())


@pytest.mark.parametrize("case", [str.upper, str.lower, str.title])
async def test_a_word_that_is_known_in_any_case(provider: Build, vendor: Any, case: Any) -> None:
    states = {"pending": "queued", "scheduled": "queued", "processing": "running", "retrying": "running",
              "completed": "succeeded", "failed": "failed", "cancelled": "cancelled"}  # fmt: skip
    for word, state in states.items():
        export = await provider().get_export(Ref("shop", "export", vendor.add_task(case(word))["id"]))
        assert str(export.status.state) == state

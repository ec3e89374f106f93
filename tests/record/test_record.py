"""The record: plain values, and the whole story behind each."""

from __future__ import annotations

import pickle
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import pytest

from placket.errors import InvalidInput
from placket.merge import merge
from placket.record.claim import Claim, Method, Source
from placket.record.record import GarmentRecord, field_of, path_of_pointer, pointer_of_path
from placket.record.values import ArAsset, Shot

AMBER, BIRCH = Source("amber"), Source("birch")


def test_an_empty_record_answers_every_field() -> None:
    record = GarmentRecord("garment")
    assert record.name is None
    assert record.color == ()
    assert record.measurements == {}
    assert (record.ar, record.shoot) == (None, None)
    assert record.why("name").policy == "prefer"


def test_a_map_field_gathers_its_keys_and_cannot_be_changed() -> None:
    claims = [Claim("descriptions.long", "a", AMBER), Claim("descriptions.care.hints", "b", AMBER)]
    record = merge(claims, id="garment")
    assert record.descriptions == {"long": "a", "care.hints": "b"}
    with pytest.raises(TypeError):
        record.descriptions["long"] = "c"  # type: ignore[index]


def test_nested_parts_gather_their_fields() -> None:
    asset, shot = ArAsset("glb", url="https://a.example/1.glb"), Shot("1", state="approved")
    record = merge(
        [Claim("ar.state", "ready", AMBER), Claim("ar.assets", asset, AMBER), Claim("shoot.shots", shot, AMBER)],
        id="garment",
    )
    assert record.ar is not None
    assert (record.ar.state, record.ar.type, record.ar.assets) == ("ready", None, (asset,))
    assert record.shoot is not None
    assert (record.shoot.state, record.shoot.shots) == (None, (shot,))


def test_why_tells_the_whole_story() -> None:
    winner, loser = Claim("brand", "Acme", AMBER, confidence=0.9), Claim("brand", "Zara", BIRCH, confidence=0.6)
    echo = Claim("brand", "Zara", AMBER, method=Method.ECHO)
    unknown = Claim("brand", None, BIRCH, raw="???")
    record = merge([winner, loser, echo, unknown], id="garment")
    why = record.why("brand")
    assert (why.value, why.policy, why.conflict) == ("Acme", "vote", True)
    assert why.score is not None
    assert (why.support, why.dissent, why.echoes, why.unknown_words) == ((winner,), (loser,), (echo,), (unknown,))
    assert record.conflicts == ("brand",)
    assert record.why("/brand") == why


@pytest.mark.parametrize("path", ["colour", "measurements", "brand.x", "/nothing"])
def test_why_refuses_what_no_record_has(path: str) -> None:
    with pytest.raises(InvalidInput):
        GarmentRecord("garment").why(path)


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        ("brand", "/brand"),
        ("measurements.waist", "/measurements/waist"),
        ("descriptions.a.b/c~d", "/descriptions/a.b~1c~0d"),
        ("extra.vendor.a.b/c", "/extra/vendor/a.b~1c"),
    ],
)
def test_paths_and_pointers_are_the_same_place(path: str, pointer: str) -> None:
    assert (pointer_of_path(path), path_of_pointer(pointer)) == (pointer, path)
    assert field_of(path_of_pointer(pointer)) is field_of(path)


def test_claims_are_equal_when_they_say_the_same() -> None:
    time = datetime(2026, 1, 1, tzinfo=UTC)
    one, same = (Claim("brand", "Acme", Source("amber"), "ACME", observed_at=time) for _ in range(2))
    assert (one, one.id, hash(one)) == (same, same.id, hash(same))
    assert len({one, same}) == 1
    for other in (
        Claim("brand", "Zara", AMBER, "ACME", observed_at=time),
        Claim("name", "Acme", AMBER, "ACME", observed_at=time),
        Claim("brand", "Acme", BIRCH, "ACME", observed_at=time),
        Claim("brand", "Acme", AMBER, "Acme", observed_at=time),
        Claim("brand", "Acme", AMBER, "ACME"),
    ):
        assert one != other
    assert one != "Acme"


def test_claims_of_one_place_need_no_id_to_be_told_apart() -> None:
    from placket.record.values import Label

    claims = [Claim("labels", Label(word), AMBER, word, path="labels") for word in ("a", "b", "c")]
    merge(claims, id="garment")
    assert not any("id" in vars_of(claim) for claim in claims)


def vars_of(claim: Claim) -> set[str]:
    """The slots that are filled; a cached property's stays empty until it is asked for."""
    filled = set()
    for name in type(claim).__slots__:
        try:
            object.__getattribute__(claim, name)
        except AttributeError:
            continue
        filled.add(name)
    return filled


def test_claims_list_in_a_fixed_order() -> None:
    claims = [
        Claim("brand", value, source, raw, path=path)
        for value in ("A", "B")
        for source in (BIRCH, AMBER)
        for raw in (None, "x", 1)
        for path in ("b", "a")
    ]
    record = merge(claims, id="garment")
    listed = record.claims_about("brand")
    assert list(listed) == sorted(claims)
    assert [claim.source.provider for claim in listed] == ["amber"] * 12 + ["birch"] * 12
    assert [claim.path for claim in listed[:12]] == ["a"] * 6 + ["b"] * 6


@pytest.mark.parametrize("confidence", [-0.1, 1.1, float("nan")])
def test_a_confidence_is_a_probability(confidence: float) -> None:
    with pytest.raises(InvalidInput, match="confidence must be between 0 and 1"):
        Claim("brand", "Acme", AMBER, confidence=confidence)


READ_BACK = """
import pickle, sys
record, again = pickle.load(sys.stdin.buffer)
assert record == again and hash(next(iter(record.claims))) == hash(next(iter(again.claims)))
assert record.claims <= again.claims and record.brand == "Acme"
"""


def test_a_record_can_be_sent_to_another_process() -> None:
    def record() -> Any:
        return merge(Claim("brand", "Acme", AMBER, "ACME", observed_at=datetime.now(UTC).replace(2026)), id="garment")

    one = record()
    hash(one.claims)
    two = pickle.loads(pickle.dumps(one))
    assert one == two
    # A new process hashes texts otherwise.
    subprocess.run(
        [sys.executable, "-c", READ_BACK], input=pickle.dumps((one, pickle.loads(pickle.dumps(two)))), check=True
    )

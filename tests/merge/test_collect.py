"""Collections keep everything, once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from placket.merge import FieldPolicy, MergePolicy
from placket.record.values import Label, Look, MediaItem, Variant

OLD, NEW = datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)


def test_everything_distinct_is_kept_the_surest_first(say: Any, resolve: Any) -> None:
    found = resolve(
        say("amber", "labels", Label("boho"), 0.6),
        say("birch", "labels", Label("summer"), 0.9),
        say("cedar", "labels", Label("Boho"), 0.8),
        say("cedar", "labels", Label("boho", "style"), 0.7),
    )
    assert found.value == (Label("summer"), Label("Boho"), Label("boho", "style"))
    assert (len(found.support), found.dissent, found.conflict) == (4, (), False)


def test_the_same_picture_is_kept_once_and_unmixed(say: Any, resolve: Any) -> None:
    best = MediaItem("front", url="https://a.example/1", sha256="ab")
    other = MediaItem("detail", url="https://b.example/1", sha256="ab", alt="A dress", width=400)
    found = resolve(say("amber", "media", best, 0.9), say("birch", "media", other, 0.5))
    assert found.value == (best,)


def test_what_a_person_adds_comes_first_and_silences_nobody(say: Any, resolve: Any) -> None:
    machine, person = MediaItem("front", url="https://a.example/1"), MediaItem("front", url="https://a.example/2")
    found = resolve(say("amber", "media", machine, 1.0), say("editor", "media", person, 0.6, method="human"))
    assert found.value == (person, machine)


def test_a_later_state_of_the_same_thing_replaces_the_earlier(say: Any, resolve: Any) -> None:
    old, new = Look("1", state="draft"), Look("1", state="approved")
    claims = say("shoots", "shoot.looks", old, 0.9, observed_at=OLD), say("shoots", "shoot.looks", new, observed_at=NEW)
    assert resolve(*claims).value == (new,)
    assert len(resolve(*claims, say("others", "shoot.looks", old)).value) == 2


def test_variants_are_told_apart_by_their_numbers(say: Any, resolve: Any) -> None:
    small, large, stale = Variant("S", sku="A-S"), Variant("L", sku="A-L"), Variant("small", sku="A-S")
    found = resolve(
        say("shop", "variants", small, observed_at=NEW),
        say("shop", "variants", large, observed_at=NEW),
        say("shop", "variants", stale, observed_at=OLD),
    )
    assert set(found.value) == {small, large}


def test_a_preferred_providers_collection_stands_alone(say: Any, resolve: Any) -> None:
    mine, theirs = say("mine", "labels", Label("a")), say("theirs", "labels", Label("b"))
    rules = MergePolicy(fields={"labels": FieldPolicy(prefer=["mine"])})
    assert resolve(mine, theirs, policy=rules).value == (Label("a"),)

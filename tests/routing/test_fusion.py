"""Ranked lists of several providers become one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placket.interfaces import Hit, Ref, SearchResults
from placket.routing.fusion import fuse


def ranked(*ids, provider="p", **details):
    return SearchResults(tuple(Hit(hit, Ref(provider, "catalog", "c"), 1.0, **details) for hit in ids), raw=provider)


def test_a_known_example():
    fused = fuse({"a": ranked("x", "y", "z"), "b": ranked("y", "x"), "c": ranked("y")})
    assert [hit.id for hit in fused.hits] == ["y", "x", "z"]
    assert [hit.score for hit in fused.hits] == pytest.approx([1 / 62 + 1 / 61 + 1 / 61, 1 / 61 + 1 / 62, 1 / 63])
    assert [hit.providers for hit in fused.hits] == [("a", "b", "c"), ("a", "b"), ("a",)]
    assert fused.raw == {"a": "p", "b": "p", "c": "p"}


def test_the_details_are_those_of_whoever_ranked_it_best():
    fused = fuse({"a": ranked("x", "y", distance=1.0), "b": ranked("y", distance=2.0)})
    assert {hit.id: hit.distance for hit in fused.hits} == {"x": 1.0, "y": 2.0}


def test_a_duplicate_in_one_list_counts_once():
    fused = fuse({"a": ranked("x", "x", "y"), "b": ranked("z")})
    assert {hit.id: hit.score for hit in fused.hits} == pytest.approx({"x": 1 / 61, "y": 1 / 63, "z": 1 / 61})


def test_equal_scores_are_ordered_by_id():
    assert [hit.id for hit in fuse({"a": ranked("z"), "b": ranked("y")}).hits] == ["y", "z"]


def test_one_list_stays_as_it_is():
    only = ranked("x")
    assert fuse({"a": only}) is only


def test_lists_that_were_fused_before_keep_their_finders():
    inner = fuse({"a": ranked("x"), "b": ranked("x")})
    assert fuse({"a+b": inner, "c": ranked("x")}).hits[0].providers == ("a", "b", "c")


LISTS = st.dictionaries(st.sampled_from("abcde"), st.lists(st.sampled_from("uvwxyz"), max_size=6), min_size=2)


@given(lists=LISTS, order=st.randoms(use_true_random=False), limit=st.none() | st.integers(0, 8))
def test_the_order_of_providers_does_not_matter(lists, order, limit):
    results = {name: ranked(*ids, provider=name) for name, ids in lists.items()}
    shuffled = list(results.items())
    order.shuffle(shuffled)
    fused = fuse(results, limit=limit)
    assert fuse(dict(shuffled), limit=limit).hits == fused.hits
    found = {hit for ids in lists.values() for hit in ids}
    assert len(fused.hits) == (len(found) if limit is None else min(limit, len(found)))
    assert {hit.id for hit in fused.hits} <= found
    scores = [hit.score for hit in fused.hits]
    assert scores == sorted(scores, reverse=True)

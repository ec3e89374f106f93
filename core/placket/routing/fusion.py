"""Ranked lists of several providers, fused by reciprocal rank."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve

from ..interfaces.search import Hit, SearchResults

RANK_CONSTANT = 60
"""How little the first ranks differ. Cormack, Clarke and Büttcher (SIGIR 2009) found 60 and that it hardly matters."""


def fuse(results: Mapping[str, SearchResults], *, limit: int | None = None) -> SearchResults:
    """One list from several: a hit's score is the sum of 1 / (60 + rank) over the lists it is in.

    Distances of different providers cannot be compared, ranks can. Hits are the same when their ids are; the details
    are those of the provider that ranked it best. Equal scores are ordered by id, so that the order of providers does
    not matter. The best ``limit`` are kept.
    """
    if len(results) == 1:
        return next(iter(results.values()))
    scores: dict[str, float] = {}
    best: dict[str, tuple[int, str, Hit]] = {}
    finders: dict[str, list[str]] = {}
    for provider in sorted(results):
        seen: set[str] = set()
        for rank, hit in enumerate(results[provider].hits, start=1):
            if hit.id in seen:
                continue
            seen.add(hit.id)
            scores[hit.id] = scores.get(hit.id, 0.0) + 1.0 / (RANK_CONSTANT + rank)
            finders.setdefault(hit.id, []).extend(hit.providers or (provider,))
            if hit.id not in best or (rank, provider) < best[hit.id][:2]:
                best[hit.id] = (rank, provider, hit)
    ordered = sorted(scores, key=lambda hit_id: (-scores[hit_id], hit_id))[:limit]
    hits = tuple(evolve(best[hit_id][2], score=scores[hit_id], providers=tuple(finders[hit_id])) for hit_id in ordered)
    return SearchResults(hits, {provider: found.raw for provider, found in results.items()})

"""``vote``: one value by summed log-odds, as deep into broader and narrower terms as the evidence agrees."""

from __future__ import annotations

from collections.abc import Hashable
from math import fsum
from typing import Any

from attrs import define

from ..record.record import Resolution
from .candidates import above, ladder
from .evidence import Evidence, Voter
from .odds import agreement, logit, probability


def vote(evidence: Evidence) -> Resolution:
    """Decide by summed log-odds.

    Candidates are the claimed values and everything above them: a narrower term supports all its broader ones, a season
    with a year the season, a size with a system its label. A voter gives a candidate w * logit(p). w is its weight,
    shared with other claims of its voice in the field. p is its confidence for what it claims, and for an alternative
    what it states or an equal share of what is left of 1, with one more share for anything else; a broader candidate
    gets the sum of what lies below it. That last share is p for candidates it did not mention. No share is more than
    the confidence in its own choice. A voter that stops above a candidate abstains on it. The score is the logistic of
    the sum. Voters that agree never lower each other (see `agreement`).

    The winner is found from the top down: from the best root to the best narrower candidate, as long as that one scores
    at least the threshold, or as much as the candidate above it, and no sibling ties with it. Where nothing reaches the
    threshold the best root still wins, with its low score. Equal roots go by their best voter's rank, which also gives
    the value its spelling.

    Claims on the winner, above it or below it are support. It is a conflict when an independent voice dissents, or when
    independent voices part ways below the winner.
    """
    voters = evidence.voters
    if not evidence.outranked and not any([voter.claim.alternatives for voter in voters]):  # noqa: C419
        # The common cases, and the same answers as from a ballot, sooner.
        values = {voter.key: voter.claim.value for voter in reversed(voters)}
        if len(values) == 1:  # everybody agrees, so nothing is lost by going all the way down
            support = tuple([voter.claim for voter in voters])
            return Resolution(voters[0].claim.value, evidence.score(voters), False, evidence.policy, support)
        if not any([above(value) for value in values.values()]):  # noqa: C419
            key, score = _best_of(evidence)
            return evidence.resolution(values[key], score, {key})
    winner, split = _Ballot(evidence).winner()
    related = {*winner.above, winner.key, *winner.camps}
    for voter in evidence.outranked:
        if winner.key in ladder(voter.claim.value):
            related.add(voter.key)
    return evidence.resolution(winner.value, winner.score, related, conflict=True if split else None)


def _best_of(evidence: Evidence) -> tuple[Hashable, float]:
    """Choose between values with nothing above them, of voters without alternatives: the key and its score."""
    camps: dict[Hashable, list[float]] = {}
    for voter, weight in zip(evidence.voters, evidence.weights(evidence.voters), strict=True):
        camps.setdefault(voter.key, []).append(weight * voter.odds)
    best, most = evidence.voters[0].key, -1.0
    for key, agreeing in camps.items():
        against = fsum([-abs(odds) for other, camp in camps.items() if other != key for odds in camp])
        score = probability(agreement(agreeing) + against)
        if score > most:  # among equals the first, and so the one of the best voter, stays
            best, most = key, score
    return best, most


@define(eq=False)
class _Camp:
    """The voters that claim one value."""

    value: Any
    odds: list[float]
    """What voters without alternatives give their value and all above it."""
    against: list[float]
    """What they give everything else: as much, against it."""
    beliefs: list[dict[Hashable, float]]
    """What voters with alternatives give each candidate."""


@define(eq=False)
class _Candidate:
    key: Hashable
    value: Any
    above: tuple[Hashable, ...]
    camps: list[Hashable]
    """The camps that claim it or something below it, the one of the best voter first."""
    below: list[_Candidate]
    score: float = -1.0
    """Negative while nobody asked for it."""


class _Ballot:
    """The candidates of one field as a forest, and what each voter gives each of them in weighted log-odds."""

    def __init__(self, evidence: Evidence) -> None:
        settings, voters = evidence.settings, evidence.voters
        self._threshold = evidence.rules.vote_threshold if settings.threshold is None else settings.threshold
        self._voters = voters
        self._camps: dict[Hashable, _Camp] = {}
        self._unsure = False
        for voter, weight in zip(voters, evidence.weights(voters), strict=True):
            claim = voter.claim
            camp = self._camps.get(voter.key)
            if camp is None:
                camp = self._camps[voter.key] = _Camp(claim.value, [], [], [])
            if claim.alternatives:
                camp.beliefs.append(_belief(voter, weight, evidence))
                self._unsure = True
            else:
                odds = weight * voter.odds
                camp.odds.append(odds)
                camp.against.append(-abs(odds))

    def winner(self) -> tuple[_Candidate, bool]:
        """Find the winning candidate, scored, and whether independent voices part ways below it."""
        best, split = self._top(self._forest()), False
        while best.below:
            top = self._top(best.below)
            if len(top.camps) == len(best.camps) and not self._unsure:
                best = top  # what the same voters support, and none abstains on anew, scores the same
                continue
            score = self._score(top)
            tied = any([self._score(other) == score for other in best.below if other is not top])  # noqa: C419
            if tied or (score < self._threshold and score < self._score(best)):
                split = self._part_ways(best.below)
                break
            best = top
        self._score(best)
        return best, split

    def _forest(self) -> list[_Candidate]:
        """Give the roots of all candidates, each and its branches in the order of their best voters."""
        roots: list[_Candidate] = []
        known: dict[Hashable, _Candidate] = {}
        for name, camp in self._camps.items():
            parent: _Candidate | None = None
            for key, value in (*reversed(above(camp.value)), (name, camp.value)):
                candidate = known.get(key)
                if candidate is None:
                    path = () if parent is None else (*parent.above, parent.key)
                    candidate = known[key] = _Candidate(key, value, path, [], [])
                    (roots if parent is None else parent.below).append(candidate)
                candidate.camps.append(name)
                parent = candidate
        return roots

    def _top(self, candidates: list[_Candidate]) -> _Candidate:
        """Choose the highest score; the first, and so the one of the best voter, among equals."""
        return candidates[0] if len(candidates) == 1 else max(candidates, key=self._score)

    def _score(self, candidate: _Candidate) -> float:
        if candidate.score >= 0.0:
            return candidate.score
        agreeing: list[float] = []
        other: list[float] = []
        for name, camp in self._camps.items():
            supports, abstains = name in candidate.camps, name in candidate.above
            if supports:
                agreeing += camp.odds
            elif not abstains:
                other += camp.against
            for belief in camp.beliefs:
                if candidate.key in belief or not abstains:
                    (agreeing if supports else other).append(belief.get(candidate.key, belief[_REST]))
        candidate.score = probability(agreement(agreeing) + fsum(other))
        return candidate.score

    def _part_ways(self, candidates: list[_Candidate]) -> bool:
        """Say whether two branches have independent voices."""
        voices = [{voter.voice for voter in self._voters if voter.key in one.camps} for one in candidates]
        return any(other - voices[0] for other in voices[1:])


_REST = object()
"""Stands for whatever a voter does not mention."""


def _belief(voter: Voter, weight: float, evidence: Evidence) -> dict[Hashable, float]:
    """Give what a voter with alternatives says in weighted log-odds: of all it mentions, and of the rest."""
    claim = voter.claim
    mass = dict.fromkeys(ladder(claim.value), voter.confidence)
    left = 1.0 - voter.confidence
    unstated = []
    for alternative in claim.alternatives:
        if alternative.confidence is None:
            unstated.append(alternative.value)
        else:
            stated = evidence.rules.confidence(alternative.confidence, claim.source.provider, claim.method)
            left -= stated
            _give(mass, alternative.value, stated, voter.key)
    share = min(max(left, 0.0) / (len(unstated) + 1), voter.confidence)
    for value in unstated:
        _give(mass, value, share, voter.key)
    mass[_REST] = share
    return {key: weight * logit(part) for key, part in mass.items()}


def _give(mass: dict[Hashable, float], value: Any, part: float, own: Hashable) -> None:
    """Give an alternative its part, and everything above it; a word that nobody could place gets none."""
    for key in [] if value is None else ladder(value):
        if key != own:
            mass[key] = mass.get(key, 0.0) + part

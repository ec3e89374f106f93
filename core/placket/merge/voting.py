"""``vote``: one value by summed log-odds, as deep into broader and narrower terms as the evidence agrees."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from math import fsum
from typing import Any

from attrs import Factory, define

from ..record.record import Resolution
from .candidates import key_of, ladder
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
    keys = [key_of(voter.claim.value) for voter in voters]
    if len(set(keys)) == 1:
        value, score, split = voters[0].claim.value, evidence.score(voters), False
        related = {key for key, _ in ladder(value)} if evidence.outranked else set(keys)
    else:
        winner, split = _Ballot(evidence, keys).winner()
        value, score = winner.value, winner.score
        related = {*winner.above, winner.key, *winner.claimed}
    for voter in evidence.outranked:
        own, *above = (key for key, _ in ladder(voter.claim.value))
        if key_of(value) in above:
            related.add(own)
    return evidence.resolution(
        value,
        score,
        lambda voter: key_of(voter.claim.value) in related,
        conflict=True if split else None,
    )


@define(eq=False)
class _Candidate:
    key: Hashable
    value: Any
    above: tuple[Hashable, ...]
    claimed: list[Hashable] = Factory(list)
    """What was claimed of it and of what lies below it."""
    below: list[_Candidate] = Factory(list)
    best: int = 0
    """The first voter, by rank, that claims it or something below it."""
    score: float = 0.0


class _Ballot:
    """The candidates of one field as a forest, and what each voter gives each of them."""

    def __init__(self, evidence: Evidence, keys: list[Hashable]) -> None:
        settings, rules = evidence.settings, evidence.rules
        self._threshold = rules.vote_threshold if settings.threshold is None else settings.threshold
        self._voters = evidence.voters
        self._keys = keys
        self._weights = evidence.weights(evidence.voters)
        self._odds = [weight * voter.odds for weight, voter in zip(self._weights, self._voters, strict=True)]
        self._beliefs = {
            index: _Belief.of(voter, evidence) for index, voter in enumerate(self._voters) if voter.claim.alternatives
        }
        self._roots: list[_Candidate] = []
        self._plant()

    def _plant(self) -> None:
        known: dict[Hashable, _Candidate] = {}
        for key in dict.fromkeys(self._keys):
            index = self._keys.index(key)
            over: _Candidate | None = None
            for step, value in reversed(ladder(self._voters[index].claim.value)):
                candidate = known.get(step)
                if candidate is None:
                    above = (*over.above, over.key) if over else ()
                    candidate = known[step] = _Candidate(step, value, above, best=index)
                    (over.below if over else self._roots).append(candidate)
                candidate.claimed.append(key)
                over = candidate

    def winner(self) -> tuple[_Candidate, bool]:
        """Find the winning candidate, and whether independent voices part ways below it."""
        best = self._ranked(self._roots)[0]
        while best.below:
            ranked = self._ranked(best.below)
            top = ranked[0]
            tied = len(ranked) > 1 and ranked[1].score == top.score
            if tied or (top.score < self._threshold and top.score < best.score):
                voices = [self._voices(one.claimed) for one in ranked]
                return best, any(other - voices[0] for other in voices[1:])
            best = top
        return best, False

    def _voices(self, claimed: list[Hashable]) -> set[str]:
        return {voter.voice for key, voter in zip(self._keys, self._voters, strict=True) if key in claimed}

    def _ranked(self, candidates: list[_Candidate]) -> list[_Candidate]:
        for candidate in candidates:
            candidate.score = self._score(candidate)
        if len(candidates) > 1:
            candidates.sort(key=lambda candidate: (-candidate.score, candidate.best))
        return candidates

    def _score(self, candidate: _Candidate) -> float:
        agreeing, other = [], []
        for index, key in enumerate(self._keys):
            supports = key in candidate.claimed
            belief = self._beliefs.get(index)
            held = self._odds[index] if supports else -abs(self._odds[index])
            if belief is not None:
                held = self._weights[index] * belief.odds.get(candidate.key, belief.rest)
            if supports:
                agreeing.append(held)
            elif key not in candidate.above or (belief is not None and candidate.key in belief.odds):
                other.append(held)
        return probability(agreement(agreeing) + fsum(other))


@define(eq=False)
class _Belief:
    """What a voter with alternatives holds, in log-odds before weighing: of what it mentions, and of the rest."""

    odds: dict[Hashable, float]
    rest: float

    @classmethod
    def of(cls, voter: Voter, evidence: Evidence) -> _Belief:
        """Share out a voter's probability: to its choice, its alternatives, and anything else."""
        claim = voter.claim
        own = [key for key, _ in ladder(claim.value)]
        mass = dict.fromkeys(own, voter.confidence)
        left = 1.0 - voter.confidence
        unstated = []
        for alternative in claim.alternatives:
            if alternative.confidence is None:
                unstated.append(alternative.value)
            else:
                stated = evidence.rules.confidence(alternative.confidence, claim.source.provider, claim.method)
                left -= stated
                _give(mass, alternative.value, stated, own[0])
        share = min(max(left, 0.0) / (len(unstated) + 1), voter.confidence)
        for value in unstated:
            _give(mass, value, share, own[0])
        return cls({key: logit(part) for key, part in mass.items()}, logit(share))


def _give(mass: dict[Hashable, float], value: Any, part: float, own: Hashable) -> None:
    """Give an alternative its part, and everything above it; a word that nobody could place gets none."""
    steps: Iterable[tuple[Hashable, Any]] = () if value is None else ladder(value)
    for key, _ in steps:
        if key != own:
            mass[key] = mass.get(key, 0.0) + part

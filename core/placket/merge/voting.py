"""``vote``: one value by summed log-odds, as deep into broader and narrower terms as the evidence agrees."""

from __future__ import annotations

from collections.abc import Hashable
from heapq import nlargest
from math import fsum
from typing import Any

from ..record.record import Resolution
from .candidates import Step, down_to, ladder
from .evidence import CLAIM, KEY, VOICE, WEIGHT, Evidence, Voter
from .odds import agreement, logit, opposition, probability


def vote(evidence: Evidence) -> Resolution:
    """Decide by summed log-odds.

    Candidates are the claimed values and everything above them: a narrower term supports all its broader ones, a season
    with a year the season, a size with a system its label. Each voter gives a candidate w * logit(p), and the score is
    the logistic of the sum. Voters that agree never lower each other (see `agreement`).

    w is the voter's weight, shared with other claims of its voice in the field. p is, for a candidate that is

    * what the voter claims: its confidence;
    * an alternative that it names: the confidence that it states, or else an equal share of what is left of 1, with one
      more share for everything that it does not mention;
    * not mentioned: that one share;
    * broader than some of these: the sum of what lies below it.

    No share is more than the confidence in the voter's own choice. A voter that is less than half sure of its choice
    speaks against no other candidate. One that stops above a candidate abstains on it. One without weight decides only
    where nobody has any.

    The winner is found from the top down: from the best root to the best narrower candidate, as long as that one scores
    at least the threshold, or as much as the candidate above it, and no sibling ties with it. Where nothing reaches the
    threshold the best root still wins, with its low score. Equal roots go by their best voter's rank, which also gives
    the value its spelling.

    Claims on the winner, above it or below it are support. It is a conflict when an independent voice dissents, or when
    independent voices part ways below the winner.
    """
    rows = evidence.rows
    best, key = rows[0][CLAIM], rows[0][KEY]
    if not evidence.outranked and not any([row[KEY] != key or row[CLAIM].alternatives for row in rows]):  # noqa: C419 - faster
        # Everybody agrees, which is common, so nothing is lost by going all the way down.
        score = probability(agreement(evidence.contributions()))
        return Resolution(best.value, score, False, evidence.rule.name, tuple([row[CLAIM] for row in rows]))
    ballot = _Ballot(evidence)
    camps, depth, score, split = ballot.winner()
    path = ballot.paths[camps[0]]
    key, value = path[depth]
    related = {*camps, *[above for above, _ in path[: depth + 1]]}
    if ballot.mute:
        related.update(ballot.mute_below(key))
    for voter in evidence.outranked:
        if key in ladder(voter.claim.value):
            related.add(voter.key)
    return evidence.resolution(value, score, related, conflict=True if split else None)


class _Ballot:
    """The claimed values with all above them, and what each voter gives each of them in weighted log-odds.

    The voters that claim one value are a camp, named by the value's key; camps are ordered by their best voters. A
    candidate is what some camps have at one depth of their paths: the root at 0, at the end their own value.
    """

    __slots__ = ("_beliefs", "_odds", "_rows", "_threshold", "mute", "paths")

    def __init__(self, evidence: Evidence) -> None:
        stated = evidence.rule.settings.threshold
        self._threshold = evidence.rules.vote_threshold if stated is None else stated
        self._rows = evidence.rows
        self.paths: dict[Hashable, tuple[Step, ...]] = {}
        self._odds: dict[Hashable, list[float]] = {}
        """What the voters of a camp without alternatives give their value and all above it."""
        self._beliefs: dict[Hashable, list[dict[Hashable, float]]] = {}
        """What those with alternatives give each candidate."""
        self.mute: set[Hashable] = set()
        """The camps of which no voter has weight: they decide only where nobody has any."""
        for place, odds in enumerate(evidence.contributions()):
            claim, key = self._rows[place][5:7]
            if key not in self.paths:
                self.paths[key] = down_to(claim.value, key)
                self._odds[key] = []
                if self._rows[place][WEIGHT] == 0.0:  # the best voter of a camp comes first
                    self.mute.add(key)
            if claim.alternatives:
                belief = _belief(evidence.voters[place], evidence.shares()[place], evidence)
                self._beliefs.setdefault(key, []).append(belief)
            else:
                self._odds[key].append(odds)

    def winner(self) -> tuple[list[Hashable], int, float, bool]:
        """Find the winning candidate: its camps, depth and score, and whether independent voices part ways below it."""
        camps, depth, score = list(self.paths), -1, -1.0
        if self.mute:
            camps = [camp for camp in camps if camp not in self.mute] or camps
        while below := self._below(camps, depth + 1):
            if len(below) == 1 and len(below[0]) == len(camps) and not self._beliefs:
                # It scores the same: the same voters support it, and none abstains on it anew.
                depth = depth + 1 if len(camps) > 1 else len(self.paths[camps[0]]) - 1
                continue
            if len(below) > _MANY and not self._beliefs:
                below = self._likeliest(below)
            scores = [self._score(candidate, depth + 1) for candidate in below]
            best = max(scores)
            if depth >= 0 and (best < self._threshold or scores.count(best) > 1):
                score = self._score(camps, depth) if score < 0.0 else score
                if best < score or scores.count(best) > 1:
                    return camps, depth, score, self._part_ways(below)
            # Among equal roots the first, and so the one of the best voter, is taken.
            camps, depth, score = below[scores.index(best)], depth + 1, best
        return camps, depth, self._score(camps, depth) if score < 0.0 else score, False

    def mute_below(self, key: Hashable) -> list[Hashable]:
        """List the camps without weight that say what the key stands for, or something narrower."""
        return [camp for camp in self.mute if any(step == key for step, _ in self.paths[camp])]

    def _below(self, camps: list[Hashable], depth: int) -> list[list[Hashable]]:
        """Give the camps of each candidate that some camps have at a depth, in the order of their best voters."""
        found: dict[Hashable, list[Hashable]] = {}
        for camp in camps:
            path = self.paths[camp]
            if len(path) > depth:
                found.setdefault(path[depth][0], []).append(camp)
        return list(found.values())

    def _likeliest(self, candidates: list[list[Hashable]]) -> list[list[Hashable]]:
        """Leave out candidates that cannot win: scoring each against all others takes the square of their number."""

        def lead(place: int) -> float:
            # All have the same opponents but for themselves, so this is the score, less what is the same for all.
            odds = [each for camp in candidates[place] for each in self._odds[camp]]
            return agreement(odds) - fsum(opposition(odds))

        return [candidates[place] for place in sorted(nlargest(_MANY, range(len(candidates)), key=lead))]

    def _score(self, camps: list[Hashable], depth: int) -> float:
        abstaining = self._abstaining(camps, depth) if depth else ()
        agreeing: list[float] = []
        other: list[float] = []
        for camp, odds in self._odds.items():
            if camp in camps:
                agreeing += odds
            elif camp not in abstaining:
                other += [-each for each in odds if each > 0.0]  # as `opposition` says, without calling it
        if self._beliefs:
            key = self.paths[camps[0]][depth][0]
            for camp, beliefs in self._beliefs.items():
                for belief in beliefs:
                    if key in belief or camp not in abstaining:
                        (agreeing if camp in camps else other).append(belief.get(key, belief[_REST]))
        return probability(agreement(agreeing) + fsum(other))

    def _abstaining(self, camps: list[Hashable], depth: int) -> list[Hashable]:
        """List the camps that stop above a candidate."""
        above = [key for key, _ in self.paths[camps[0]][:depth]]
        return [key for key in above if key in self.paths and key not in camps]

    def _part_ways(self, candidates: list[list[Hashable]]) -> bool:
        """Say whether two branches have independent voices."""
        voices = [{row[VOICE] for row in self._rows if row[KEY] in camps} for camps in candidates]
        return any(other - voices[0] for other in voices[1:])


_MANY = 16
"""Candidates; with more than so many, those that cannot win are left out before they are scored."""

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
    odds = {key: weight * logit(part) for key, part in mass.items()}
    if voter.odds >= 0.0:
        return odds
    own = ladder(claim.value)
    return {key: each if key in own else max(each, 0.0) for key, each in odds.items()}


def _give(mass: dict[Hashable, float], value: Any, part: float, own: Hashable) -> None:
    """Give an alternative its part, and everything above it; a word that nobody could place gets none."""
    for key in [] if value is None else ladder(value):
        if key != own:
            mass[key] = mass.get(key, 0.0) + part

"""``cluster``: a measurement from those that mean the same."""

from __future__ import annotations

from itertools import pairwise
from math import fsum
from typing import cast

from ..record.record import Resolution
from ..record.values import Measurement
from .evidence import Evidence, Voter
from .odds import agreement, probability


def cluster(evidence: Evidence) -> Resolution:
    """Take the middle of the best-supported group of measurements.

    Sorted by length, neighbours belong together when no further apart than the tolerance: by default 10 mm, or 3 % of
    the larger where that is more. Groups are voted on as values are in `vote`, without alternatives; equal ones go by
    their best voter's rank. The value is the claim at the group's weighted median (weight times confidence; the
    shorter of two middle ones), so it is always something that a source has said, with its raw number and unit.

    Claims in the group are support; an outranked claim is when it is within the tolerance of one in the group. It is a
    conflict when an independent voice is in another group.
    """
    voters = evidence.voters
    weights = evidence.weights(voters)
    order = sorted(range(len(voters)), key=lambda index: (_length(voters[index]), index))
    groups = [[order[0]]]
    for before, index in pairwise(order):
        if _close(_length(voters[before]), _length(voters[index]), evidence):
            groups[-1].append(index)
        else:
            groups.append([index])

    def score(group: list[int]) -> float:
        agreeing = [weights[index] * voters[index].odds for index in group]
        other = [-weights[index] * abs(voters[index].odds) for index in order if index not in group]
        return probability(agreement(agreeing) + fsum(other))

    scored = [(-score(group), min(group), group) for group in groups]
    lost, _, best = min(scored)
    lengths = [_length(voters[index]) for index in best]

    def agrees(voter: Voter) -> bool:
        length = _length(voter)
        return lengths[0] <= length <= lengths[-1] or any(_close(length, one, evidence) for one in lengths)

    value = voters[_median(best, [weights[index] * voters[index].confidence for index in best])].claim.value
    return evidence.resolution(value, -lost, agrees)


def _length(voter: Voter) -> float:
    return cast("Measurement", voter.claim.value).mm


def _close(one: float, other: float, evidence: Evidence) -> bool:
    stated, rules = evidence.settings.tolerance_mm, evidence.rules
    if stated is None:
        stated = max(rules.tolerance_mm, rules.tolerance_share * max(one, other))
    return abs(one - other) <= stated


def _median(group: list[int], weights: list[float]) -> int:
    half = fsum(weights) / 2
    passed = 0.0
    for index, weight in zip(group, weights, strict=True):
        passed += weight
        if passed >= half:
            return index
    return group[-1]

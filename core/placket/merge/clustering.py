"""``cluster``: a measurement from those that mean the same."""

from __future__ import annotations

from itertools import pairwise
from math import fsum

from ..record.record import Resolution
from .evidence import Evidence
from .odds import agreement, probability


def cluster(evidence: Evidence) -> Resolution:
    """Take the middle of the best-supported group of measurements.

    Sorted by length, neighbours belong together when no further apart than the tolerance: by default 10 mm, or 3 % of
    the larger where that is more. Groups are voted on as values are in `vote`, without alternatives; equal ones go by
    their best voter's rank. The value is the claim at the group's weighted median (weight times confidence; the shorter
    of two middle ones), so it is always something that a source has said, with its raw number and unit.

    Claims in the group are support; an outranked claim is when it is within the tolerance of one in the group. It is a
    conflict when an independent voice is in another group.
    """
    voters = evidence.voters
    weights = evidence.weights(voters)
    lengths: list[float] = [voter.claim.value.mm for voter in voters]
    order = sorted(range(len(voters)), key=lengths.__getitem__)
    groups = _groups(order, lengths, evidence)
    odds = [weight * voter.odds for weight, voter in zip(weights, voters, strict=True)]

    def score(group: list[int]) -> float:
        other = fsum([-abs(odds[index]) for index in order if index not in group]) if len(groups) > 1 else 0.0
        return probability(agreement([odds[index] for index in group]) + other)

    lost, _, best = min([(-score(group), min(group), group) for group in groups])
    inside = {voters[index].key for index in best}
    for voter in evidence.outranked:
        length = voter.claim.value.mm
        if any(abs(length - lengths[index]) <= _tolerance(max(length, lengths[index]), evidence) for index in best):
            inside.add(voter.key)
    middle = _median(best, [weights[index] * voters[index].confidence for index in best])
    return evidence.resolution(voters[middle].claim.value, -lost, inside)


def _groups(order: list[int], lengths: list[float], evidence: Evidence) -> list[list[int]]:
    if lengths[order[-1]] - lengths[order[0]] <= _tolerance(0.0, evidence):
        return [order]  # no two are further apart than any two may be
    groups = [[order[0]]]
    for before, index in pairwise(order):
        if lengths[index] - lengths[before] <= _tolerance(lengths[index], evidence):
            groups[-1].append(index)
        else:
            groups.append([index])
    return groups


def _tolerance(longer: float, evidence: Evidence) -> float:
    stated, rules = evidence.settings.tolerance_mm, evidence.rules
    return max(rules.tolerance_mm, rules.tolerance_share * longer) if stated is None else stated


def _median(group: list[int], weights: list[float]) -> int:
    half = fsum(weights) / 2
    passed = 0.0
    for index, weight in zip(group, weights, strict=True):
        passed += weight
        if passed >= half:
            return index
    return group[-1]

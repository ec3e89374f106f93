"""``cluster``: a measurement from those that mean the same."""

from __future__ import annotations

from collections.abc import Sequence
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
    columns = evidence.columns
    claims, confidences, lengths = columns.claims, columns.confidences, columns.keys  # the key is the length
    odds = evidence.contributions()
    order = sorted(range(len(lengths)), key=lengths.__getitem__)
    groups = _groups(order, lengths, evidence)
    if len(groups) == 1:
        best, score = order, probability(agreement(odds))
    else:
        score, best = _strongest(groups, odds)
    inside = {lengths[index] for index in best}
    for voter in evidence.outranked:
        length = voter.claim.value.mm
        if any(abs(length - lengths[index]) <= _tolerance(max(length, lengths[index]), evidence) for index in best):
            inside.add(voter.key)
    shares = evidence.shares()
    middle = _median(best, [shares[index] * -confidences[index] for index in best])
    return evidence.resolution(claims[middle].value, score, inside)


def _strongest(groups: list[list[int]], odds: Sequence[float]) -> tuple[float, list[int]]:
    """Choose the group with the highest score; among equals the one of the best voter."""
    scored = []
    for group in groups:
        other = fsum([-abs(odds[index]) for rest in groups if rest is not group for index in rest])
        score = probability(agreement([odds[index] for index in group]) + other)
        scored.append((-score, min(group), group))
    lost, _, best = min(scored)
    return -lost, best


def _groups(order: list[int], lengths: Sequence[float], evidence: Evidence) -> list[list[int]]:
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
    for index, weight in zip(group, weights):  # noqa: B905
        passed += weight
        if passed >= half:
            return index
    return group[-1]

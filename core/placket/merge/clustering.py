"""``cluster``: a measurement from those that mean the same."""

from __future__ import annotations

from itertools import pairwise
from math import fsum

from ..record.record import Resolution
from .evidence import CLAIM, CONFIDENCE, KEY, WEIGHT, Evidence
from .odds import agreement, opposition, probability


def cluster(evidence: Evidence) -> Resolution:
    """Take the middle of the best-supported group of measurements.

    Sorted by length, neighbours belong together when no further apart than the tolerance: by default 10 mm, or 3 % of
    the larger where that is more. Groups are voted on as values are in `vote`, without alternatives; equal ones go by
    their best voter's rank. The value is the claim at the group's weighted median (weight times confidence; the shorter
    of two middle ones), so it is always something that a source has said, with its raw number and unit.

    Claims in the group are support; an outranked claim is when it is within the tolerance of one in the group. It is a
    conflict when an independent voice is in another group.
    """
    rows, odds = evidence.rows, evidence.contributions()
    ordered = sorted([(row[KEY], place, odds[place]) for place, row in enumerate(rows)])  # the key is the length
    groups = _groups(ordered, evidence)
    if len(groups) == 1:
        best, score = ordered, probability(agreement([each[2] for each in ordered]))
    else:
        weighty = [group for group in groups if any(rows[place][WEIGHT] for _, place, _ in group)]
        score, best = _strongest(weighty or groups, groups)
    inside = {length for length, _, _ in best}
    for voter in evidence.outranked:
        length = voter.claim.value.mm
        if any(abs(length - other) <= _tolerance(max(length, other), evidence) for other, _, _ in best):
            inside.add(voter.key)
    return evidence.resolution(rows[_median(best, evidence)][CLAIM].value, score, inside)


Measured = tuple[float, int, float]
"""A voter's length in millimetres, its place among the rows, and what it adds in log-odds."""


def _strongest(able: list[list[Measured]], groups: list[list[Measured]]) -> tuple[float, list[Measured]]:
    """Choose, of those that are able to win, the group with the highest score; among equals that of the best voter."""
    scored = []
    for group in able:
        other = fsum(opposition([each[2] for rest in groups if rest is not group for each in rest]))
        score = probability(agreement([each[2] for each in group]) + other)
        scored.append((-score, min([place for _, place, _ in group]), group))
    lost, _, best = min(scored)
    return -lost, best


def _groups(ordered: list[Measured], evidence: Evidence) -> list[list[Measured]]:
    if ordered[-1][0] - ordered[0][0] <= _tolerance(0.0, evidence):
        return [ordered]  # no two are further apart than any two may be
    groups = [[ordered[0]]]
    for before, measured in pairwise(ordered):
        if measured[0] - before[0] <= _tolerance(measured[0], evidence):
            groups[-1].append(measured)
        else:
            groups.append([measured])
    return groups


def _tolerance(longer: float, evidence: Evidence) -> float:
    stated, rules = evidence.rule.settings.tolerance_mm, evidence.rules
    return max(rules.tolerance_mm, rules.tolerance_share * longer) if stated is None else stated


def _median(group: list[Measured], evidence: Evidence) -> int:
    rows, shares = evidence.rows, evidence.shares()
    weights = [shares[place] * -rows[place][CONFIDENCE] for _, place, _ in group]
    half = fsum(weights) / 2
    passed = 0.0
    for measured, weight in zip(group, weights):  # noqa: B905 - of one length
        passed += weight
        if passed >= half:
            return measured[1]
    return group[-1][1]

"""Confidences as log-odds: how independent voices add up, and how copies of one voice do not."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import exp, fsum, log

LEAST, MOST = 0.02, 0.98
"""No voice counts as surer than this: one vendor that always says 1.0 must not silence everybody else."""


@lru_cache(maxsize=4096)
def logit(confidence: float) -> float:
    """Log-odds of a probability, which is first held within 0.02..0.98."""
    held = LEAST if confidence < LEAST else min(confidence, MOST)
    return log(held / (1.0 - held))


def probability(odds: float) -> float:
    """Give the probability of log-odds, to six decimals: nobody knows more, and equal evidence then scores the same."""
    found = 1.0 / (1.0 + exp(-odds)) if odds >= 0.0 else exp(odds) / (1.0 + exp(odds))
    return round(found * 1e6) / 1e6  # what round(found, 6) gives, several times as fast


def agreement(contributions: Sequence[float]) -> float:
    """Add up voices that say the same, in log-odds, in whatever order.

    They add up; but a voice that is less than half sure (its log-odds are negative) takes nothing from surer ones that
    agree with it. With only such voices, the surest counts: an agreeing voice never makes a value less sure.
    """
    if len(contributions) == 1:
        return contributions[0]
    if min(contributions) > 0.0:
        return fsum(contributions)
    surest = max(contributions)
    return fsum([odds for odds in contributions if odds > 0.0]) if surest > 0.0 else surest


def opposition(contributions: Sequence[float]) -> list[float]:
    """What voices that say something else add to a value, in log-odds: as much against it as they are sure of theirs.

    A voice that is less than half sure of its own word says nothing about others: the less it believes, the less it
    may change.
    """
    return [-odds for odds in contributions if odds > 0.0]

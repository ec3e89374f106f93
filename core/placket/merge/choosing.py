"""``prefer``, ``earliest``, ``latest``, ``single_source``: one claim, or one source, has the word."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from datetime import datetime
from math import inf

from ..record.claim import Claim, Method
from ..record.record import Resolution
from .candidates import moment
from .evidence import AGE, CLAIM, KEY, PATH, PROVIDER, VOICE, Evidence, Row, Voter

_HUMAN, _MERCHANT = Method.HUMAN, Method.MERCHANT  # an enum's members are slow to look up
_NUMBER = re.compile(r"([0-9]+)")


def prefer(evidence: Evidence) -> Resolution:
    """Take one claim as it is: texts, prices and dates cannot be averaged.

    What a provider says at one place replaces what it said there before. The best of the rest is a seller's before a
    model's, written by a person before generated, then by the larger weight, the higher confidence, the longer text,
    the text's own order, and rank. Claims that say the same are support, whatever else is said is dissent. The score
    is that of the agreeing claims; others do not lower it.

    It is a conflict when two independent sellers, or two independent people, say different things; models may well
    word it differently.
    """
    rows = evidence.rows
    current = _current(rows)
    best = _best(current)
    key, method = best[KEY], best[CLAIM].method
    agreeing = [row for row in rows if row[KEY] == key]
    conflict = False
    if (method is _HUMAN or method is _MERCHANT) and len(agreeing) < len(rows):
        equal = {row[VOICE] for row in current if row[CLAIM].method is method and row[KEY] != key}
        conflict = bool(equal - {row[VOICE] for row in agreeing})
    return evidence.resolution(best[CLAIM].value, evidence.score_of(agreeing), (key,), conflict=conflict)


def _current(rows: Sequence[Row]) -> Sequence[Row]:
    """Give the rows, less those that the same provider has replaced since, at the same path."""
    if len({row[PROVIDER] for row in rows}) == len(rows):
        return rows
    newest: dict[tuple[str, str], float] = {}
    for _, _, age, provider, path, *_ in rows:
        where = (provider, path)
        newest[where] = min(newest.get(where, inf), age)  # smaller is later; infinite when the time is not known
    return [row for row in rows if row[AGE] == newest[row[PROVIDER], row[PATH]]]


def _best(rows: Sequence[Row]) -> Row:
    """Choose one of the rows; among equals the first, and so the one of the best rank."""
    preferences = []
    for place, (weight, confidence, _, _, _, claim, _, _, _) in enumerate(rows):
        value, method = claim.value, claim.method
        text = value if isinstance(value, str) else ""
        by = (method is not _HUMAN, method is not _MERCHANT, claim.generated, weight, confidence, -len(text), text)
        preferences.append((by, place))
    return rows[min(preferences)[1]]


def earliest(evidence: Evidence) -> Resolution:
    """Take the earliest time; of other values, the one that was said first, a known time before an unknown one.

    Equal ones go by rank. Claims that say the same are support, the others dissent; a value that changes over time is
    no conflict.
    """
    return _one(evidence, min(evidence.voters, key=_when))


def latest(evidence: Evidence) -> Resolution:
    """Take the latest time; of other values, the one that was said last, a known time before an unknown one.

    Equal ones go by rank. Claims that say the same are support, the others dissent; a value that changes over time is
    no conflict.
    """
    return _one(evidence, min(evidence.voters, key=_since))


def _when(voter: Voter) -> float:
    value = voter.claim.value
    if isinstance(value, datetime):
        return moment(value)
    observed = voter.claim.observed_at
    return inf if observed is None else moment(observed)


def _since(voter: Voter) -> float:
    value = voter.claim.value
    return -moment(value) if isinstance(value, datetime) else voter.rank[2]


def _one(evidence: Evidence, best: Voter) -> Resolution:
    key = best.key
    agreeing = [voter for voter in evidence.voters if voter.key == key]
    return evidence.resolution(
        best.claim.value,
        evidence.score(agreeing),
        {key},
        conflict=False,
    )


def single_source(evidence: Evidence) -> Resolution:
    """Take the whole list of one answer: parts of two lists, such as percentages, would not add up.

    It is the answer that holds the best claim, by the order of `prefer`. Its members keep the order of their places in
    it. Claims of other answers that say one of the members are support, the others dissent, and it is a conflict when
    an independent voice dissents. The score is the least sure member's.
    """
    best = _best(_current(evidence.rows))[CLAIM]
    members: dict[Hashable, Claim] = {}
    for voter in evidence.voters:
        claim = voter.claim
        if claim.source == best.source and claim.observed_at == best.observed_at:
            members.setdefault(voter.key, claim)
    said: dict[Hashable, list[Voter]] = {key: [] for key in members}
    for voter in evidence.voters:
        if voter.key in said:
            said[voter.key].append(voter)
    return evidence.resolution(
        tuple([claim.value for claim in sorted(members.values(), key=_place)]),
        min(evidence.score(voters) for voters in said.values()),
        members,
    )


def _place(claim: Claim) -> tuple[list[tuple[int, str]], Claim]:
    """Places in their order: the tenth of a list after the ninth."""
    parts = _NUMBER.split(claim.path)
    return ([_number(part) if index % 2 else (-1, part) for index, part in enumerate(parts)], claim)


def _number(digits: str) -> tuple[int, str]:
    # As the numbers sort, but not as an int: Python refuses to make one of thousands of digits.
    significant = digits.lstrip("0")
    return len(significant), significant

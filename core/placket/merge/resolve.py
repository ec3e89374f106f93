"""``merge``: claims become a record."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from math import inf
from typing import Any

from attrs import define

from ..record.claim import Claim, Method, Source
from ..record.record import GarmentRecord, Resolution
from .candidates import KEYS, key_of_other, moment
from .evidence import CLAIM, CONTRIBUTION, VOICE, Evidence, Row, Voter
from .odds import logit, probability
from .policy import MergePolicy, Rule

Sources = GarmentRecord | Claim | Iterable["Sources"]
"""A record (its claims count, not what was resolved from them), a claim, or any iterable of these."""

Say = tuple[float, float, str, bool]
"""Weight, minus the time of observation, the voice, and whether stated confidences count as they are."""

_DEFAULT = MergePolicy()
_HUMAN, _ECHO = Method.HUMAN, Method.ECHO


def merge(*sources: Sources, id: str, policy: MergePolicy = _DEFAULT) -> GarmentRecord:  # noqa: A002
    """Unite claims into one record, in which every field with evidence has a value.

    Pure: the record depends on ``id``, the set of claims and ``policy`` alone, not on the order or the grouping of
    ``sources``, so records can be merged in any order and again. No claim is lost.

    A claim is evidence unless it is an echo or a word that the vocabulary does not have. In each field (each key of a
    map field) the claims of people decide alone where there are any, except in collections, where they come first. Of
    what remains, the claims of the first provider in the field's ``prefer`` that has any decide alone. All others are
    outranked: they are listed as support or dissent, and change nothing. What deciding claims become is for the
    field's policy: `POLICIES` has each one's rules.

    Raises InvalidInput when a claim names a field that no record has, or its value is nothing that a record can hold.
    """
    heard = _Heard({}, {}, set(), {})
    _hear(sources, policy, heard)
    rows_of, silent, people = heard.rows, heard.silent, heard.people
    claims: list[Claim] = []
    resolutions: dict[str, Resolution] = {}
    for rule in sorted([policy.rule(path) for path in (rows_of.keys() | silent.keys() if silent else rows_of)]):
        path = rule.path
        if path in silent:
            claims += dict.fromkeys(silent[path])
        rows = rows_of.get(path)
        if rows is None:
            continue
        single = True
        if len(rows) > 1:
            rows.sort()
            single = len({row[VOICE] for row in rows}) == len(rows)
            if not single:
                rows = _each_once(rows)
        claims += [row[CLAIM] for row in rows]
        if len(rows) == 1 and rule.as_it_is:
            row = rows[0]
            claim = row[CLAIM]
            value = (claim.value,) if rule.spec.many else claim.value
            resolutions[path] = Resolution(value, probability(row[CONTRIBUTION]), False, rule.name, (claim,))
        elif (people and path in people) or rule.settings.prefer:
            resolutions[path] = _outranking(rule, rows, policy, path in people)
        else:
            resolutions[path] = rule.policy(Evidence(rule, rows, (), policy, single))
    # A tuple, because a set of them takes three times the memory.
    return GarmentRecord(id, tuple(claims), resolutions)


@define(eq=False)
class _Heard:
    """What a merge has to go on, by the path of the field."""

    rows: dict[str, list[Row]]
    """The claims that are evidence."""
    silent: dict[str, list[Claim]]
    """The claims that are not."""
    people: set[str]
    """The fields of which people speak."""
    says: dict[tuple[Any, ...], Say]
    """The say of sources that were looked at before: an answer's claims share one."""


def _hear(sources: Iterable[Sources], rules: MergePolicy, heard: _Heard) -> None:
    rows_of, says = heard.rows, heard.says
    source: Source | None = None
    method = observed = None
    for claim in sources:
        if type(claim) is not Claim and not isinstance(claim, Claim):  # the first is faster, and nearly always so
            _hear(claim.claims if isinstance(claim, GarmentRecord) else claim, rules, heard)
            continue
        path, value = claim.field, claim.value
        if claim.source is not source or claim.method is not method or claim.observed_at is not observed:
            # The claims of an answer share one say, and mostly come in a row.
            source, method, observed = claim.source, claim.method, claim.observed_at
            provider = source.provider
            told = (provider, source.lineage, id(method), observed)  # texts hash faster than a source or an enum
            say = says.get(told)
            if say is None:
                say = says[told] = _say(claim, rules)
            weight, age, voice, as_stated = say
        if value is None or method is _ECHO:
            heard.silent.setdefault(path, []).append(claim)
            continue
        if method is _HUMAN:
            heard.people.add(path)
        confidence = claim.confidence
        if confidence is None or not as_stated:
            confidence = rules.confidence(confidence, provider, method)
        kind = KEYS.get(value.__class__)
        key = key_of_other(claim) if kind is None else kind(value)
        row = (-weight, -confidence, age, provider, claim.path, claim, key, voice, weight * logit(confidence))
        rows = rows_of.get(path)
        if rows is None:
            rows_of[path] = [row]
        else:
            rows.append(row)


def _each_once(rows: list[Row]) -> list[Row]:
    """Leave out claims that repeat another: those have the same rank."""
    if len({row[:5] for row in rows}) < len(rows):
        return list({row[CLAIM]: row for row in reversed(rows)}.values())[::-1]
    return rows


def _outranking(rule: Rule, rows: list[Row], rules: MergePolicy, people: bool) -> Resolution:
    """Decide a field in which some may have the word."""
    deciding: list[Row] = rows
    outranked: list[Row] = []
    if people and rule.name != "collect":
        deciding, outranked = _split(rows, lambda claim: claim.method is _HUMAN)
    for provider in rule.settings.prefer:
        chosen, rest = _split(deciding, partial(_is_of, provider))
        if chosen:
            deciding, outranked = chosen, sorted([*outranked, *rest])
            break
    single = len({row[VOICE] for row in deciding}) == len(deciding)
    return rule.policy(Evidence(rule, deciding, [Voter.of(row) for row in outranked], rules, single))


def _split(rows: list[Row], holds: Callable[[Claim], bool]) -> tuple[list[Row], list[Row]]:
    return [row for row in rows if holds(row[CLAIM])], [row for row in rows if not holds(row[CLAIM])]


def _is_of(provider: str, claim: Claim) -> bool:
    return claim.source.provider == provider


def _say(claim: Claim, rules: MergePolicy) -> Say:
    source, observed = claim.source, claim.observed_at
    return (
        rules.weight(source.provider, claim.method),
        inf if observed is None else -moment(observed),
        source.voice,
        source.provider not in rules.calibration,
    )

"""``merge``: claims become a record."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from math import inf
from typing import Any

from attrs import define

from ..record.claim import Claim, Method
from ..record.record import GarmentRecord, Resolution
from .candidates import KEYS, exactly, moment
from .evidence import Columns, Evidence, Row, Voter
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

    Raises InvalidInput when a claim names a field that no record has.
    """
    heard = _Heard({}, {}, set(), {})
    _hear(sources, policy, heard)
    rows_of, silent = heard.rows, heard.silent
    claims: list[Claim] = []
    resolutions: dict[str, Resolution] = {}
    for rule in sorted([policy.rule(path) for path in (rows_of.keys() | silent.keys() if silent else rows_of)]):
        path = rule.path
        if path in silent:
            claims += dict.fromkeys(silent[path])
        rows = rows_of.get(path)
        if rows is None:
            continue
        if len(rows) > 1:
            rows = _best_first(rows)
        claims += [row[5] for row in rows]
        if len(rows) == 1 and rule.as_it_is:
            _, _, _, _, _, claim, _, _, contribution = rows[0]
            value = (claim.value,) if rule.spec.many else claim.value
            resolutions[path] = Resolution(value, probability(contribution), False, rule.name, (claim,))
        else:
            resolutions[path] = _decided(rule, rows, policy, path in heard.people)
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
    for claim in sources:
        if claim.__class__ is not Claim and not isinstance(claim, Claim):  # the first is faster, and nearly always so
            _hear(claim.claims if isinstance(claim, GarmentRecord) else claim, rules, heard)
            continue
        path, value, method = claim.field, claim.value, claim.method
        if value is None or method is _ECHO:
            heard.silent.setdefault(path, []).append(claim)
            continue
        if method is _HUMAN:
            heard.people.add(path)
        source = claim.source
        provider = source.provider
        told = (provider, source.lineage, id(method), claim.observed_at)  # texts hash faster than a source or an enum
        say = says.get(told)
        if say is None:
            say = says[told] = _say(claim, rules)
        weight, age, voice, as_stated = say
        confidence = claim.confidence
        if confidence is None or not as_stated:
            confidence = rules.confidence(confidence, provider, method)
        key = KEYS.get(value.__class__, exactly)(value)
        row = (-weight, -confidence, age, provider, claim.path, claim, key, voice, weight * logit(confidence))
        rows = rows_of.get(path)
        if rows is None:
            rows_of[path] = [row]
        else:
            rows.append(row)


def _best_first(rows: list[Row]) -> list[Row]:
    """Sort the rows of one field, and leave out claims that repeat another: those have the same rank."""
    rows.sort()
    if len({row[3] for row in rows}) < len(rows) and len({row[:5] for row in rows}) < len(rows):
        return list({row[5]: row for row in reversed(rows)}.values())[::-1]
    return rows


def _decided(rule: Rule, rows: list[Row], rules: MergePolicy, people: bool) -> Resolution:
    deciding: list[Row] = rows
    outranked: list[Row] = []
    if people and rule.name != "collect":
        deciding, outranked = _split(rows, lambda claim: claim.method is _HUMAN)
    for provider in rule.settings.prefer:
        chosen, rest = _split(deciding, partial(_is_of, provider))
        if chosen:
            deciding, outranked = chosen, sorted([*outranked, *rest])
            break
    columns = Columns._make(zip(*deciding))  # noqa: B905 - all rows are of one length
    others = [Voter.of(row) for row in outranked] if outranked else ()
    return rule.policy(Evidence(rule.path, rule.spec, rule.name, columns, others, rule.settings, rules))


def _split(rows: list[Row], holds: Callable[[Claim], bool]) -> tuple[list[Row], list[Row]]:
    return [row for row in rows if holds(row[5])], [row for row in rows if not holds(row[5])]


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

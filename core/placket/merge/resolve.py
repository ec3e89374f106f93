"""``merge``: claims become a record."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from math import inf
from typing import Any

from ..record.claim import Claim, Method
from ..record.fields import RecordField
from ..record.record import RECORD_FIELDS, GarmentRecord, Resolution, field_of
from ..record.terms import Term
from .candidates import key_of, moment
from .choosing import earliest, latest, prefer, single_source
from .clustering import cluster
from .collecting import collect
from .evidence import Evidence, Voter
from .odds import logit, probability
from .policy import MergePolicy

Sources = GarmentRecord | Claim | Iterable["Sources"]
"""A record (its claims count, not what was resolved from them), a claim, or any iterable of these."""

Say = tuple[float, float, str, bool]
"""Weight, minus the time of observation, the voice, and whether stated confidences count as they are."""

Known = dict[tuple[Any, ...], Say]
"""The say of sources that were looked at before in the same merge."""

_ORDER = {path: place for place, path in enumerate(RECORD_FIELDS)}
_DEFAULT = MergePolicy()
_TAKES_WHAT_THERE_IS = frozenset({single_source, cluster, prefer, collect, earliest, latest})
"""Policies that make of a single claim just that: what these would do is then done without ceremony, for speed."""
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
    by_path: dict[str, list[Claim]] = {}
    _unite(sources, by_path)
    known: Known = {}
    claims: list[Claim] = []
    resolutions: dict[str, Resolution] = {}
    for path in sorted(by_path, key=_place):
        about = _each_once(by_path[path])
        claims += about
        evidence = [claim for claim in about if claim.value is not None and claim.method is not _ECHO]
        if evidence:
            resolutions[path] = _resolved(path, evidence, policy, known)
    # A tuple, because a set of them takes three times the memory.
    return GarmentRecord(id, tuple(claims), resolutions)


def _unite(sources: Iterable[Sources], by_path: dict[str, list[Claim]]) -> None:
    for source in sources:
        if source.__class__ is Claim or isinstance(source, Claim):  # the first is quicker, and nearly always so
            about = by_path.get(source.field)
            if about is None:
                by_path[source.field] = [source]
            else:
                about.append(source)
        else:
            _unite(source.claims if isinstance(source, GarmentRecord) else source, by_path)


def _each_once(claims: list[Claim]) -> list[Claim]:
    """Drop repeated claims. What differs in provider, path or confidence is not the same, and quicker to compare."""
    if len(claims) == 1 or len({claim.source.provider for claim in claims}) == len(claims):
        return claims
    if len({(claim.source.provider, claim.path, claim.confidence) for claim in claims}) == len(claims):
        return claims
    return list(dict.fromkeys(claims))


def _place(path: str) -> tuple[int, str]:
    """Where the record declares the field; a map's keys follow in their own order."""
    place = _ORDER.get(path)
    return (place if place is not None else _ORDER[field_of(path).path], path)


def _resolved(path: str, claims: list[Claim], rules: MergePolicy, known: Known) -> Resolution:
    spec = field_of(path)
    settings = rules.settings(path)
    name = settings.policy or spec.policy
    policy = rules.policies[name]
    if len(claims) == 1 and policy in _TAKES_WHAT_THERE_IS:
        return _alone(claims[0], spec, name, rules)
    voters = _voters(claims, rules, known)
    deciding: list[Voter] = voters
    outranked: list[Voter] = []
    if len(voters) > 1:
        voters.sort()
        if name != "collect" and any([claim.method is _HUMAN for claim in claims]):  # noqa: C419 - a list is faster
            deciding, outranked = _split(voters, lambda voter: voter.claim.method is _HUMAN)
        for provider in settings.prefer:
            chosen, rest = _split(deciding, partial(_is_of, provider))
            if chosen:
                deciding, outranked = chosen, sorted([*outranked, *rest])
                break
    return policy(Evidence(path, spec, name, deciding, outranked, settings, rules))


def _alone(claim: Claim, spec: RecordField[Any], name: str, rules: MergePolicy) -> Resolution:
    provider, method = claim.source.provider, claim.method
    confidence = rules.confidence(claim.confidence, provider, method)
    score = probability(rules.weight(provider, method) * logit(confidence))
    return Resolution((claim.value,) if spec.many else claim.value, score, False, name, (claim,))


def _split(voters: list[Voter], holds: Callable[[Voter], bool]) -> tuple[list[Voter], list[Voter]]:
    return [voter for voter in voters if holds(voter)], [voter for voter in voters if not holds(voter)]


def _is_of(provider: str, voter: Voter) -> bool:
    return voter.claim.source.provider == provider


def _voters(claims: list[Claim], rules: MergePolicy, known: Known) -> list[Voter]:
    voters = []
    new = tuple.__new__
    for claim in claims:
        source = claim.source
        provider = source.provider
        # An answer's claims share all of this, so it is looked up once. Texts hash faster than a source or an enum.
        told = (provider, source.lineage, id(claim.method), claim.observed_at)
        say = known.get(told)
        if say is None:
            say = known[told] = _say(claim, rules)
        weight, age, voice, as_stated = say
        confidence, value = claim.confidence, claim.value
        if confidence is None or not as_stated:
            confidence = rules.confidence(confidence, provider, claim.method)
        rank = (-weight, -confidence, age, provider, claim.path)
        key = value.id if value.__class__ is Term else key_of(value)  # most are terms, and a call takes longer
        said = (rank, claim, key, voice, weight, confidence, logit(confidence))
        voters.append(new(Voter, said))  # twice as fast as Voter(...)
    return voters


def _say(claim: Claim, rules: MergePolicy) -> Say:
    source, observed = claim.source, claim.observed_at
    return (
        rules.weight(source.provider, claim.method),
        inf if observed is None else -moment(observed),
        source.voice,
        source.provider not in rules.calibration,
    )

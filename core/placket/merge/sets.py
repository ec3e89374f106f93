"""``include``: several values, each in or out by its own evidence."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from itertools import combinations
from typing import Any

from attrs import Factory, define

from ..record.record import Resolution
from ..record.values import Color
from .candidates import keys_above
from .evidence import Evidence, Voter


def include(evidence: Evidence) -> Resolution:
    """Decide member by member whether it is in.

    The voters that claim a member, or something narrower, add up their log-odds; copies of one voice count about once.
    Nobody's silence speaks against a member. It is in when its score reaches the threshold. A member is left out where
    a narrower one is in, whose support it joins: light blue and blue are light blue.

    Members come by score times share of the surface, then by their best voter's rank. Those whose share nobody
    measured count as equal parts of what the measured ones leave. A member is one claim's value, unmixed: the best
    claim that measured a share or colour, else the best claim. The score is the first member's, or the best
    candidate's when none is in. Claims on what is in, above or below it, are support, but for those of voices that,
    in a conflict, name nothing of the first member's kind: they dissent, also where their own member is in.

    It is a conflict when two independent voices name each a main colour that is nowhere in the other's list, nor
    broader or narrower than anything there. Other sets have no conflicts: one source says cotton, another denim, and
    both may be right.
    """
    settings, rules = evidence.settings, evidence.rules
    threshold = rules.include_threshold if settings.threshold is None else settings.threshold
    members = _members(evidence)
    inside = [member for member in members.values() if member.score >= threshold]
    if not inside:
        best = max(member.score for member in members.values())
        return evidence.resolution((), best, (), conflict=False)
    broader = {key for member in inside for key in member.above}
    inside = [member for member in inside if member.key not in broader]
    if len(inside) > 1:
        shares = [share for member in inside if (share := _stated_share(member.value)) is not None]
        rest = max(0.0, 1.0 - sum(shares)) / max(1, len(inside) - len(shares))
        inside.sort(key=lambda member: -member.score * _share(member.value, rest))
    keys = {member.key for member in inside}
    related = keys.union(*[member.above for member in inside])
    related.update([member.key for member in members.values() if not keys.isdisjoint(member.above)])
    for voter in evidence.outranked:
        if voter.key not in members and not keys.isdisjoint(keys_above(voter.claim.value)):
            related.add(voter.key)
    conflict = _main_colors_clash(evidence, members)
    return evidence.resolution(
        tuple([member.value for member in inside]),
        inside[0].score,
        related,
        conflict=conflict,
        opposing=_opposing(evidence, inside[0], members) if conflict else (),
    )


@define(eq=False)
class _Member:
    key: Hashable
    above: tuple[Hashable, ...]
    voters: list[Voter] = Factory(list)
    """Those that claim exactly this, the best first."""
    narrower: list[Voter] = Factory(list)
    value: Any = None
    score: float = 0.0


def _members(evidence: Evidence) -> dict[Hashable, _Member]:
    members: dict[Hashable, _Member] = {}
    for voter in evidence.voters:
        member = members.get(voter.key)
        if member is None:
            member = members[voter.key] = _Member(voter.key, keys_above(voter.claim.value))
        member.voters.append(voter)
    for member in members.values():
        for key in member.above:
            if key in members:
                members[key].narrower += member.voters
    for member in members.values():
        member.value = _most_measured(member.voters)
        member.score = evidence.score(member.voters + member.narrower if member.narrower else member.voters)
    return members


def _most_measured(voters: Sequence[Voter]) -> Any:
    for voter in voters:
        value = voter.claim.value
        if isinstance(value, Color) and (value.share is not None or value.lab is not None):
            return value
    return voters[0].claim.value


def _stated_share(value: Any) -> float | None:
    return value.share if isinstance(value, Color) else None


def _share(value: Any, unmeasured: float) -> float:
    return value.share if isinstance(value, Color) and value.share is not None else unmeasured


def _opposing(evidence: Evidence, first: _Member, members: Mapping[Hashable, _Member]) -> set[str]:
    """Give the voices that name nothing of the first member's kind."""
    agreeing = {voter.voice for voter in evidence.voters if _mentions(frozenset([voter.key]), first, members)}
    return {voter.voice for voter in evidence.voters} - agreeing


def _main_colors_clash(evidence: Evidence, members: Mapping[Hashable, _Member]) -> bool:
    if evidence.spec.value_type is not Color or len(members) < 2:
        return False
    lists: dict[str, list[Voter]] = {}
    for voter in evidence.voters:
        lists.setdefault(voter.voice, []).append(voter)
    named: dict[Hashable, set[frozenset[Hashable]]] = {}
    for voters in lists.values():
        main = voters[0]
        if len(voters) > 1:
            equal = 1.0 / len(voters)
            main = max(voters, key=lambda voter: voter.confidence * _share(voter.claim.value, equal))
        said = frozenset([voter.key for voter in voters])
        named.setdefault(main.key, set()).add(said)
    return len(named) > 1 and any(
        not _mentions(theirs, members[mine], members) and not _mentions(ours, members[other], members)
        for (mine, its), (other, others) in combinations(named.items(), 2)
        for ours in its
        for theirs in others
    )


def _mentions(said: frozenset[Hashable], main: _Member, members: Mapping[Hashable, _Member]) -> bool:
    return any(key == main.key or key in main.above or main.key in members[key].above for key in said)

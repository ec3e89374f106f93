"""``include``: several values, each in or out by its own evidence."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from itertools import combinations
from typing import Any

from attrs import define

from ..record.claim import Source
from ..record.record import Resolution
from ..record.values import Color
from .candidates import keys_above
from .evidence import CLAIM, CONFIDENCE, KEY, VOICE, Evidence, Row


def include(evidence: Evidence) -> Resolution:
    """Decide member by member whether it is in.

    The voters that claim a member, or something narrower, add up their log-odds; copies of one voice count about once.
    Nobody's silence speaks against a member. It is in when its score reaches the threshold. A member is left out where
    a narrower one is in, whose support it joins: light blue and blue are light blue. Where one answer measured a share
    of each, they are two colours, as blue on 80 % and navy on 20 %: neither speaks for the other, and both may be in.

    Members come by score times share of the surface, then by their best voter's rank. Those whose share nobody
    measured count as equal parts of what the measured ones leave. A member is one claim's value, unmixed: the best
    claim that measured a share or colour, else the best claim. The score is the first member's, or the best
    candidate's when none is in. Claims on what is in, above or below it, are support, but for those of voices that,
    in a conflict, name nothing of the first member's kind: they dissent, also where their own member is in.

    It is a conflict when two independent voices name each a main colour that is nowhere in the other's list, nor
    broader or narrower than anything there. Other sets have no conflicts: one source says cotton, another denim, and
    both may be right.
    """
    settings, rules = evidence.rule.settings, evidence.rules
    threshold = rules.include_threshold if settings.threshold is None else settings.threshold
    members = _members(evidence)
    inside = [member for member in members.values() if member.score >= threshold]
    if not inside:
        best = max([member.score for member in members.values()])
        return evidence.resolution((), best, (), conflict=False)
    inside = _largest_first(_narrowest(inside))
    conflict = evidence.rule.spec.value_type is Color and len(members) > 1 and _main_colors_clash(evidence, members)
    return evidence.resolution(
        tuple([member.value for member in inside]),
        inside[0].score,
        _related(evidence, inside, members),
        conflict=conflict,
        opposing=_opposing(evidence, inside[0], members) if conflict else (),
    )


@define(eq=False)
class _Member:
    key: Hashable
    value: Any
    above: tuple[Hashable, ...]
    rows: list[Row]
    """Those of the voters that claim exactly this, the best first."""
    narrower: Sequence[Row] = ()
    score: float = 0.0


def _members(evidence: Evidence) -> dict[Hashable, _Member]:
    members: dict[Hashable, _Member] = {}
    for row in evidence.rows:
        key = row[KEY]
        member = members.get(key)
        if member is None:
            value = row[CLAIM].value
            members[key] = _Member(key, value, keys_above(value), [row])
        else:
            member.rows.append(row)
    for member in members.values():
        for key in member.above:
            if key in members:
                members[key].narrower = [*members[key].narrower, *_joining(member, members[key])]
    for member in members.values():
        if type(member.value) is Color:
            member.value = _most_measured(member.rows)
        member.score = evidence.score_of([*member.rows, *member.narrower] if member.narrower else member.rows)
    return members


def _narrowest(inside: list[_Member]) -> list[_Member]:
    """Leave out members that have a narrower one beside them, unless they were measured as something else."""
    broader = {key for member in inside for key in member.above}
    if not broader:
        return inside
    return [member for member in inside if member.key not in broader or _is_beside_all(member, inside)]


def _largest_first(inside: list[_Member]) -> list[_Member]:
    """Order members by score times share; equal ones stay in the order of their best voters."""
    if len(inside) == 1:
        return inside
    shares = [share for member in inside if (share := _stated_share(member.value)) is not None]
    rest = max(0.0, 1.0 - sum(shares)) / max(1, len(inside) - len(shares))
    return sorted(inside, key=lambda member: -member.score * _share(member.value, rest))


def _related(evidence: Evidence, inside: list[_Member], members: Mapping[Hashable, _Member]) -> set[Hashable]:
    """Give the keys of what is in, and of what is above or below it."""
    keys = {member.key for member in inside}
    related = keys.union(*[member.above for member in inside])
    related.update([member.key for member in members.values() if not keys.isdisjoint(member.above)])
    for voter in evidence.outranked:
        if voter.key not in members and not keys.isdisjoint(keys_above(voter.claim.value)):
            related.add(voter.key)
    return related


def _most_measured(rows: Sequence[Row]) -> Color:
    colors: list[Color] = [row[CLAIM].value for row in rows]
    return next((color for color in colors if color.share is not None or color.lab is not None), colors[0])


def _is_beside_all(member: _Member, inside: Sequence[_Member]) -> bool:
    """Whether of each narrower one that is in some answer measured a share beside this one's."""
    measuring = _measuring(member)
    return bool(measuring) and not any(
        member.key in other.above and measuring.isdisjoint(_measuring(other)) for other in inside
    )


def _joining(narrower: _Member, broader: _Member) -> Sequence[Row]:
    """The rows of a narrower member that speak for a broader one, too."""
    both = _measuring(narrower) & _measuring(broader)
    return [row for row in narrower.rows if row[CLAIM].source not in both] if both else narrower.rows


def _measuring(member: _Member) -> set[Source]:
    return {row[CLAIM].source for row in member.rows if _stated_share(row[CLAIM].value) is not None}


def _stated_share(value: Any) -> float | None:
    return value.share if isinstance(value, Color) else None


def _share(value: Any, unmeasured: float) -> float:
    stated = _stated_share(value)
    return unmeasured if stated is None else stated


def _opposing(evidence: Evidence, first: _Member, members: Mapping[Hashable, _Member]) -> set[str]:
    """Give the voices that name nothing of the first member's kind."""
    rows = evidence.rows
    agreeing = {row[VOICE] for row in rows if _mentions(frozenset([row[KEY]]), first, members)}
    return {row[VOICE] for row in rows} - agreeing


def _main_colors_clash(evidence: Evidence, members: Mapping[Hashable, _Member]) -> bool:
    """Say whether two voices name each a main colour that nothing in the other's list has to do with."""
    rows = evidence.rows
    voices = [row[VOICE] for row in rows]
    mains: dict[str, tuple[float, Hashable]] = {}
    for row in rows:
        share, voice = row[CLAIM].value.share, row[VOICE]
        part = -row[CONFIDENCE] * (1.0 / voices.count(voice) if share is None else share)
        if voice not in mains or part > mains[voice][0]:  # among equals the first stays
            mains[voice] = (part, row[KEY])
    if len({main for _, main in mains.values()}) == 1:
        return False
    lists: dict[Hashable, set[frozenset[Hashable]]] = {}  # of the voices with one main colour
    for voice, (_, main) in mains.items():
        lists.setdefault(main, set()).add(frozenset([row[KEY] for row in rows if row[VOICE] == voice]))
    return any(
        not _mentions(other_list, members[main], members) and not _mentions(own_list, members[other_main], members)
        for (main, own_lists), (other_main, other_lists) in combinations(lists.items(), 2)
        for own_list in own_lists
        for other_list in other_lists
    )


def _mentions(said: frozenset[Hashable], main: _Member, members: Mapping[Hashable, _Member]) -> bool:
    return any(key == main.key or key in main.above or main.key in members[key].above for key in said)

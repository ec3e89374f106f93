"""``collect``: everything that anybody says, the best first."""

from __future__ import annotations

from collections.abc import Hashable

from ..record.claim import Method
from ..record.record import Resolution
from ..record.values import Look, Shot, Variant
from .evidence import Evidence, Voter


def collect(evidence: Evidence) -> Resolution:
    """Keep every distinct value, by score and then by its best voter's rank.

    Texts are the same without regard to case and blanks, labels by name and kind, pictures by `MediaItem.identity`,
    files by content, URL or path. A look, a shot or a variant is the same when one provider says so by its id (a
    variant: its article number, trade number, URL or name): the provider's later word about it replaces the earlier
    one. Every value is one claim's, unmixed: the role and the text of a picture come from its best claim.

    Here a person does not silence the others, since a picture that somebody adds replaces none; but what people add
    comes first. Everything is support, nothing a conflict. The score is the first value's.
    """
    groups: dict[Hashable, list[Voter]] = {}
    for voter in evidence.voters:
        groups.setdefault(_key(voter), []).append(voter)
    found = []
    for voters in groups.values():
        by_hand = any(voter.claim.method is Method.HUMAN for voter in voters)
        found.append((not by_hand, -evidence.score(voters), _newest(voters).claim.value))
    found.sort(key=lambda one: one[:2])  # among equals the order of the best voters stays
    values = tuple([value for *_, value in found])
    return evidence.resolution(
        values, -found[0][1], {voter.key for voter in (*evidence.voters, *evidence.outranked)}, conflict=False
    )


def _own_id(voter: Voter) -> str:
    """Give what a provider calls a thing whose state changes; empty for everything else."""
    value = voter.claim.value
    if isinstance(value, Look | Shot):
        return value.id
    if isinstance(value, Variant):
        return value.sku or value.gtin or value.url or value.name
    return ""


def _key(voter: Voter) -> Hashable:
    own = _own_id(voter)
    return (voter.claim.source.provider, own) if own else voter.key


def _newest(voters: list[Voter]) -> Voter:
    """Choose the best claim; of a thing whose state changes, the latest."""
    return min(voters, key=lambda voter: voter.rank[2:]) if _own_id(voters[0]) else voters[0]

"""Who speaks about one field, how surely and with what weight: what a policy decides from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Container, Hashable, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from attrs import define, field

from ..record.claim import Claim
from ..record.fields import RecordField
from ..record.record import Resolution
from .odds import agreement, logit, probability

if TYPE_CHECKING:
    from .policy import FieldPolicy, MergePolicy, Rule

Row = tuple[float, float, float, str, str, Claim, Any, str, float]
"""One voter as the merge itself keeps it, for speed: the five parts of the rank, claim, key, voice, contribution.

Weight and confidence are negative, so that the best comes first where rows are sorted. The age is minus the time of
observation; the contribution is what `Evidence.contributions` gives a voter whose voice speaks once.
"""

# The places of a row's parts.
WEIGHT: Final = 0
CONFIDENCE: Final = 1
AGE: Final = 2
PROVIDER: Final = 3
PATH: Final = 4
CLAIM: Final = 5
KEY: Final = 6
VOICE: Final = 7
CONTRIBUTION: Final = 8


class Voter(NamedTuple):
    """One claim that is evidence, with the say it has.

    Voters sort by ``rank`` and ``claim``, the best first, and that order breaks every tie: larger weight, higher
    confidence, observed later (a naive time is read as UTC; unknown comes last), then provider, path, the source's own
    word and the claim's id. It never depends on the order in which claims arrive. ``key`` is the same for all values
    that say the same (see `key_of`). ``odds`` are the log-odds of ``confidence``, before weighing.
    """

    rank: tuple[float, float, float, str, str]
    claim: Claim
    key: Hashable
    voice: str
    weight: float
    confidence: float
    odds: float

    @classmethod
    def of(cls, row: Row) -> Voter:
        """Give the voter in a row."""
        weight, confidence, age, provider, path, claim, key, voice, _ = row
        odds = logit(-confidence)
        return cls((weight, confidence, age, provider, path), claim, key, voice, -weight, -confidence, odds)


@define(eq=False)
class Evidence:
    """Everything a policy may look at to decide one field.

    ``voters`` decide, and are listed best first; there is at least one. ``outranked`` speak as well, but a person, or
    a provider that the configuration prefers, has the word. ``rules`` are those of the whole merge. ``single``: each
    voice speaks once, so that none has to share its weight.
    """

    rule: Rule
    rows: Sequence[Row]
    outranked: Sequence[Voter]
    rules: MergePolicy
    single: bool
    _voters: Sequence[Voter] | None = field(default=None, init=False, repr=False)

    @property
    def path(self) -> str:
        """The field."""
        return self.rule.path

    @property
    def spec(self) -> RecordField[Any]:
        """How the record declares the field."""
        return self.rule.spec

    @property
    def policy(self) -> str:
        """The name of the policy that decides it."""
        return self.rule.name

    @property
    def settings(self) -> FieldPolicy:
        """The rules of this field, where it differs."""
        return self.rule.settings

    @property
    def voters(self) -> Sequence[Voter]:
        """Those that decide."""
        if self._voters is None:
            self._voters = [Voter.of(row) for row in self.rows]
        return self._voters

    def weights(self, voters: Sequence[Voter]) -> list[float]:
        """Give the weight of each of these voters: 1 / (1 + (k - 1) * correlation) of its own, if its voice has k.

        So k claims of one voice come to k / (1 + (k - 1) * correlation) together: about one.
        """
        voices = [voter.voice for voter in voters]
        if len(set(voices)) == len(voices):
            return [voter.weight for voter in voters]
        correlation, counts = self.rules.lineage_correlation, Counter(voices)
        return [voter.weight / (1.0 + (counts[voter.voice] - 1) * correlation) for voter in voters]

    def shares(self) -> list[float]:
        """Give `weights` of all voters."""
        if self.single:
            return [-row[WEIGHT] for row in self.rows]
        return self.weights(self.voters)

    def contributions(self) -> Sequence[float]:
        """Give what each voter adds to what it says, in log-odds: its share times its odds."""
        if self.single:
            return [row[CONTRIBUTION] for row in self.rows]
        return [weight * voter.odds for weight, voter in zip(self.weights(self.voters), self.voters, strict=True)]

    def score_of(self, rows: Sequence[Row]) -> float:
        """Give the `score` of some of the rows."""
        if self.single or len({row[VOICE] for row in rows}) == len(rows):
            return probability(agreement([row[CONTRIBUTION] for row in rows]))
        return self.score([Voter.of(row) for row in rows])

    def score(self, agreeing: Sequence[Voter]) -> float:
        """How sure these voters make what they all say, when nobody speaks against it: 0..1."""
        if len(agreeing) == 1:
            return probability(agreeing[0].weight * agreeing[0].odds)
        weights = self.weights(agreeing)
        return probability(agreement([weight * voter.odds for weight, voter in zip(weights, agreeing, strict=True)]))

    def resolution(
        self,
        value: Any,
        score: float,
        agreeing: Container[Hashable],
        *,
        conflict: bool | None = None,
        opposing: Collection[str] = (),
    ) -> Resolution:
        """State the decision, with every claim sorted into support and dissent, the best first.

        ``agreeing`` holds the keys of the values that are support, ``opposing`` voices that dissent all the same.
        Unless told, it is a conflict when a voter dissents whose voice no supporting voter has. Outranked claims
        never make one: the question they raise is answered.
        """
        rows = self.rows
        support = [row for row in rows if row[KEY] in agreeing and row[VOICE] not in opposing]
        supporting = tuple([row[CLAIM] for row in support])
        dissenting: tuple[Claim, ...] = ()
        if len(support) < len(rows):
            dissent = [row for row in rows if row[KEY] not in agreeing or row[VOICE] in opposing]
            dissenting = tuple([row[CLAIM] for row in dissent])
            if conflict is None:
                conflict = self.single or not {row[VOICE] for row in dissent} <= {row[VOICE] for row in support}
        if self.outranked:
            supporting += tuple([voter.claim for voter in self.outranked if voter.key in agreeing])
            dissenting += tuple([voter.claim for voter in self.outranked if voter.key not in agreeing])
        return Resolution(value, score, bool(conflict), self.rule.name, supporting, dissenting)


Policy = Callable[[Evidence], Resolution]
"""Decides one field. Pure: the same evidence gives the same resolution."""

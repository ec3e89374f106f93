"""The rules of a merge: whose word counts how much, and which policy decides which field."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from itertools import pairwise
from math import isfinite
from types import MappingProxyType
from typing import Any, NamedTuple

from attrs import Factory, field, frozen

from ..errors import ConfigError, InvalidInput
from ..record.claim import Method
from ..record.fields import RecordField
from ..record.record import RECORD_FIELDS, field_of
from ..record.values import Measurement
from .choosing import earliest, latest, prefer, single_source
from .clustering import cluster
from .collecting import collect
from .evidence import Policy
from .sets import include
from .voting import vote

Points = tuple[tuple[float, float], ...]

POLICIES: Mapping[str, Policy] = MappingProxyType(
    {
        "vote": vote,
        "include": include,
        "single_source": single_source,
        "cluster": cluster,
        "prefer": prefer,
        "collect": collect,
        "earliest": earliest,
        "latest": latest,
    }
)
"""The built-in policies by name; each function's docstring says what it does."""

_FOR_MANY = frozenset({"include", "single_source", "collect"})
_TAKES_WHAT_THERE_IS = frozenset({single_source, cluster, prefer, collect, earliest, latest})
_ORDER = {path: place for place, path in enumerate(RECORD_FIELDS)}

REMEMBERED = 4096
LONGEST_REMEMBERED = 64
"""How many paths a merge policy remembers the rules of, and how long they may be: vendors make up keys of maps."""


def _names(prefer: Iterable[str]) -> tuple[str, ...]:
    return tuple(prefer)  # spelt out, because of `tuple` itself mypy does not tell a host what may be in it


@frozen
class FieldPolicy:
    """How one field is merged, where it differs from the field's default.

    ``policy`` names a policy. ``prefer`` lists providers: the claims of the first that has evidence decide, and the
    others follow only if none of them speaks; a person still outranks them. ``tolerance_mm`` is how far apart
    neighbouring measurements may lie and still mean the same. ``threshold`` replaces the merge's own threshold for a
    vote or for a set's members.
    """

    policy: str | None = None
    prefer: tuple[str, ...] = field(default=(), converter=_names)
    tolerance_mm: float | None = None
    threshold: float | None = None


class Rule(NamedTuple):
    """How the field at one path is merged. Rules sort as the record declares their fields, and a map's by its keys.

    ``as_it_is``: the policy takes a single claim as it is, so that it need not be asked about one.
    """

    place: int
    path: str
    spec: RecordField[Any]
    name: str
    policy: Policy
    settings: FieldPolicy
    as_it_is: bool


_DEFAULT = FieldPolicy()
_HUMAN, _MERCHANT = Method.HUMAN, Method.MERCHANT  # an enum's members are slow to look up


@frozen
class MergePolicy:
    """The rules of a merge. All of them have defaults; an operator sets those that measurements on own data justify.

    Raises ConfigError, with the path below ``merge``, when a rule makes no sense.
    """

    weights: Mapping[str, float] = Factory(dict)
    """Provider -> how much its word counts; 1 when not listed, 0 for a provider that decides only where
    nobody else speaks."""

    fields: Mapping[str, FieldPolicy] = Factory(dict)
    """Record-field path, or its first part, -> how that field is merged; the longer path wins."""

    calibration: Mapping[str, Points] = Factory(dict)
    """Provider -> points (stated, calibrated) between which its stated confidences are read off in straight lines;
    flat beyond the first and the last. Vendors' confidences cannot be compared until they are mapped to how often they
    are right."""

    unstated_confidence: float = 0.6
    """For a model or rule that states none: better than a guess, worse than any vendor that commits itself."""

    human_confidence: float = 0.95
    """For a person who states none: people slip now and then."""

    merchant_confidence: float = 0.8
    """For a seller who states none: sellers know their goods, and copy rows in spreadsheets."""

    merchant_weight: float = 1.5
    """How much more a seller's word counts than a model's: the seller has the garment at hand, the model a picture."""

    lineage_correlation: float = 0.9
    """How alike claims of one voice err: 1 counts k copies exactly once, 0 k times. Not quite 1, since the copies may
    have seen different pictures."""

    vote_threshold: float = 0.5
    """How sure a vote must be to go one level deeper into broader and narrower terms: likelier right than wrong."""

    include_threshold: float = 0.5
    """How sure a member of a set must be to be in it: likelier right than wrong."""

    tolerance_mm: float = 10.0
    """Measurements this close mean the same: a garment laid out twice by hand differs by about as much."""

    tolerance_share: float = 0.03
    """As ``tolerance_mm``, as part of the larger length, whichever allows more: long lengths are measured less
    exactly."""

    policies: Mapping[str, Policy] = field(default=POLICIES, repr=False)
    """Name -> policy. To add one: ``MergePolicy(policies={**POLICIES, "mine": mine})``."""

    _rules: dict[str, Rule] = field(factory=dict, init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        for provider, weight in self.weights.items():
            _check(isfinite(weight) and weight >= 0, f"weights.{provider}", f"must be 0 or more, not {weight}")
        for provider, points in self.calibration.items():
            _check_points(f"calibration.{provider}", points)
        for name in ("unstated_confidence", "human_confidence", "merchant_confidence", "lineage_correlation"):
            _check_share(name, getattr(self, name))
        for name in ("vote_threshold", "include_threshold", "tolerance_share"):
            _check_share(name, getattr(self, name))
        for name in ("merchant_weight", "tolerance_mm"):
            number = getattr(self, name)
            _check(isfinite(number) and number >= 0, name, f"must be 0 or more, not {number}")
        for path, settings in self.fields.items():
            self._check_field(path, settings)

    def settings(self, path: str) -> FieldPolicy:
        """How the field at ``path`` is merged."""
        if not self.fields:
            return _DEFAULT
        return self.fields.get(path) or self.fields.get(path.partition(".")[0]) or _DEFAULT

    def rule(self, path: str) -> Rule:
        """How the field at ``path`` is merged, by which policy; raises InvalidInput when no record has it."""
        known = self._rules.get(path)  # a merge asks for the same few paths every time: 4 % of it
        if known is None:
            spec, settings = field_of(path), self.settings(path)
            name = settings.policy or spec.policy
            policy = self.policies[name]
            known = Rule(_ORDER[spec.path], path, spec, name, policy, settings, policy in _TAKES_WHAT_THERE_IS)
            if len(self._rules) < REMEMBERED and len(path) <= LONGEST_REMEMBERED:
                self._rules[path] = known
        return known

    def weight(self, provider: str, method: Method) -> float:
        """How much a claim of a provider, made in this way, counts."""
        weight = self.weights.get(provider, 1.0) if self.weights else 1.0
        return weight * self.merchant_weight if method is _MERCHANT else weight

    def confidence(self, stated: float | None, provider: str, method: Method) -> float:
        """How sure a claim is taken to be: what it states, calibrated, or what its method is worth."""
        if stated is None:
            if method is _HUMAN:
                return self.human_confidence
            return self.merchant_confidence if method is _MERCHANT else self.unstated_confidence
        points = self.calibration.get(provider)
        return _interpolated(points, stated) if points else stated

    def _check_field(self, path: str, settings: FieldPolicy) -> None:
        where = f"fields.{path}"
        specs = _specs_of(path)
        _check(bool(specs), where, "no record field is called that" + _suggestion(path, RECORD_FIELDS))
        name = settings.policy
        if name is not None:
            known = ", ".join(sorted(self.policies))
            _check(
                name in self.policies,
                f"{where}.policy",
                f"there is no policy {name!r}{_suggestion(name, self.policies)}; policies: {known}",
            )
            for spec in specs:
                _check_shape(f"{where}.policy", name, spec, self.policies[name])
        if settings.threshold is not None:
            _check_share(f"{where}.threshold", settings.threshold)
        if settings.tolerance_mm is not None:
            length = settings.tolerance_mm
            _check(isfinite(length) and length >= 0, f"{where}.tolerance_mm", f"must be 0 or more, not {length}")


def _specs_of(path: str) -> list[RecordField[Any]]:
    """List the fields that a path, or the first part of one, stands for."""
    start = path + "."
    found = [spec for own, spec in RECORD_FIELDS.items() if own == path or own.startswith(start)]
    if not found:
        try:
            return [field_of(path)]
        except InvalidInput:
            return []
    return found


def _check_shape(where: str, name: str, spec: RecordField[Any], policy: Policy) -> None:
    if POLICIES.get(name) is not policy:
        return
    wanted = "several values" if spec.many else "one value"
    _check((name in _FOR_MANY) is spec.many, where, f"{spec.path} has {wanted}, which {name!r} does not give")
    if name == "cluster":
        _check(spec.value_type is Measurement, where, f"{spec.path} is no measurement, and 'cluster' needs one")


def _check_points(where: str, points: Points) -> None:
    _check(bool(points), where, "needs at least one point (stated, calibrated)")
    for point in points:
        _check(len(point) == 2, where, f"a point is a pair (stated, calibrated), not {point!r}")
        for number in point:
            _check_share(where, number)
    for (before, low), (after, high) in pairwise(points):
        _check(before < after, where, f"stated confidences must rise, and {after} follows {before}")
        _check(low <= high, where, f"calibrated confidences must not fall, and {high} follows {low}")


def _check_share(where: str, number: float) -> None:
    _check(0 <= number <= 1, where, f"must be between 0 and 1, not {number}")


def _check(holds: bool, where: str, message: str) -> None:
    if not holds:
        raise ConfigError(message, path=f"merge.{where}")


def _suggestion(word: str, known: Mapping[str, Any]) -> str:
    from difflib import get_close_matches  # only a wrong configuration needs it

    close = get_close_matches(word, known, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def _interpolated(points: Points, stated: float) -> float:
    after = bisect_right(points, stated, key=lambda point: point[0])
    if after == 0:
        return points[0][1]
    if after == len(points):
        return points[-1][1]
    (x0, y0), (x1, y1) = points[after - 1], points[after]
    return y0 + (y1 - y0) * (stated - x0) / (x1 - x0)

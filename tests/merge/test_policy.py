"""Rules that make no sense are refused, where and why."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from placket.errors import ConfigError
from placket.merge import POLICIES, Evidence, FieldPolicy, MergePolicy
from placket.record.record import Resolution
from placket.record.values import Fibre, Label, Measurement


@pytest.mark.parametrize(
    ("rules", "path", "says"),
    [
        ({"weights": {"amber": -1}}, "weights.amber", "0 or more"),
        ({"weights": {"amber": float("nan")}}, "weights.amber", "0 or more"),
        ({"calibration": {"amber": ()}}, "calibration.amber", "at least one point"),
        ({"calibration": {"amber": ((0.1,),)}}, "calibration.amber", "a pair"),
        ({"calibration": {"amber": ((0.1, 1.2),)}}, "calibration.amber", "between 0 and 1"),
        ({"calibration": {"amber": ((0.5, 0.1), (0.5, 0.2))}}, "calibration.amber", "must rise"),
        ({"calibration": {"amber": ((0.1, 0.5), (0.9, 0.4))}}, "calibration.amber", "must not fall"),
        ({"unstated_confidence": 1.5}, "unstated_confidence", "between 0 and 1"),
        ({"lineage_correlation": -0.1}, "lineage_correlation", "between 0 and 1"),
        ({"merchant_weight": -2}, "merchant_weight", "0 or more"),
        ({"tolerance_mm": float("inf")}, "tolerance_mm", "0 or more"),
        ({"fields": {"brnad": FieldPolicy()}}, "fields.brnad", "did you mean 'brand'"),
        ({"fields": {"brand": FieldPolicy(policy="voet")}}, "fields.brand.policy", "did you mean 'vote'"),
        ({"fields": {"brand": FieldPolicy(policy="include")}}, "fields.brand.policy", "one value"),
        ({"fields": {"color": FieldPolicy(policy="vote")}}, "fields.color.policy", "several values"),
        ({"fields": {"brand": FieldPolicy(policy="cluster")}}, "fields.brand.policy", "no measurement"),
        ({"fields": {"brand": FieldPolicy(threshold=2)}}, "fields.brand.threshold", "between 0 and 1"),
        ({"fields": {"measurements": FieldPolicy(tolerance_mm=-1)}}, "fields.measurements.tolerance_mm", "0 or more"),
    ],
)
def test_a_wrong_rule_says_where_and_what(rules: dict[str, Any], path: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says) as caught:
        MergePolicy(**rules)
    assert caught.value.path == f"merge.{path}"


@pytest.mark.parametrize("path", ["brand", "measurements", "measurements.waist", "ar", "ar.state", "extra.vendor.x"])
def test_a_field_is_named_by_its_path_or_its_first_part(path: str) -> None:
    preferring = FieldPolicy(prefer=["amber"])
    rules = MergePolicy(fields={path: preferring})
    assert rules.settings(path) is preferring


def test_the_longer_path_wins() -> None:
    general, exact = FieldPolicy(threshold=0.4), FieldPolicy(threshold=0.6)
    rules = MergePolicy(fields={"measurements": general, "measurements.waist": exact})
    assert rules.settings("measurements.waist") is exact
    assert rules.settings("measurements.hips") is general
    assert rules.settings("brand") == FieldPolicy()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("name", "Dress"),
        ("extra.vendor.x", {"a": [1]}),
        ("created_at", datetime(2026, 1, 1, tzinfo=UTC)),
        ("measurements.waist", Measurement(740)),
        ("labels", Label("boho")),
        ("composition", Fibre("silk", 100)),
    ],
)
def test_a_single_claim_is_decided_as_its_policy_would(path: str, value: Any, say: Any, resolve: Any) -> None:
    claim = say("amber", path, value, 0.7, method="merchant")
    plain = resolve(claim)
    policy = POLICIES[plain.policy]
    called: list[Evidence] = []

    def watched(evidence: Evidence) -> Resolution:
        called.append(evidence)
        return policy(evidence)

    found = resolve(claim, policy=MergePolicy(policies={**POLICIES, plain.policy: watched}))
    assert called
    assert found == plain


def test_every_policy_says_what_it_does() -> None:
    for name, policy in POLICIES.items():
        assert policy.__name__ == name
        assert len((policy.__doc__ or "").split()) > 30

"""The rules of a merge, from a configuration."""

from __future__ import annotations

import logging

import pytest

from placket.config import load_config, merge_policy
from placket.errors import ConfigError, PluginError
from placket.merge import MergePolicy, merge
from placket.record import Claim, Source
from placket.registry import MergePolicyType


def config_of(merge, **provider):
    return load_config({"providers": {"a": {"plugin": "acme", **provider}}, "merge": merge})


def test_what_is_not_configured_is_as_the_merge_has_it():
    assert merge_policy(config_of({})) == MergePolicy(weights={"a": 1.0})


def test_what_is_configured_reaches_the_merge():
    policy = merge_policy(
        config_of(
            {
                "weights": {"formerly": 0.5},
                "vote_threshold": 0.7,
                "fields": {"brand": {"prefer": ["a"], "threshold": 0.9}},
                "calibration": {"a": [[0, 0.2], [1, 0.8]]},
            },
            weight=2.0,
        )
    )
    assert policy.weights == {"a": 2.0, "formerly": 0.5}
    assert policy.vote_threshold == 0.7
    assert (policy.fields["brand"].prefer, policy.fields["brand"].threshold) == (("a",), 0.9)
    assert policy.calibration["a"] == ((0.0, 0.2), (1.0, 0.8))


def test_a_policy_of_a_plugin_is_known_once_the_plugin_is_loaded():
    config = config_of({"fields": {"brand": {"policy": "acme-newest"}}})
    newest = MergePolicyType(name="acme-newest", title="Newest", policy=lambda evidence: None)
    assert merge_policy(config, [newest]).fields["brand"].policy == "acme-newest"
    with pytest.raises(ConfigError, match=r"^config\.merge\.fields\.brand\.policy: there is no policy 'acme-newest'"):
        merge_policy(config)


@pytest.mark.parametrize(("policy", "what"), [(lambda _: {}["boom"], "failed with KeyError"), (str, "gave a str")])
def test_a_policy_that_breaks_is_its_plugins_fault(policy, what):
    kind = MergePolicyType(name="acme-newest", title="Newest", policy=policy)
    rules = merge_policy(config_of({"fields": {"brand": {"policy": "acme-newest"}}}), [kind])
    claims = [Claim("brand", word, Source(word), confidence=0.8) for word in ("Acme", "Zara")]
    with pytest.raises(PluginError, match=f"the merge policy 'acme-newest' of an unnamed plugin {what}"):
        merge(claims, id="x", policy=rules)


def test_a_plugin_cannot_replace_a_built_in_policy():
    with pytest.raises(PluginError, match="'vote' of None has the name of a built-in one"):
        merge_policy(config_of({}), [MergePolicyType(name="vote", title="Vote", policy=max)])


def test_a_preference_may_name_a_provider_that_is_no_longer_configured_and_it_is_logged(caplog):
    with caplog.at_level(logging.WARNING):
        config_of({"fields": {"brand": {"prefer": ["b"]}}})
    assert "config-names-unknown-provider" in caplog.text
    assert "'b'" in caplog.text

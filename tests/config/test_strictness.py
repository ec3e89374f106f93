"""What a configuration must not say: each mistake is told with its path, in words for an operator."""

from __future__ import annotations

import math
import re
from datetime import date

import pytest

from placket.config import load_config
from placket.errors import ConfigError

PROVIDERS = {"a": {"plugin": "acme"}, "b": {"plugin": "acme"}}


def problem_of(document) -> str:
    with pytest.raises(ConfigError) as caught:
        load_config(document)
    return str(caught.value)


@pytest.mark.parametrize(
    ("settings", "path", "message"),
    [
        ({"weight": "2"}, "weight", "must be a number, not a text; remove the quotes"),
        ({"weight": True}, "weight", "must be a number, not true"),
        ({"weight": math.nan}, "weight", "must be a finite number"),
        ({"weight": 10**400}, "weight", "must be a finite number"),
        ({"weight": -1}, "weight", "must be at least 0, not -1"),
        ({"weight": [1]}, "weight", "must be a number, not a list"),
        ({"concurrency": 2.0}, "concurrency", "must be a whole number, not a number with a decimal point"),
        ({"concurrency": 0}, "concurrency", "must be at least 1, not 0"),
        ({"concurrency": date(2026, 1, 1)}, "concurrency", "must be a whole number, not a date or time"),
        ({"enabled": "yes"}, "enabled", "must be true or false, not a text"),
        ({"enabled": 1}, "enabled", "must be true or false, not a whole number"),
        ({"plugin": 3}, "plugin", "must be a text in quotes, not a whole number"),
        ({"rate_limit": 6}, "rate_limit", 'must be a rate in quotes, as "6/minute", not a whole number'),
        ({"rate_limit": "often"}, "rate_limit", "'often' is not a rate"),
        ({"timeout": 30}, "timeout", 'must be a duration in quotes, as "60s", not a whole number'),
        ({"timeout": "0s"}, "timeout", "must be more than 0, not 0"),
        ({"cost": "1"}, "cost", "must be a number, not a text; remove the quotes"),
        ({"cost": {"tag": -1}}, "cost.tag", "must be at least 0, not -1"),
        ({"cost": {"tag": 1, "sumbit": 1}}, "cost.sumbit", "there is no operation 'sumbit'; did you mean 'submit'?"),
        ({"budget": {"limit": 1, "per": "weak"}}, "budget.per", 'must be one of "hour", "day", "month", "process"'),
        ({"budget": {}}, "budget.limit", "is missing"),
        ({"budget": 3}, "budget", "must be a table, not a whole number"),
        ({"breaker": {"failure": 3}}, "breaker.failure", "there is no such key; did you mean 'failures'?"),
    ],
)
def test_a_wrong_value_in_a_providers_table(settings, path, message):
    said = problem_of({"providers": {"a": {"plugin": "acme", **settings}}})
    assert said.startswith(f"config.providers.a.{path}: {message}")
    assert "Error" not in said
    assert "class" not in said


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"provider": PROVIDERS}, "provider: there is no such key; did you mean 'providers'?"),
        ({"origin": "x", "providers": PROVIDERS}, "config.origin: there is no such key"),
        ({"providers": {}}, "config.providers: names no provider"),
        ({"http": {}}, "config.providers: names no provider"),
        ({"providers": {"a b": {"plugin": "acme"}}}, "config.providers.'a b': a name is letters"),
        ({"providers": {"a": {}}}, "config.providers.a.plugin: is missing"),
        ({"providers": {"a": "acme"}}, "config.providers.a: must be a table, not a text"),
        ({"providers": ["acme"]}, "config.providers: must be a table, not a list"),
        ({"providers": {3: {"plugin": "acme"}}}, "config.providers: the key 3 must be a text"),
        ({"providers": PROVIDERS, "http": {"user_agent": "a\nb"}}, "config.http.user_agent: must be plain ASCII text"),
        (
            {"providers": PROVIDERS, "http": {"trusted_hosts": ["https://x/y"]}},
            "config.http.trusted_hosts: 'https://x/y'",
        ),
        ({"providers": PROVIDERS, "http": {"trusted_hosts": ["*.example"]}}, "trusted_hosts: '*.example' is no host"),
        ({"providers": PROVIDERS, "http": {"max_pixels": 0}}, "config.http.max_pixels: must be at least 1"),
        ({"providers": PROVIDERS, "images": {"host": {}}}, "config.images.host.plugin: is missing"),
    ],
)
def test_a_wrong_document(document, message):
    assert message in problem_of(document)


@pytest.mark.parametrize(
    ("routes", "message"),
    [
        ({"garment_tagger": {"targets": []}}, "config.routes.garment_tagger.targets: is empty"),
        ({"garment_tagger": {}}, "config.routes.garment_tagger.targets: is missing"),
        ({"garment_tagger": {"targets": "a"}}, "targets: must be a list in [brackets], not a text"),
        ({"garment_tagger": {"targets": ["a", 3]}}, "targets[1]: must be a text in quotes, not a whole number"),
        ({"garment_tagger": {"targets": ["a", "a"]}}, "targets[1]: 'a' is in the list twice"),
        (
            {
                "garment_tagger": {"targets": ["spear"]},
                "visual_search": {"targets": ["spare"]},
                "spare": {"targets": ["a"]},
            },
            "targets[0]: there is no provider or route 'spear'; did you mean 'spare'?",
        ),
        (
            {"garment_tagger": {"targets": ["a", {"strategy": "all", "targets": ["c"]}]}},
            "config.routes.garment_tagger.targets[1].targets[0]: there is no provider or route 'c'",
        ),
        ({"a": {"targets": ["b"]}}, "config.routes.a: there is a provider of this name"),
        (
            {"garment_tagger": {"targets": ["one"]}, "one": {"targets": ["two"]}, "two": {"targets": ["a", "one"]}},
            "config.routes.one: leads back to itself: one -> two -> one",
        ),
        ({"garment_tagger": {"targets": ["garment_tagger"]}}, "leads back to itself: garment_tagger -> garment_tagger"),
        (
            {"garment_tagger": {"targets": [{"targets": ["garment_tagger"]}]}},
            "leads back to itself: garment_tagger -> garment_tagger",
        ),
        (
            {"garment_taggr": {"targets": ["a"]}},
            "garment_taggr: is neither an interface nor a target of another route; did you mean 'garment_tagger'?",
        ),
        (
            {"garment_tagger": {"strategy": "frist", "targets": ["a"]}},
            'strategy: must be one of "first", "complete", "all", "race", "balance", "shadow"; did you mean \'first\'?',
        ),
        (
            {"garment_tagger": {"targets": ["a"], "min_confidence": 0.5}},
            'min_confidence: does not go with strategy = "first"; it belongs to "complete" or "race"',
        ),
        (
            {"garment_tagger": {"strategy": "race", "targets": ["a"], "weights": {"a": 1}}},
            'weights: does not go with strategy = "race"; it belongs to "balance"',
        ),
        (
            {"garment_tagger": {"strategy": "all", "targets": ["a"], "min_success": 2}},
            "min_success: is 2, and there are only 1 targets",
        ),
        (
            {"garment_tagger": {"strategy": "balance", "targets": ["a"], "weights": {"b": 1}}},
            "weights.b: there is no target 'b'",
        ),
        (
            {"garment_tagger": {"strategy": "balance", "targets": ["a"], "weights": {"a": 0}}},
            "weights.a: must be more than 0, not 0",
        ),
        (
            {"garment_tagger": {"strategy": "complete", "targets": ["a"], "fields": ["colour"]}},
            "fields.colour: a garment record has no field 'colour'; did you mean 'color'?",
        ),
        (
            {"garment_tagger": {"strategy": "complete", "targets": ["a"], "min_confidence": 70}},
            "min_confidence: must be at most 1, not 70",
        ),
    ],
)
def test_a_wrong_route(routes, message):
    assert message in problem_of({"providers": PROVIDERS, "routes": routes})


def test_routes_may_share_a_part_without_being_a_loop():
    routes = {
        "garment_tagger": {"targets": ["one", "two"]},
        "one": {"targets": ["part", "a"]},
        "two": {"targets": ["part", "b"]},
        "part": {"strategy": "complete", "targets": ["a", "b"], "fields": ["color", "measurements", "ar"]},
    }
    assert len(load_config({"providers": PROVIDERS, "routes": routes}).routes) == 4


@pytest.mark.parametrize(
    ("merge", "message"),
    [
        (
            {"fields": {"colour": {}}},
            "config.merge.fields.colour: no record field is called that; did you mean 'color'?",
        ),
        ({"fields": {"color": {"threshold": 2}}}, "config.merge.fields.color.threshold: must be at most 1, not 2"),
        ({"fields": {"brand": {"policy": "cluster"}}}, "config.merge.fields.brand.policy: "),
        ({"calibration": {"a": [[0.1, 0.2, 0.3]]}}, "config.merge.calibration.a[0]: must be a list of 2"),
        ({"calibration": {"a": [[0.9, 0.2], [0.1, 0.3]]}}, "config.merge.calibration.a: stated confidences must rise"),
        ({"weights": {"b": 2}}, "config.merge.weights.b: is also written as providers.b.weight"),
        ({"vote_threshold": 1.5}, "config.merge.vote_threshold: must be at most 1, not 1.5"),
    ],
)
def test_wrong_rules_of_a_merge(merge, message):
    providers = {"a": {"plugin": "acme"}, "b": {"plugin": "acme", "weight": 2.0}}
    assert message in problem_of({"providers": providers, "merge": merge})


def test_two_rate_limits_in_one_quota_group():
    providers = {
        "a": {"plugin": "acme", "rate_limit": "6/minute"},
        "b": {"plugin": "acme", "rate_limit": "7/minute", "quota_group": "a"},
        "c": {"plugin": "acme", "quota_group": "a"},
    }
    assert "config.providers.b.rate_limit: differs from that of 'a'" in problem_of({"providers": providers})
    providers["b"]["rate_limit"] = "6/60s"
    load_config({"providers": providers})


def test_all_problems_of_a_file_are_told_together(write):
    path = write('htp = 1\n[providers.a]\nweight = "2"\nconcurrency = 0\n[routes.garment_tagger]\ntargets = [1]\n')
    said = problem_of(path)
    assert said.splitlines()[0] == f"5 problems in {path}:"
    assert set(re.findall(r"^  (\S+): ", said, re.MULTILINE)) == {
        "htp",
        "providers.a.plugin",
        "providers.a.weight",
        "providers.a.concurrency",
        "routes.garment_tagger.targets[0]",
    }


def test_one_problem_carries_its_path_and_the_file(write):
    path = write('[providers.a]\nplugin = "acme"\nweight = "2"\n')
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert caught.value.path == "providers.a.weight"
    assert caught.value.origin == str(path)
    assert str(caught.value).endswith(f"({path})")


def test_what_is_wrong_within_parts_and_between_them_is_listed_at_once():
    said = problem_of(
        {
            "providers": {**PROVIDERS, "c": {"plugin": "acme", "weight": -1, "breaker": {"failure": 3}}},
            "routes": {
                "garment_tagger": {"strategy": "all", "targets": ["a", "c", "d"], "min_sucess": 1},
                "visual_serch": {"targets": ["a"]},
            },
            "merge": {"fields": {"colour": {"threshold": 0.5}, "brnd": {"threshold": 0.5}}},
            "enrich": {"catalogs": ["x/catalog/1"], "similar": 0},
        }
    )
    told = {line.strip().partition(":")[0] for line in said.splitlines()[1:]}
    assert told == {
        "providers.c.weight",
        "providers.c.breaker.failure",
        "routes.garment_tagger.min_sucess",
        "routes.garment_tagger.targets[2]",
        "routes.visual_serch",
        "merge.fields.colour",
        "merge.fields.brnd",
        "enrich.catalogs[0]",
        "enrich.similar",
    }


@pytest.mark.parametrize(
    "document",
    [
        {"provider": PROVIDERS, "routes": {"garment_tagger": {"targets": ["a"]}}},
        {"providers": ["a"], "routes": {"garment_tagger": {"targets": ["a"]}}},
        {"providers": {"a": {"plugn": "acme"}}, "routes": {"garment_tagger": {"targets": ["a"]}}},
        {"providers": {"a": {"plugin": 3}}, "enrich": {"catalogs": ["a/catalog/1"]}},
        {
            "providers": PROVIDERS,
            "route": {"spare": {"targets": ["a"]}},
            "routes": {"garment_tagger": {"targets": ["spare"]}},
        },
        {"providers": PROVIDERS, "routes": {"garment_tagger": {"targets": "spare"}, "spare": {"targets": ["a"]}}},
        {"providers": PROVIDERS, "routes": {"garment_tagger": {"targets": ["spare"]}, "spare": {"targets": [3]}}},
        {
            "providers": PROVIDERS,
            "routes": {"garment_tagger": {"targets": ["a"], "stratgy": "all", "min_success": 1}},
        },
        {
            "providers": PROVIDERS,
            "routes": {"garment_tagger": {"targets": ["a"], "strategy": "al", "min_success": 1}},
        },
        {
            "providers": PROVIDERS,
            "routes": {"garment_tagger": {"strategy": "balance", "targets": [3, "a"], "weights": {"a": 1}}},
        },
        {
            "providers": {
                "a": {"plugin": "acme", "quota_group": "g", "rate_limit": 3},
                "b": {"plugin": "acme", "quota_group": "g", "rate_limit": "6/minute"},
            },
        },
        {"providers": PROVIDERS, "merge": {"calibration": {"a": [["x", 1], [0.5, 0.5]]}}},
        {"providers": ["a"], "merge": {"weights": {"a": 1}}},
    ],
)
def test_what_could_not_be_read_makes_nothing_else_wrong(document):
    assert not re.search("[2-9] problems", problem_of(document))

"""The tables ``[jobs]`` and ``[enrich]``."""

from __future__ import annotations

from pathlib import Path

import pytest

from placket.config import load_config
from placket.errors import ConfigError

PROVIDERS = {"a": {"plugin": "acme"}, "off": {"plugin": "acme", "enabled": False}}


def test_without_them_nothing_is_kept_and_nothing_searched():
    config = load_config({"providers": PROVIDERS})
    assert config.jobs.ledger is None
    assert (config.jobs.take_up_for, config.jobs.keep_for) == (24 * 3600, 30 * 24 * 3600)
    assert (config.enrich.catalogs, config.enrich.similar, config.enrich.deadline) == ((), 10, None)


def test_what_they_say(tmp_path):
    path = tmp_path / "placket.toml"
    path.write_text(
        '[providers.a]\nplugin = "acme"\n[jobs]\nledger = "kept/jobs.sqlite"\ntake_up_for = "2h"\nkeep_for = "7d"\n'
        '[enrich]\ncatalogs = ["a/catalog/x/y"]\nsimilar = 3\ndeadline = "5s"\n'
    )
    config = load_config(path)
    assert config.jobs.ledger == tmp_path / "kept" / "jobs.sqlite", "from the configuration's folder"
    assert isinstance(config.jobs.ledger, Path)
    assert (config.jobs.take_up_for, config.jobs.keep_for) == (7200, 7 * 86400)
    assert (config.enrich.catalogs, config.enrich.similar, config.enrich.deadline) == (("a/catalog/x/y",), 3, 5)


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({"jobs": {"ledgr": "x"}}, "config.jobs.ledgr: there is no such key; did you mean 'ledger'?"),
        ({"jobs": {"ledger": 3}}, "config.jobs.ledger: must be a text"),
        ({"jobs": {"ledger": "a\0b"}}, "config.jobs.ledger: must be the path of a file or folder"),
        ({"jobs": {"ledger": "~nobody-at-all/a"}}, "config.jobs.ledger: begins with the home folder of somebody"),
        ({"jobs": {"keep_for": "0s"}}, "config.jobs.keep_for: must be more than 0"),
        ({"jobs": {"take_up_for": 60}}, "config.jobs.take_up_for: must be a duration in quotes"),
        ({"enrich": {"similar": 0}}, "config.enrich.similar: must be at least 1"),
        ({"enrich": {"catalogs": ["summer"]}}, "config.enrich.catalogs[0]: 'summer' is not a reference"),
        ({"enrich": {"catalogs": ["b/catalog/1"]}}, "config.enrich.catalogs[0]: there is no provider 'b'"),
        ({"enrich": {"catalogs": ["off/catalog/1"]}}, "config.enrich.catalogs[0]: the provider 'off' is not enabled"),
        ({"enrich": {"deadline": "0s"}}, "config.enrich.deadline: must be more than 0"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tables, message):
    with pytest.raises(ConfigError) as caught:
        load_config({"providers": PROVIDERS, **tables})
    assert str(caught.value).startswith(message)

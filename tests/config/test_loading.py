"""Reading a configuration: where it comes from, and what cannot be read at all."""

from __future__ import annotations

import os
import subprocess
import sys
from decimal import Decimal

import pytest

from placket.config import INTERFACE_ROUTES, Budget, Strategy, default_config, load_config
from placket.errors import ConfigError
from placket.registry import Duration, Rate


def test_a_file_becomes_a_configuration(write, valid):
    path = write(valid)
    config = load_config(path)
    acme, route = config.providers["acme"], config.routes["garment_tagger"]
    assert acme.plugin == "acme"
    assert acme.rate_limit == Rate(6, 60.0)
    assert dict(acme.options) == {
        "base_url": "https://api.acme.example/tagging",
        "api_key": {"env": "ACME_API_KEY"},
        "domain": "shop.example.com",
    }
    assert route.strategy is Strategy.COMPLETE
    assert (route.targets, route.min_confidence, route.deadline) == (("here", "acme"), 0.7, 60.0)
    assert config.merge.fields["brand"].prefer == ("formerly", "acme")
    assert config.plugin_names == ("acme", "local")
    assert config.origin == str(path)
    assert config.folder == path.parent


def test_without_any_configuration_the_embedded_provider_serves_every_interface(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = load_config(None, {})
    assert config == default_config()
    assert config.providers["local"].plugin == "local"
    assert tuple(config.routes) == INTERFACE_ROUTES
    assert all(route.targets == ("local",) for route in config.routes.values())


def test_the_file_is_named_by_the_environment_or_lies_in_the_working_directory(write, valid, tmp_path, monkeypatch):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    path = write(valid)
    assert load_config(None, {"PLACKET_CONFIG": str(path)}).origin == str(path)
    (elsewhere / "placket.toml").write_text('[providers.mine]\nplugin = "local"\n')
    assert list(load_config(None, {}).providers) == ["mine"]
    with pytest.raises(ConfigError, match=r"nowhere\.toml, which \$PLACKET_CONFIG names"):
        load_config(None, {"PLACKET_CONFIG": "nowhere.toml"})


def test_everything_a_provider_may_say(write):
    config = load_config(
        write(
            """
            plugins = ["acme-metrics"]
            [providers.a]
            plugin = "acme:scanner"
            enabled = false
            concurrency = 4
            weight = 2
            quota_group = "acme"
            lineage = "acme-vision"
            timeout = "5s"
            cost = { tag = 0.1, search = 2 }
            budget = { limit = 12.5, per = "day" }
            breaker = { failures = 2, cooldown = "1m" }
            [providers.b]
            plugin = "acme"
            cost = 0.1
            [routes.garment_tagger]
            targets = ["b", { strategy = "all", targets = ["a", "spare"], min_success = 2 }]
            [routes.spare]
            strategy = "balance"
            targets = ["a", "b"]
            weights = { a = 3, b = 1.5 }
            """
        )
    )
    a, b = config.providers["a"], config.providers["b"]
    assert a.cost == {"tag": Decimal("0.1"), "search": 2}
    assert b.cost == Decimal("0.1")
    assert a.budget == Budget(limit=Decimal("12.5"), per="day")
    assert (a.breaker.failures, a.breaker.cooldown, a.timeout, a.weight) == (2, Duration(60.0), 5.0, 2.0)
    assert config.routes["garment_tagger"].targets[1].targets == ("a", "spare")
    assert config.routes["spare"].weights == {"a": 3.0, "b": 1.5}
    assert config.plugin_names == ("acme", "acme-metrics")
    assert config.weights == {"a": 2.0, "b": 1.0}


def test_a_mapping_is_as_good_as_a_file_and_is_copied():
    document = {"providers": {"a": {"plugin": "acme", "regions": [{"name": "north"}]}}}
    config = load_config(document)
    document["providers"]["a"]["regions"][0]["name"] = "south"
    assert config.providers["a"].options["regions"] == ({"name": "north"},)
    with pytest.raises(TypeError):
        config.providers["a"].options["regions"] = ()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty; a minimal one is:"),
        ("# nothing yet\n", "is empty; a minimal one is:"),
        ('[providers.a]\nplugin = "acme\n', r"placket\.toml, line 2, column 15: not TOML"),
        ("[providers.a]\nplugin = ", r"placket\.toml, line 2, column 10: not TOML"),
        ("[a]\n[a]\n", r"placket\.toml, line 2, column 3: not TOML"),
        ("[providers", r"placket\.toml, line 1, column 11: not TOML"),
        (b"# ok\n# caf\xe9\n", r"placket\.toml, line 2: this is not UTF-8 text"),
        ("x = " + "[" * 5000 + "]" * 5000, "nested too deeply"),
        ("x = " + "9" * 5000, r"placket\.toml: a number in it has more digits than anybody needs"),
    ],
)
def test_what_cannot_be_read_says_where_and_why(write, content, message):
    with pytest.raises(ConfigError, match=message):
        load_config(write(content))


def test_the_minimal_configuration_in_the_message_works(write):
    with pytest.raises(ConfigError) as caught:
        load_config(write(""))
    config = load_config(write(str(caught.value).partition("a minimal one is:")[2]))
    assert list(config.routes) == ["garment_tagger"]


def test_a_byte_order_mark_is_no_mistake(write, valid):
    assert "acme" in load_config(write(b"\xef\xbb\xbf" + valid.encode())).providers


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("nowhere.toml", r"there is no file nowhere\.toml; make it, and a minimal one is:"),
        (".", r"cannot be read: Is a directory; name a TOML file that can be"),
        ("a\0b", "it has no usable name"),
        ("[providers.a]\nplugin = 'x'", "not as TOML text"),
    ],
)
def test_a_file_that_cannot_be_opened(source, message):
    with pytest.raises(ConfigError, match=message):
        load_config(source)


def test_a_working_directory_that_nobody_may_look_into(tmp_path, monkeypatch):
    """As of who runs a command by sudo in the folder of somebody else."""
    load_config(None, {})  # what is imported late must be there before the rights are given up
    closed = tmp_path / "closed"
    closed.mkdir()
    monkeypatch.chdir(closed)
    closed.chmod(0)
    root = os.geteuid() == 0
    try:
        if root:
            os.seteuid(65534)
        with pytest.raises(ConfigError, match=r"cannot be looked for .*Permission denied.*PLACKET_CONFIG"):
            load_config(None, {})
    finally:
        if root:
            os.seteuid(0)
        closed.chmod(0o700)


def test_importing_the_room_loads_nothing_heavy():
    program = (
        "import sys, placket.config\n"
        "heavy = 'aiohttp numpy tomllib cattrs structlog stamina importlib.metadata click rich keyring'.split()\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": ":".join(path for path in sys.path if path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stdout == "[]\n", ran.stderr

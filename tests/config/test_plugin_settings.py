"""A plugin's own keys, read through its settings class."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import attrs
import pytest
from attrs import frozen

from placket.config import ProviderConfig, structure_settings
from placket.errors import ConfigError, PluginError
from placket.registry import Rate, setting
from placket.registry.settings import RESERVED_SETTINGS

ENVIRON = {"KEY": "hunter2"}
KEY = {"api_key": {"env": "KEY"}}


def test_every_type_of_setting(acme, tmp_path):
    settings = structure_settings(
        acme,
        {
            **KEY,
            "base_url": "https://eu.acme.example/",
            "poll_every": "250ms",
            "largest": "2 KiB",
            "burst": "10/5s",
            "tone": "cold",
            "mode": "exact",
            "folder": "cache",
            "price": 0.1,
            "regions": [{"name": "north"}, {"name": "south", "size": 3}],
            "headers": {"X-A": "a", "X-B": 2},
        },
        "providers.a",
        environ=ENVIRON,
        folder=tmp_path,
    )
    assert settings.base_url == "https://eu.acme.example"
    assert (settings.poll_every, settings.largest, settings.burst) == (0.25, 2048, Rate(10, 5.0))
    assert settings.tone.name == "COLD"
    assert (settings.mode, settings.price) == ("exact", Decimal("0.1"))
    assert settings.folder == tmp_path / "cache"
    assert [(region.name, region.size) for region in settings.regions] == [("north", 1), ("south", 3)]
    assert settings.headers == {"X-A": "a", "X-B": 2}


@pytest.mark.parametrize(
    ("options", "path", "message"),
    [
        ({"domian": "x"}, "domian", "there is no such key; did you mean 'domain'?"),
        ({"rate_limt": "6/minute"}, "rate_limt", "there is no such key; did you mean 'rate_limit'?"),
        ({"options": {}}, "options", "there is no such key"),
        ({"api_key": None}, "api_key", "must be a reference to a secret"),
        ({"base_url": "http://acme.example"}, "base_url", "must begin with https://"),
        ({"poll_every": "0s"}, "poll_every", "must be more than 0, not 0"),
        ({"tone": "hot"}, "tone", 'must be one of "warm", "cold"'),
        ({"tone": 1}, "tone", 'must be one of "warm", "cold"'),
        ({"mode": "exakt"}, "mode", 'must be one of "fast", "exact"; did you mean \'exact\'?'),
        ({"regions": [{"name": "n"}, {"size": 1}]}, "regions[1].name", "is missing"),
        ({"regions": [{"name": "n", "size": 0}]}, "regions[0].size", "must be at least 1, not 0"),
        ({"folder": "~nobody-at-all/x"}, "folder", "the home folder of somebody unknown; write the whole path"),
        (
            {"folder": "postgresql://u:hunter2@host/shop"},
            "folder",
            "must be the path of a file or folder, not an address",
        ),
        ({"headers": {"X-A": 1.5}}, "headers.X-A", "must be a text in quotes, not a number with a decimal point"),
        ({"domain": None}, "domain", "must be a text in quotes"),
    ],
)
def test_a_wrong_setting_is_told_with_its_path(acme, options, path, message):
    with pytest.raises(ConfigError) as caught:
        structure_settings(acme, {**KEY, **options}, "providers.a", environ=ENVIRON)
    assert caught.value.path == f"providers.a.{path}"
    assert message in caught.value.message
    assert "hunter2" not in str(caught.value)


def test_a_required_setting_that_is_missing_is_told(acme):
    with pytest.raises(ConfigError, match=r"^config\.providers\.a\.api_key: is missing$"):
        structure_settings(acme, {}, "providers.a", environ=ENVIRON)


def test_all_problems_are_told_together(acme):
    with pytest.raises(ConfigError) as caught:
        structure_settings(acme, {"domain": 1, "mode": 2, "nmae": 3}, "providers.a", environ=ENVIRON)
    assert str(caught.value).startswith("config.providers.a: 4 problems:\n")


@frozen(kw_only=True)
class Choosy:
    low: int = setting(default=0, doc="The lower end.")
    high: int = setting(default=1, doc="The upper end.")

    def __attrs_post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError("low must not be above high")


def test_what_the_settings_class_itself_refuses_is_told(acme):
    kind = attrs.evolve(acme, settings=Choosy)
    with pytest.raises(ConfigError, match=r"config\.providers\.a: low must not be above high"):
        structure_settings(kind, {"low": 3}, "providers.a")


@frozen(kw_only=True)
class Unreadable:
    thing: Nowhere = setting(default=None, doc="A thing of a type that does not exist.")  # type: ignore[name-defined]  # noqa: F821


def test_a_settings_class_that_cannot_be_read_is_the_plugins_fault(acme):
    kind = attrs.evolve(acme, settings=Unreadable)
    with pytest.raises(PluginError, match="the settings class Unreadable of acme cannot be read"):
        structure_settings(kind, {}, "providers.a")


@frozen(kw_only=True)
class Faulty:
    low: int = setting(default=0, doc="A number.")

    def __attrs_post_init__(self):
        self.low.upper()


def test_a_fault_in_the_settings_class_is_told_by_what_it_is(acme):
    kind = attrs.evolve(acme, settings=Faulty)
    with pytest.raises(PluginError, match="Faulty of acme cannot be read: AttributeError: 'int' object has no"):
        structure_settings(kind, {"low": 3}, "providers.a")


@pytest.mark.parametrize(
    ("type_of_field", "said"),
    [
        (list, "words is a list"),
        (list[str], r"words is a list\[str\]"),
        (set[str], r"words is a set\[str\]"),
        (datetime, "words is a datetime"),
        (tuple[set[str], ...], r"words is a tuple\[set\[str\], \.\.\.\]"),
        (None, "words has no type"),
    ],
)
def test_a_setting_of_a_type_that_no_setting_has_is_the_plugins_fault(acme, type_of_field, said):
    settings = attrs.make_class("Untold", {"words": attrs.field(type=type_of_field, default=())}, frozen=True)
    kind = attrs.evolve(acme, settings=settings)
    with pytest.raises(PluginError, match=f"Untold of acme cannot be read: SettingTypeError: {said}"):
        structure_settings(kind, {"words": "anything"}, "providers.a")


def test_no_plugin_may_use_a_key_that_every_provider_has():
    assert {field.alias for field in attrs.fields(ProviderConfig)} == RESERVED_SETTINGS

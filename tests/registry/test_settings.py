"""The types that settings are made of."""

from __future__ import annotations

from collections.abc import Mapping

import attrs
import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from placket.errors import ConfigError
from placket.registry import did_you_mean, parse_byte_size, parse_duration, parse_url, setting


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("60s", 60.0), ("5m", 300.0), ("250ms", 0.25), ("2h", 7200.0), ("1d", 86400.0), ("1.5 h", 5400.0), ("0s", 0.0)],
)
def test_a_duration_is_read_as_seconds(text, seconds):
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "60", "s", "-1s", "1 week", "1m30s", "1e3s", "\u0661s", "nan s", "1.s"])
def test_a_duration_without_a_known_unit_is_refused(text):
    with pytest.raises(ConfigError, match="must be a duration with its unit"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["36501d", "876001h", "9" * 400 + "ms"])
def test_a_duration_of_more_than_a_hundred_years_is_refused(text):
    assert parse_duration("36500d") == parse_duration("876000h")
    with pytest.raises(ConfigError, match='at most "36500d"'):
        parse_duration(text)


@given(st.integers(0, 10**9))
def test_milliseconds_lose_nothing(number):
    assert parse_duration(f"{number}ms") == number / 1000


@pytest.mark.parametrize(
    ("text", "size"),
    [("10 MB", 10_000_000), ("512 KiB", 524_288), ("1.5gb", 1_500_000_000), ("7B", 7), ("1 GiB", 2**30)],
)
def test_a_size_is_read_as_bytes(text, size):
    assert parse_byte_size(text) == size


@pytest.mark.parametrize("text", ["10", "MB", "10 megabytes", "-1 MB"])
def test_a_size_without_a_known_unit_is_refused(text):
    with pytest.raises(ConfigError, match="must be a size with its unit"):
        parse_byte_size(text)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://api.acme.example/v1/", "https://api.acme.example/v1"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://127.0.0.2", "http://127.0.0.2"),
        ("http://[::1]:80", "http://[::1]:80"),
        ("https://m\u00fcnchen.example", "https://m\u00fcnchen.example"),
    ],
)
def test_the_address_of_a_service(text, url):
    assert parse_url(text) == url


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("http://api.acme.example", "must begin with https://"),
        ("http://localhost.acme.example", "must begin with https://"),
        ("http://127.0.0.1.acme.example", "must begin with https://"),
        ("https://me:hunter2@api.acme.example", "user name or password"),
        ("https://hunter2@api.acme.example", "user name or password"),
        ("https://api.acme.example?key=hunter2", r"must end before any \? or #"),
        ("https://api.acme.example#hunter2", r"must end before any \? or #"),
        ("api.acme.example", "must be an address"),
        ("file:///etc/passwd", "must be an address"),
        ("https://", "must be an address"),
        ("https://[::1", "must be an address"),
        ("https://api.acme.example:port", "must be an address"),
        ("https://api..example", "must be an address"),
        (f"https://{'a' * 64}.example", "must be an address"),
        ("https://api.acme.example/a\nHost: x", "must be an address"),
    ],
)
def test_an_address_that_is_none_is_refused_and_not_repeated(text, message):
    with pytest.raises(ConfigError, match=message) as caught:
        parse_url(text)
    assert "hunter2" not in str(caught.value)


@frozen
class Settings:
    share: float = setting(default=0.5, minimum=0, maximum=1, doc="A share.")
    count: int | None = setting(default=None, above=0, doc="A number of things.")
    weights: Mapping[str, float] = setting(factory=dict, minimum=0, doc="Weights.")
    even: int = setting(default=2, doc="An even number.", validator=lambda settings, field, value: _even(value))


def _even(value):
    if value % 2:
        raise ValueError("must be even")


@pytest.mark.parametrize(
    ("given", "path", "message"),
    [
        ({"share": 1.1}, "share", "must be at most 1, not 1.1"),
        ({"share": -0.1}, "share", "must be at least 0, not -0.1"),
        ({"count": 0}, "count", "must be more than 0, not 0"),
        ({"weights": {"a": 1.0, "b": -1.0}}, "weights.b", "must be at least 0, not -1"),
    ],
)
def test_bounds_hold_for_settings_made_in_code(given, path, message):
    with pytest.raises(ConfigError) as caught:
        Settings(**given)
    assert (caught.value.path, caught.value.message) == (path, message)


def test_a_setting_carries_its_documentation_and_its_own_validator():
    assert attrs.fields(Settings).share.metadata["doc"] == "A share."
    assert Settings(share=0, count=None).weights == {}
    with pytest.raises(ValueError, match="must be even"):
        Settings(even=3)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("garment_taggr", "; did you mean 'garment_tagger'?"),
        ("Garment-Tagger", "; did you mean 'garment_tagger'?"),
        ("zzz", ""),
        ("", ""),
    ],
)
def test_suggestions(word, expected):
    assert did_you_mean(word, ["visual_search", "garment_tagger"]) == expected


def test_nothing_is_suggested_from_nothing():
    assert did_you_mean("word", []) == ""

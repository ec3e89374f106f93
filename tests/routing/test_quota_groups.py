"""Providers of one quota group share one rate limit, in whichever order they are written."""

from __future__ import annotations

import types

import pytest
from attrs import frozen

import placket
from placket.errors import ConfigError
from placket.interfaces import Capabilities, Findings, GarmentTagger, Level
from placket.registry import ProviderType, Rate

SIX, TEN = Rate.parse("6/minute"), Rate.parse("10/minute")


@frozen
class NoSettings:
    pass


class Silent(GarmentTagger):
    async def tag(self, garment):
        return Findings()


@pytest.fixture
def limiters():
    """The limiters that the providers were given, by the provider's name; a reload writes over them."""
    return {}


@pytest.fixture
def plugin(limiters):
    """A plugin of three types: ``fake`` knows no rate, the pages of ``six`` and ``ten`` state one a minute."""

    def make(_settings, context):
        limiters[context.name] = context.limiter
        return Silent()

    @placket.hookimpl
    def placket_provider_types():
        for name, rate in (("fake", None), ("six", SIX), ("ten", TEN)):
            yield ProviderType(
                name=name,
                title="A provider for tests",
                settings=NoSettings,
                factory=make,
                interfaces=(GarmentTagger,),
                capabilities=Capabilities({"garment_tagger.tag": Level.FULL}),
                rate_limit=rate,
            )

    module = types.ModuleType("placket_fake")
    module.placket_provider_types = placket_provider_types
    return module


@pytest.fixture
def opened(plugin, config, clock, tmp_path):
    def open_with(**providers):
        return placket.open(config(**providers), plugins=[plugin], clock=clock, data_folder=tmp_path, environ={})

    return open_with


def in_group(**settings):
    return {"quota_group": "g", **settings}


@pytest.mark.parametrize(
    ("first", "second", "rate"),
    [
        (in_group(), in_group(rate_limit="6/minute"), SIX),
        (in_group(rate_limit="6/minute"), in_group(), SIX),
        (in_group(rate_limit="6/minute"), in_group(rate_limit="6/60s"), SIX),
        (in_group(plugin="six"), in_group(), SIX),
        (in_group(), in_group(plugin="six"), SIX),
        (in_group(plugin="six"), in_group(plugin="ten", rate_limit="3/minute"), Rate.parse("3/minute")),
        (in_group(plugin="ten", rate_limit="3/minute"), in_group(plugin="six"), Rate.parse("3/minute")),
        (in_group(), in_group(), None),
        ({}, {"quota_group": "a"}, None),
        ({"quota_group": "b"}, {"rate_limit": "6/minute"}, SIX),
        ({}, {"quota_group": "a", "rate_limit": "6/minute"}, SIX),
    ],
)
async def test_the_order_does_not_matter(opened, limiters, first, second, rate):
    async with opened(a=first, b=second):
        assert limiters["a"] is limiters["b"]
        assert limiters["a"].rate == rate


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        (
            in_group(rate_limit="6/minute"),
            in_group(rate_limit="7/minute"),
            r"config\.providers\.b\.rate_limit: differs from that of 'a'",
        ),
        (
            in_group(plugin="six"),
            in_group(plugin="ten"),
            r"config\.providers\.b\.quota_group: 'a' may ask 6/60s and 'b' 10/60s, .* write the group's rate_limit",
        ),
    ],
)
async def test_two_rates_are_refused_with_the_place_of_the_second(opened, first, second, message):
    with pytest.raises(ConfigError, match=message):
        async with opened(a=first, b=second):
            pass


async def test_who_is_left_out_gives_the_group_no_rate(opened, limiters):
    async with opened(a=in_group(rate_limit="6/minute", enabled=False), b=in_group()):
        assert limiters["b"].rate is None


async def test_a_reload_keeps_the_groups_limiter_in_any_order(opened, config, limiters):
    async with opened(a=in_group(rate_limit="6/minute"), b=in_group()) as router:
        before = limiters["a"]
        await router.reload(config(b=in_group(), a=in_group(rate_limit="6/minute")))
        assert limiters["a"] is limiters["b"] is before
        await router.reload(config(a=in_group(), b=in_group(rate_limit="6/minute")))
        assert limiters["a"] is limiters["b"] is before
        await router.reload(config(a=in_group(), b=in_group(rate_limit="7/minute")))
        assert limiters["a"] is limiters["b"] is not before

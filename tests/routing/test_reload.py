"""Another configuration takes over at once, and the old one ends its calls."""

from __future__ import annotations

import asyncio

import pytest

import placket
from placket.errors import ConfigError, InvalidInput, PluginError
from placket.routing import First
from placket.testing.loopback_server import LoopbackServer


@pytest.fixture
async def opened(plugin, config, clock, tmp_path):
    """Opens a router over fake providers."""

    def open_with(**providers):
        return placket.open(
            config(**providers), plugins=[plugin.module()], clock=clock, data_folder=tmp_path, environ={}
        )

    return open_with


async def brand_of(router):
    return (await router.tag(placket.Garment("g"))).brand


async def test_later_calls_are_served_by_the_new_configuration(opened, plugin, config):
    async with opened(a={"says": "old"}) as router:
        tagger = router.garment_tagger
        assert await brand_of(router) == "old"
        await router.reload(config(a={"says": "new"}))
        assert await brand_of(router) == "new"
        assert (await tagger.tag(placket.Garment("g"))).claims[0].value == "new", "also through an object got before"
        assert [each.closed for each in plugin.built] == [True, False]
    assert [each.closed for each in plugin.built] == [True, True]


async def test_a_call_under_way_ends_with_the_old_provider_which_is_closed_after_it(opened, plugin, config, clock):
    async with opened(a={"says": "old", "after": 10}) as router:
        call = asyncio.create_task(brand_of(router))
        await clock.sleep(1)
        reloading = asyncio.create_task(router.reload(config(a={"says": "new"})))
        await clock.sleep(1)
        assert await brand_of(router) == "new"
        assert not reloading.done()
        assert [each.closed for each in plugin.built] == [False, False]
        assert await call == "old"
        await reloading
        assert clock.monotonic() == 10
        assert [each.closed for each in plugin.built] == [True, False]


async def test_a_shadow_under_way_counts_as_a_call(opened, plugin, config, clock):
    slow = config("shadow", a={}, b={"after": 10})
    async with opened(x={}) as router:
        await router.reload(slow)
        await brand_of(router)
        reloading = asyncio.create_task(router.reload(config(a={})))
        await clock.sleep(5)
        assert not plugin.built[2].closed
        await reloading
        assert clock.monotonic() == 10
        assert plugin.built[2].closed


async def test_pictures_are_fetched_on_the_connections_of_before(plugin, config, tmp_path):
    server, connections = LoopbackServer(), set()

    @server.route("GET", "/coat.png")
    def coat(request):
        connections.add(request.transport.get_extra_info("peername"))
        return {}

    async with server:
        trusting = {**config(a={}), "http": {"trusted_hosts": [server.url.removeprefix("http://")]}}
        async with placket.open(trusting, plugins=[plugin.module()], data_folder=tmp_path, environ={}) as router:
            for _ in range(3):
                await plugin.built[-1].context.fetcher.fetch(f"{server.url}/coat.png")
                await router.reload(trusting)
            await router.reload(config(a={}))
            with pytest.raises(InvalidInput, match="blocked address"):
                await plugin.built[-1].context.fetcher.fetch(f"{server.url}/coat.png")
    assert len(connections) == 1


@pytest.mark.parametrize(
    ("wrong", "error", "text"),
    [
        ({"a": {"plugin": "missing"}}, PluginError, "no plugin named 'missing'"),
        ({"a": {"says": "x"}, "b": {"broken": True}}, PluginError, "cannot be built"),
        ({"a": {"say": "x"}}, ConfigError, "says"),
    ],
)
async def test_a_wrong_configuration_changes_nothing(opened, plugin, config, wrong, error, text):
    async with opened(a={"says": "old"}) as router:
        before = router.providers
        with pytest.raises(error, match=text):
            await router.reload(config(**wrong))
        assert await brand_of(router) == "old"
        assert router.providers == before
        assert [each.closed for each in plugin.built] == [False, *[True] * (len(plugin.built) - 1)]


def spending(amount):
    return {"cost": 4, "budget": {"limit": amount, "per": "process"}}


async def test_what_was_spent_stays_spent(opened, config):
    async with opened(a=spending(10)) as router:
        await brand_of(router)
        await router.reload(config(a=spending(10)))
        assert router.target("a").budget.left == 6
        await router.reload(config(a=spending(5)))
        assert router.target("a").budget.left == 1
        assert router.target("a").obstacle("garment_tagger", "tag") is not None


async def test_a_rate_limit_may_change(opened, config):
    async with opened(a={"rate_limit": "6/minute"}) as router:
        await router.reload(config(a={"rate_limit": "60/minute"}))
        assert await brand_of(router) == "acme"


async def test_a_wrong_configuration_does_not_change_a_budget(opened, config):
    async with opened(a=spending(10)) as router:
        with pytest.raises(PluginError):
            await router.reload(config(a=spending(4), b={"broken": True}))
        assert router.target("a").budget.left == 10


async def test_a_call_under_way_pays_into_the_new_budget(opened, config, clock):
    async with opened(a={**spending(10), "after": 10}) as router:
        call = asyncio.create_task(brand_of(router))
        await clock.sleep(1)
        reloading = asyncio.create_task(router.reload(config(a=spending(10))))
        await clock.sleep(1)
        assert router.target("a").budget.left == 6
        await asyncio.gather(call, reloading)
        assert router.target("a").budget.left == 6


async def test_reloads_at_the_same_time_leave_nothing_open(opened, plugin, config):
    async with opened(a={"says": "0"}) as router:
        await asyncio.gather(*(router.reload(config(a={"says": str(number)})) for number in range(1, 5)))
        assert await brand_of(router) == "4"
        assert [each.closed for each in plugin.built] == [True, True, True, True, False]


@pytest.mark.usefixtures("no_task_left")
async def test_a_reload_that_nobody_waits_for_still_closes_the_old(opened, plugin, config, clock):
    async with opened(a={"after": 10}) as router:
        call = asyncio.create_task(brand_of(router))
        await clock.sleep(1)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await router.reload(config(a={}))
        await call
        await clock.sleep(0.1)
        assert plugin.built[0].closed


@pytest.mark.usefixtures("no_task_left")
async def test_closing_waits_for_no_old_call(opened, plugin, config, clock):
    app = opened(a={"after": 1000})
    router = await app.__aenter__()
    call = asyncio.create_task(brand_of(router))
    await clock.sleep(1)
    reloading = asyncio.create_task(router.reload(config(a={})))
    await clock.sleep(1)
    await app.__aexit__(None, None, None)
    assert clock.monotonic() == 2
    assert [each.closed for each in plugin.built] == [True, True]
    await reloading
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)


async def test_a_provider_that_will_not_close_keeps_no_other_open(opened, plugin, config, caplog):
    async with opened(a={"stubborn": True}, b={}) as router:
        await router.reload(config(a={}))
        assert [each.closed for each in plugin.built] == [True, True, False]
        assert "close-failed" in caplog.text


async def test_a_router_made_by_hand_has_nothing_to_read_again(fake):
    with pytest.raises(InvalidInput, match=r"placket\.open"):
        await fake.router(First(), fake.tagger("a")).reload()

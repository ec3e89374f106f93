"""``placket.open`` with configurations as mappings and plugins that live in the test."""

from __future__ import annotations

import asyncio
import gc
import logging
import threading
from datetime import UTC, datetime

import pytest

import placket
from placket.errors import ConfigError, InvalidInput, PluginError
from placket.interfaces import GarmentTagger, Ticket
from placket.testing.loopback_server import LoopbackServer
from placket.transport import SessionPool

GARMENT = placket.Garment("g")
TICKET = Ticket("a", "garment_tagger", "submit", "1", datetime(2026, 11, 1, tzinfo=UTC))


@pytest.fixture
def options(plugin, tmp_path):
    return {"plugins": [plugin.module()], "data_folder": tmp_path, "environ": {}}


async def test_without_a_home_folder_the_way_out_is_told(config, options, monkeypatch):
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr("os.path.expanduser", lambda path: path)  # as for a user whom the system does not know
    with pytest.raises(ConfigError, match="name a folder in PLACKET_DATA"):
        async with placket.open(config(a={}), **{**options, "data_folder": None}):
            pass
    environ = {"PLACKET_DATA": str(options["data_folder"])}
    async with placket.open(config(a={}), **{**options, "data_folder": None, "environ": environ}):
        pass


async def test_a_data_folder_that_cannot_be_looked_into_is_told(config, options):
    with pytest.raises(ConfigError, match=r"cannot be read: File name too long; .*PLACKET_DATA"):
        async with placket.open(config(a={}), **{**options, "data_folder": "x" * 300}):
            pass


async def test_a_mapping_and_a_module_make_a_router(config, options, plugin):
    async with placket.open(config(a={"says": "acme"}), **options) as router:
        assert isinstance(router.garment_tagger, GarmentTagger)
        record = await router.tag(GARMENT)
        assert record.brand == "acme"
        assert record.why("brand").support[0].source.provider == "a"
    assert plugin.built[0].closed


@pytest.mark.parametrize(
    ("settings", "path"),
    [
        ({"a": {"plugin": "missing"}}, "providers.a.plugin"),
        ({"a": {}, "b": {"plugin": "mising"}}, "providers.b.plugin"),
    ],
)
async def test_a_plugin_that_is_not_installed_is_named_with_its_place(config, options, settings, path):
    with pytest.raises(PluginError, match="no plugin named"):
        async with placket.open(config(**settings), **options):
            pass


async def test_a_constructor_that_raises_is_the_plugins_fault_and_the_others_are_closed(config, options, plugin):
    with pytest.raises(PluginError, match="cannot be built") as caught:
        async with placket.open(config(a={}, b={"broken": True}), **options):
            pass
    assert caught.value.path == "providers.b"
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert [each.closed for each in plugin.built] == [True]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ('[providers.a]\nplugin = "fake"\nafter = "soon"\n', "config.providers.a.after: must be a number"),
        ('[providers.a]\nplugin = "fake"\nafter = "soon"\nsay = 1\n', "config.providers.a: 2 problems in PATH:\n"),
        ('[providers.a]\nplugin = "fkae"\n', "config.providers.a.plugin: no plugin named 'fkae' is installed"),
        ('plugins = ["fkae"]\n[providers.a]\nplugin = "fake"\n', "config.plugins: no plugin named 'fkae'"),
    ],
)
async def test_what_only_the_plugins_find_names_the_file(options, tmp_path, wrong, said):
    file = tmp_path / "placket.toml"
    file.write_text(wrong)
    with pytest.raises(ConfigError) as caught:
        async with placket.open(file, **options):
            pass
    assert str(caught.value).startswith(said.replace("PATH", str(file)))
    assert str(caught.value).count(str(file)) == 1


async def test_a_wrong_setting_has_its_path(config, options):
    with pytest.raises(ConfigError) as caught:
        async with placket.open(config(a={"after": "soon"}), **options):
            pass
    assert caught.value.path == "providers.a.after"


async def test_a_disabled_provider_is_neither_built_nor_asked(config, options, plugin):
    async with placket.open(config(a={"enabled": False}, b={"says": "b"}), **options) as router:
        assert (await router.tag(GARMENT)).brand == "b"
        assert len(plugin.built) == 1


@pytest.mark.parametrize("strategy", ["first", "complete", "all", "race", "balance", "shadow"])
async def test_a_route_of_nothing_but_disabled_providers_says_so(config, options, strategy):
    async with placket.open(config(strategy, a={"enabled": False}), **options) as router:
        with pytest.raises(placket.Unsupported, match=r"no provider is enabled on the route garment_tagger"):
            await router.tag(GARMENT)


@pytest.mark.parametrize("strategy", ["first", "complete", "all", "race", "balance", "shadow"])
async def test_every_strategy_can_be_configured(config, options, strategy):
    async with placket.open(config(strategy, a={"says": "x"}, b={"says": "x"}), **options) as router:
        assert (await router.tag(GARMENT)).brand == "x"
        assert router.plan().strategy == strategy


@pytest.mark.parametrize(("http", "sent"), [({}, "placket/"), ({"user_agent": "acme-shop/1.0"}, "acme-shop/1.0")])
async def test_placket_names_itself_to_vendors_as_configured(config, options, plugin, http, sent):
    server = LoopbackServer()
    server.route("GET", "/")(lambda _: {})
    async with server, placket.open({**config(a={}), "http": http}, **options):
        await plugin.built[0].context.http(server.url).get("/")
    assert server.requests[0].headers["User-Agent"].startswith(sent)


async def test_two_apps_at_once_do_not_meet(config, options, plugin):
    budget = {"cost": 1, "budget": {"limit": 1, "per": "process"}}
    async with (
        placket.open(config(a={"says": "one", **budget}), **options) as one,
        placket.open(config(a={"says": "two", **budget}), **options) as two,
    ):
        assert ((await one.tag(GARMENT)).brand, (await two.tag(GARMENT)).brand) == ("one", "two")
        assert one.target("a") is not two.target("a")
        await one.reload(config(b={}))
        assert [each.closed for each in plugin.built] == [True, False, False]
    assert all(each.closed for each in plugin.built)


async def test_what_is_open_is_not_opened_again(config, options, plugin):
    app = placket.open(config(a={"says": "acme"}), **options)
    async with app as router:
        with pytest.raises(InvalidInput, match="open already"):
            async with app:
                pass
        assert (await router.tag(GARMENT)).brand == "acme"
    async with app as router:
        assert (await router.tag(GARMENT)).brand == "acme"
    assert [each.closed for each in plugin.built] == [True, True]


async def test_nothing_is_left_behind(config, options):
    threads, tasks = set(threading.enumerate()), asyncio.all_tasks()
    for settings in ({"a": {}}, {"a": {"broken": True}}):
        try:
            async with placket.open(config(**settings), **options) as router:
                await router.tag(GARMENT)
        except PluginError:
            pass
    gc.collect()
    assert asyncio.all_tasks() == tasks
    assert set(threading.enumerate()) <= threads


async def test_an_error_inside_passes_and_closes_everything(config, options, plugin):
    with pytest.raises(LookupError):
        async with placket.open(config(a={}), **options):
            raise LookupError("the host's own")
    assert plugin.built[0].closed


async def _refusing() -> None:
    raise ValueError("will not close")


def _refusing_at_once() -> None:
    raise ValueError("will not close")


@pytest.mark.parametrize(
    ("aclose", "complains"),
    [(_refusing, True), (_refusing_at_once, True), (asyncio.Event().wait, True), (lambda: None, False)],
)
async def test_no_way_of_closing_keeps_the_others_open(config, options, plugin, caplog, aclose, complains):
    with caplog.at_level(logging.WARNING):
        async with placket.open(config(a={}, b={}), **options):
            plugin.built[0].aclose = aclose
    assert plugin.built[1].closed
    assert ("close-failed" in caplog.text) is complains


async def test_a_ledger_that_does_not_close_leaves_no_connection_open(config, options, tmp_path, monkeypatch):
    closed = []
    aclose = SessionPool.aclose

    async def noted(pool: SessionPool) -> None:
        closed.append(pool)
        await aclose(pool)

    monkeypatch.setattr(SessionPool, "aclose", noted)
    app = placket.open({**config(a={}), "jobs": {"ledger": str(tmp_path / "jobs.db")}}, **options)
    ledger = (await app.__aenter__()).ledger
    monkeypatch.setattr(ledger, "aclose", _refusing)
    with pytest.raises(ValueError, match="will not close"):
        await app.__aexit__(None, None, None)
    assert closed
    monkeypatch.undo()
    await ledger.aclose()


@pytest.mark.parametrize(("unstated", "second_is_asked"), [(0.6, True), (0.9, False)])
async def test_the_merges_unstated_confidence_reaches_a_routes_floor(
    config, options, plugin, unstated, second_is_asked
):
    made = config("complete", a={}, b={})
    made["routes"]["garment_tagger"]["min_confidence"] = 0.7
    made["merge"] = {"unstated_confidence": unstated}
    async with placket.open(made, **options) as router:
        await router.tag(GARMENT)
    assert bool(plugin.built[1].asked) is second_is_asked


async def tagged_in_bulk(router):
    return [outcome async for outcome in router.tag_many([GARMENT])]


@pytest.mark.parametrize(
    "use",
    [
        lambda router: router.tag(GARMENT),
        lambda router: router.enrich(GARMENT),
        lambda router: router.garment_tagger.submit(GARMENT),
        lambda router: router.resume(TICKET),
        lambda router: router.reload(),
        tagged_in_bulk,
    ],
    ids=["tag", "enrich", "submit", "resume", "reload", "tag_many"],
)
async def test_a_closed_router_says_so(config, options, plugin, use):
    async with placket.open(config(a={}), **options) as router:
        pass
    with pytest.raises(InvalidInput, match=r"the router is closed; .* inside `async with placket\.open"):
        await use(router)
    assert [each.asked for each in plugin.built] == [[]]

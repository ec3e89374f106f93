"""The records that plugins register, and the other hooks."""

from __future__ import annotations

import inspect
import types

import click
import pytest
from attrs import frozen

import placket
from placket.errors import PluginError
from placket.interfaces import Capabilities, Findings, GarmentTagger, ImageHost, Level
from placket.record import VocabularyAddition
from placket.registry import (
    CallObserver,
    Command,
    Exporter,
    ImageHostType,
    MergePolicyType,
    ProviderType,
    Registry,
    hookspecs,
    setting,
)
from placket.registry.plugin import RECORDS


@frozen(kw_only=True)
class Settings:
    domain: str = "shop.example"


class Tagger(GarmentTagger):
    async def tag(self, garment):
        return Findings()


def provider_type(**changes):
    given = {
        "name": "acme",
        "title": "Acme",
        "settings": Settings,
        "factory": lambda settings, context: Tagger(),
        "interfaces": (GarmentTagger,),
        "capabilities": Capabilities(operations={"garment_tagger.tag": Level.FULL}, fields={"color": Level.FULL}),
    }
    return ProviderType(**{**given, **changes})


@frozen(kw_only=True)
class Reserved:
    weight: float = setting(default=1.0, doc="Its weight.")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "Acme"}, "lower-case words joined by hyphens"),
        ({"name": "acme_tagger"}, "lower-case words joined by hyphens"),
        ({"name": 3}, "lower-case words joined by hyphens"),
        ({"title": " "}, "needs a title"),
        ({"homepage": None}, "homepage must be a text, not None; leave it out for none"),
        ({"settings": dict}, "must be an attrs class"),
        ({"settings": Settings()}, "must be an attrs class"),
        ({"settings": Reserved}, "the setting 'weight' is one that every provider has"),
        ({"factory": "placket_acme.Tagger"}, "factory must be something that can be called"),
        ({"interfaces": ()}, "names no interface"),
        ({"interfaces": (Tagger,)}, "is not an interface; there are GarmentTagger"),
        ({"interfaces": GarmentTagger, "capabilities": None}, "must be a placket.interfaces.Capabilities"),
        (
            {"capabilities": Capabilities(operations={"garment_tagger.tga": Level.FULL})},
            "the capability 'garment_tagger.tga' is no operation of its interfaces; did you mean 'garment_tagger.tag'?",
        ),
        (
            {"capabilities": Capabilities(fields={"colour": Level.FULL})},
            "is no field of a record; did you mean 'color'?",
        ),
        (
            {"capabilities": Capabilities(interface_fields={"garment_tagger": {"colour": Level.FULL}})},
            "is no field of a record; did you mean 'color'?",
        ),
        (
            {"capabilities": Capabilities(interface_fields={"garment_taggr": {"color": Level.FULL}})},
            "is no interface of its own; did you mean 'garment_tagger'?",
        ),
    ],
)
def test_a_wrong_provider_type_says_what_is_wrong(changes, message):
    with pytest.raises(PluginError) as caught:
        provider_type(**changes)
    assert message in str(caught.value)


def test_every_hook_returns_what_a_plugin_gave_with_its_origin():
    def export(records, file):
        file.write(b"".join(record.id.encode() for record in records))

    class Folder(ImageHost):
        async def publish(self, image):
            return "https://images.example/1"

    seen = []

    class Plugin:
        __version__ = "0.3"

        @placket.hookimpl
        def placket_provider_types(self):
            yield provider_type()

        @placket.hookimpl
        def placket_image_hosts(self):
            yield ImageHostType(
                name="acme-folder", title="Folder", settings=Settings, factory=lambda settings, context: Folder()
            )

        @placket.hookimpl
        def placket_merge_policies(self):
            return (MergePolicyType(name="acme-newest", title="Newest", policy=max),)

        @placket.hookimpl
        def placket_exporters(self):
            return [Exporter(name="acme-csv", title="CSV", write=export, media_type="text/csv", suffix=".csv")]

        @placket.hookimpl
        def placket_vocabulary(self):
            return [VocabularyAddition(attribute="color", id="x:cerulean", label="Cerulean")]

        @placket.hookimpl
        def placket_commands(self):
            return [Command(name="acme-sync", help="Sync.", load=lambda: click.Command("acme-sync"))]

        @placket.hookimpl
        def placket_call_observers(self):
            return [CallObserver(name="acme-log", finished=seen.append)]

    registry = Registry(entry_points=(), extra_plugins=[Plugin()])
    named = (
        registry.provider_types
        + registry.image_hosts
        + registry.merge_policies
        + registry.exporters
        + registry.commands
        + registry.call_observers
    )
    assert len(named) == 6
    assert {str(record.origin) for record in named} == {"Plugin 0.3"}
    assert [addition.id for addition in registry.vocabulary] == ["x:cerulean"]
    host = registry.image_host("acme-folder")
    assert isinstance(registry.build(host, Settings(), None), Folder)
    registry.call_observers[0].started("call")
    registry.call_observers[0].finished("attempt")
    assert seen == ["attempt"]


def test_each_hook_is_documented_with_an_example_and_has_no_parameters():
    hooks = {name: hook for name, hook in vars(hookspecs).items() if hasattr(hook, "placket_spec")}
    assert {name.removeprefix("placket_") for name in hooks} == set(RECORDS)
    for name, hook in hooks.items():
        assert "Example::" in hook.__doc__
        assert f"def {name}():" in hook.__doc__
        assert not inspect.signature(hook).parameters
        assert tuple(hook()) == ()


def test_what_the_plugins_module_imports_is_no_hook_of_its_own():
    module = types.ModuleType("shop")
    module.hookspecs = hookspecs
    with pytest.raises(PluginError, match="defines no hook"):
        Registry(entry_points=(), extra_plugins=[module])

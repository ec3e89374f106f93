"""A broken plugin is reported with everything its author needs, and the others work."""

from __future__ import annotations

import pytest

from placket.errors import ConfigError, PluginError
from placket.registry import Registry, Stage

HOOK = "import placket\n@placket.hookimpl\ndef placket_provider_types():\n    "

BROKEN = {
    "raises at import": ("1 / 0", Stage.IMPORT, "ZeroDivisionError: division by zero"),
    "raises what cannot be told": (
        "class Fault(Exception):\n    def __str__(self):\n        return self.detail\nraise Fault",
        Stage.IMPORT,
        "cannot be imported: Fault",
    ),
    "imports what is not there": ("import torch_of_acme", Stage.IMPORT, "No module named 'torch_of_acme'"),
    "exits at import": ("raise SystemExit(3)", Stage.IMPORT, "SystemExit: 3"),
    "does not parse": ("def (", Stage.IMPORT, "SyntaxError"),
    "raises in its hook": (HOOK + "raise LookupError('no licence')", Stage.HOOK, "LookupError: no licence"),
    "raises while it yields": (HOOK + "yield from ()\n    raise LookupError('late')", Stage.HOOK, "LookupError: late"),
    "exits in its hook": (HOOK + "raise SystemExit", Stage.HOOK, "SystemExit"),
    "returns nothing": (HOOK + "pass", Stage.HOOK, "placket_provider_types returned nothing"),
    "returns a text": (HOOK + "return 'acme'", Stage.HOOK, "returned a str"),
    "returns rubbish": (HOOK + "return [object]", Stage.HOOK, "the class object among its records"),
    "returns a bad record": (
        HOOK + "from placket.registry import ProviderType; return [ProviderType()]",
        Stage.HOOK,
        "TypeError",
    ),
    "misspells a hook": (
        "import placket\n@placket.hookimpl\ndef placket_provider_typs():\n    return []",
        Stage.REGISTER,
        "there is no hook placket_provider_typs; did you mean 'placket_provider_types'?",
    ),
    "has a hook with a parameter": (
        "import placket\n@placket.hookimpl\ndef placket_exporters(registry):\n    return []",
        Stage.REGISTER,
        "a hook takes no arguments",
    ),
    "has an async hook": (
        "import placket\n@placket.hookimpl\nasync def placket_exporters():\n    return []",
        Stage.REGISTER,
        "placket_exporters must be a plain function, not async",
    ),
    "has a wrapper": (
        "import placket\n@placket.hookimpl(wrapper=True)\ndef placket_exporters():\n    return (yield)",
        Stage.REGISTER,
        "must not be a wrapper",
    ),
    "forgot the mark": ("def placket_exporters():\n    return []", Stage.REGISTER, "not marked with @placket.hookimpl"),
    "has no hook": ("x = 1", Stage.REGISTER, "defines no hook"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_it_is_recorded_and_raises_only_when_it_is_asked_for(install, tagger, what):
    source, stage, message = BROKEN[what]
    install("placket-acme", "1.2", {"acme": "placket_acme"}, placket_acme=source)
    install("placket-other", "3.4", {"other": "placket_other"}, placket_other=tagger("other"))
    registry = Registry()
    registry.load(["acme", "other"])
    assert registry.provider_type("other").name == "other"

    [broken] = registry.broken
    assert (broken.name, broken.distribution, broken.version, broken.stage) == ("acme", "placket-acme", "1.2", stage)
    assert type(broken.error).__name__ in broken.traceback_text

    with pytest.raises(PluginError) as caught:
        registry.provider_type("acme", path="providers.a.plugin")
    assert message in str(caught.value)
    assert str(caught.value).startswith("config.providers.a.plugin: the plugin 'acme' of placket-acme 1.2 ")
    assert caught.value.distribution == "placket-acme 1.2"
    assert caught.value.__cause__ is broken.error


def test_the_traceback_leads_to_the_plugins_own_line(install):
    install("placket-acme", "1.2", {"acme": "placket_acme"}, placket_acme="limit = 0\nshare = 1 / limit\n")
    registry = Registry()
    registry.load_all()
    text = next(each.traceback_text for each in registry.broken if each.name == "acme")
    assert 'placket_acme.py", line 2' in text


def test_an_interrupt_is_not_a_broken_plugin(install):
    install("placket-acme", "1.2", {"acme": "placket_acme"}, placket_acme="raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        Registry().load(["acme"])


def test_an_entry_point_that_leads_nowhere_is_broken(install):
    install("placket-acme", "1.2", {"acme": "placket_acme:plugin"}, placket_acme="")
    registry = Registry()
    registry.load(["acme"])
    assert registry.broken[0].stage is Stage.IMPORT


FACTORIES = """
def exits(settings, context):
    raise SystemExit("no licence")

def impostor(settings, context):
    return object()

def misconfigured(settings, context):
    from placket.errors import ConfigError
    raise ConfigError("must be even", path="providers.a.number")

def raises(settings, context):
    raise ValueError("no licence")

@placket.hookimpl
def placket_provider_types():
    return [provider_type(each.__name__, each) for each in (exits, impostor, misconfigured, raises)]
"""


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("raises", "ValueError: no licence"),
        ("exits", "SystemExit: no licence"),
        ("impostor", "its factory returned a object, which is no GarmentTagger"),
    ],
)
def test_a_factory_that_fails_is_the_plugins_fault(install, tagger, name, message):
    source = tagger().rpartition("\n\n@placket")[0] + FACTORIES
    install("placket-acme", "1.2", {"acme": "placket_acme"}, placket_acme=source)
    registry = Registry()
    kind = registry.provider_type(f"acme:{name}")
    with pytest.raises(PluginError) as caught:
        registry.build(kind, kind.settings(), None, path="providers.a")
    assert message in str(caught.value)
    assert str(caught.value).startswith("config.providers.a: ")
    assert caught.value.distribution == "placket-acme 1.2"
    assert [each.stage for each in registry.broken] == [Stage.BUILD]
    assert registry.provider_type("acme:raises").name == "raises"


def test_a_config_error_of_a_factory_passes(install, tagger):
    source = tagger().rpartition("\n\n@placket")[0] + FACTORIES
    install("placket-acme", "1.2", {"acme": "placket_acme"}, placket_acme=source)
    registry = Registry()
    kind = registry.provider_type("acme:misconfigured")
    with pytest.raises(ConfigError, match="must be even") as caught:
        registry.build(kind, kind.settings(), None, path="providers.a")
    assert not isinstance(caught.value, PluginError)
    assert registry.broken == ()


def test_a_provider_that_was_mended_is_no_longer_reported(install, tagger):
    source = tagger("acme").replace("self.settings = settings", "self.settings = settings.greeting or 1 / 0")
    install("placket-acme", "1.2", {"acme": "placket_acme"}, placket_acme=source)
    registry = Registry()
    kind = registry.provider_type("acme")
    with pytest.raises(PluginError):
        registry.build(kind, kind.settings(greeting=""), None, path="providers.a")
    registry.build(kind, kind.settings(), None, path="providers.a")
    assert registry.broken == ()

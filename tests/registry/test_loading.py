"""Finding plugins: which are imported, who they come from, and what happens when one is missing or ambiguous."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import types
from importlib.metadata import EntryPoint

import pytest

from placket.errors import PluginError
from placket.registry import Registry, Stage


def test_a_provider_type_is_found_by_its_plugin_name_and_knows_where_it_comes_from(install, tagger):
    install("placket-acme", "1.2", {"acme": "placket_acme"}, placket_acme=tagger("acme"))
    found = Registry().provider_type("acme")
    assert found.name == "acme"
    assert str(found.origin) == "placket-acme 1.2"
    assert found.origin.entry_point == "acme"


def test_a_plugin_with_several_types_is_named_with_a_colon(install, tagger):
    install("placket-acme", "1.2", {"acme": "placket_acme"}, placket_acme=tagger("studio", "scanner"))
    registry = Registry()
    assert registry.provider_type("acme:scanner").name == "scanner"
    with pytest.raises(PluginError, match=r"write one of acme:scanner, acme:studio") as caught:
        registry.provider_type("acme", path="providers.x.plugin")
    assert caught.value.path == "providers.x.plugin"
    with pytest.raises(PluginError, match="did you mean 'acme:studio'"):
        registry.provider_type("acme:studoi")


def test_the_type_of_the_plugins_own_name_needs_no_colon(install, tagger):
    install("placket-acme", "1.2", {"acme": "placket_acme"}, placket_acme=tagger("acme", "scanner"))
    assert Registry().provider_type("acme").name == "acme"


@pytest.mark.parametrize(
    ("name", "advice", "never"),
    [
        # A package may wait under a misspelt name for whoever follows advice to install it.
        ("acem", "did you mean 'acme'?", "pip install"),
        ("zenith", "to get it: pip install placket-zenith", "did you mean"),
    ],
)
def test_a_plugin_that_is_not_installed_is_misspelt_or_to_be_installed(install, tagger, name, advice, never):
    install("placket-acme", "1.2", {"acme": "placket_acme"}, placket_acme=tagger("acme"))
    with pytest.raises(PluginError) as caught:
        Registry().provider_type(name, path="providers.x.plugin")
    message = str(caught.value)
    assert message.startswith(f"config.providers.x.plugin: no plugin named {name!r} is installed; installed: ")
    assert message.endswith(advice)
    assert never not in message


def test_a_package_that_forgot_its_entry_point_is_not_to_be_installed_but_mended(install):
    install("placket-acme", "1.2", {})
    with pytest.raises(
        PluginError, match=r"placket-acme 1\.2 is installed .*\[project\.entry-points\.placket\]"
    ) as caught:
        Registry().provider_type("acme")
    assert "pip install" not in str(caught.value)


def test_loading_a_plugin_that_is_not_installed_raises():
    with pytest.raises(PluginError, match="no plugin named 'nowhere'"):
        Registry(entry_points=()).load(["nowhere"])


def test_asking_a_plugin_for_what_it_does_not_have_says_so(install, tagger):
    install("placket-acme", "1.2", {"acme": "placket_acme"}, placket_acme=tagger("acme"))
    with pytest.raises(PluginError, match="the plugin 'acme' registers no image host"):
        Registry().image_host("acme")


def test_only_the_plugins_that_are_named_are_imported(install, tagger, tmp_path):
    install("placket-acme", "1.2", {"acme": "placket_acme"}, placket_acme=tagger("acme"))
    install("placket-other", "3.4", {"other": "placket_other"}, placket_other=tagger("other"))
    program = (
        "import sys, placket.registry as r\n"
        "assert 'importlib.metadata' not in sys.modules\n"
        "registry = r.Registry()\n"
        "assert 'placket_acme' not in sys.modules\n"
        "registry.load(['acme:acme'])\n"
        "assert 'other' in registry.installed\n"
        "print(sorted(name for name in sys.modules if name in ('placket_acme', 'placket_other')))\n"
        "registry.load_all()\n"
        "print('placket_other' in sys.modules)\n"
    )
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    ran = subprocess.run([sys.executable, "-c", program], env=environ, capture_output=True, text=True, check=False)
    assert ran.stdout.split("\n")[:2] == ["['placket_acme']", "True"], ran.stderr


def test_two_registries_do_not_meet(install, tagger):
    install("placket-acme", "1.2", {"acme": "placket_acme"}, placket_acme=tagger("acme"))
    first, second = Registry(), Registry(entry_points=())
    first.load(["acme"])
    assert [plugin.name for plugin in first.plugins] == ["acme"]
    assert second.plugins == ()
    with pytest.raises(PluginError, match="no plugin named 'acme'"):
        second.provider_type("acme")


def test_what_comes_and_goes_while_the_program_runs_is_seen(install, tagger, tmp_path):
    install("placket-acme", "1.2", {"acme": "placket_acme"}, placket_acme=tagger("acme"))
    folder = tmp_path / "placket-acme"
    os.utime(folder, (0, 0))  # long before what follows
    assert "late" not in Registry().installed
    information = folder / "placket_late-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: placket-late\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text("[placket]\nlate = placket_late\n")
    assert "late" in Registry().installed
    os.utime(folder, (1, 1))
    assert "late" in Registry().installed
    shutil.rmtree(information)
    assert "late" not in Registry().installed


def test_an_environment_variable_limits_what_exists(install, tagger):
    install("placket-acme", "1.2", {"acme": "placket_acme"}, placket_acme=tagger("acme"))
    install("placket-other", "3.4", {"other": "placket_other"}, placket_other=tagger("other"))
    registry = Registry(environ={"PLACKET_PLUGINS": "acme, "})
    assert registry.installed == ("acme",)
    with pytest.raises(PluginError, match="PLACKET_PLUGINS limits the plugins to acme"):
        registry.provider_type("other")
    with pytest.raises(PluginError, match=r"PLACKET_PLUGINS names 'acne', which is not installed.*did you mean 'acme'"):
        Registry(environ={"PLACKET_PLUGINS": "acne"}).load_all()


@pytest.mark.parametrize("name", ["acme", "local"])
def test_two_distributions_with_one_name_are_refused_and_both_named(install, tagger, name):
    install("placket", "1.0", {"local": "own_local"}, own_local=tagger("local"))
    install("placket-acme", "1.2", {"acme": "placket_acme"}, placket_acme=tagger("acme"))
    install("placket-copy", "3.4", {"acme": "placket_copy", "local": "placket_copy"}, placket_copy=tagger("copy"))
    with pytest.raises(PluginError) as caught:
        Registry().load([name])
    assert "placket-copy 3.4" in str(caught.value)
    assert {"acme": "placket-acme 1.2", "local": "placket 1.0"}[name] in str(caught.value)
    assert ("it is Placket's own" in str(caught.value)) is (name == "local")
    with pytest.raises(PluginError, match=r"placket-copy 3\.4"):
        Registry().provider_type(name)


def test_an_unused_clash_does_not_stop_the_others(install, tagger):
    install("placket-acme", "1.2", {"acme": "placket_acme"}, placket_acme=tagger("acme"))
    install("placket-copy", "3.4", {"acme": "placket_copy"}, placket_copy=tagger("acme"))
    install("placket-other", "5.6", {"other": "placket_other"}, placket_other=tagger("other"))
    registry = Registry()
    registry.load_all()
    assert "other" in {each.name for each in registry.provider_types}
    assert [(each.name, each.stage) for each in registry.broken if each.name == "acme"] == [("acme", Stage.NAMES)]


def test_two_provider_types_of_one_name_are_refused_and_both_named(install, tagger):
    install("placket-acme", "1.2", {"acme": "placket_acme"}, placket_acme=tagger("scanner"))
    install("placket-other", "3.4", {"other": "placket_other"}, placket_other=tagger("scanner"))
    with pytest.raises(PluginError, match=r"'scanner' comes from both placket-acme 1\.2 and placket-other 3\.4"):
        Registry().load(["acme", "other"])


def test_a_provider_type_cannot_take_the_name_of_another_plugin(install, tagger):
    install("placket", "1.0", {"local": "own_local"}, own_local=tagger("local"))
    install("placket-acme", "1.2", {"acme": "placket_acme"}, placket_acme=tagger("local"))
    registry = Registry()
    with pytest.raises(PluginError, match=r"'local' of placket-acme 1\.2 has the name of a plugin of placket 1\.0"):
        registry.load(["acme"])
    assert str(registry.provider_type("local").origin) == "placket 1.0"


def test_one_line_that_two_installers_wrote_is_no_clash(tagger, install):
    install("placket-acme", "1.2", {}, placket_acme=tagger("acme"))
    twice = [EntryPoint("acme", "placket_acme", "placket")] * 2
    assert Registry(entry_points=twice).provider_type("acme").name == "acme"


def test_the_host_hands_over_a_module(tagger):
    module = types.ModuleType("shop_tagger")
    exec(tagger("shop-tagger"), module.__dict__)
    registry = Registry(entry_points=(), extra_plugins=[module])
    found = registry.provider_type("shop-tagger")
    assert str(found.origin) == "shop_tagger"
    registry.load(["shop-tagger"])
    with pytest.raises(PluginError, match="installed: shop-tagger"):
        registry.provider_type("shop")


def test_what_the_host_hands_over_raises_at_once_when_it_is_broken(tagger):
    module = types.ModuleType("shop_tagger")
    exec(tagger("scanner", "scanner"), module.__dict__)
    with pytest.raises(PluginError, match="two records named 'scanner'"):
        Registry(entry_points=(), extra_plugins=[module])
    with pytest.raises(PluginError, match="is a class; give an object"):
        Registry(entry_points=(), extra_plugins=[type("Plugin", (), {})])
    with pytest.raises(PluginError, match="defines no hook"):
        Registry(entry_points=(), extra_plugins=["shop_tagger"])


def test_the_host_cannot_hide_an_installed_plugin(install, tagger):
    install("placket-acme", "1.2", {"acme": "placket_acme"}, placket_acme=tagger("acme"))
    module = types.ModuleType("shop_tagger")
    exec(tagger("acme"), module.__dict__)
    with pytest.raises(PluginError, match=r"has the name of a plugin of placket-acme 1\.2"):
        Registry(extra_plugins=[module])

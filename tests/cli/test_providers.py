"""``placket providers``: what is configured, what else is installed, and what is broken."""

from __future__ import annotations


def test_configured_providers_are_told_with_everything_that_governs_them(placket, taggers):
    taggers.configure(
        north='weight = 2\nrate_limit = "6/minute"\ncost = 1\nlineage = "pole"\n'
        'budget = { limit = 5, per = "day" }\nquota_group = "pole"'
    )
    north, south = placket.json("providers", "--json")["providers"]
    assert north == {
        "name": "north",
        "plugin": "north",
        "enabled": True,
        "title": "north tagging",
        "description": "",
        "homepage": "",
        "distribution": "placket-north 1.2.3",
        "interfaces": ["garment_tagger"],
        "rate_limit": "6/60s",
        "quota_group": "pole",
        "budget": {"limit": "5", "per": "day"},
        "weight": 2.0,
        "lineage": "pole",
    }
    assert (south["rate_limit"], south["budget"], south["weight"]) == (None, None, 1.0)
    output = placket("providers").stdout
    assert "placket-north 1.2.3" in output
    assert "5 per day" in output


def test_the_rate_of_a_quota_group_is_told_of_all_its_providers(placket, taggers):
    taggers.configure(north='quota_group = "pole"', south='quota_group = "pole"\nrate_limit = "6/minute"')
    rates = [each["rate_limit"] for each in placket.json("providers", "--json")["providers"]]
    assert rates == ["6/60s", "6/60s"]


def test_plugins_that_are_not_used_are_listed_apart(placket, taggers):
    plugins = {each["plugin"]: each for each in placket.json("providers", "--json")["plugins"]}
    assert plugins["north"]["used"] is True
    assert plugins["local"]["used"] is False
    [local] = plugins["local"]["provider_types"]
    assert (local["name"], local["title"]) == ("local", "Embedded")
    output = placket("providers").stdout
    assert "provider type local: Embedded" in output.partition("not used")[2]


ABOUT = """
import placket
from placket.record import VocabularyAddition
from placket.registry import Command, MergePolicyType, ProviderType
import placket_north


@placket.hookimpl
def placket_provider_types():
    [kind] = placket_north.placket_provider_types()
    yield ProviderType(
        name="talk", title="Talk", description="Tags by ear.", homepage="https://talk.example", settings=kind.settings,
        factory=kind.factory, interfaces=kind.interfaces, capabilities=kind.capabilities,
    )


@placket.hookimpl
def placket_merge_policies():
    yield MergePolicyType(name="loudest", title="The loudest wins", policy=max)


@placket.hookimpl
def placket_commands():
    yield Command(name="shout", help="Say it again.", load=max)


@placket.hookimpl
def placket_vocabulary():
    yield VocabularyAddition("fit", "x:loud", "Loud")
"""


def test_a_plugin_says_what_it_offers(placket, taggers, site):
    site.install("talk", ABOUT)
    plugin = next(each for each in placket.json("providers", "--json")["plugins"] if each["plugin"] == "talk")
    assert plugin == {
        "plugin": "talk",
        "distribution": "placket-talk 1.2.3",
        "used": False,
        "provider_types": [
            {"name": "talk", "title": "Talk", "description": "Tags by ear.", "homepage": "https://talk.example"}
        ],
        "merge_policies": [{"name": "loudest", "title": "The loudest wins"}],
        "commands": [{"name": "shout", "help": "Say it again."}],
        "vocabulary": ["x:loud"],
    }
    told = placket("providers").stdout
    for line in ("provider type talk: Talk", "Tags by ear.", "https://talk.example", "command shout: Say it again."):
        assert line in told
    taggers.configure(rest='[providers.talk]\nplugin = "talk"\n')
    configured = placket.json("providers", "--json")["providers"][-1]
    assert (configured["description"], configured["homepage"]) == ("Tags by ear.", "https://talk.example")


def test_a_broken_plugin_that_nobody_uses_is_named_and_harmless(placket, site):
    site.install("rotten", "import nowhere_to_be_found")
    result = placket("providers")
    assert "placket-rotten 1.2.3 cannot be imported" in result.stdout
    [broken] = placket.json("providers", "--json")["broken"]
    assert (broken["plugin"], broken["used"]) == ("rotten", False)


def test_a_broken_plugin_that_a_provider_uses_is_a_failure(placket, taggers, site):
    site.install("rotten", "raise SystemExit(9)")
    taggers.configure(rest='[providers.bad]\nplugin = "rotten"\n')
    document = placket.json("providers", "--json", exit_code=2)
    bad = next(each for each in document["providers"] if each["name"] == "bad")
    assert "config.providers.bad.plugin" in bad["error"]
    assert "north" in placket("providers", exit_code=2).stdout, "the others are listed all the same"

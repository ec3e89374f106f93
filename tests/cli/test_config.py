"""``placket config``: every problem with its place, and the schema that editors read."""

from __future__ import annotations

import json

import jsonschema
import pytest


def test_a_good_configuration_is_summed_up(placket, taggers):
    output = placket("config", "check").stdout
    assert "placket.toml is valid" in output
    assert "provider north: north tagging, of placket-north 1.2.3" in output
    assert "route garment_tagger: all: north, south" in output


def test_without_a_file_the_embedded_default_is_checked(placket):
    assert "the embedded default is valid" in placket("config", "check").stdout


def test_all_problems_are_listed_with_their_places(placket, work_folder):
    (work_folder / "bad.toml").write_text(
        '[providers.here]\nplugin = "local"\nweight = "2"\n[routes.garment_tager]\ntargets = []\n[http]\ntimeout = 5\n'
    )
    result = placket("config", "check", "bad.toml", exit_code=2)
    for place in ("providers.here.weight", "http.timeout"):
        assert place in result.stderr
    assert result.stdout == ""


def test_problems_of_several_plugins_are_all_listed(placket, taggers):
    taggers.configure(north="sayz = 1", south="confidence = true", rest='[merge.fields.brand]\npolicy = "votes"\n')
    errors = placket("config", "check", exit_code=2).stderr
    assert "config.providers.north.sayz: there is no such key; did you mean 'says'? (placket.toml)" in errors
    assert "providers.south.confidence" in errors
    assert "merge.fields.brand.policy" in errors


def test_what_the_plugins_find_is_listed_with_the_rest(placket, taggers):
    taggers.configure(
        north="sayz = 1\nweight = -1",
        south="confidence = true",
        targets=("north", "suoth"),
        rest='[providers.odd]\nplugin = "nothr"\n[merge.fields.colour]\nthreshold = 0.5\n'
        '[merge.fields.brand]\npolicy = "votes"\n[routes.visual_search]\ntargets = ["north"]\ndeadlin = "5s"\n',
    )
    told = placket("config", "check", exit_code=2).stderr
    places = (
        "providers.north.weight",
        "providers.north.sayz",
        "providers.south.confidence",
        "providers.odd.plugin",
        "routes.garment_tagger.targets[1]",
        "routes.visual_search.deadlin",
        "merge.fields.colour",
    )
    assert [told.count(f"config.{place}: ") for place in places] == [1] * len(places)
    assert told.count("error: ") == len(places), "whether a plugin of an unknown name has the policy is not known"


@pytest.mark.parametrize("command", [("config", "check"), ("doctor",)])
def test_a_route_that_nobody_on_it_can_serve_is_warned_about(placket, taggers, command):
    taggers.configure(rest='[routes.visual_search]\ntargets = ["own"]\n[routes.own]\ntargets = ["north"]\n')
    told = " ".join(placket(*command).output.split())
    assert "config.routes.visual_search: no provider that it" in told
    assert "config.routes.garment_tagger: " not in told


def test_a_plugin_that_cannot_be_told_brings_no_other_problem(placket, taggers):
    taggers.configure(north="", rest='[providers.odd]\nplugin = 3\n[merge.fields.brand]\npolicy = "votes"\n')
    assert placket("config", "check", exit_code=2).stderr.count("error: ") == 1
    taggers.configure(north="weight = -1", rest='[merge.fields.brand]\npolicy = "votes"\n')
    told = placket("config", "check", exit_code=2).stderr
    assert "config.merge.fields.brand.policy" in told
    assert told.count("error: ") == 2
    taggers.configure(rest="[merge.fields.colour]\nthreshold = 0.5\n")
    assert placket("config", "check", exit_code=2).stderr.count("error: ") == 1


@pytest.mark.parametrize("path", ["missing.toml", "."])
def test_a_file_that_cannot_be_read_is_told(placket, path):
    result = placket("config", "check", path, exit_code=2)
    assert result.stderr.startswith("error: ")
    assert path in result.stderr


def test_secrets_are_looked_up_only_on_request(placket, taggers, monkeypatch):
    taggers.configure(north='key = { env = "NORTH_KEY" }')
    assert "secrets were not looked up" in placket("config", "check").stdout
    assert "NORTH_KEY is not set" in placket("config", "check", "--resolve", exit_code=2).stderr
    monkeypatch.setenv("NORTH_KEY", "hunter2hunter2")
    result = placket("config", "check", "--resolve")
    assert "valid" in result.stdout
    assert "hunter2" not in result.output


def test_the_schema_knows_the_settings_of_every_plugin(placket, taggers):
    schema = placket.json("config", "schema")
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    assert validator.is_valid({"providers": {"n": {"plugin": "north", "says": "x"}}})
    assert not validator.is_valid({"providers": {"n": {"plugin": "north", "sayz": "x"}}})


def test_the_schema_leaves_a_broken_plugin_out_and_says_so(placket, site):
    site.install("rotten", "import nowhere_to_be_found")
    result = placket("config", "schema")
    json.loads(result.stdout)
    assert "left out: the plugin 'rotten'" in result.stderr


def test_the_configuration_is_chosen_by_option_then_variable_then_file(placket, taggers, work_folder):
    for name in ("option", "variable"):
        (work_folder / f"{name}.toml").write_text('[providers.here]\nplugin = "local"\n')
    environment = {"PLACKET_CONFIG": "variable.toml"}
    assert placket.json("providers", "--json")["config"] == "placket.toml"
    assert placket.json("providers", "--json", env=environment)["config"] == "variable.toml"
    for arguments in (("--config", "option.toml", "providers"), ("providers", "--config", "option.toml")):
        assert placket.json(*arguments, "--json", env=environment)["config"] == "option.toml"


def test_a_plugin_whose_words_do_not_fit_is_told_of_once(placket, site, work_folder):
    site.install(
        "words",
        """
        import placket
        from placket.record import VocabularyAddition


        @placket.hookimpl
        def placket_vocabulary():
            return [VocabularyAddition("color", "x:petrol", "Petrol")]
        """,
    )
    (work_folder / "placket.toml").write_text('plugins = ["words"]\n[providers.here]\nplugin = "local"\n')
    told = placket("config", "check", exit_code=2).stderr.splitlines()
    assert sum(line.startswith("error: the plugin 'words'") for line in told) == 1

"""The schema for editors says what loading says."""

from __future__ import annotations

import tomllib

import jsonschema
import pytest

from placket.config import config_schema, load_config, structure_settings
from placket.errors import ConfigError


@pytest.fixture
def validator(acme, local):
    schema = config_schema([acme, local])
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def loads(document, acme, local) -> bool:
    try:
        config = load_config(document)
        for name, provider in config.providers.items():
            kind = {"acme": acme, "local": local}.get(provider.plugin)
            if kind is not None:
                structure_settings(kind, provider.options, f"providers.{name}", resolve=False)
    except ConfigError:
        return False
    return True


ACME = 'plugin = "acme"\napi_key = { env = "KEY" }\n'
ROUTE = '[routes.garment_tagger]\ntargets = ["a"]\n'

ACCEPTED = {
    "an unknown plugin": '[providers.a]\nplugin = "other"\nwhatever = { x = 1 }',
    "the embedded provider": '[providers.a]\nplugin = "local"\nthreads = 3',
    "every common key": "[providers.a]\n"
    + ACME
    + 'enabled = false\nrate_limit = "10/5s"\nconcurrency = 2\nweight = 0\nlineage = "x"\nquota_group = "y"\n'
    'timeout = "1.5m"\ncost = { tag = 1 }\nbudget = { limit = 3.5, per = "hour" }\nbreaker = { cooldown = "1s" }',
    "every setting": "[providers.a]\n"
    + ACME
    + 'base_url = "https://x.example/a"\npoll_every = "2s"\nlargest = "10 MB"\nburst = "6/minute"\ntone = "cold"\n'
    'mode = "exact"\nfolder = "x"\nprice = 1\nregions = [{ name = "n", size = 2 }]\nheaders = { a = "b", c = 3 }\n'
    'second_key = { keyring = "a/b" }',
    "a plain cost": "[providers.a]\ncost = 0.5\n" + ACME,
    "a route in a route": "[providers.a]\n" + ACME + '[routes.garment_tagger]\nstrategy = "shadow"\n'
    'targets = ["a", { strategy = "all", targets = ["a"], min_success = 1 }]',
    "everything else": "[providers.a]\n"
    + ACME
    + '[http]\ntimeout = "5s"\nmax_image_bytes = "5 MiB"\ntrusted_hosts = ["images.example"]\n'
    "[merge.fields.color]\nthreshold = 0.4\n[merge.calibration]\na = [[0, 0.1], [1, 0.9]]\n"
    '[images.host]\nplugin = "x"\nfolder = "y"',
    "every way to name a field": "[providers.a]\n" + ACME + ROUTE + 'strategy = "complete"\n'
    'fields = ["brand", "measurements", "measurements.waist", "ar", "ar.assets", "extra", "extra.acme.note"]\n'
    '[merge.fields.shoot]\n[merge.fields."measurements.waist"]\n[merge.fields."extra.acme.note"]',
    "every way to write an address": '[providers.a]\nbase_url = "HTTPS://x.example:8443/a"\n' + ACME,
    "an address of this machine": '[providers.a]\nbase_url = "http://127.0.0.1:8000"\n' + ACME,
    "an address of this machine, by name": '[providers.a]\nbase_url = "http://localhost"\n' + ACME,
    "an address of this machine, in IPv6": '[providers.a]\nbase_url = "http://[::1]:8000/a"\n' + ACME,
    "every way to write a rate": '[providers.a]\nrate_limit = " 10 / 0.5 Minutes "\nburst = "6/s"\n' + ACME,
    "a cost of all": '[providers.a]\ncost = { "*" = 0.1, tag = 1 }\n' + ACME,
    "a small time": '[providers.a]\ntimeout = "0.05 s"\n' + ACME,
    "no size at all": '[providers.a]\nlargest = "0 B"\n' + ACME,
    "a catalog": "[providers.a]\n" + ACME + '[enrich]\ncatalogs = ["a/catalog/x/y"]',
    "a user agent": "[providers.a]\n" + ACME + '[http]\nuser_agent = "acme-shop/1.0 (shop)"',
}

REFUSED = {
    "an unknown key": "plugin = []\n[providers.a]\n" + ACME,
    "no provider": "[http]\n",
    "no plugin": "[providers.a]\nenabled = true",
    "a plugin's unknown key": "[providers.a]\napi_kye = 1\n" + ACME,
    "the other plugin's key": '[providers.a]\nplugin = "local"\napi_key = { env = "X" }',
    "no required setting": '[providers.a]\nplugin = "acme"',
    "a plain secret": '[providers.a]\nplugin = "acme"\napi_key = "hunter2"',
    "two references": '[providers.a]\nplugin = "acme"\napi_key = { env = "X", file = "y" }',
    "a wrong reference": '[providers.a]\nplugin = "acme"\napi_key = { evn = "X" }',
    "a number in quotes": '[providers.a]\nweight = "2"\n' + ACME,
    "a number below its bound": "[providers.a]\nconcurrency = 0\n" + ACME,
    "a cost below zero": "[providers.a]\ncost = { tag = -1 }\n" + ACME,
    "a duration without a unit": '[providers.a]\ntimeout = "60"\n' + ACME,
    "a duration as a number": "[providers.a]\ntimeout = 60\n" + ACME,
    "a rate without a unit": '[providers.a]\nrate_limit = "6"\n' + ACME,
    "a size without a unit": '[providers.a]\nlargest = "6"\n' + ACME,
    "a choice that is none": '[providers.a]\nmode = "slow"\n' + ACME,
    "a nested number below its bound": '[providers.a]\nregions = [{ name = "n", size = 0 }]\n' + ACME,
    "a budget without a limit": "[providers.a]\nbudget = {}\n" + ACME,
    "a name with a space": '[providers."a b"]\n' + ACME,
    "a strategy that is none": "[providers.a]\n" + ACME + ROUTE + 'strategy = "frist"',
    "an option of another strategy": "[providers.a]\n" + ACME + ROUTE + "min_confidence = 0.5",
    "an option of another strategy, named": "[providers.a]\n" + ACME + ROUTE + 'strategy = "race"\nmin_success = 1',
    "a route without targets": "[providers.a]\n" + ACME + '[routes.garment_tagger]\nstrategy = "all"',
    "a confidence above 1": "[providers.a]\n" + ACME + ROUTE + 'strategy = "complete"\nmin_confidence = 2',
    "a route with no target": "[providers.a]\n" + ACME + "[routes.garment_tagger]\ntargets = []",
    "a route in place with no target": "[providers.a]\n"
    + ACME
    + "[routes.garment_tagger]\ntargets = [{ targets = [] }]",
    "a route's name with a space": "[providers.a]\n" + ACME + ROUTE + '[routes."x y"]\ntargets = ["a"]',
    "a field that is none": "[providers.a]\n" + ACME + ROUTE + 'strategy = "complete"\nfields = ["brnad"]',
    "a merged field that is none": "[providers.a]\n" + ACME + "[merge.fields.brnad]",
    "a cost of what is no operation": "[providers.a]\ncost = { tga = 1 }\n" + ACME,
    "no time at all": '[providers.a]\ntimeout = "0 s"\n' + ACME,
    "a setting that is no time at all": '[providers.a]\npoll_every = "0.0ms"\n' + ACME,
    "no rate at all": '[providers.a]\nrate_limit = "0/minute"\n' + ACME,
    "a rate in no time": '[providers.a]\nrate_limit = "6/0.0s"\n' + ACME,
    "a rate in an unknown unit": '[providers.a]\nrate_limit = "6/fortnight"\n' + ACME,
    "plain http to elsewhere": '[providers.a]\nbase_url = "http://x.example"\n' + ACME,
    "plain http to what looks like this machine": '[providers.a]\nbase_url = "http://localhost.example"\n' + ACME,
    "a catalog that is no reference": "[providers.a]\n" + ACME + '[enrich]\ncatalogs = ["x"]',
    "a user agent in two lines": "[providers.a]\n" + ACME + '[http]\nuser_agent = "a\\nb"',
    "a calibration without points": "[providers.a]\n" + ACME + "[merge.calibration]\na = []",
    "a calibration above 1": "[providers.a]\n" + ACME + "[merge.calibration]\na = [[0, 0], [2, 1]]",
    "three numbers in a pair": "[providers.a]\n" + ACME + "[merge.calibration]\na = [[0, 1, 2], [1, 1]]",
}


def test_it_accepts_the_example(validator, valid, acme, local):
    document = tomllib.loads(valid)
    validator.validate(document)
    assert loads(document, acme, local)


@pytest.mark.parametrize("what", ACCEPTED)
def test_it_accepts_what_loading_accepts(validator, acme, local, what):
    document = tomllib.loads(ACCEPTED[what])
    assert loads(document, acme, local)
    validator.validate(document)


@pytest.mark.parametrize("what", REFUSED)
def test_it_refuses_what_loading_refuses(validator, acme, local, what):
    document = tomllib.loads(REFUSED[what])
    assert not loads(document, acme, local)
    assert not validator.is_valid(document)


def test_it_carries_the_documentation(acme):
    schema = config_schema([acme])
    options = next(
        rule
        for rule in schema["properties"]["providers"]["additionalProperties"]["allOf"]
        if "required" in rule["then"]
    )
    assert options["then"]["properties"]["api_key"]["description"] == "The key from the dashboard."
    assert schema["properties"]["providers"]["additionalProperties"]["properties"]["weight"]["default"] == 1.0

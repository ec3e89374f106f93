"""``placket doctor``: what is there, what is missing, and what to do about it."""

from __future__ import annotations

import re
import socket
import tomllib
from pathlib import Path

from placket.cli.examination import EXTRAS


def findings_of(placket, *arguments: str, exit_code: int = 0) -> dict[str, dict[str, str]]:
    document = placket.json("doctor", "--json", *arguments, exit_code=exit_code)
    return {finding["what"]: finding for finding in document["findings"]}


def test_everything_that_is_in_order_is_told(placket, taggers):
    findings = findings_of(placket)
    assert {finding["status"] for finding in findings.values()} <= {"ok", "warning"}
    assert findings["plugin north"]["found"] == "placket-north 1.2.3"
    assert findings["plugin local"]["found"].endswith("not used")
    assert findings["providers"]["found"] == "ready: north, south"
    assert findings["configuration"]["found"] == "placket.toml: 2 providers"
    assert findings["numpy"]["status"] == "ok"
    output = placket("doctor").stdout
    assert "problems: 0" in output
    assert "Nobody was connected to" in output


def test_every_library_of_the_embedded_provider_is_looked_for():
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = {
        (re.match(r"[\w-]+", each)[0].lower(), extra)
        for extra in ("local", "keyring")
        for each in project["optional-dependencies"][extra]
    }
    assert {(name.lower(), extra) for name, (extra, _) in EXTRAS.items()} == wanted


def test_a_missing_secret_is_a_problem_with_its_place(placket, taggers):
    taggers.configure(north='key = { env = "NORTH_KEY" }')
    findings = findings_of(placket, exit_code=2)
    assert findings["settings of north"]["status"] == "problem"
    assert "config.providers.north.key" in findings["settings of north"]["found"]
    assert findings["settings of south"]["status"] == "ok"
    assert "problems: 1" in placket("doctor", exit_code=2).stdout


def test_a_secret_that_is_there_is_never_shown(placket, taggers, monkeypatch):
    monkeypatch.setenv("NORTH_KEY", "hunter2hunter2")
    taggers.configure(north='key = { env = "NORTH_KEY" }')
    for result in (placket("doctor"), placket("doctor", "--json"), placket("-vv", "doctor")):
        assert "hunter2" not in result.output


def test_a_disabled_provider_needs_no_secret(placket, taggers):
    taggers.configure(strategy="first", targets=("south",), north='enabled = false\nkey = { env = "NORTH_KEY" }')
    assert "settings of north" not in findings_of(placket)


def test_a_wrong_configuration_is_a_problem_and_the_rest_is_looked_at(placket, taggers, work_folder):
    (work_folder / "placket.toml").write_text('[providers.north]\nplugin = "north"\nweihgt = 2\nsays = 3\n')
    findings = findings_of(placket, exit_code=2)
    assert "weihgt" in findings["configuration"]["found"]
    assert findings["plugin north"]["status"] == "ok"


def test_a_broken_plugin_is_a_problem_only_where_it_is_used(placket, taggers, site):
    site.install("rotten", "import nowhere_to_be_found")
    assert findings_of(placket)["plugin rotten"]["status"] == "warning"
    taggers.configure(rest='[providers.bad]\nplugin = "rotten"\n')
    assert findings_of(placket, exit_code=2)["plugin rotten"]["status"] == "problem"


def test_a_plugin_limit_that_names_nothing_is_a_problem(placket, monkeypatch):
    monkeypatch.setenv("PLACKET_PLUGINS", "nothing")
    assert findings_of(placket, exit_code=2)["plugins"]["status"] == "problem"


def test_a_provider_that_cannot_be_built_is_a_problem(placket, site, work_folder):
    site.install_tagger("north")
    module = site.folder / "placket_north.py"
    module.write_text(module.read_text().replace("self.settings, self.context = settings, context", "1 / 0"))
    (work_folder / "placket.toml").write_text('[providers.north]\nplugin = "north"\n')
    finding = findings_of(placket, exit_code=2)["providers"]
    assert "ZeroDivisionError" in finding["found"]


def test_the_network_is_left_alone_until_asked_for(placket, taggers):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        taggers.configure(north=f'base_url = "http://127.0.0.1:{port}"')
        assert "connection to north" not in findings_of(placket)
        finding = findings_of(placket, "--network")["connection to north"]
        assert finding["status"] == "ok"
        assert finding["found"] == f"127.0.0.1:{port}"


def test_nobody_listening_is_a_problem(placket, taggers):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    taggers.configure(north=f'base_url = "http://127.0.0.1:{port}"')
    findings = findings_of(placket, "--network", exit_code=2)
    assert findings["connection to north"]["status"] == "problem"
    assert "connection to south" not in findings, "it does not say where its service is"


def test_an_image_host_is_looked_at(placket, taggers):
    assert "none" in findings_of(placket)["image host"]["found"]
    taggers.configure(rest='[images.host]\nplugin = "local:directory"\nfolder = "out"\n')
    found = findings_of(placket, exit_code=2)
    assert "images.host.base_url" in found["configuration"]["found"]

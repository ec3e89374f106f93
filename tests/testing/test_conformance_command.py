"""``placket conformance``: the rules against a configured provider, and what it leaves alone at the vendor."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from placket.cli.program import program
from placket.cli.skeleton_files import skeleton_files

KEY = "acme-key-for-tests"


@pytest.fixture
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The store of the skeleton, installed, and its vendor's server in a thread of its own."""
    for name, text in skeleton_files("acme", "product_store").items():
        (tmp_path / name).write_text(text, "utf-8")
    metadata = tmp_path / "placket_acme-1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: placket-acme\nVersion: 1\n")
    (metadata / "entry_points.txt").write_text("[placket]\nacme = placket_acme\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ACME_KEY", KEY)
    monkeypatch.delenv("PLACKET_CONFIG", raising=False)
    namespace: dict[str, Any] = {"__name__": "acme_tests"}
    exec((tmp_path / "test_placket_acme.py").read_text("utf-8"), namespace)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    server = namespace["AcmeServer"]()
    asyncio.run_coroutine_threadsafe(server.__aenter__(), loop).result(10)
    (tmp_path / "placket.toml").write_text(
        f'[providers.shelf]\nplugin = "acme"\napi_key = {{ env = "ACME_KEY" }}\nbase_url = "{server.url}"\n'
    )
    yield server
    asyncio.run_coroutine_threadsafe(server.__aexit__(None, None, None), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()
    sys.modules.pop("placket_acme", None)


def placket(*arguments: str, exit_code: int = 0) -> Result:
    result = CliRunner().invoke(program, ("conformance", *arguments), prog_name="placket")
    assert result.exit_code == exit_code, result.output
    assert KEY not in result.output
    return result


def findings_of(*arguments: str, exit_code: int = 0) -> dict[str, dict[str, Any]]:
    document = json.loads(placket(*arguments, "--json", exit_code=exit_code).stdout)
    assert document["provider"] == "shelf"
    return {finding["check"]: finding for finding in document["findings"]}


def methods(server: Any) -> set[str]:
    return {request.method for request in server.requests}


def test_nothing_is_changed_without_leave(acme):
    findings = findings_of("shelf")
    assert methods(acme) == {"GET"}
    assert findings["list works"]["verdict"] == "passed"
    assert findings["facet is refused"]["verdict"] == "passed"
    assert findings["start_export is refused"]["verdict"] == "skipped", "who knows what it would do"
    for name in ("create", "update", "delete"):
        assert findings[f"{name} works"]["verdict"] == "skipped"
        assert "--write" in findings[f"{name} works"]["details"]
    assert findings["get works"]["details"] == "list is empty, so there is nothing to ask about"


def test_what_is_made_is_deleted_again(acme):
    findings = findings_of("shelf", "--write")
    assert {finding["verdict"] for finding in findings.values()} == {"passed"}
    assert methods(acme) == {"GET", "POST", "PATCH", "DELETE"}
    assert acme._products == {}


def test_the_report_for_people(acme):
    output = placket("shelf", "--interface", "product_store").stdout
    assert "list works" in output
    assert "failed: 0" in output
    assert "Nothing was changed at the vendor" in output


def test_a_broken_rule_is_told(acme):
    acme.faults.add("wrong-shape", method="GET", body=b'{"products": [{"id": "p1", "title": "A", "colour": "red"}]}')
    plugin = Path("placket_acme.py")
    plugin.write_text(plugin.read_text().replace('"extra": Level.FULL', '"labels": Level.FULL'))
    finding = findings_of("shelf", exit_code=1)["list works"]
    assert finding["verdict"] == "failed"
    assert "the capabilities do not declare" in finding["details"]


def test_a_vendor_that_refuses_is_told(acme, monkeypatch):
    monkeypatch.setenv("ACME_KEY", "another-key")
    finding = findings_of("shelf", exit_code=1)["list works"]
    assert "HTTP 401" in finding["details"]


def test_a_provider_that_is_not_there(acme):
    assert "no provider is configured by the name 'nobody'" in placket("nobody", exit_code=2).stderr


def test_an_interface_that_it_has_not(acme):
    result = placket("shelf", "--interface", "visual_search", exit_code=2)
    assert "has the interfaces product_store" in result.stderr


def test_a_picture_that_is_none(acme):
    Path("notes.txt").write_text("no picture")
    assert "is not an image" in placket("shelf", "--photo", "notes.txt", exit_code=2).stderr


def test_a_secret_that_is_missing(acme, monkeypatch):
    monkeypatch.delenv("ACME_KEY")
    assert "config.providers.shelf.api_key" in placket("shelf", exit_code=2).stderr

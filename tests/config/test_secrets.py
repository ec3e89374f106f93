"""Secrets by reference: followed when a provider is built, never shown."""

from __future__ import annotations

import logging
import pickle
import sys
import threading

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

from placket.config import load_config, structure_settings
from placket.errors import ConfigError
from placket.registry import Secret

PATH = "providers.a"


def refused(acme, options, **more) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        structure_settings(acme, options, PATH, environ={}, **more)
    return caught.value


def test_from_the_environment(acme):
    settings = structure_settings(acme, {"api_key": {"env": "KEY"}}, PATH, environ={"KEY": "hunter2"})
    assert settings.api_key.reveal() == "hunter2"
    assert "hunter2" not in repr(settings)


def test_the_end_of_a_line_is_no_part_of_a_secret(acme):
    settings = structure_settings(acme, {"api_key": {"env": "KEY"}}, PATH, environ={"KEY": "hunter2\n"})
    assert settings.api_key.reveal() == "hunter2"


@pytest.mark.parametrize(
    ("content", "secret"),
    [(b"hunter2", "hunter2"), (b"hunter2\n", "hunter2"), (b"hunter2\r\n", "hunter2"), (b"a\n\n", "a\n")],
)
def test_from_a_file_beside_the_configuration(acme, tmp_path, content, secret):
    (tmp_path / "key").write_bytes(content)
    (tmp_path / "key").chmod(0o600)
    for name in ("key", str(tmp_path / "key")):
        settings = structure_settings(acme, {"api_key": {"file": name}}, PATH, environ={}, folder=tmp_path)
        assert settings.api_key == Secret(secret)


@pytest.mark.parametrize(("mode", "warned"), [(0o600, False), (0o640, True), (0o604, True)])
def test_a_file_that_others_can_read_is_warned_about(acme, tmp_path, caplog, mode, warned):
    (tmp_path / "key").write_text("hunter2")
    (tmp_path / "key").chmod(mode)
    with caplog.at_level(logging.WARNING):
        structure_settings(acme, {"api_key": {"file": "key"}}, PATH, environ={}, folder=tmp_path)
    assert ("secret-file-readable-by-others" in caplog.text) is warned
    assert "hunter2" not in caplog.text


class Keyring(KeyringBackend):
    priority = 1
    let_go = threading.Event()

    def get_password(self, service, username):
        if service == "locked":
            raise KeyringLocked("it is locked")
        if service == "broken":
            raise RuntimeError("there is no bus")
        if service == "hanging":
            self.let_go.wait(20)
        if service == "binary":
            return b"hunter2"
        return {("acme/eu", "shop"): "hunter2"}.get((service, username))

    def set_password(self, service, username, password):
        raise AssertionError

    def delete_password(self, service, username):
        raise AssertionError


@pytest.fixture
def ring():
    before = keyring.get_keyring()
    keyring.set_keyring(Keyring())
    Keyring.let_go.clear()
    yield
    Keyring.let_go.set()
    keyring.set_keyring(before)


@pytest.mark.usefixtures("ring")
def test_from_the_keyring(acme):
    settings = structure_settings(acme, {"api_key": {"keyring": "acme/eu/shop"}}, PATH, environ={})
    assert settings.api_key.reveal() == "hunter2"
    assert "keyring set acme shop" in str(refused(acme, {"api_key": {"keyring": "acme/shop"}}))
    assert "cannot be read: it is locked" in str(refused(acme, {"api_key": {"keyring": "locked/shop"}}))


@pytest.mark.usefixtures("ring")
@pytest.mark.parametrize(
    ("service", "said"),
    [
        ("broken", "the keyring cannot be read (RuntimeError: there is no bus); see with `keyring diagnose`"),
        ("binary", "gives bytes for binary/shop where a text is expected; store it again with `keyring set binary"),
        ("hanging", "the keyring did not answer within 0.05 seconds; unlock it"),
    ],
)
def test_a_keyring_that_cannot_give_the_secret_is_told_with_the_way_out(acme, monkeypatch, service, said):
    monkeypatch.setattr("placket.transport.system_keyring.PATIENCE", 0.05)
    error = refused(acme, {"api_key": {"keyring": f"{service}/shop"}})
    assert error.path == "providers.a.api_key"
    assert said in str(error)
    assert '{ env = "VARIABLE" }' in str(error)
    assert "hunter2" not in str(error)


@pytest.mark.parametrize(
    ("backend", "said"),
    [
        ("no.such.Backend", "the keyring cannot be read (ModuleNotFoundError: No module named 'no')"),
        ("bare", "the keyring cannot be read (ValueError: Empty module name)"),
        ("keyring.backends.fail.Keyring", "No recommended backend was available"),
        ("keyring.backends.null.Keyring", "the keyring has no entry acme/shop; make it with: keyring set acme shop"),
    ],
)
def test_a_keyring_without_a_backend_that_works_is_no_fault_of_the_plugin(acme, monkeypatch, backend, said):
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", backend)
    monkeypatch.setattr("keyring.core._keyring_backend", None)
    error = refused(acme, {"api_key": {"keyring": "acme/shop"}})
    assert type(error) is ConfigError
    assert said in str(error)


def test_without_the_package_the_way_to_get_it_is_told(acme, monkeypatch):
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert "pip install 'placket[keyring]'" in str(refused(acme, {"api_key": {"keyring": "acme/shop"}}))


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("hunter2", "must be a reference, so that the secret is not in the file; write { env ="),
        (7, "must be a reference to a secret; write { env ="),
        (["hunter2"], "must be a reference to a secret"),
        ({"env": "KEY"}, "the environment variable KEY is not set"),
        ({"env": "sk-hunter2"}, "no environment variable has such a name; name one that holds the secret: write {"),
        ({"evn": "KEY"}, "'evn' is no kind of reference; did you mean 'env'?"),
        ({"env": "KEY", "file": "key"}, "must be exactly one reference"),
        ({}, "must be exactly one reference"),
        ({"env": 3}, "the reference's env must be a text"),
        ({"env": ""}, "the reference's env must be a text"),
        ({"file": "nowhere"}, "nowhere cannot be read: No such file or directory"),
        ({"file": "."}, "is not a file"),
        ({"file": "a\0b"}, "it has no usable name"),
        ({"file": "~nobody-at-all/key"}, "it has no usable name"),
        ({"keyring": "acme"}, 'a keyring reference is { keyring = "service/user" }'),
    ],
)
def test_a_reference_that_leads_nowhere(acme, tmp_path, reference, message):
    error = refused(acme, {"api_key": reference}, folder=tmp_path)
    assert error.path == "providers.a.api_key"
    assert message in str(error)
    assert "hunter2" not in str(error)


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "is empty"), (b"\n", "is empty"), (b"\xff\xfe", "is not UTF-8 text"), (b"x" * 70_000, "is too large")],
)
def test_a_file_that_holds_no_secret(acme, tmp_path, content, message):
    (tmp_path / "key").write_bytes(content)
    (tmp_path / "key").chmod(0o600)
    assert message in str(refused(acme, {"api_key": {"file": "key"}}, folder=tmp_path))


def test_an_empty_variable_is_no_secret(acme):
    with pytest.raises(ConfigError, match="the secret in env KEY is empty"):
        structure_settings(acme, {"api_key": {"env": "KEY"}}, PATH, environ={"KEY": ""})


def test_a_configuration_can_be_checked_where_its_secrets_are_not(acme):
    structure_settings(acme, {"api_key": {"env": "KEY"}}, PATH, environ={}, resolve=False)
    assert "must be a reference" in str(refused(acme, {"api_key": "hunter2"}, resolve=False))
    assert "exactly one" in str(refused(acme, {"api_key": {}}, resolve=False))
    assert "service/user" in str(refused(acme, {"api_key": {"keyring": "acme"}}, resolve=False))


def test_the_host_may_hand_over_a_secret_itself(acme):
    document = {"providers": {"a": {"plugin": "acme", "api_key": Secret("hunter2")}}}
    config = load_config(document)
    assert "hunter2" not in repr(config)
    settings = structure_settings(acme, config.providers["a"].options, PATH, environ={})
    assert settings.api_key.reveal() == "hunter2"
    with pytest.raises(TypeError):
        pickle.dumps(settings)


def test_a_secret_in_the_wrong_place_is_not_shown(acme):
    config = load_config({"providers": {"a": {"plugin": "acme", "api_kye": "hunter2", "poll_every": "hunter2"}}})
    assert "hunter2" not in repr(config)
    error = refused(acme, config.providers["a"].options)
    assert "hunter2" not in str(error)
    assert "did you mean 'api_key'?" in str(error)

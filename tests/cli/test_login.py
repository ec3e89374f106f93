"""``placket login``: what the person is shown, where the login is kept, and how it ends."""

from __future__ import annotations

import json
import stat
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from attrs import define, field

PLUGIN = """
from attrs import frozen

import placket
from placket.interfaces import Capabilities, Level, ShootManager
from placket.registry import ProviderType, Secret, Url, setting
from placket.transport import FileTokenStore, OAuth2DeviceFlow


@frozen(kw_only=True)
class Settings:
    base_url: Url = setting(doc="Where the service is.")
    key: Secret | None = setting(default=None, doc="A secret.")


class Shoots(ShootManager):
    def __init__(self, settings, context):
        self.store = FileTokenStore(context.data_folder / "token.json")
        self.auth = OAuth2DeviceFlow("/token", "/device", "client-1", store=self.store)
        self.http = context.http(settings.base_url, self.auth)

    async def login(self, show):
        await self.auth.login(self.http, show)
        return str(self.store)


@placket.hookimpl
def placket_provider_types():
    yield ProviderType(
        name="acme",
        title="Acme",
        settings=Settings,
        factory=Shoots,
        interfaces=(ShootManager,),
        capabilities=Capabilities(operations={"shoot_manager.list_skus": Level.FULL}),
    )
"""


@define
class AuthServer:
    """``pending``: how often the person has not decided yet. ``refusal``: the OAuth error that ends it."""

    url: str = ""
    pending: int = 2
    refusal: str = ""
    tokens: dict[str, Any] = field(
        factory=lambda: {"access_token": "access-4711", "refresh_token": "refresh-4711", "expires_in": 86400}
    )
    asked: list[str] = field(factory=list)

    def answer(self, path: str, fields: dict[str, list[str]]) -> tuple[int, dict[str, Any]]:
        self.asked.append(path)
        if path == "/device":
            return 200, {
                "device_code": "device-4711",
                "user_code": "WDJB-MJHT",
                "verification_uri": "https://acme.example/device",
                "verification_uri_complete": "https://acme.example/device?user_code=WDJB-MJHT",
                "expires_in": 900,
                "interval": 0.001,
            }
        assert fields["device_code"] == ["device-4711"]
        if self.pending:
            self.pending -= 1
            return 403, {"error": "authorization_pending"}
        return (403, {"error": self.refusal}) if self.refusal else (200, self.tokens)


@pytest.fixture
def server() -> Iterator[AuthServer]:
    auth = AuthServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, document = auth.answer(self.path, parse_qs(body.decode()))
            encoded = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(encoded)))
            self.end_headers()
            self.wfile.write(encoded)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        auth.url = f"http://127.0.0.1:{http.server_address[1]}"
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield auth
        http.shutdown()
        thread.join()


@pytest.fixture
def configured(site, work_folder: Path, server: AuthServer) -> Path:
    site.install("acme", PLUGIN)
    site.install_tagger("north")
    path = work_folder / "placket.toml"
    path.write_text(
        f'[providers.mine]\nplugin = "acme"\nbase_url = "{server.url}"\n'
        '[providers.north]\nplugin = "north"\nkey = { env = "NOT_SET_ANYWHERE" }\n'
        '[routes.garment_tagger]\ntargets = ["north"]\n'
    )
    return path


def test_the_person_is_shown_the_code_and_told_where_the_login_is_kept(placket, configured, server, tmp_path):
    result = placket("login", "mine")
    token = tmp_path / "data" / "mine" / "token.json"
    assert "https://acme.example/device" in result.stderr
    assert "WDJB-MJHT" in result.stderr
    assert "within 15 minutes" in result.stderr
    assert result.stdout.startswith("logged in to mine; the login is kept in the file")
    assert str(token) in "".join(result.stdout.split("\n"))
    assert json.loads(token.read_text()) == {"refresh_token": "refresh-4711", "origin": "login"}
    assert stat.S_IMODE(token.stat().st_mode) == 0o600
    assert server.asked == ["/device", "/token", "/token", "/token"]
    assert "-4711" not in result.output


def test_the_provider_need_not_be_enabled_and_the_others_secrets_need_not_be_there(placket, configured):
    configured.write_text(configured.read_text().replace("[providers.north]", "enabled = false\n[providers.north]"))
    assert "logged in to mine" in placket("login", "mine").stdout


@pytest.mark.parametrize(
    ("refusal", "told"), [("access_denied", "refused in the browser"), ("expired_token", "expired")]
)
def test_the_person_s_no_is_a_failure_of_the_provider(placket, configured, server, tmp_path, refusal, told):
    server.refusal = refusal
    result = placket("login", "mine", exit_code=1)
    assert "error: mine.authenticate: " in result.stderr
    assert told in result.stderr
    assert not (tmp_path / "data" / "mine" / "token.json").exists()


def test_a_login_that_would_be_forgotten_is_no_success(placket, configured, server):
    del server.tokens["refresh_token"]
    assert "brought no refresh token" in placket("login", "mine", exit_code=1).stderr


def test_a_store_that_cannot_be_written_is_told_without_a_traceback(placket, configured, tmp_path):
    (tmp_path / "data").write_text("a file where the folder should be")
    result = placket("login", "mine", exit_code=2)
    assert "the token cannot be kept in" in result.stderr
    assert "Traceback" not in result.output


def test_a_provider_without_a_login_says_so(placket, taggers):
    assert "has no login" in placket("login", "north", exit_code=2).stderr


def test_an_unknown_provider_is_named_with_its_neighbours(placket, configured):
    stderr = placket("login", "mien", exit_code=2).stderr
    assert "config.providers: there is no provider 'mien'; did you mean 'mine'?" in stderr
    assert "mine, north" in stderr


def test_a_vendor_that_is_not_there_is_a_failure_of_the_provider(placket, configured, server):
    configured.write_text(configured.read_text().replace(server.url, "http://127.0.0.1:1"))
    assert "no connection to 127.0.0.1:1" in placket("login", "mine", exit_code=1).stderr

"""Files that a vendor has on the web are fetched safely and written whole."""

from __future__ import annotations

import asyncio
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from placket.cli.delivery import Delivery

VENDOR = """
from __future__ import annotations

from attrs import frozen

import placket
from placket.interfaces import (
    ARContentBuilder, ArProduct, Capabilities, FinishedJob, JobState, Level, ProductStore, ShootManager
)
from placket.record import ArAsset, MediaItem, Shot
from placket.registry import ProviderType, setting


@frozen(kw_only=True)
class Settings:
    files: str = setting(doc="Where the files are.")


class Vendor(ARContentBuilder, ShootManager, ProductStore):
    def __init__(self, settings, context):
        self.files = settings.files

    async def get_product(self, product):
        assets = (
            ArAsset("glb", url=f"{self.files}/model?id=7"),
            ArAsset("glb", url=f"{self.files}/model?id=8"),
            ArAsset("usdz"),
        )
        return ArProduct(product, "../../Shirt: red", "", (), assets, state=JobState.SUCCEEDED)

    def brief_results(self, brief):
        from placket.interfaces import Listing, Page

        async def fetch(cursor):
            return Page([
                Shot("1", "approved", "front", image=MediaItem("shot", url=f"{self.files}/picture?{brief.id}")),
                Shot("2", "approved", "Front", image=MediaItem("shot", url=f"{self.files}/picture.png?{brief.id}")),
                Shot("3", "pending", "back"),
            ])

        return Listing(fetch)

    async def export_approved(self, skus):
        return FinishedJob((MediaItem("export", vendor_ref=f"vendor/export/{skus[0].id}"),))

    async def download_export(self, export):
        yield export.id.encode()


@placket.hookimpl
def placket_provider_types():
    yield ProviderType(
        name="vendor",
        title="A vendor",
        settings=Settings,
        factory=Vendor,
        interfaces=(ARContentBuilder, ShootManager, ProductStore),
        capabilities=Capabilities(
            {
                "ar_content_builder.get_product": Level.FULL,
                "shoot_manager.brief_results": Level.FULL,
                "shoot_manager.export_approved": Level.FULL,
                "product_store.download_export": Level.FULL,
            },
            {},
        ),
    )
"""


class Files(BaseHTTPRequestHandler):
    def do_GET(self):
        kind = b"\x89PNG\r\n\x1a\n picture " if "picture" in self.path else b"glTF "
        content = kind + self.path[-1:].encode()
        self.send_response(404 if "gone" in self.path else 200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


@pytest.fixture
def vendor(site, work_folder):
    """A vendor whose files are on a server on this machine; writes the configuration."""
    site.install("vendor", VENDOR)
    with ThreadingHTTPServer(("127.0.0.1", 0), Files) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        port = server.server_address[1]

        def configured(path="", *, trusted=True):
            hosts = f'[http]\ntrusted_hosts = ["127.0.0.1:{port}"]\n' if trusted else ""
            files = f"http://127.0.0.1:{port}{path}"
            (work_folder / "placket.toml").write_text(
                f'[providers.vendor]\nplugin = "vendor"\nfiles = "{files}"\n{hosts}'
                '[routes.ar_content_builder]\ntargets = ["vendor"]\n[routes.shoot_manager]\ntargets = ["vendor"]\n'
                '[routes.product_store]\ntargets = ["vendor"]\n'
            )

        configured()
        yield configured
        server.shutdown()
        serving.join()


def test_each_file_has_a_name_of_its_own_inside_the_folder(placket, vendor, work_folder):
    files = placket.json("ar", "show", "vendor/ar_product/1", "--out", "out", "--json")["files"]
    assert files == ["out/Shirt-red.glb", "out/Shirt-red-2.glb"]
    assert [(work_folder / file).read_bytes() for file in files] == [b"glTF 7", b"glTF 8"]
    assert "usdz" in placket("ar", "show", "vendor/ar_product/1", "--out", "out").stdout


def test_no_name_is_one_that_a_system_has_for_something_else_or_takes_for_another():
    delivery = Delivery(Path("out"), None)
    names = ("CON", "nul.", "Com1.large", "lpt\u00b9", "console", "Rouge ", "rouge...", "Stra\u00dfe", "STRASSE",
             "cafe\u0301", "caf\u00e9", "x" * 199 + ".y", "...", "")  # fmt: skip
    assert [delivery.place(name, ".jpg").name for name in names] == [
        "_CON.jpg", "_nul.jpg", "_Com1.large.jpg", "_lpt\u00b9.jpg", "console.jpg", "Rouge.jpg", "rouge-2.jpg",
        "Stra\u00dfe.jpg", "STRASSE-2.jpg", "caf\u00e9.jpg", "caf\u00e9-2.jpg", "x" * 199 + ".jpg",
        "file.jpg", "file-2.jpg",
    ]  # fmt: skip


def test_names_of_tens_of_thousands_of_files_of_one_name_are_found_at_once():
    delivery = Delivery(Path("out"), None)
    names = {delivery.place(("Front", "front", "front-7")[number % 3], ".jpg").name.lower() for number in range(40_000)}
    assert len(names) == 40_000


@pytest.mark.parametrize("suffix", [".jpg:stream", ".jpg ", "." + "x" * 99])
def test_a_suffix_that_is_none_is_left_out(tmp_path, suffix):
    (made := tmp_path / f"made{suffix}").write_bytes(b"\x89PNG\r\n\x1a\n picture")
    delivery = Delivery(tmp_path, None)
    assert asyncio.run(delivery.write("front", path=str(made))).name == "front.png"


def test_a_picture_without_a_suffix_gets_its_own(placket, vendor, work_folder):
    shots = placket.json("shoot", "results", "vendor/brief/1", "--out", "out", "--json")["shots"]
    assert [shot.get("file") for shot in shots] == ["out/front.png", "out/Front-2.png", None]
    assert sorted(path.name for path in (work_folder / "out").iterdir()) == ["Front-2.png", "front.png"]


def test_a_file_that_cannot_be_had_is_told(placket, vendor, work_folder):
    vendor("/gone")
    assert "HTTP 404" in placket("ar", "show", "vendor/ar_product/1", "--out", "out", exit_code=2).stderr
    assert list((work_folder / "out").iterdir()) == []


def test_an_address_of_this_network_is_not_fetched(placket, vendor):
    vendor(trusted=False)
    refused = placket("ar", "show", "vendor/ar_product/1", "--out", "out", exit_code=2).stderr
    assert "127.0.0.1" in refused


@pytest.mark.parametrize(
    ("command", "one", "other"),
    [("shoot results", "vendor/brief/1", "vendor/brief/2"), ("shoot export", "vendor/sku/1", "vendor/sku/2")],
)
def test_the_files_of_another_garment_are_not_written_over(placket, vendor, work_folder, command, one, other):
    def there():
        return {path.name: path.read_bytes() for path in (work_folder / "out").iterdir()}

    placket(*command.split(), one, "--out", "out")
    before = there()
    [first, *_] = sorted(before, reverse=True)
    refused = placket(*command.split(), other, "--out", "out", exit_code=2).stderr
    assert f"out/{first} is there already" in refused
    assert there() == before
    placket(*command.split(), other, "--out", "elsewhere")


def test_a_file_that_is_there_as_it_is_stays(placket, vendor, work_folder):
    for command in (("ar", "show", "vendor/ar_product/1"), ("shoot", "results", "vendor/brief/1")):
        placket(*command, "--out", "out")
        before = {path: path.stat().st_ino for path in (work_folder / "out").iterdir()}
        placket(*command, "--out", "out")
        assert {path: path.stat().st_ino for path in (work_folder / "out").iterdir()} == before
    (work_folder / "out" / "Shirt-red.glb").write_bytes(b"another shirt")
    refused = placket("ar", "show", "vendor/ar_product/1", "--out", "out", exit_code=2).stderr
    assert "out/Shirt-red.glb is there already with another content; name another --out" in refused
    assert (work_folder / "out" / "Shirt-red.glb").read_bytes() == b"another shirt"

"""Finished files: wherever the vendor says they are, they are fetched, kept and published, and never linked to."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from placket.errors import ConfigError, Unavailable
from placket.interfaces import ARContentBuilder, Image, ImageHost, Ref
from placket.record import ArAsset
from placket.testing.faults import FaultKind
from placket.testing.virtual_time import VirtualClock
from placket_local.directory_host import DirectoryImageHost

Build = Callable[..., ARContentBuilder]

PRODUCT = "48d17eb6-88f4-4b99-9f21-2a6653a10bc8"
CONFIGURATION = "85f09939-272c-406f-b3ad-3b4fcc991517"
REF = Ref("ar", "ar_product", PRODUCT)
CONTENT = b"a garment"
SHA = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "ar" / "results"


@pytest.fixture(autouse=True)
def one_file(vendor: Any) -> None:
    vendor.files["/files/shirt.garment"] = CONTENT


def content(asset: ArAsset) -> bytes:
    return Path(asset.path).read_bytes()


def lose(asset: ArAsset) -> None:
    Path(asset.path).unlink()


def endings(folder: Path) -> list[str]:
    """The endings of the files that are kept, beside the notes of what they were known as."""
    return [path.suffix for path in folder.glob("*") if not path.name.startswith("known-")]


async def test_a_file_is_kept_in_the_data_folder(provider: Build, vendor: Any, folder: Path) -> None:
    vendor.finish(results=[{"type": "MOBILE", "url": "/files/shirt.garment"}])
    (asset,) = (await provider().get_product(REF)).assets
    assert asset.path == str(folder / f"{SHA}.garment")
    assert content(asset) == CONTENT
    assert (asset.format, asset.url, asset.sha256, asset.byte_size) == ("garment", "", SHA, len(CONTENT))
    assert asset.variant == CONFIGURATION


async def test_it_is_downloaded_once_until_it_changes(provider: Build, vendor: Any, folder: Path) -> None:
    vendor.finish(results=["/files/shirt.garment"])
    for _ in range(3):
        product = await provider().get_product(REF)
    assert len(vendor.sent("GET", "/files/shirt.garment")) == 1
    vendor.finish(results=["/files/shirt.garment"], modifiedAt=1533899999.5)
    assert (await provider().get_product(REF)).assets == product.assets, "the same bytes are the same file"
    assert len(vendor.sent("GET", "/files/shirt.garment")) == 2
    lose(product.assets[0])
    assert (await provider().get_product(REF)).assets == product.assets
    assert endings(folder) == [".garment"]


async def test_without_a_time_of_change_it_is_always_fetched(provider: Build, vendor: Any) -> None:
    vendor.finish(results=["/files/shirt.garment"], modifiedAt=None)
    for _ in range(2):
        await provider().get_product(REF)
    assert len(vendor.sent("GET", "/files/shirt.garment")) == 2


async def test_an_image_host_publishes_it(provider: Build, vendor: Any, tmp_path: Path) -> None:
    vendor.finish(results=["/files/shirt.garment"])
    host = DirectoryImageHost(str(tmp_path / "www"), "https://ar.example.com/a")
    for _ in range(2):
        (asset,) = (await provider(image_host=host).get_product(REF)).assets
    assert (asset.url, asset.path) == (f"https://ar.example.com/a/{SHA}.garment", "")
    assert (tmp_path / "www" / f"{SHA}.garment").read_bytes() == CONTENT


class PicturesOnly(ImageHost):
    async def publish(self, image: Image) -> str:
        return f"https://img.example.com/{image.sha256}"


async def test_what_a_host_cannot_publish_is_kept_here(
    provider: Build, vendor: Any, picture: Callable[..., bytes], caplog: Any
) -> None:
    vendor.files["/files/rendering.png"] = picture(8, 8)
    vendor.finish(results=["/files/rendering.png", "/files/shirt.garment"])
    assets = (await provider(image_host=PicturesOnly()).get_product(REF)).assets
    assert [bool(asset.url) for asset in assets] == [True, False]
    assert content(assets[1]) == CONTENT
    assert "result-not-published" in caplog.text


async def test_the_key_goes_to_the_service_only(provider: Build, vendor: Any, bucket: Any) -> None:
    vendor.finish(results=[f"{bucket.url}/files/a.glb?sig=1", f"{vendor.base_url}/files/shirt.garment"])
    host = bucket.url.removeprefix("http://")
    assets = (await provider(trusted=(host,)).get_product(REF)).assets
    assert [content(asset) for asset in assets] == [b"the bytes of a.glb", CONTENT]
    (foreign,) = bucket.requests
    assert "Authorization" not in foreign.headers
    assert foreign.query == {"sig": "1"}
    assert "Authorization" in vendor.sent("GET", "/files/shirt.garment")[0].headers


async def test_an_address_inside_the_network_is_not_asked(
    provider: Build, vendor: Any, bucket: Any, caplog: Any
) -> None:
    vendor.finish(results=[f"{bucket.url}/files/a.glb", "/files/shirt.garment"])
    blocked, kept = (await provider().get_product(REF)).assets
    assert (blocked.format, blocked.url, blocked.path) == ("glb", "", "")
    assert kept.path
    assert bucket.requests == []
    assert "blocked address" in caplog.text


async def test_the_service_may_send_a_download_elsewhere(provider: Build, vendor: Any, bucket: Any) -> None:
    def moved(request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": f"{bucket.url}/files/a.glb?sig=1"})

    vendor.answers["GET", "/files/a.glb"] = moved
    vendor.answers["GET", "/files/b.glb"] = lambda _: web.Response(status=307, headers={"Location": "shirt.garment"})
    vendor.finish(results=["/files/a.glb", "/files/b.glb"])
    assets = (await provider(trusted=(bucket.url.removeprefix("http://"),)).get_product(REF)).assets
    assert [content(asset) for asset in assets] == [b"the bytes of a.glb", CONTENT]
    assert "Authorization" not in bucket.requests[0].headers


async def test_redirects_end(provider: Build, vendor: Any, caplog: Any) -> None:
    vendor.answers["GET", "/files/a.glb"] = lambda _: web.Response(status=302, headers={"Location": "a.glb"})
    vendor.finish(results=["/files/a.glb"])
    (asset,) = (await provider().get_product(REF)).assets
    assert not asset.path
    assert "redirects" in caplog.text
    assert len(vendor.sent("GET", "/files/a.glb")) == 4


ADDRESSES = [
    "/files/shirt.garment",
    "files/shirt.garment",
    "/v1.5/files/shirt.garment",
]


@pytest.mark.parametrize("address", ADDRESSES)
async def test_relative_addresses(provider: Build, vendor: Any, address: str) -> None:
    vendor.finish(results=[address])
    (asset,) = (await provider().get_product(REF)).assets
    assert asset.sha256 == SHA


async def test_where_relative_addresses_begin_is_a_setting(provider: Build, vendor: Any, bucket: Any) -> None:
    vendor.finish(results=["a.glb"])
    builder = provider(results_base=f"{bucket.url}/files", trusted=(bucket.url.removeprefix("http://"),))
    (asset,) = (await builder.get_product(REF)).assets
    assert content(asset) == b"the bytes of a.glb"


SHAPES = [
    "/files/shirt.garment",
    ["/files/shirt.garment"],
    [{"url": "/files/shirt.garment"}],
    [{"href": "/files/shirt.garment", "type": "MOBILE"}],
    [{"downloadUrl": "/files/shirt.garment", "resultType": "MOBILE", "size": 9}],
    [{"file": "/files/shirt.garment", "id": 3, "checksum": None}],
    [{"type": "MOBILE", "file": {"url": "/files/shirt.garment", "name": "shirt.garment"}}],
    [{"type": "MOBILE", "files": [{"url": "/files/shirt.garment"}]}],
    {"MOBILE": "/files/shirt.garment"},
    {"MOBILE": ["/files/shirt.garment"]},
    {"MOBILE": {"url": "/files/shirt.garment"}},
]


@pytest.mark.parametrize("results", SHAPES)
async def test_results_in_whatever_shape(provider: Build, vendor: Any, results: Any) -> None:
    vendor.finish(results=results)
    product = await provider().get_product(REF)
    assert [asset.sha256 for asset in product.assets] == [SHA]
    (claim,) = [claim for claim in product.claims if claim.field == "extra.pictofit.results"]
    assert claim.value == {CONFIGURATION: results}


@pytest.mark.parametrize("results", [None, [], {}, 7, "soon", [{"id": 1}], [None, 3], [{"url": ""}], ["http://["]])
async def test_results_without_a_file(provider: Build, vendor: Any, results: Any) -> None:
    vendor.finish(results=results)
    assert (await provider().get_product(REF)).assets == ()


async def test_the_vendor_s_address_is_in_raw_and_extra_only(provider: Build, vendor: Any) -> None:
    address = f"{vendor.base_url}/files/shirt.garment"
    vendor.finish(results=[{"type": "MOBILE", "url": address}])
    product = await provider().get_product(REF)
    assert address in str(product.raw)
    fields = {claim.field for claim in product.claims if address in f"{claim.value}{claim.raw}"}
    assert fields == {"extra.pictofit.results"}


async def test_the_preferred_type_comes_first(provider: Build, vendor: Any) -> None:
    vendor.files |= {"/files/a.glb": b"glb", "/files/b.obj": b"obj"}
    vendor.finish(
        results=[
            {"type": "WEB", "url": "/files/a.glb"},
            {"type": "mobile", "url": "/files/shirt.garment"},
            {"type": "WEB", "url": "/files/b.obj"},
        ]
    )

    async def formats(**settings: Any) -> list[str]:
        return [asset.format for asset in (await provider(**settings).get_product(REF)).assets]

    assert await formats() == ["garment", "glb", "obj"]
    assert await formats(preferred_result="WEB") == ["glb", "obj", "garment"]
    assert await formats(result_types=("MOBILE",)) == ["garment"]


async def test_nothing_is_fetched_before_it_is_finished(provider: Build, vendor: Any) -> None:
    vendor.finish(stateId=3, results=["/files/shirt.garment"])
    (asset,) = (await provider().get_product(REF)).assets
    assert (asset.format, asset.url, asset.path) == ("garment", "", "")
    assert vendor.sent("GET", "/files/shirt.garment") == []


async def test_fetching_can_be_switched_off(provider: Build, vendor: Any) -> None:
    vendor.finish(results=["/files/shirt.garment"])
    (asset,) = (await provider(rehost=False).get_product(REF)).assets
    assert (asset.url, asset.path) == ("", "")
    assert vendor.sent("GET", "/files/shirt.garment") == []


async def test_a_file_that_is_too_large_is_left_alone(provider: Build, vendor: Any, bucket: Any, caplog: Any) -> None:
    vendor.finish(results=["/files/shirt.garment", f"{bucket.url}/files/a.glb"])
    host = bucket.url.removeprefix("http://")
    assets = (await provider(max_result_size=8, trusted=(host,)).get_product(REF)).assets
    assert [asset.path for asset in assets] == ["", ""]
    assert caplog.text.count("larger than 8 bytes") == 2


async def test_a_file_that_is_gone_is_left_out(provider: Build, vendor: Any, caplog: Any) -> None:
    vendor.finish(results=["/files/gone.glb", "/files/shirt.garment"])
    gone, kept = (await provider().get_product(REF)).assets
    assert (gone.path, bool(kept.path)) == ("", True)
    assert "result-not-kept" in caplog.text


@pytest.mark.parametrize("kind", [FaultKind.RESET, FaultKind.TRUNCATED])
async def test_a_download_that_breaks_is_said_so(provider: Build, vendor: Any, folder: Path, kind: FaultKind) -> None:
    vendor.finish(results=["/files/shirt.garment"])
    vendor.faults.add(kind, path="*.garment")
    with pytest.raises(Unavailable) as caught:
        await provider().get_product(REF)
    assert (caught.value.provider, caught.value.operation) == ("ar", "download")
    assert endings(folder) == []
    vendor.faults.clear()
    assert (await provider().get_product(REF)).assets[0].sha256 == SHA


async def test_a_busy_bucket_is_worth_another_try(provider: Build, vendor: Any, bucket: Any) -> None:
    bucket.faults.add(FaultKind.STATUS, status=503)
    vendor.finish(results=[f"{bucket.url}/files/a.glb"])
    with pytest.raises(Unavailable, match=r"^ar\.download: "):
        await provider(trusted=(bucket.url.removeprefix("http://"),)).get_product(REF)


@pytest.mark.parametrize("name", ["page.html", "x.svg", "run.php", "noending", "../../up.js"])
async def test_what_could_run_in_the_shop_s_domain_gets_a_harmless_ending(
    provider: Build, vendor: Any, folder: Path, name: str
) -> None:
    vendor.finish(results=[{"url": "/files/shirt.garment", "name": f"{name}"}, {"url": f"/files/{name}"}])
    vendor.answers["GET", f"/files/{name}"] = lambda _: web.Response(body=b"<script>")
    await provider().get_product(REF)
    assert set(endings(folder)) <= {".bin", ".garment"}
    assert ".bin" in endings(folder)


async def test_a_folder_that_cannot_be_written(provider: Build, vendor: Any, tmp_path: Path) -> None:
    (tmp_path / "ar").write_text("in the way")
    vendor.finish(results=["/files/shirt.garment"])
    with pytest.raises(ConfigError, match=r"ar cannot keep results in .*PLACKET_DATA"):
        await provider().get_product(REF)


async def test_a_finished_job_brings_its_files(provider: Build, vendor: Any, clock: VirtualClock) -> None:
    vendor.finish(stateId=1)
    vendor.results = [{"type": "MOBILE", "url": "/files/shirt.garment"}]
    job = await provider().mark_ready(REF)
    (asset,) = (await job.result()).assets
    assert asset.sha256 == SHA
    assert len(vendor.sent("GET", "/files/shirt.garment")) == 1

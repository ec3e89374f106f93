"""The commands of the vendor's page, run by curl; nothing is changed but the host and what is a placeholder."""

from __future__ import annotations

import asyncio
import json
import shlex
import shutil
import subprocess
from types import SimpleNamespace

import pytest

from placket_twins import Twin

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")

HOST = "http://api.threadgenius.co"
TOKEN = "PKmWwSGYF4szvyY7"
CATALOG = "cdae7e788f1e4982"

GET_TOKEN = """
curl "http://api.threadgenius.co/v0/token" \\
  -d "api_key={api_key}" \\
  -d "api_secret={api_secret}"
"""
CREATE = """
curl "http://api.threadgenius.co/v0/catalog" \\
  -X POST \\
  -H "Authorization: PKmWwSGYF4szvyY7" \\
  -d "name=My Awesome Catalog"
"""
UPLOAD = """
curl "http://api.threadgenius.co/v0/catalog/cdae7e788f1e4982/upload" \\
  -X POST \\
  -H "Authorization: PKmWwSGYF4szvyY7" \\
  -F "catalog_file=@{/path/to/catalog_file}"
"""
INDEX = """
curl "http://api.threadgenius.co/v0/catalog/cdae7e788f1e4982/index" \\
  -X POST \\
  -H "Authorization: PKmWwSGYF4szvyY7"

"""
GET = """
curl "http://api.threadgenius.co/v0/catalog/cdae7e788f1e4982" \\
  -H "Authorization: PKmWwSGYF4szvyY7"
"""
LIST = """
curl "http://api.threadgenius.co/v0/catalog/" \\
  -H "Authorization: PKmWwSGYF4szvyY7"
"""
DELETE = """
curl "http://api.threadgenius.co/v0/catalog/cdae7e788f1e4982" \\
  -X DELETE \\
  -H "Authorization: PKmWwSGYF4szvyY7"
"""
TAG_URL = """
curl "http://api.threadgenius.co/v0/tag" \\
  -X POST \\
  -H "Authorization: PKmWwSGYF4szvyY7" \\
  -d "url=https://cdnc.lystit.com/photos/notre-shop/7807782918-Washed%20Black-b87a8c25-.jpeg"
"""
TAG_FILE = """
curl "http://api.threadgenius.co/v0/tag" \\
  -X POST \\
  -H "Authorization: PKmWwSGYF4szvyY7" \\
  -F "image=@{/path/to/image.jpeg}"
"""
SEARCH_URL = """
curl "http://api.threadgenius.co/v0/search" \\
  -X POST \\
  -H "Authorization: PKmWwSGYF4szvyY7" \\
  -d "url=https://cdnc.lystit.com/photos/notre-shop/7807782918-Washed%20Black-b87a8c25-.jpeg" \\
  -d "catalog_id=cdae7e788f1e4982"
"""
SEARCH_FILE = """
curl "http://api.threadgenius.co/v0/search" \\
  -X POST \\
  -H "Authorization: PKmWwSGYF4szvyY7" \\
  -F "image=@{/path/to/image.jpeg}" \\
  -F "catalog_id=cdae7e788f1e4982"
"""
DETECT_URL = """
curl "http://api.threadgenius.co/v0/detect" \\
  -X POST \\
  -H 'Authorization: Bearer PKmWwSGYF4szvyY7' \\
  -d 'url=https://s-media-cache-ak0.pinimg.com/564x/b5/6b/eb/b56beb741cba8e9667880178c3596139.jpg'
"""
DETECT_FILE = """
curl "http://api.threadgenius.co/v0/detect" \\
  -X POST \\
  -H 'Authorization: Bearer PKmWwSGYF4szvyY7' \\
  -F "image=@{/path/to/image.jpeg}"
"""
USAGE = """
curl "http://api.threadgenius.co/v0/usage" \\
  -X GET \\
  -H 'Authorization: Bearer PKmWwSGYF4szvyY7'
"""


class PageFetcher:
    """Has the pictures that the page's commands name."""

    def __init__(self, picture: bytes) -> None:
        self.picture = picture
        self.asked: list[str] = []

    async def fetch_image(self, url: str) -> bytes:
        self.asked.append(url)
        return self.picture


@pytest.fixture
async def curl(tagger, search, clock, picture, tmp_path):
    """Run a command of the page against a twin."""
    (tmp_path / "image").write_bytes(picture)
    (tmp_path / "catalog").write_text(
        '1\thttp://cdn.cool.images/url1.jpeg\t{"price": 19.99, "SKU": 120984, "categories": ["sweatshirt", "red"]}\n'
        '2\thttp://cdn.cool.images/url2.jpeg\t{"price": 49.99, "SKU": 231235}\n'
    )
    tagger.see_skinny_jeans()
    search.see_an_outfit()
    backend = SimpleNamespace(garment_tagger=tagger, visual_search=search)
    fetcher = PageFetcher(picture)
    twin = Twin("threadgenius", backend=backend, clock=clock, fetcher=fetcher)
    placeholders = {
        "{api_key}": "twin-api-key",
        "{api_secret}": "twin-api-secret",
        "{/path/to/catalog_file}": str(tmp_path / "catalog"),
        "{/path/to/image.jpeg}": str(tmp_path / "image"),
    }
    async with twin as base:
        placeholders[HOST] = base.removesuffix("/v0")

        async def run(command):
            for placeholder, value in placeholders.items():
                command = command.replace(placeholder, value)
            words = [*shlex.split(command.replace("\\\n", " ")), "--silent", "--show-error"]
            done = await asyncio.to_thread(subprocess.run, words, capture_output=True, timeout=30, check=True)
            await twin.settled()
            return json.loads(done.stdout)

        placeholders[TOKEN] = (await run(GET_TOKEN))["access_token"]
        placeholders[CATALOG] = (await run(CREATE))["catalog"]["catalog_id"]
        run.fetcher = fetcher
        yield run


async def test_the_commands_of_the_page_in_their_order(curl):
    ok = {"message": "OK", "code": 200}
    answer = await curl(UPLOAD)
    assert (answer["status"], answer["catalog"]["status"]) == (ok, "uploading")
    answer = await curl(INDEX)
    assert (answer["catalog"]["status"], answer["catalog"]["num_images_total"]) == ("index in progress", 2)
    answer = await curl(GET)
    assert (answer["catalog"]["status"], answer["catalog"]["num_images_indexed"]) == ("ready for query", 2)
    answer = await curl(LIST)
    assert [each["name"] for each in answer["catalog"]] == ["My Awesome Catalog"]

    for command in (TAG_URL, TAG_FILE):
        answer = await curl(command)
        assert {each["name"] for each in answer["labels"]} == {"color blue", "jeans", "denim", "slim"}
    assert curl.fetcher.asked[-1].endswith("7807782918-Washed Black-b87a8c25-.jpeg")
    for command in (SEARCH_URL, SEARCH_FILE):
        answer = await curl(command)
        assert {each["iid"]: each["metadata"]["SKU"] for each in answer["similars"]} == {"1": 120984, "2": 231235}
    for command in (DETECT_URL, DETECT_FILE):
        answer = await curl(command)
        assert [each["category"] for each in answer["boxes"][:2]] == ["outerwear-light", "footwear-regular"]

    (month,) = (await curl(USAGE))["usage"].values()
    assert {operation: counted["num_calls"] for operation, counted in month.items()} == {
        "catalog_upload": 1,
        "catalog_index": 1,
        "tag": 2,
        "search": 2,
        "detect": 2,
    }
    assert (await curl(DELETE))["status"] == {"message": "Catalog deleted.", "code": 200}
    assert (await curl(LIST))["catalog"] == []

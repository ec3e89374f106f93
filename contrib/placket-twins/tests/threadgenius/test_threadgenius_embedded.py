"""The twin with the embedded search behind it: pictures are really embedded, searched and looked at."""

from __future__ import annotations

import aiohttp
import pytest

from placket.interfaces import Image
from placket_twins import LoopbackImages, Twin
from placket_twins.demo.sample import garments, sample_picture

pytestmark = pytest.mark.real_time

CATALOG = ("striped-long-sleeve-top-navy", "skirt-pink", "trousers-khaki", "dress-rust")


@pytest.mark.timeout(180)
async def test_a_catalog_of_pictures_is_embedded_and_searched():
    pictures = dict(garments())
    async with LoopbackImages() as images, aiohttp.ClientSession() as session:
        twin = Twin("threadgenius", trusted_hosts=[images.authority])
        async with twin as base:

            async def told(method, path, **options):
                async with session.request(method, base + path, **options) as answer:
                    body = await answer.json()
                    assert answer.status == 200, body
                    return body

            token = (await told("POST", "/token/", data=dict(twin.credentials)))["access_token"]
            session.headers["Authorization"] = f"Bearer {token}"
            catalog = (await told("POST", "/catalog", data={"name": "garments"}))["catalog"]["catalog_id"]
            rows = [f'{name}\t{await images.publish(Image.of(pictures[name]))}\t{{"n": "{name}"}}' for name in CATALOG]
            lines = "\n".join(rows)
            form = aiohttp.FormData()
            form.add_field("catalog_file", lines.encode(), filename="catalog.tsv")
            await told("POST", f"/catalog/{catalog}/upload", data=form)
            await twin.settled()
            await told("POST", f"/catalog/{catalog}/index")
            await twin.settled()
            shown = (await told("GET", f"/catalog/{catalog}"))["catalog"]
            assert (shown["status"], shown["num_images_indexed"]) == ("ready for query", len(CATALOG))

            def asked(picture, **fields):
                form = aiohttp.FormData(fields)
                form.add_field("image", picture, filename="garment.webp")
                return form

            same = await told("POST", "/search/", data=asked(pictures["skirt-pink"], catalog_id=catalog))
            nearest = same["similars"][0]
            assert (nearest["iid"], nearest["metadata"]) == ("skirt-pink", {"n": "skirt-pink"})
            assert nearest["distance"] < 0.01
            distances = [each["distance"] for each in same["similars"]]
            assert distances == sorted(distances)
            assert len(distances) == len(CATALOG)

            alike = await told("POST", "/search/", data=asked(sample_picture(), catalog_id=catalog, n_results="1"))
            assert [each["iid"] for each in alike["similars"]] == ["striped-long-sleeve-top-navy"]

            boxes = (await told("POST", "/detect/", data=asked(pictures["skirt-pink"])))["boxes"]
            assert boxes
            assert all(len(each["bbox"]) == 4 and 0 < each["score"] <= 1 for each in boxes)

"""The second version, with the requests that its public clients sent."""

from __future__ import annotations

import base64
import json

import pytest

from placket.testing import FaultKind

KEY = "key-of-the-dashboard"
OK = {"description": "OK"}


def basic(user, password=""):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


class V1:
    """Sends what the clients of 2017 sent: HTTP Basic with the key, JSON."""

    def __init__(self, client, password=""):
        self.v0 = client
        self.twin = client.twin
        self.publish = client.publish
        self.base = client.base.removesuffix("/v0") + "/v1"
        self.password = password

    async def request(self, method, path, **options):
        options["headers"] = {"Authorization": basic(KEY, self.password), **options.get("headers", {})}
        async with self.v0.session.request(method, self.base + path, **options) as answer:
            return answer.status, await answer.json()

    async def ask(self, method, path, body=None):
        status, answer = await self.request(method, path, **({} if body is None else {"json": body}))
        assert status == 200, answer
        assert answer["status"] == OK
        return answer["response"]

    async def filled(self, *colors, name="my catalog"):
        gid = (await self.ask("POST", "/catalog", {"name": name}))["catalog"]["gid"]
        objects = [{"image": {"url": await self.publish(each)}, "metadata": {"word": each}} for each in colors]
        await self.ask("POST", f"/catalog/{gid}/object", {"objects": objects})
        await self.twin.settled()
        return gid


@pytest.fixture
async def v1(make):
    return V1(await make(logged_in=False))


async def test_the_python_client(make):
    # Its HTTP library writes the missing password as the word None.
    v1 = V1(await make(logged_in=False), password="None")
    made = await v1.ask("POST", "/catalog", {"name": "my catalog"})
    gid = made["catalog"]["gid"]
    assert gid.startswith("catalog_")
    assert made == {"catalog": {"gid": gid, "name": "my catalog", "status": {"description": "new"}}}
    objects = [
        {"image": {"url": await v1.publish(each), "crop": [0, 0, 1, 1]}, "metadata": {"id": each, "price": 19.99}}
        for each in ("navy", "red", "blue")
    ]
    added = (await v1.ask("POST", f"/catalog/{gid}/object", {"objects": objects}))["objects"]
    assert [each["metadata"]["id"] for each in added] == ["navy", "red", "blue"]
    await v1.twin.settled()
    assert (await v1.ask("GET", f"/catalog/{gid}"))["catalog"]["status"] == {"description": "ready for query"}
    assert [each["gid"] for each in (await v1.ask("GET", "/catalog"))["catalogs"]] == [gid]

    image = {"crop": [0, 0, 1, 1], "url": await v1.publish("navy")}
    results = (await v1.ask("POST", f"/catalog/{gid}/search", {"image": image, "n_results": 2}))["results"]
    assert [each["object"]["metadata"]["id"] for each in results] == ["navy", "blue"]
    assert results[0]["object"]["image"]["url"] == image["url"]
    words = await v1.ask("POST", f"/catalog/{gid}/search", {"keywords": ["red"], "n_results": 10})
    assert [each["object"]["metadata"]["id"] for each in words["results"]] == ["red"]

    one = f"/catalog/{gid}/object/{added[0]['gid']}"
    assert (await v1.ask("GET", one))["object"] == added[0]
    assert (await v1.ask("DELETE", one))["object"] == {"gid": added[0]["gid"]}
    assert (await v1.request("GET", one))[0] == 404
    results = (await v1.ask("POST", f"/catalog/{gid}/search", {"image": image, "n_results": 9}))["results"]
    assert [each["object"]["metadata"]["id"] for each in results] == ["blue", "red"]

    assert (await v1.ask("DELETE", f"/catalog/{gid}"))["catalog"] == {"gid": gid}
    assert (await v1.ask("GET", "/catalog"))["catalogs"] == []
    usage = (await v1.ask("GET", "/usage"))["usage"]["2026-1"]
    assert usage["search"] == {"num_calls": 3, "num_images": 3}
    assert usage["catalog_upload"] == {"num_calls": 1, "num_images": 3}


async def test_tags_of_one_image(v1, tagger, picture):
    tagger.see_skinny_jeans()
    for image in ({"url": await v1.publish("navy")}, {"base64": base64.b64encode(picture).decode()}):
        prediction = (await v1.ask("POST", "/prediction/tag", {"image": image}))["prediction"]
        assert prediction["data"]["tags"][:2] == [
            {"name": "denim", "confidence": 0.95},
            {"name": "blue", "confidence": 0.9},
        ]
        assert (await v1.ask("GET", f"/prediction/tag/{prediction['gid']}"))["prediction"] == prediction


async def test_base64_with_line_breaks_and_as_a_data_url(v1, tagger, picture):
    for text in (base64.encodebytes(picture).decode(), f"data:image/png;base64,{base64.b64encode(picture).decode()}"):
        await v1.ask("POST", "/prediction/tag", {"image": {"base64": text}})
        assert tagger.asked[-1].image().content() == picture


async def test_boxes_are_fractions(v1, search):
    search.see_an_outfit()
    url = await v1.publish("navy", (336, 600))
    found = (await v1.ask("POST", "/prediction/detect", {"image": {"url": url}}))["prediction"]["data"]["detections"]
    assert found[0] == {"bbox": pytest.approx([66 / 336, 55 / 600, 243 / 336, 293 / 600])}
    cropped = {"url": url, "crop": [0.5, 0.5, 1, 1]}
    found = (await v1.ask("POST", "/prediction/detect", {"image": cropped}))["prediction"]["data"]["detections"]
    assert found[-1] == {"bbox": [0.5, 0.5, 1.0, 1.0]}


@pytest.mark.parametrize(("kind", "key"), [("tag", "tags"), ("detect", "detections")])
async def test_several_images_are_queued(v1, tagger, search, clock, kind, key):
    tagger.see_skinny_jeans()
    search.see_an_outfit()
    images = [{"url": await v1.publish(each), "crop": [0, 0, 1, 1]} for each in ("navy", "red")]
    images.append({"url": "http://10.0.0.1/none.png"})
    queued = (await v1.ask("POST", f"/prediction/{kind}", {"images": images}))["predictions"]
    assert [each["status"]["description"] for each in queued] == ["queued"] * 3
    await v1.twin.settled()
    page = await v1.ask("GET", f"/prediction/{kind}")
    assert page["next_key"] is None
    assert [each["gid"] for each in page["predictions"]] == [each["gid"] for each in reversed(queued)]
    lost, *good = page["predictions"]
    assert lost["status"]["description"].startswith("failed: ")
    assert all(each["data"][key] for each in good)
    await clock.sleep(3 * 86_400 + 1)
    assert (await v1.ask("GET", f"/prediction/{kind}"))["predictions"] == []
    assert (await v1.request("GET", f"/prediction/{kind}/{queued[0]['gid']}"))[0] == 404


async def test_pages_of_predictions_and_objects(v1):
    gid = (await v1.ask("POST", "/catalog", {"name": "c"}))["catalog"]["gid"]
    url = await v1.publish("navy")
    for _ in range(8):
        objects = [{"image": {"url": url}} for _ in range(32)]
        await v1.ask("POST", f"/catalog/{gid}/object", {"objects": objects})
        await v1.ask("POST", "/prediction/tag", {"images": [{"url": url}] * 15})
    await v1.twin.settled()
    for path, noun, total in ((f"/catalog/{gid}/object", "objects", 256), ("/prediction/tag", "predictions", 120)):
        seen, page = [], await v1.ask("GET", path)
        while page["next_key"] is not None:
            seen += page[noun]
            page = await v1.ask("GET", f"{path}?next_key={page['next_key']}")
        seen += page[noun]
        assert len({each["gid"] for each in seen}) == len(seen) == total


async def test_a_crop_is_what_counts(v1):
    import io

    from PIL import Image as Picture

    from placket.interfaces import Image

    picture = Picture.new("RGB", (100, 100), "#b01e28")
    picture.paste("#1d2a52", (50, 0, 100, 100))
    file = io.BytesIO()
    picture.save(file, "PNG")
    url = await v1.v0.images.publish(Image.of(file.getvalue()))
    gid = await v1.filled("navy", "red")
    for crop, nearest in (([0, 0, 0.5, 1], "red"), ([0.5, 0, 1, 1], "navy")):
        body = {"image": {"url": url, "crop": crop}, "n_results": 1}
        (hit,) = (await v1.ask("POST", f"/catalog/{gid}/search", body))["results"]
        assert hit["object"]["metadata"]["word"] == nearest
    objects = [{"image": {"url": url, "crop": [0, 0, 0.5, 1]}, "metadata": {"word": "left half"}}]
    await v1.ask("POST", f"/catalog/{gid}/object", {"objects": objects})
    await v1.twin.settled()
    body = {"image": {"url": await v1.publish("#b01e28")}, "n_results": 2}
    hits = (await v1.ask("POST", f"/catalog/{gid}/search", body))["results"]
    assert {each["object"]["metadata"]["word"] for each in hits} == {"left half", "red"}


async def test_an_object_can_be_a_picture_itself(v1, picture):
    gid = (await v1.ask("POST", "/catalog", {"name": "c"}))["catalog"]["gid"]
    objects = [{"image": {"base64": base64.b64encode(picture).decode()}, "metadata": {"word": "sent"}}]
    await v1.ask("POST", f"/catalog/{gid}/object", {"objects": objects})
    await v1.twin.settled()
    body = {"image": {"url": await v1.publish("navy")}}
    (hit,) = (await v1.ask("POST", f"/catalog/{gid}/search", body))["results"]
    assert hit["object"]["metadata"] == {"word": "sent"}


async def test_a_public_catalog_is_called_by_its_name(v1):
    await v1.filled("navy", "red", name="bloglovin_fashion")
    body = {"image": {"url": await v1.publish("red")}, "n_results": 5}
    results = (await v1.ask("POST", "/catalog/bloglovin_fashion/search", body))["results"]
    assert [each["object"]["metadata"]["word"] for each in results] == ["red", "navy"]


async def test_nothing_is_found_by_words_that_nobody_knows(v1):
    gid = await v1.filled("navy")
    assert await v1.ask("POST", f"/catalog/{gid}/search", {"keywords": ["unheard-of"]}) == {"results": []}


async def test_a_catalog_without_objects_finds_nothing(v1):
    gid = (await v1.ask("POST", "/catalog", {"name": "c"}))["catalog"]["gid"]
    body = {"image": {"url": await v1.publish("navy")}}
    assert await v1.ask("POST", f"/catalog/{gid}/search", body) == {"results": []}


async def test_objects_added_while_others_are_indexed_are_indexed_too(v1, search):
    import asyncio

    search.gate = asyncio.Event()
    gid = (await v1.ask("POST", "/catalog", {"name": "c"}))["catalog"]["gid"]
    for color in ("navy", "red", "blue"):
        objects = [{"image": {"url": await v1.publish(color)}}]
        await v1.ask("POST", f"/catalog/{gid}/object", {"objects": objects})
        await search.waiting.wait()
    search.gate.set()
    await v1.twin.settled()
    body = {"image": {"url": await v1.publish("navy")}}
    assert len((await v1.ask("POST", f"/catalog/{gid}/search", body))["results"]) == 3


@pytest.mark.parametrize("user", ["", "wrong", KEY + "x"])
async def test_a_wrong_key(v1, user):
    status, body = await v1.request("GET", "/catalog", headers={"Authorization": basic(user)})
    assert (status, body) == (401, {"status": {"description": "Invalid API key."}, "response": {}})


@pytest.mark.parametrize("header", ["Basic ???", "Bearer x", KEY])
async def test_a_header_that_is_no_basic_one(v1, header):
    status, body = await v1.request("GET", "/catalog", headers={"Authorization": header})
    assert (status, body["status"]["description"]) == (401, "Invalid API key.")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/catalog", {}),
        ("/catalog", {"name": " "}),
        ("/catalog", {"name": 3}),
        ("/catalog/{}/object", {"objects": []}),
        ("/catalog/{}/object", {"objects": [{"image": {"url": "http://x.example/1.png"}}] * 33}),
        ("/catalog/{}/object", {"objects": [{"image": {}}]}),
        ("/catalog/{}/object", {"objects": [{"image": {"base64": "???"}}]}),
        ("/catalog/{}/search", {}),
        ("/catalog/{}/search", {"keywords": ["a"] * 6}),
        ("/catalog/{}/search", {"keywords": ["a"], "n_results": 0}),
        ("/catalog/{}/search", {"keywords": ["a"], "image": {"url": "http://x.example/1.png"}}),
        ("/catalog/{}/search", {"image": {"url": "http://10.0.0.1/1.png"}}),
        ("/prediction/tag", {}),
        ("/prediction/tag", {"image": {"url": "x"}}),
        ("/prediction/tag", {"image": {"url": ""}}),
        ("/catalog/{}/object", {"objects": [{"image": {"url": "http://x.example/\ud800"}}]}),
        ("/prediction/tag", {"image": {"url": "http://x.example/1.png", "crop": [0, 0, 2, 1]}}),
        ("/prediction/tag", {"image": {"url": "http://x.example/1.png", "crop": [0.5, 0, 0.5, 1]}}),
        ("/prediction/tag", {"image": {"url": "http://x.example/1.png", "base64": "eA=="}}),
        ("/prediction/tag", {"images": [{"url": "http://x.example/1.png"}] * 33}),
        ("/prediction/detect", {"images": [{"url": "http://x.example/1.png"}] * 6}),
    ],
)
async def test_a_request_that_is_not_right(v1, path, body):
    gid = await v1.filled("navy")
    status, answer = await v1.request("POST", path.format(gid), json=body)
    assert status == 400
    assert answer["response"] == {}
    assert answer["status"]["description"]


async def test_json_that_is_none(v1):
    status, answer = await v1.request(
        "POST", "/catalog", data='{"name": "c",}', headers={"Content-Type": "application/json"}
    )
    assert (status, answer["response"]) == (400, {})


async def test_the_versions_do_not_see_each_others_catalogs(v1):
    gid = await v1.filled("navy")
    await v1.v0.log_in()
    v0_id = await v1.v0.create()
    assert (await v1.request("GET", f"/catalog/{v0_id}"))[0] == 404
    assert (await v1.v0.request("GET", f"/catalog/{gid}"))[0] == 404


async def test_a_queued_prediction_can_fail_or_hang(v1, tagger):
    tagger.see_skinny_jeans()
    url = await v1.publish("navy")
    seen = []
    for kind in (FaultKind.JOB_FAILS, FaultKind.JOB_HANGS):
        rule = v1.twin.faults.add(kind, path="*/prediction/tag")
        ((queued,),) = (await v1.ask("POST", "/prediction/tag", {"images": [{"url": url}]})).values()
        v1.twin.faults.rules.remove(rule)
        await v1.twin.settled()
        seen.append((await v1.ask("GET", f"/prediction/tag/{queued['gid']}"))["prediction"]["status"]["description"])
    assert seen == ["failed: the work failed, as a fault rule wanted it", "processing"]


async def test_everything_is_in_openapi(v1):
    async with v1.v0.session.get(v1.base.removesuffix("/v1") + "/openapi.json") as answer:
        document = json.loads(await answer.text())
    assert {"/v0/token/", "/v0/catalog/{catalog_id}/upload", "/v1/prediction/tag/{gid}"} <= document["paths"].keys()
    assert len(document["paths"]) == 9 + 10
    form = document["paths"]["/v0/search/"]["post"]["requestBody"]["content"]
    assert set(form) == {"multipart/form-data", "application/x-www-form-urlencoded"}
    assert form["multipart/form-data"]["schema"]["properties"]["image"] == {"type": "string", "format": "binary"}

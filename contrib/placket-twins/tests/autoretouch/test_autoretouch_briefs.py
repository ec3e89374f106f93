"""Projects and briefs, made by the twin's own routes, and the pictures that they yield."""

from __future__ import annotations

import hashlib

from placket.errors import InvalidInput, Unavailable


async def test_a_brief_yields_a_picture_of_each_sku(make_client, shoots, picture):
    client = await make_client()
    _, image = await client.upload(picture)
    skus = [await client.sku(name=name, frontImage=image, gender="female") for name in ("Red", "Blue")]
    brief_id = await client.brief(skuIds=[each["id"] for each in skus])
    await client.twin.settled()
    told = await client.results(brief_id)
    assert told["total"] == 2
    assert [(each["skuId"], each["briefId"], each["status"], each["type"]) for each in told["entries"]] == [
        (each["id"], brief_id, "COMPLETED", "pack-shot") for each in skus
    ]
    for each in told["entries"]:
        status, data = await client.request("GET", each["imageUrl"].removeprefix(client.twin.url))
        assert status == 200
        assert hashlib.sha256(data).hexdigest() == each["resultContentHash"]
        assert data.startswith(b"\x89PNG")
    drafts = list(shoots.skus.values())
    assert [(each.fields["name"], each.fields["gender"]) for each in drafts] == [("Red", "female"), ("Blue", "female")]
    assert drafts[0].images[0].role == "front"
    assert drafts[0].images[0].image.content() == picture


async def test_results_have_pages(make_client):
    client = await make_client()
    told = await client.shot(shots=[{"kind": "pack-shot"}, {"kind": "detail", "count": 2}])
    assert told["total"] == 2
    brief_id = told["entries"][0]["briefId"]
    second = await client.results(brief_id, page=2, pageSize=1)
    assert (second["total"], second["entries"]) == (2, [told["entries"][1]])


async def test_a_brief_can_be_about_a_project(make_client, picture):
    client = await make_client()
    _, project = await client.request("POST", "/_twin/projects", json={"name": "Spring 27"})
    _, image = await client.upload(picture)
    await client.sku(frontImage=image, projectIds=[project["id"]])
    await client.sku(frontImage=image)
    brief_id = await client.brief(projectId=project["id"])
    await client.twin.settled()
    assert (await client.results(brief_id))["total"] == 1
    assert await client.request("GET", "/_twin/projects") == (200, [{"id": project["id"], "name": "Spring 27"}])
    assert (await client.request("GET", "/_twin/briefs"))[1][0]["id"] == brief_id


async def test_results_come_while_the_brief_is_under_way(make_client, shoots, picture):
    shoots.gate.clear()
    client = await make_client()
    _, image = await client.upload(picture)
    good, bad = await client.sku(frontImage=image), await client.sku(frontImage="never-uploaded")
    brief_id = await client.brief(skuIds=[good["id"], bad["id"]])
    await shoots.began.wait()
    (early,) = (await client.results(brief_id))["entries"]
    assert (early["skuId"], early["status"]) == (bad["id"], "FAILED")
    assert "never-uploaded" in early["errorMessage"]
    shoots.gate.set()
    await client.twin.settled()
    assert [each["status"] for each in (await client.results(brief_id))["entries"]] == ["FAILED", "COMPLETED"]


async def test_a_shot_that_cannot_be_made_says_why(make_client, shoots):
    shoots.failing.add("detail")
    client = await make_client()
    told = await client.shot(shots=[{"kind": "pack-shot"}, {"kind": "detail"}])
    assert [each["status"] for each in told["entries"]] == ["COMPLETED", "FAILED"]
    assert told["entries"][1]["errorMessage"] == "no detail can be made"
    assert "imageUrl" not in told["entries"][1]


async def test_a_manager_that_cannot_be_had_fails_the_brief(make_client, shoots):
    shoots.error = Unavailable("closed for the night")
    client = await make_client()
    (told,) = (await client.shot())["entries"]
    assert (told["status"], told["errorMessage"]) == ("FAILED", "closed for the night")
    page = (await client.request("GET", "/"))[1].decode()
    assert "closed for the night" in page


async def test_a_sku_is_told_to_the_manager_once_for_each_of_its_contents(make_client, shoots, picture):
    client = await make_client()
    _, image = await client.upload(picture)
    sku = await client.sku(frontImage=image)
    for name in ("Red", "Red", "Blue"):
        body = {"name": name, "frontImage": image}
        await client.request("PUT", f"/ai-shoot/skus/{sku['id']}", json=body)
        await client.brief(skuIds=[sku["id"]])
        await client.twin.settled()
    assert [each.fields["name"] for each in shoots.skus.values()] == ["Red", "Blue"]


async def test_a_brief_goes_on_after_a_restart(make_client, shoots, picture, tmp_path):
    shoots.gate.clear()
    client = await make_client(settings={"state": tmp_path / "state"})
    _, image = await client.upload(picture)
    sku = await client.sku(frontImage=image)
    brief_id = await client.brief(skuIds=[sku["id"]])
    await shoots.began.wait()
    await client.twin.__aexit__(None, None, None)
    shoots.gate.set()
    again = await make_client(settings={"state": tmp_path / "state"})
    await again.twin.settled()
    assert [each["status"] for each in (await again.results(brief_id))["entries"]] == ["COMPLETED"]
    # Neither the garment nor the brief was ordered twice.
    assert (len(shoots.skus), len(shoots.briefs)) == (1, 1)


async def test_faults_of_jobs_are_the_twins(make_client):
    client = await make_client(settings={"faults": ["job-fails,path=/_twin/briefs"]})
    assert [each["status"] for each in (await client.shot())["entries"]] == ["FAILED"]


async def test_a_manager_that_breaks_keeps_its_words_to_itself(make_client, shoots):
    shoots.error = RuntimeError("secret path /srv/models")
    client = await make_client()
    (told,) = (await client.shot())["entries"]
    assert (told["status"], told["errorMessage"]) == ("FAILED", "the pictures could not be made")


async def test_a_brief_needs_skus_that_are_there(make_client):
    client = await make_client()
    assert (await client.request("POST", "/_twin/briefs", json={"name": "x"}))[0] == 400
    assert (await client.request("POST", "/_twin/briefs", json={"name": "x", "skuIds": ["1"]}))[0] == 404
    assert (await client.request("POST", "/_twin/briefs", json={"name": " ", "skuIds": ["1"]}))[0] == 400


async def test_the_twins_own_routes_are_for_this_machine(make_client):
    client = await make_client()
    body = {"name": "Spring"}
    foreign = {"Host": "rebound.example.com"}
    assert (await client.request("POST", "/_twin/projects", json=body, headers=foreign))[0] == 403
    # What a page in a browser can send to another origin without asking.
    plain = {"Content-Type": "text/plain"}
    assert (await client.request("POST", "/_twin/projects", data='{"name": "x"}', headers=plain))[0] == 415


async def test_an_unknown_picture_is_not_found(make_client):
    client = await make_client()
    for name in ("0" * 64, "x", "%2e%2e"):
        assert (await client.request("GET", f"/image/{name}/a.png"))[0] == 404


async def test_an_error_of_the_manager_about_a_sku_fails_its_result(make_client, shoots, monkeypatch):
    async def refuse(_):
        raise InvalidInput("no garment in the picture")

    monkeypatch.setattr(shoots, "create_sku", refuse)
    client = await make_client()
    (told,) = (await client.shot())["entries"]
    assert (told["status"], told["errorMessage"]) == ("FAILED", "no garment in the picture")

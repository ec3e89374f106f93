"""What the page leaves open, each setting of each switch."""

from __future__ import annotations

import asyncio

import pytest

from placket.errors import InvalidInput

PENDING = {"annotated_img": "", "tag": None, "measurements": None, "description": "", "complete": False}


@pytest.fixture
def failing(tagger):
    tagger.error = InvalidInput("there is no garment in the picture")
    return tagger


async def uploaded(client, image_url, uuid="976"):
    await client.upload(uuid=uuid, image_url=image_url)
    await asyncio.sleep(2)
    return await client.query(uuid)


async def test_a_failed_garment_says_so_beside_complete(make_client, image_url, failing):
    client = await make_client()
    status, answer, _ = await uploaded(client, image_url)
    assert status == 200
    assert answer["status"] is True
    assert answer["data"] == {"uuid": "976", **PENDING, "status": "failed"}


@pytest.mark.parametrize("field", ["status", "state", "processing_status"])
async def test_the_status_word_can_stand_elsewhere(make_client, image_url, failing, field):
    client = await make_client(status_field=field)
    _, answer, _ = await uploaded(client, image_url)
    assert answer["data"] == {"uuid": "976", **PENDING, field: "failed"}


async def test_a_failed_garment_can_look_pending_for_ever(make_client, image_url, failing, clock):
    client = await make_client(failed="never-completes", status_word="always")
    await uploaded(client, image_url)
    await clock.sleep(86_400)
    _, answer, _ = await client.query("976")
    assert answer["data"] == {"uuid": "976", **PENDING, "status": "processing"}


async def test_a_failed_garment_can_be_a_failed_envelope(make_client, image_url, failing):
    client = await make_client(failed="envelope")
    status, answer, _ = await uploaded(client, image_url)
    assert status == 200
    message = "there is no garment in the picture"
    assert answer == {"status": False, "data": {}, "error": [message], "message": message}


async def test_a_failure_shows_only_after_its_time(make_client, image_url, failing):
    client = await make_client(failed="envelope", queuing=10, processing=10)
    _, answer, _ = await uploaded(client, image_url)
    assert answer["data"] == {"uuid": "976", **PENDING}


async def test_a_tagger_that_breaks_fails_the_garment_and_keeps_its_words_to_itself(make_client, image_url, tagger):
    tagger.error = RuntimeError("secret path /srv/models")
    client = await make_client(failed="envelope")
    _, answer, _ = await uploaded(client, image_url)
    assert answer["status"] is False
    assert "/srv" not in answer["message"]


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:1/secret.png",
        "http://localhost/secret.png",
        "http://10.0.0.7/secret.png",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]/secret.png",
        "http://2130706433/secret.png",
    ],
)
async def test_an_address_of_a_private_network_is_not_fetched(make_client, tagger, address):
    client = await make_client(failed="envelope")
    _, answer, _ = await uploaded(client, address)
    assert answer["status"] is False
    assert tagger.asked == []


async def test_loopback_is_private_too_unless_trusted(make_client, image_url, tagger):
    client = await make_client(failed="envelope", trusted_hosts=())
    _, answer, _ = await uploaded(client, image_url)
    assert answer["status"] is False
    assert tagger.asked == []


async def test_a_picture_that_is_not_there_fails(make_client, images, tagger):
    client = await make_client()
    _, answer, _ = await uploaded(client, f"http://{images.authority}/gone.png")
    assert answer["data"]["status"] == "failed"


async def test_status_words_can_be_left_out(make_client, image_url, failing):
    client = await make_client(status_word="never")
    _, answer, _ = await uploaded(client, image_url)
    assert answer["data"] == {"uuid": "976", **PENDING}


@pytest.mark.parametrize(
    ("quirk", "status", "ok"), [("not-found", 404, False), ("pending", 200, True), ("envelope", 200, False)]
)
async def test_an_unknown_uuid(make_client, quirk, status, ok):
    client = await make_client(unknown_uuid=quirk)
    found, answer, _ = await client.query("nobody")
    assert found == status
    assert answer["status"] is ok
    assert answer["data"] == ({"uuid": "nobody", **PENDING} if ok else {})


async def test_a_reused_uuid_starts_anew(make_client, image_url, tagger, clock):
    client = await make_client()
    await uploaded(client, image_url)
    await client.upload(uuid="976", image_url=image_url)
    _, answer, _ = await client.query("976")
    assert answer["data"]["complete"] is False
    await clock.sleep(2)
    assert len(tagger.asked) == 2


async def test_a_reused_uuid_can_keep_what_there_is(make_client, image_url, tagger):
    client = await make_client(reused_uuid="keep")
    await uploaded(client, image_url)
    status, again, _ = await client.upload(uuid="976", image_url=image_url)
    assert (status, again["status"]) == (200, True)
    _, answer, _ = await client.query("976")
    assert answer["data"]["complete"] is True
    assert len(tagger.asked) == 1


async def test_a_reused_uuid_can_be_refused(make_client, image_url):
    client = await make_client(reused_uuid="refuse")
    await uploaded(client, image_url)
    status, answer, _ = await client.upload(uuid="976", image_url=image_url)
    assert (status, answer["status"]) == (409, False)


async def test_nothing_measured_can_show_in_three_ways(make_client, image_url):
    shown = []
    for quirk in ("null", "empty", "absent"):
        client = await make_client(unmeasured=quirk)
        _, answer, _ = await uploaded(client, image_url)
        shown.append(answer["data"].get("measurements", "absent"))
    assert shown == [None, {}, "absent"]

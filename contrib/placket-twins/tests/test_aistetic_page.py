"""The requests and answers of the vendor's page, word for word."""

from __future__ import annotations

import asyncio

PAGE_UPLOAD = {
    "Brand": "Stone Island",
    "Category": "Clothing",
    "Gender": "Women's",
    "Material": "Cotton",
    "Studio": "18",
}


async def test_the_pages_upload_is_accepted(make_client, image_url):
    client = await make_client()
    status, answer, headers = await client.upload(uuid="976", image_url=image_url, attribute=PAGE_UPLOAD)
    assert status == 200
    assert headers["Content-Type"].startswith("application/json")
    assert answer == {"status": True, "data": {}, "error": [], "message": "success!"}


async def test_a_garment_in_work_shows_what_the_page_shows(make_client, image_url):
    client = await make_client()
    await client.upload(uuid="976", image_url=image_url, attribute=PAGE_UPLOAD)
    status, answer, _ = await client.query("976")
    assert status == 200
    assert answer == {
        "status": True,
        "data": {
            "uuid": "976",
            "annotated_img": "",
            "tag": None,
            "measurements": None,
            "description": "",
            "complete": False,
        },
        "error": [],
        "message": "success!",
    }


async def test_a_finished_garment_has_the_shape_of_the_page(make_client, image_url, tagger, clock):
    tagger.see_skinny_jeans()
    client = await make_client()
    await client.upload(uuid="976", image_url=image_url, attribute=PAGE_UPLOAD)
    await clock.sleep(2)
    _, answer, _ = await client.query("976")
    assert answer == {
        "status": True,
        "data": {
            "uuid": "976",
            "annotated_img": "",
            "tag": {
                "Brand": "Stone Island",
                "Category": "Clothing",
                "Colour": "Blue",
                "Colour Alternatives": ["Grey"],
                "Colour Confidence": "High",
                "Fabric Type": "Denim",
                "Fabric Type Alternatives": [],
                "Fabric Type Confidence": "High",
                "Fit": "Slim",
                "Fit Alternatives": ["Relaxed", "Regular"],
                "Fit Confidence": "High",
                "Gender": "Womens",
                "Item Type": "Jeans",
                "Item Type Alternatives": [],
                "Item Type Confidence": "High",
                "Material": "Cotton",
            },
            "measurements": {"Length (inches)": 29.1, "Waist (inches)": 29},
            "description": "These Stone Island women's jeans in cotton are blue.",
            "complete": True,
        },
        "error": [],
        "message": "success!",
    }
    assert list(answer["data"]["tag"]) == sorted(answer["data"]["tag"])


async def test_the_phases_take_their_time(make_client, image_url, tagger, clock):
    tagger.see_skinny_jeans()
    client = await make_client(status_word="always", queuing=3, processing=5)
    await client.upload(uuid="1", image_url=image_url)
    words = []
    for _ in range(4):
        _, answer, _ = await client.query("1")
        words.append(answer["data"]["status"])
        await clock.sleep(2.7)
    assert words == ["queuing", "queuing", "processing", "complete"]


async def test_the_picture_itself_is_what_the_tagger_gets(make_client, image_url, tagger, picture, clock):
    client = await make_client()
    await client.upload(uuid="976", image_url=image_url, attribute={"Brand": "Stone Island"})
    await clock.sleep(2)
    (garment,) = tagger.asked
    assert garment.image().content() == picture
    assert garment.known == {}, "what the seller said must not influence what is seen"


async def test_nothing_seen_is_nothing_said(make_client, image_url, clock):
    client = await make_client()
    await client.upload(uuid="976", image_url=image_url)
    await clock.sleep(2)
    _, answer, _ = await client.query("976")
    assert answer["data"] == {
        "uuid": "976",
        "annotated_img": "",
        "tag": {},
        "measurements": None,
        "description": "",
        "complete": True,
    }


async def test_garments_do_not_mix(make_client, image_url, tagger, clock):
    tagger.see_skinny_jeans()
    client = await make_client()
    names = [f"brand {number}" for number in range(20)]
    await asyncio.gather(*(client.upload(uuid=name, image_url=image_url, attribute={"Brand": name}) for name in names))
    await clock.sleep(10)
    answers = await asyncio.gather(*(client.query(name) for name in names))
    assert [(answer["data"]["uuid"], answer["data"]["tag"]["Brand"]) for _, answer, _ in answers] == [
        (name, name) for name in names
    ]

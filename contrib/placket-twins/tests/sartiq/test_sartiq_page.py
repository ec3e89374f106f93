"""The Sartiq twin does what the vendor's page says, over real HTTP."""

from __future__ import annotations

import base64

import pytest

from placket.interfaces import Image

pytestmark = pytest.mark.real_time

NOBODY = "123e4567-e89b-12d3-a456-426614174000"
SOMEWHERE = "https://images.example.invalid/1.png"


async def test_a_login_brings_a_token_for_an_hour_that_really_expires(make_client, movable_clock):
    client = await make_client()
    status, answer = await client.log_in()
    assert (status, answer["token_type"], answer["expires_in"]) == (200, "bearer", 3600)
    assert set(answer) == {"access_token", "token_type", "expires_in"}
    movable_clock.forward(3500)
    assert (await client.request("GET", "/products/"))[0] == 200
    movable_clock.forward(101)
    assert await client.request("GET", "/products/") == (401, {"detail": "Could not validate credentials"})
    await client.log_in()
    assert (await client.request("GET", "/products/"))[0] == 200


async def test_who_is_not_logged_in_is_told_so(make_client):
    client = await make_client()
    assert await client.log_in("wrong") == (401, {"detail": "Incorrect email or password"})
    assert await client.request("GET", "/products/") == (401, {"detail": "Not authenticated"})
    client.token = "made-up"
    assert (await client.request("GET", "/brands/"))[1] == {"detail": "Could not validate credentials"}


async def test_the_example_of_the_page_makes_a_product(make_client):
    client = await make_client()
    body = {
        "cover_image": "https://example.com/image.jpg",
        "gender": "UNISEX",
        "materials": "100% Cotton",
        "name": "Black T-Shirt",
        "public": False,
    }
    product = await client.create(**body)
    assert {name: product[name] for name in ("gender", "materials", "name", "public")} == {
        name: body[name] for name in ("gender", "materials", "name", "public")
    }
    assert product["cover_image_url"] == "https://example.com/image.jpg"
    assert product["cover_image_media"] is None
    assert (product["enabled"], product["archived"], product["organization_id"]) == (True, False, None)
    assert len(product) == 54, "ProductPublic has 54 properties"
    assert (await client.request("GET", f"/products/{product['id']}")) == (200, product)


WORDS = {
    "sku": "TS-1",
    "name": "Tee",
    "brand": "Acme & Söhne",
    "master_item_code": "M-1",
    "gender": "FEMALE",
    "age_class": "KIDS_2_12",
    "type": "Top",
    "category": "T-Shirts",
    "sleeve_type": "raglan, kind of",
    "neckline": "Crew",
    "closure_type": "none at all",
    "fit_type": "Boxy",
    "length_type": "Cropped",
    "pattern": "Breton stripes",
    "materials": "95% Cotton, 5% Elastane",
    "colour": "Navy / Cream",
    "season": "Spring/Summer",
    "year": 2026,
    "style_code": "S-9",
    "in_store_date": "2026-03-01T00:00:00.000Z",
    "theme": "Sea",
    "brand_collection": "Harbour",
    "description": "A tee.",
    "back_description": "Its back.",
    "ecommerce_description": "A long text.",
    "brand_metadata": {"margin": 0.4, "tags": ["a"]},
    "product_type_id": "123e4567-e89b-12d3-a456-426614174000",
    "public": True,
    "is_filler": True,
}


async def test_every_word_comes_back_as_it_was_written(make_client):
    client = await make_client()
    product = await client.create(**WORDS)
    assert {name: product[name] for name in WORDS} == WORDS


async def test_an_update_changes_what_it_names_and_null_clears(make_client):
    client = await make_client()
    made = await client.create(**WORDS)
    status, changed = await client.request("PUT", f"/products/{made['id']}", json={"colour": "Red", "theme": None})
    assert status == 200
    different = {name for name in made if made[name] != changed[name]}
    assert different == {"colour", "theme", "updated_at"}
    assert changed["theme"] is None
    _, again = await client.request("PUT", f"/products/{made['id']}", json={"season": None})
    assert (again["season"], again["year"]) == (None, 2026), "season and year are two keys"


async def test_null_can_be_ignored(make_client):
    client = await make_client(null_on_update="ignored")
    made = await client.create(theme="Sea")
    _, changed = await client.request("PUT", f"/products/{made['id']}", json={"theme": None})
    assert changed["theme"] == "Sea"


async def test_products_are_filtered_sorted_searched_and_counted(make_client):
    client = await make_client()
    await client.create(name="A", brand="Acme", season="SS", year=2025, sku="X-1", gender="MALE")
    await client.create(name="B", brand="acme", season="AW", year=2024, brand_collection="One", public=True)
    await client.create(name="C", brand="Other", brand_collection="Two", is_filler=True)
    by_name = {"sort_by": "name", "sort_order": "asc"}
    assert await client.names(**by_name) == ["A", "B", "C"]
    assert await client.names(brand="ACME", **by_name) == ["A", "B"]
    assert await client.names(search="x-1") == ["A"]
    assert await client.names(season="aw") == ["B"]
    assert await client.names(year=2025) == ["A"]
    assert await client.names(gender="MALE") == ["A"]
    assert await client.names(is_public="true") == ["B"]
    assert await client.names(is_filler="true") == ["C"]
    assert await client.names(shooting_id=NOBODY) == []
    both = [("brand_collection", "one"), ("brand_collection", "two"), ("sort_by", "name"), ("sort_order", "desc")]
    _, answer = await client.request("GET", "/products/", params=both)
    assert [each["name"] for each in answer["data"]] == ["C", "B"]
    _, answer = await client.request("GET", "/products/", params={**by_name, "skip": 1, "limit": 1})
    assert ([each["name"] for each in answer["data"]], answer["count"]) == (["B"], 3)
    _, answer = await client.request("GET", "/products/", params={"limit": 0})
    assert answer == {"data": [], "count": 3}


async def test_pages_follow_each_other_without_gap_while_products_are_added(make_client):
    client = await make_client()
    for number in range(7):
        await client.create(name=f"P{number}")
    query = {"sort_by": "name", "sort_order": "asc", "limit": 3}
    first = await client.names(**query)
    second = await client.names(**query, skip=3)
    assert first + second == [f"P{number}" for number in range(6)]
    await client.create(name="O")
    assert await client.names(**query, skip=3) == ["P2", "P3", "P4"], "a write moves what follows"


async def test_archived_is_a_query_parameter_of_a_patch(make_client):
    client = await make_client()
    made = await client.create()
    assert (await client.request("PATCH", f"/products/{made['id']}/archived"))[0] == 422
    status, answer = await client.request("PATCH", f"/products/{made['id']}/archived", params={"archived": "true"})
    assert (status, answer["archived"]) == (200, True)
    assert await client.names(archived="false") == []
    assert await client.names(archived="true") == ["Black T-Shirt"]


async def test_facets_are_distinct_sorted_and_of_the_organisation(make_client):
    client = await make_client()
    organization = client.twin.credentials["organization_id"]
    await client.create(brand="Zeta", season="SS", year=2024, brand_collection="C1")
    await client.create(brand="Acme", season="AW", year=2026, brand_collection="C2")
    for path, expected in (
        ("/brands/", ["Acme", "Zeta"]),
        ("/seasons/", ["AW", "SS"]),
        ("/years/", [2026, 2024]),
        ("/brand-collections/", ["C1", "C2"]),
    ):
        assert await client.request("GET", path) == (200, {"data": expected, "count": 2})
    assert (await client.request("GET", "/brand-collections/", params={"brand": "zeta"}))[1]["data"] == ["C1"]
    await client.create(brand="Mine", organization_id=organization)
    assert (await client.request("GET", "/brands/"))[1]["data"] == ["Acme", "Zeta"]
    assert (await client.request("GET", "/brands/", params={"organization_id": organization}))[1]["data"] == ["Mine"]


async def test_years_are_those_of_all_own_products(make_client):
    client = await make_client()
    await client.create(year=2024)
    await client.create(year=2026, organization_id=client.twin.credentials["organization_id"])
    assert await client.request("GET", "/years/") == (200, {"data": [2026, 2024], "count": 2})


async def test_an_organisation_has_its_own_products(make_client):
    client = await make_client()
    organization = client.twin.credentials["organization_id"]
    await client.create(name="Personal")
    made = await client.create(name="Ours", query={"organization_id": organization})
    assert made["organization_id"] == organization
    assert await client.names() == ["Personal"]
    assert await client.names(organization_id=organization) == ["Ours"]
    status, read = await client.request("GET", f"/products/{made['id']}")
    assert (status, read["name"]) == (200, "Ours"), "membership is checked without being asked to"
    _, moved = await client.request("PUT", f"/products/{made['id']}", json={"organization_id": None})
    assert moved["organization_id"] is None
    assert sorted(await client.names()) == ["Ours", "Personal"]
    for method, options in (
        ("GET", {"params": {"organization_id": NOBODY}}),
        ("POST", {"json": {"name": "x", "cover_image": SOMEWHERE, "organization_id": NOBODY}}),
    ):
        assert await client.request(method, "/products/", **options) == (403, {"detail": "Not enough permissions"})


async def test_pictures_come_as_base64_as_an_address_and_as_an_upload(make_client, images, picture):
    client = await make_client(twin={"fetcher": None, "trusted_hosts": (images.authority,)})
    address = await images.publish(Image.of(picture))
    encoded = base64.b64encode(picture).decode()
    made = await client.create(
        cover_image=encoded, back_image=f"data:image/png;base64,{encoded}", reference_images=[address, {"url": address}]
    )
    assert made["cover_image_url"] == made["back_image_url"] == made["cover_image_media"]["url"]
    assert made["reference_images"] == [made["cover_image_url"]] * 2
    media = made["cover_image_media"]
    assert (media["resource_type"], media["extension"], media["width"], media["height"]) == ("IMAGE", "png", 300, 360)
    assert media["file_size"] == len(picture)
    assert await client.request("GET", media["url"]) == (200, picture)
    again = await client.create(cover_image={"media_resource_id": media["id"]})
    assert again["cover_image_media"] == media


async def test_an_upload_goes_to_an_address_without_a_token(make_client, picture, movable_clock):
    client = await make_client()
    status, upload = await client.request("POST", "/uploads/presigned-url", json={"filename": "front.png"})
    assert (status, set(upload)) == (200, {"upload_url", "file_url", "expires_in_seconds"})
    status, refused = await client.request("POST", "/products/", json={"name": "x", "cover_image": upload["file_url"]})
    assert (status, refused["detail"][0]["loc"]) == (422, ["body", "cover_image"]), "nothing was uploaded yet"
    client.token = ""
    assert (await client.request("PUT", upload["file_url"], data=picture))[0] in (403, 405, 422)
    assert (await client.request("PUT", upload["upload_url"] + "0", data=picture))[0] == 403
    assert (await client.request("PUT", upload["upload_url"], data=picture))[0] == 200
    movable_clock.forward(upload["expires_in_seconds"])
    assert (await client.request("PUT", upload["upload_url"], data=picture))[0] == 403
    await client.log_in()
    made = await client.create(cover_image=upload["file_url"])
    assert await client.request("GET", made["cover_image_url"]) == (200, picture)


async def test_an_update_of_one_picture_leaves_the_others(make_client, picture):
    client = await make_client()
    encoded = base64.b64encode(picture).decode()
    made = await client.create(cover_image=encoded, reference_images=["https://a.invalid/1", "https://a.invalid/2"])
    _, changed = await client.request("PUT", f"/products/{made['id']}", json={"back_image": "https://a.invalid/b"})
    assert changed["cover_image_url"] == made["cover_image_url"]
    assert changed["back_image_url"] == "https://a.invalid/b"
    assert changed["reference_images"] == ["https://a.invalid/1", "https://a.invalid/2"]
    _, cleared = await client.request("PUT", f"/products/{made['id']}", json={"reference_images": []})
    assert cleared["reference_images"] == []
    assert cleared["back_image_url"] == "https://a.invalid/b"


@pytest.mark.parametrize(
    ("body", "place", "kind"),
    [
        ({"cover_image": SOMEWHERE}, ["body", "name"], "missing"),
        ({"name": "x"}, ["body", "cover_image"], "missing"),
        ({"name": "x" * 256, "cover_image": SOMEWHERE}, ["body", "name"], "string_too_long"),
        ({"name": "x", "cover_image": SOMEWHERE, "year": "next"}, ["body", "year"], "int_type"),
        ({"name": "x", "cover_image": SOMEWHERE, "colour": "x" * 256}, ["body", "colour"], "string_too_long"),
        ({"name": "x", "cover_image": SOMEWHERE, "organization_id": "me"}, ["body", "organization_id"], "uuid_parsing"),
        ({"name": "x", "cover_image": "bm90IGEgcGljdHVyZQ=="}, ["body", "cover_image"], "value_error"),
        ({"name": "x", "cover_image": 7}, ["body", "cover_image"], "string_type"),
    ],
)
async def test_what_is_wrong_with_a_body_is_listed(make_client, body, place, kind):
    client = await make_client()
    status, answer = await client.request("POST", "/products/", json=body)
    assert status == 422
    (problem,) = answer["detail"]
    assert (problem["loc"], problem["type"]) == (place, kind)
    assert problem["msg"]


async def test_what_is_not_there_is_not_found(make_client):
    client = await make_client()
    assert await client.request("GET", f"/products/{NOBODY}") == (404, {"detail": "Product not found"})
    assert (await client.request("GET", "/products/7"))[0] == 422
    assert await client.request("GET", "/shootings/") == (404, {"detail": "Not Found"})
    assert await client.request("POST", "/brands/", json={}) == (405, {"detail": "Method Not Allowed"})
    assert (await client.request("GET", f"/products/export-tasks/{NOBODY}"))[0] == 404


async def test_a_path_without_its_slash_is_redirected_with_its_method(make_client):
    client = await make_client()
    async with client.session.post(client.twin.url + "/products?mode=basic", allow_redirects=False) as answer:
        assert answer.status == 307
        assert answer.headers["Location"].endswith("/api/v1/products/?mode=basic")
    other = await make_client(slash="not-found")
    assert (await other.request("GET", "/products"))[0] == 404


async def test_deleting_is_for_good(make_client):
    client = await make_client()
    made = await client.create()
    assert await client.request("DELETE", f"/products/{made['id']}") == (
        200,
        {"message": "Product deleted successfully"},
    )
    assert (await client.request("GET", f"/products/{made['id']}"))[0] == 404
    assert (await client.request("DELETE", f"/products/{made['id']}"))[0] == 404
    empty = await make_client(deleted="empty")
    made = await empty.create()
    assert await empty.request("DELETE", f"/products/{made['id']}") == (204, b"")


async def test_a_selected_shot_shows_in_the_whole_product(make_client):
    client = await make_client()
    made = await client.create()
    choice = {"product_id": made["id"], "shot_type": "full-body", "prediction_id": made["id"]}
    status, product = await client.request("POST", f"/products/selected_shot/{made['id']}", json=choice)
    assert (status, product["selected_shots"]) == (200, {"full-body": made["id"]})
    assert len(product) == 44, "Product has 44 properties"
    _, product = await client.request(
        "POST", f"/products/selected_shot/{made['id']}", json={**choice, "prediction_id": None}
    )
    assert product["selected_shots"] == {}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("generations", []),
        ("shots", {"data": [], "count": 0}),
        ("shooting-looks", {"data": [], "count": 0}),
        ("shooting-looks-summary", {"data": [], "count": 0}),
        ("related-shooting-looks", {"data": [], "count": 0}),
    ],
)
async def test_a_product_without_shoots_has_empty_lists(make_client, path, expected):
    client = await make_client()
    made = await client.create(sku="S-1")
    assert await client.request("GET", f"/products/{made['id']}/{path}") == (200, expected)

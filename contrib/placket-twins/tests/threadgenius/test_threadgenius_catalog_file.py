"""What a catalog file may look like."""

from __future__ import annotations

import pytest

URL = "http://cdn.example.com/{}.jpeg"


async def read(client, content):
    """How many images there are, and the error log, of an uploaded file."""
    catalog_id = await client.uploaded(content)
    seen = await client.get(catalog_id)
    return seen["status"], seen.get("num_total_images"), seen.get("error_log", "").splitlines()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
async def test_lines_may_end_as_any_system_ends_them(make, end):
    client = await make()
    lines = [f"{number}\t{URL.format(number)}\t{{}}" for number in range(3)]
    assert await read(client, end.join([*lines, "", ""])) == ("upload done", 3, [])


async def test_the_file_of_the_page(make):
    client = await make()
    content = (
        '1\thttp://cdn.cool.images/url1.jpeg\t{"price": 19.99, "SKU": 120984, "categories": ["sweatshirt", "red"]}\n'
        '2\thttp://cdn.cool.images/url2.jpeg\t{"price": 49.99, "SKU": 231235}\n'
    )
    assert await read(client, content) == ("upload done", 2, [])


async def test_a_byte_order_mark_is_no_part_of_an_id(make):
    client = await make()
    url = await client.publish("navy")
    catalog_id = await client.indexed(f"\ufeff\u540d\t{url}\t{{}}")
    _, body = await client.search(catalog_id, "navy")
    assert body["similars"][0]["iid"] == "\u540d"


async def test_metadata_come_back_as_they_were(make):
    client = await make()
    written = [
        '{"price": 19.99, "SKU": 120984, "nested": {"a": [1, null, true]}, "tab": "a\\tb", "t-shirt": "\\u2603"}',
        '["red", "sweatshirt"]',
        '"just text"',
        "12345678901234567890",
        "null",
    ]
    url = await client.publish("navy")
    catalog_id = await client.indexed("\n".join(f"{number}\t{url}\t{each}" for number, each in enumerate(written)))
    _, body = await client.search(catalog_id, "navy")
    assert {each["iid"]: each["metadata"] for each in body["similars"]} == {
        "0": {"price": 19.99, "SKU": 120984, "nested": {"a": [1, None, True]}, "tab": "a\tb", "t-shirt": "\u2603"},
        "1": ["red", "sweatshirt"],
        "2": "just text",
        "3": 12345678901234567890,
        "4": None,
    }


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("only-an-id", "separated by a tab"),
        ("1,http://cdn.example.com/1.jpeg", "separated by a tab"),
        ("\thttp://cdn.example.com/1.jpeg", "an image id has"),
        (f"{'x' * 1001}\thttp://cdn.example.com/1.jpeg", "an image id has"),
        ("1\t", "no http or https address"),
        ("1\tfile:///etc/passwd", "no http or https address"),
        ("1\thttp://", "no http or https address"),
        (f"1\thttp://cdn.example.com/{'x' * 9000}", "no http or https address"),
        ("1\thttp://cdn.example.com/1.jpeg\t{not json}", "not JSON"),
        ("1\thttp://cdn.example.com/1.jpeg\tNaN", "not JSON"),
        (f"1\thttp://cdn.example.com/1.jpeg\t{'[' * 100_000}", "not JSON"),
        ('1\thttp://cdn.example.com/1.jpeg\t{"a": 1}\tmore', "more than three fields"),
    ],
)
async def test_a_line_that_cannot_be_used_is_told_by_its_number(make, line, reason):
    client = await make()
    status, total, errors = await read(client, f"\n\n{line}\ngood\t{URL.format(1)}")
    assert (status, total, len(errors)) == ("upload done", 1, 1)
    assert errors[0].startswith("line 3: ")
    assert reason in errors[0]


@pytest.mark.parametrize("content", ["\n", " \t \n\n", "x", b"\xff\xfe\x00", b"\x89PNG\r\n\x1a\n"])
async def test_a_file_without_any_image_is_an_upload_error(make, content):
    client = await make()
    status, total, errors = await read(client, content)
    assert (status, total) == ("upload error", None)
    assert errors


async def test_many_bad_lines_are_told_in_short(make):
    client = await make()
    _, _, errors = await read(client, f"good\t{URL.format(1)}\n" + "bad\n" * 5000)
    assert len(errors) == 101
    assert errors[-1] == "and 4900 more"


async def test_of_one_id_the_last_line_counts(make):
    client = await make()
    catalog_id = await client.indexed(f"1\t{await client.publish('navy')}\n1\t{await client.publish('red')}\t{{}}")
    _, body = await client.search(catalog_id, "navy")
    assert [each["url"] for each in body["similars"]] == [await client.publish("red")]

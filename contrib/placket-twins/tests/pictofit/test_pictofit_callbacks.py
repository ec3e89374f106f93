"""Callbacks: registered, tested, sent, and taken back."""

from __future__ import annotations

import uuid

import pytest

from placket.errors import InvalidInput

OBJECT = "85f09939-272c-406f-b3ad-3b4fcc991517"


async def register(client, url, secret="server-secret", kind="1", spelling="customers"):
    return await client.request(
        "PUT",
        f"/{spelling}/{client.customer}/callbacks/{kind}",
        json={"url": url, "authorizationHeaderValue": secret},
    )


async def trigger(client, object_id=OBJECT, kind="PRODUCT_COMPLETED", method="POST"):
    answer = await client.request(method, f"/customers/{client.customer}/callbacks/{kind}/trigger/{object_id}")
    await client.twin.settled()
    return answer


async def test_a_finished_product_is_told_with_its_id_appended(make_client, receiver):
    client = await make_client()
    assert (await register(client, receiver.url))[0] == 200
    (shown,) = await client.finished()
    await client.twin.settled()
    assert receiver.calls == [(f"/done/{shown['productId']}", "server-secret", b"")]


async def test_without_a_header_value_no_header_is_sent(make_client, receiver):
    client = await make_client()
    await register(client, receiver.url, secret="")
    await trigger(client)
    assert receiver.calls == [(f"/done/{OBJECT}", "", b"")]


@pytest.mark.parametrize("kind", ["1", "PRODUCT_COMPLETED", "product_completed"])
@pytest.mark.parametrize("spelling", ["Customer", "customers"])
async def test_a_type_is_given_by_id_or_by_name_under_both_spellings(make_client, receiver, kind, spelling):
    client = await make_client()
    assert (await register(client, receiver.url, kind=kind, spelling=spelling))[0] == 200
    assert (await trigger(client, kind=kind))[0] == 204
    assert len(receiver.calls) == 1


async def test_an_empty_url_takes_it_back(make_client, receiver):
    client = await make_client()
    await register(client, receiver.url)
    await register(client, "")
    await client.finished()
    assert (await trigger(client))[0] == 404
    assert receiver.calls == []


async def test_a_callback_that_nobody_takes_is_tried_again(make_client, receiver):
    receiver.statuses = [500, 503]
    client = await make_client()
    await register(client, receiver.url)
    await trigger(client)
    assert len(receiver.calls) == 3


async def test_how_often_it_is_tried_is_a_quirk(make_client, receiver):
    receiver.statuses = [500, 500]
    client = await make_client(callback_tries=1)
    await register(client, receiver.url)
    await trigger(client)
    assert len(receiver.calls) == 1


async def test_a_redirect_is_not_followed(make_client, receiver):
    receiver.statuses = [302] * 3
    client = await make_client()
    await register(client, receiver.url)
    await trigger(client)
    assert {path for path, _, _ in receiver.calls} == {f"/done/{OBJECT}"}


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.7/hook",
        "http://169.254.169.254/latest/meta-data",
        "http://2130706433/hook",
        "https://shop.example.com:25/hook",
        "ftp://shop.example.com/hook",
        "https://user:password@shop.example.com/hook",
        "no address",
        "http://[::ffff:10.0.0.7]/hook",
    ],
)
async def test_a_callback_cannot_lead_into_a_private_network(make_client, url):
    client = await make_client()
    status, told = await register(client, url)
    assert status == 400
    assert "callback's url" in told["detail"]
    assert (await trigger(client))[0] == 404


async def test_hosts_can_be_allowed(make_client):
    client = await make_client(settings={"callback_hosts": ("10.0.0.7:8000",)})
    assert (await register(client, "http://10.0.0.7:8000/hook"))[0] == 200


async def test_a_header_value_is_one_line(make_client):
    client = await make_client()
    assert (await register(client, "https://shop.example.com/hook", secret="a\r\nHost: b"))[0] == 400


async def test_only_the_own_customer_has_callbacks(make_client, receiver):
    client = await make_client()
    client.customer = str(uuid.uuid4())
    assert (await register(client, receiver.url))[0] == 403
    assert (await trigger(client))[0] == 403


async def test_an_unknown_type_is_not_found(make_client, receiver):
    client = await make_client()
    assert (await register(client, receiver.url, kind="77"))[0] == 404


@pytest.mark.parametrize("ends", ["", "/"])
async def test_the_id_follows_a_slash(make_client, receiver, ends):
    client = await make_client()
    await register(client, receiver.url + ends)
    await trigger(client)
    assert receiver.calls[0][0] == f"/done/{OBJECT}"


async def test_the_id_can_follow_at_once(make_client, receiver):
    client = await make_client(callback_id="bare")
    await register(client, receiver.url)
    await trigger(client)
    assert receiver.calls[0][0] == f"/done{OBJECT}"


async def test_the_body_can_name_type_and_id(make_client, receiver):
    client = await make_client(callback_body="json")
    await register(client, receiver.url)
    await trigger(client)
    assert receiver.server.requests[0].json() == {"type": "PRODUCT_COMPLETED", "id": OBJECT}


@pytest.mark.parametrize("method", ["POST", "PUT", "GET"])
async def test_the_method_of_a_test_call_is_a_quirk(make_client, receiver, method):
    client = await make_client(trigger_method=method)
    await register(client, receiver.url)
    assert (await trigger(client, method=method))[0] == 204
    other = "PUT" if method == "POST" else "POST"
    assert (await trigger(client, method=other))[0] == 405
    assert len(receiver.calls) == 1


@pytest.mark.parametrize(("when", "calls"), [("finished", 0), ("ended", 1)])
async def test_a_rejected_product_counts_as_completed_where_the_quirk_says_so(
    make_client, builder, receiver, when, calls
):
    builder.error = InvalidInput("there is no garment in the picture")
    client = await make_client(callback_when=when)
    await register(client, receiver.url)
    await client.finished()
    await client.twin.settled()
    assert len(receiver.calls) == calls

"""Exports of approved shots: packed beside the requests, downloaded once."""

from __future__ import annotations

import asyncio
import io
import zipfile
from typing import Any

import pytest

import placket
from placket.config import default_config
from placket.interfaces import ExportRequest
from placket.testing import FaultKind

pytestmark = pytest.mark.real_time

NOBODY = "123e4567-e89b-12d3-a456-426614174000"


async def exported(client: Any, product: dict[str, Any]) -> dict[str, Any]:
    status, task = await client.request(
        "POST", "/products/export-approved-shots/async", json={"product_ids": [product["id"]]}
    )
    assert (status, task["task_type"]) == (200, "APPROVED_SHOTS")
    await client.twin.settled()
    return (await client.request("GET", f"/products/export-tasks/{task['id']}"))[1]


async def test_an_export_is_a_zip_that_can_be_taken_once(make_client):
    client = await make_client()
    task = await exported(client, await client.create())
    assert (task["status"], task["progress"]) == ("COMPLETED", 100)
    assert (await client.request("GET", "/products/export-tasks"))[1]["count"] == 1
    answers = await asyncio.gather(*(client.request("GET", task["download_url"]) for _ in range(5)))
    taken = [body for status, body in answers if status == 200]
    assert len(taken) == 1
    assert zipfile.ZipFile(io.BytesIO(taken[0])).testzip() is None
    assert sorted(status for status, _ in answers) == [200, 404, 404, 404, 404]
    assert (await client.request("GET", "/products/export-tasks"))[1] == {"data": [], "count": 0}


async def test_an_export_ends_only_once(make_client):
    client = await make_client()
    task = await exported(client, await client.create())
    path = f"/products/export-tasks/{task['id']}"
    assert (await client.request("DELETE", path))[0] == 400, "only one that has not ended can be cancelled"
    assert (await client.request("DELETE", f"{path}/dismiss"))[0] == 200
    assert (await client.request("GET", path))[0] == 404


async def test_an_export_that_hangs_can_be_cancelled_and_one_can_fail(make_client):
    client = await make_client()
    product = await client.create()
    client.twin.faults.add(FaultKind.JOB_HANGS, times=1)
    client.twin.faults.add(FaultKind.JOB_FAILS, times=1)
    hanging = await exported(client, product)
    assert hanging["status"] == "PROCESSING"
    path = f"/products/export-tasks/{hanging['id']}"
    assert (await client.request("GET", f"{path}/download"))[0] == 400
    assert (await client.request("DELETE", f"{path}/dismiss"))[0] == 400
    assert (await client.request("DELETE", path))[1]["status"] == "CANCELLED"
    failed = await exported(client, product)
    assert (failed["status"], bool(failed["error_message"])) == ("FAILED", True)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"product_ids": []},
        {
            "product_ids": ["123e4567-e89b-12d3-a456-426614174000"],
            "shooting_look_id": "123e4567-e89b-12d3-a456-426614174000",
        },
        {"product_filters": {"sort_order": "sideways"}},
        {"product_filters": {"limit": "2"}},
        {"product_filters": {"skip": -1}},
    ],
)
async def test_an_export_of_nothing_or_of_two_things_is_refused(make_client, body):
    client = await make_client()
    status, answer = await client.request("POST", "/products/export-approved-shots/async", json=body)
    assert status == 422
    assert isinstance(answer["detail"], list)


class Watched:
    """A backend that remembers what its store was told to export."""

    def __init__(self, router: Any) -> None:
        self._router = router
        self.exported: list[ExportRequest] = []

    @property
    def product_store(self) -> Any:
        return self

    def __getattr__(self, name: str) -> Any:
        return getattr(self._router.product_store, name)

    async def start_export(self, request: ExportRequest) -> Any:
        self.exported.append(request)
        return await self._router.product_store.start_export(request)


async def test_an_export_by_filters_is_of_the_organisation_and_of_a_part_of_the_list(make_client, tmp_path):
    async with placket.open(default_config(), data_folder=tmp_path) as router:
        backend = Watched(router)
        client = await make_client(twin={"backend": backend})
        ours = client.twin.credentials["organization_id"]
        ids = [(await client.create(name=f"P{number}"))["id"] for number in range(4)]
        hers = (await client.create(name="Ours", organization_id=ours))["id"]
        path, by_name = "/products/export-approved-shots/async", {"sort_by": "name", "sort_order": "asc"}

        async def exported(organization: str | None = None, **filters: Any) -> tuple[str, list[str]]:
            query = {"organization_id": organization} if organization else {}
            status, task = await client.request("POST", path, json={"product_filters": filters}, params=query)
            assert status == 200
            before = len(backend.exported)
            await client.twin.settled()
            found = (await client.request("GET", f"/products/export-tasks/{task['id']}"))[1]["status"]
            return found, [ref.id for request in backend.exported[before:] for ref in request.products]

        assert await exported(**by_name) == ("COMPLETED", ids)
        assert await exported(**by_name, skip=1, limit=2) == ("COMPLETED", ids[1:3])
        assert await exported(ours) == ("COMPLETED", [hers])
        assert await exported(brand="nobody's") == ("FAILED", [])
        assert (await client.request("POST", path, json={"product_filters": {}}, params={"organization_id": NOBODY}))[
            0
        ] == 403


async def test_an_export_that_nobody_fetched_is_gone_after_its_time(make_client, movable_clock, tmp_path):
    client = await make_client(twin={"state": tmp_path})
    product = await client.create()
    await exported(client, product)
    assert len(list(tmp_path.rglob("*.zip"))) == 1
    movable_clock.forward(7 * 86_400 + 1)
    await client.log_in()
    assert (await client.request("GET", "/products/export-tasks"))[1] == {"data": [], "count": 0}
    assert list(tmp_path.rglob("*.zip")) == []
    await exported(client, product)
    movable_clock.forward(7 * 86_400 + 1)
    await client.log_in()
    await exported(client, product)
    assert len(list(tmp_path.rglob("*.zip"))) == 1, "the one before is forgotten without being asked for"

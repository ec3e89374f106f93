"""The curl commands of the vendor's page, with the host changed."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess

import pytest

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")

LIST = r"""curl -X GET "https://api.autoretouch.com/ai-shoot/skus?page=1&pageSize=20" \
  -H "Authorization: Bearer {accessToken}"
"""

LIST_GLOBAL = r"""curl -X GET "https://api.autoretouch.com/ai-shoot/skus/global" \
  -H "Authorization: Bearer {accessToken}"
"""

CREATE = r"""curl -X POST "https://api.autoretouch.com/ai-shoot/skus" \
  -H "Authorization: Bearer {accessToken}" \
  -H "Content-Type: application/json" \
  -d '{ "name": "Blue Shirt", "frontImage": "image-identifier-front", "gender": "male", "projectIds": [1, 2],
        "skuCategoryName": "top" }'
"""

UPDATE = r"""curl -X PUT "https://api.autoretouch.com/ai-shoot/skus/{skuId}" \
  -H "Authorization: Bearer {accessToken}" \
  -H "Content-Type: application/json" \
  -d '{ "name": "Blue Shirt Updated", "frontImage": "image-identifier-front", "skuCategoryName": "top" }'
"""

DELETE = r"""curl -X DELETE "https://api.autoretouch.com/ai-shoot/skus/{skuId}" \
  -H "Authorization: Bearer {accessToken}"
"""

RESULTS = r"""curl -X GET "https://api.autoretouch.com/ai-shoot/briefs/{briefId}/results?page=1&pageSize=20" \
  -H "Authorization: Bearer {accessToken}"
"""


async def test_the_page_from_top_to_bottom(make_client, picture):
    client = await make_client()

    async def curl(command: str, **named: str) -> str:
        # An HTTP refusal becomes an exit code.
        script = command.replace("curl ", "curl --silent --show-error --fail-with-body ", 1)
        script = script.replace("https://api.autoretouch.com", client.twin.url)
        for name, value in {"accessToken": client.token, **named}.items():
            script = script.replace(f"{{{name}}}", value)
        ran = await asyncio.to_thread(
            subprocess.run, ["/bin/sh", "-c", script], capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    made = json.loads(await curl(CREATE))
    assert (made["gender"], made["projectIds"]) == ("male", [1, 2])
    assert json.loads(await curl(LIST)) == {"entries": [made], "total": 1}
    assert json.loads(await curl(LIST_GLOBAL)) == {"entries": [], "total": 0}
    changed = json.loads(await curl(UPDATE, skuId=made["id"]))
    assert (changed["name"], changed["gender"], changed["projectIds"]) == ("Blue Shirt Updated", None, [])
    _, image = await client.upload(picture)
    brief_id = await client.brief(skuIds=[(await client.sku(frontImage=image))["id"]])
    await client.twin.settled()
    results = json.loads(await curl(RESULTS, briefId=str(brief_id)))
    assert [each["status"] for each in results["entries"]] == ["COMPLETED"]
    assert await curl(DELETE, skuId=made["id"]) == ""
    assert json.loads(await curl(LIST))["total"] == 1

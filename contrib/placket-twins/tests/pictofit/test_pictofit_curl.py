"""The curl commands of the vendor's page, with the host changed and what the page has lost filled in."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import uuid

import pytest

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")

PRODUCT, CONFIGURATION, FILE = (str(uuid.uuid4()) for _ in range(3))

PRODUCT_JSON = """{
    "customerId": "<YOUR-CUSTOMER-ID>",
    "name": "My example product",
    "typeId": 1,
    "sku": "<CUSTOMER-UNIQUE-PRODUCT-ID>"
}"""

CONFIGURATION_JSON = """{
    "productId": "<PRODUCT-ID>",
    "name": "Default configuration",
}"""
"""With the comma too much that the vendor's own has."""

CALLBACK_JSON = """{
    "url": "<YOUR-URL>",
    "authorizationHeaderValue": "<YOUR-SERVER-SECRET>"
}"""

ADD_PRODUCT = r"""curl -v -X PUT https://api.cs.pictofit.com/v1.5/products/<NEW-UNIQUE-ID> \
    -d "@product.json" \
    -H "Content-Type: application/json" \
    -H 'Authorization: Bearer <YOUR-API-KEY>' \
"""

ADD_CONFIGURATION = r"""curl -v  -X PUT https://api.cs.pictofit.com/v1.5/configurations/<NEW-UNIQUE-ID> \
    -d '@configuration.json' \
    -H 'Content-Type: application/json' \
    -H 'Authorization: Bearer <YOUR-API-KEY>'
"""

ADD_PICTURE = r"""curl -v -X POST https://api.cs.pictofit.com/v1.5/files \
    -H 'Authorization: Bearer <YOUR-API-KEY>' \
    -F 'file=@/path/to/your/upload.png;type=image/png' \
    -F 'id=<FRESH-ID-AS-UUID>' \
    -F 'name=frontal_image' \
    -F 'configurationId=<CONFIGURATION-ID>' \
    -F 'typeId=1'
"""

MARK_READY = r"""curl -v -X POST https://api.cs.pictofit.com/v1.5/configurations/<CONFIGURATION-ID>/ready \
    -d '' \
    -H 'Authorization: Bearer <YOUR-API-KEY>'
"""

REGISTER = r"""curl -v -X PUT https://api.cs.pictofit.com/v1.5/customers/<CUSTOMER_ID>/callbacks/<CALLBACK_TYPE_ID> \
 -d '@callback.json' \
 -H 'Content-Type: application/json' \
 -H 'Authorization: Bearer <YOUR-API-KEY>'
"""

TRIGGER = r"""curl -v -X POST \
    https://api.cs.pictofit.com/v1.5/customers/<CUSTOMER_ID>/callbacks/PRODUCT_COMPLETED/trigger/<PRODUCT-ID> \
    -d '' \
    -H 'Authorization: Bearer <YOUR-API-KEY>'
"""

RETRIEVE = r"""curl -v -X GET https://api.cs.pictofit.com/v1.5/products/<PRODUCT-ID>/configurations \
    -H 'Authorization: Bearer <YOUR-API-KEY>'
"""


async def test_the_page_from_top_to_bottom(make_client, receiver, picture, tmp_path):
    client = await make_client()
    (tmp_path / "upload.png").write_bytes(picture)

    def filled(text: str, new: str = "") -> str:
        for written, meant in {
            "https://api.cs.pictofit.com/v1.5": client.twin.url,
            "/path/to/your/upload.png": str(tmp_path / "upload.png"),
            "<YOUR-API-KEY>": "key-of-the-cms",
            "<YOUR-CUSTOMER-ID>": client.customer,
            "<CUSTOMER_ID>": client.customer,
            "<NEW-UNIQUE-ID>": new,
            "<PRODUCT-ID>": PRODUCT,
            "<CONFIGURATION-ID>": CONFIGURATION,
            "<FRESH-ID-AS-UUID>": FILE,
            "<CALLBACK_TYPE_ID>": "1",
            "<YOUR-URL>": receiver.url,
        }.items():
            text = text.replace(written, meant)
        return text

    async def curl(command: str, new: str = "") -> str:
        # An HTTP refusal becomes an exit code.
        script = filled(command, new).replace("curl ", "curl --fail-with-body ", 1)
        ran = await asyncio.to_thread(
            subprocess.run, ["/bin/sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    for name, text in (("product", PRODUCT_JSON), ("configuration", CONFIGURATION_JSON), ("callback", CALLBACK_JSON)):
        (tmp_path / f"{name}.json").write_text(filled(text))
    await curl(ADD_PRODUCT, PRODUCT)
    await curl(ADD_CONFIGURATION, CONFIGURATION)
    await curl(ADD_PICTURE)
    await curl(REGISTER)
    await curl(TRIGGER)
    await client.twin.settled()
    await curl(MARK_READY)
    await client.twin.settled()
    (shown,) = json.loads(await curl(RETRIEVE))
    assert (shown["id"], shown["productId"], shown["stateId"], len(shown["results"])) == (CONFIGURATION, PRODUCT, 4, 3)
    assert [call[:2] for call in receiver.calls] == [(f"/done/{PRODUCT}", "<YOUR-SERVER-SECRET>")] * 2

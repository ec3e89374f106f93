"""How long an answer takes to become wire objects, and what a long list holds: ``python tests/benchmarks/decoding.py``.

What is measured of ours is what the plugins run on every answer: `Answer.json_object` and the reading of its envelope.
The peers read the same bytes in the same process, by turns, into typed classes: once with every text left a text, which
is all that ours does, and once with times, ids and enumerations parsed.
"""

from __future__ import annotations

import asyncio
import gc
import json
import multiprocessing
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from types import UnionType
from typing import Any
from uuid import UUID

import attrs
from figures import ROOT, Figure, at_least, at_most, show
from throughput import TAGGED

import placket
from placket.interfaces import ProductQuery
from placket.record import Source, ValueMap, Vocabulary
from placket.transport import Answer

PEER_FOLDER = ROOT / ".cache" / "decoding"
PEERS = ("orjson", "pydantic")
LISTED = 100_000
WARM = 20_000
PAGE = 100

PRODUCT: dict[str, Any] = {
    "id": "8d22ab70-5181-4535-8323-5c993cab7570", "created_at": "2026-03-01T10:00:00.901Z",
    "updated_at": "2026-03-02T11:30:00.000Z", "sku": "TEE-0001-BLK-M", "name": "Black T-Shirt", "brand": "Acme",
    "master_item_code": "M-0001", "product_family": "apparel", "product_type": "T-Shirt",
    "product_type_id": "0f8c1c3e-6f2b-4d7e-9a53-7b1f0c2d3e4f", "gender": "MALE", "age_class": None, "placement": None,
    "zone": "top", "type": None, "category": "Tops", "sleeve_type": "Short Sleeve", "neckline": "Crew Neck",
    "closure_type": None, "fit_type": "Regular Fit", "length_type": "Regular", "pattern": "Solid",
    "materials": "95% Cotton, 5% Elastane", "colour": "Black", "season": "SS", "year": 2026, "style_code": "ST-0001",
    "in_store_date": "2026-04-01T00:00:00.000Z", "theme": "City", "brand_collection": "Essentials",
    "description": "A black crew-neck T-shirt in soft cotton jersey with short sleeves and a regular fit.",
    "back_description": "The back is plain.", "ecommerce_description": None, "brand_metadata": None,
    "cover_image_url": "https://cdn.example.com/media/1/file.jpg",
    "back_image_url": "https://cdn.example.com/media/2/file.jpg",
    "reference_images": ["https://cdn.example.com/media/3/file.jpg"], "cover_image_media": None,
    "back_image_media": None, "reference_images_media": None, "data_image_urls": [], "public": False, "enabled": True,
    "archived": False, "demo": False, "is_filler": False, "owner_id": "b3136a10-f765-4194-9ff0-975f2d501e66",
    "organization_id": "7f0f2c52-6b0e-4a3b-9a8e-1c2d3e4f5a6b", "shot_status": None,
    "shot_status_shooting_look_id": None, "integration_name": None, "exports_completed": None, "exports_total": None,
    "shots": [],
}  # fmt: skip

ANSWER = Answer(200, {}, TAGGED)
"""The exchange makes this of what it receives; decoding begins here."""

Decoder = Callable[[], object]


class Gender(StrEnum):
    MALE = "MALE"
    FEMALE = "FEMALE"
    UNISEX = "UNISEX"


def peers_there() -> bool:
    """Make the peers importable beside ours, installing them on demand; False when they cannot be had."""
    if not all((PEER_FOLDER / name).exists() for name in PEERS):
        print(f"installing {' and '.join(PEERS)} into {PEER_FOLDER.relative_to(ROOT)}, once", file=sys.stderr)
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(PEER_FOLDER), *PEERS]
        subprocess.run(command, check=False)
    sys.path.append(str(PEER_FOLDER))
    return all((PEER_FOLDER / name).exists() for name in PEERS)


def product_types(*, parsed: bool) -> dict[str, Any]:
    """The annotations of a product's keys: what the page calls nullable may be null."""
    types: dict[str, Any] = dict.fromkeys(PRODUCT, str | None)
    types |= dict.fromkeys(("public", "enabled", "archived", "demo", "is_filler"), bool)
    types |= dict.fromkeys(("year", "exports_completed", "exports_total"), int | None)
    types |= dict.fromkeys(("reference_images", "data_image_urls"), list[str])
    types |= dict.fromkeys(("cover_image_media", "back_image_media", "brand_metadata"), dict[str, Any] | None)
    types |= {"reference_images_media": list[dict[str, Any]] | None, "shots": list[Any], "id": str, "name": str}
    types |= {"created_at": str, "updated_at": str, "gender": str, "owner_id": str}
    if parsed:
        types |= {"created_at": datetime, "updated_at": datetime, "in_store_date": datetime | None}
        types |= {"id": UUID, "owner_id": UUID, "product_type_id": UUID | None, "organization_id": UUID | None}
        types["gender"] = Gender
    return types


def answer_types(make: Callable[[str, Mapping[str, Any]], type], *, tolerant: bool) -> type:
    """The classes of an Aistetic answer, its keys renamed to names; ``make`` makes one.

    A garment has some of the tags and measurements, and while it is worked on it has none at all. Classes that are not
    ``tolerant`` read the finished answer of this one garment only, which no client could do with; they show what the
    peers spend on the rest.
    """
    document = json.loads(TAGGED)["data"]

    def may(kind: Any) -> Any:
        return kind | None if tolerant else kind

    kinds = {list: may(list[str]), str: may(str)}
    tag = make("Tag", {key: kinds[type(value)] for key, value in document["tag"].items()})
    measured = make("Measurements", dict.fromkeys(document["measurements"], may(float)))
    fields = {"uuid": str, "annotated_img": may(str), "tag": may(tag), "measurements": may(measured)}
    data = make("Data", {**fields, "description": may(str), "complete": bool})
    return make("Envelope", {"status": bool, "data": data, "error": list[str], "message": str})


def named(key: str) -> str:
    return re.sub(r"\W+", "_", key).strip("_").lower()


def default(kind: Any) -> dict[str, Any]:
    """What may be null may be missing."""
    return {"default": None} if isinstance(kind, UnionType) else {}


def with_cattrs(build: Callable[[Callable[[str, Mapping[str, Any]], type]], type], body: bytes) -> Decoder:
    from cattrs.gen import make_dict_structure_fn, override
    from cattrs.preconf.orjson import make_converter

    converter = make_converter()
    converter.register_structure_hook(datetime, lambda value, _: datetime.fromisoformat(value))
    converter.register_structure_hook(UUID, lambda value, _: UUID(value))

    def make(name: str, types: Mapping[str, Any]) -> type:
        fields = {named(key): attrs.field(type=kind, kw_only=True, **default(kind)) for key, kind in types.items()}
        made = attrs.make_class(name, fields)
        renamed = {named(key): override(rename=key) for key in types if named(key) != key}
        converter.register_structure_hook(made, make_dict_structure_fn(made, converter, **renamed))  # type: ignore[arg-type]
        return made

    target = build(make)
    return lambda: converter.loads(body, target)


def with_pydantic(build: Callable[[Callable[[str, Mapping[str, Any]], type]], type], body: bytes) -> Decoder:
    import pydantic

    def make(name: str, types: Mapping[str, Any]) -> type:
        fields: dict[str, Any] = {
            named(key): (kind, pydantic.Field(alias=key, **default(kind))) for key, kind in types.items()
        }
        return pydantic.create_model(name, **fields)

    model: Any = build(make)
    return lambda: model.model_validate_json(body)


def our_answer() -> object:
    from placket_aistetic import wire

    return wire.Envelope.of(ANSWER.json_object())


def our_tags() -> object:
    from placket_aistetic import wire

    return list(wire.tags(our_answer().data["tag"]))  # type: ignore[attr-defined]


def our_product(body: bytes) -> Decoder:
    from placket_sartiq import wire

    answer = Answer(200, {}, body)

    def decode() -> object:
        product = answer.json_object()
        wire.identified(answer, product)
        return product

    return decode


def our_claims(body: bytes) -> Decoder:
    from placket_sartiq.translation import Translation

    values = ValueMap.from_package("placket_sartiq", Vocabulary.default())
    decode = our_product(body)
    return lambda: Translation(Source("shop"), values).claims(decode())  # type: ignore[arg-type]


def microseconds(decoders: Mapping[str, Decoder], rounds: int, calls: int) -> dict[str, float]:
    """Processor time of each, the best of several rounds by turns."""
    best = dict.fromkeys(decoders, float("inf"))
    for decode in decoders.values():
        decode()
    gc.collect()
    gc.disable()
    try:
        for _ in range(rounds):
            for name, decode in decoders.items():
                started = time.process_time()
                for _ in range(calls):
                    decode()
                best[name] = min(best[name], (time.process_time() - started) / calls * 1e6)
    finally:
        gc.enable()
    return best


def decoding(rounds: int, calls: int) -> list[Figure]:
    body = json.dumps(PRODUCT).encode()
    ours = {"answer": our_answer, "tags": our_tags, "product": our_product(body), "claims": our_claims(body)}
    peers: dict[str, Decoder] = {}
    if found := peers_there():
        for peer, build in (("cattrs", with_cattrs), ("pydantic", with_pydantic)):
            for kind, tolerant in (("", True), ("every key there", False)):
                types = partial(answer_types, tolerant=tolerant)
                peers[f"{peer} answer{kind}"] = build(types, TAGGED)
            for kind, parsed in (("texts", False), ("parsed", True)):
                typed = product_types(parsed=parsed)
                peers[f"{peer} product{kind}"] = build(lambda make, typed=typed: make("Product", typed), body)
    took = microseconds({**ours, **peers}, rounds, calls)
    figures = [
        at_most("Aistetic answer", took["answer"], 10, "us"),
        Figure("the same, and its tags put together", f"{took['tags']:.2f} us"),
        at_most(f"Sartiq product, {len(PRODUCT)} fields", took["product"], 15, "us"),
        Figure("the same, and made into claims", f"{took['claims']:.2f} us"),
    ]
    if not found:
        return [*figures, Figure("cattrs and pydantic / ours", "not measured: orjson and pydantic cannot be installed")]
    for what, kind in (("answer", ""), ("answer", "every key there"), ("product", "texts"), ("product", "parsed")):
        for peer, factor in (("cattrs", 3), ("pydantic", 1)):
            theirs = took[f"{peer} {what}{kind}"]
            name = f"{peer} ({theirs:.1f} us) / ours, {what}{', ' if kind else ''}{kind}"
            ratio = theirs / took[what]
            wanted = kind != "every key there"
            figures.append(at_least(name, ratio, factor, "") if wanted else Figure(name, f"{ratio:.2f}"))
    return figures


def reply(target: bytes) -> bytes:
    """The answer to a request for a token or for a page of the list."""
    if b"/login/" in target:
        body = b'{"access_token": "a-token-for-the-benchmark", "token_type": "bearer", "expires_in": 36000}'
    else:
        skip = int(re.search(rb"skip=(\d+)", target)[1])  # type: ignore[index]
        one = json.dumps(PRODUCT)
        items = [one.replace(PRODUCT["id"], f"product-{number}") for number in range(skip, min(skip + PAGE, LISTED))]
        body = f'{{"data": [{", ".join(items)}], "count": {LISTED}}}'.encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


class Vendor(asyncio.Protocol):
    """Answers a login and pages of products without looking any further."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.waiting = b""

    def data_received(self, data: bytes) -> None:
        self.waiting += data
        head, end, rest = self.waiting.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: *(\d+)", head)
        if end and len(rest) >= int(length[1] if length else 0):
            self.waiting = b""
            self.transport.write(reply(head.split(b" ", 2)[1]))  # type: ignore[attr-defined]


def serve(report: Connection) -> None:
    async def main() -> None:
        server = await asyncio.get_running_loop().create_server(Vendor, "127.0.0.1", 0)
        report.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(main())


def peak_kilobytes() -> int:
    return int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1])  # type: ignore[index]


def list_products(port: int, report: Connection) -> None:
    """Read the list through the router, and tell the peak of this process's memory early and at the end."""

    async def main() -> tuple[int, int, int, float]:
        shop = {"plugin": "sartiq", "base_url": f"http://127.0.0.1:{port}", "username": "bench"}
        document = {
            "providers": {"shop": {**shop, "password": {"env": "BENCHMARK_PASSWORD"}}},
            "routes": {"product_store": {"targets": ["shop"]}},
        }
        early, count, started = 0, 0, time.process_time()
        environ = {"BENCHMARK_PASSWORD": "a-password-for-the-benchmark"}
        with tempfile.TemporaryDirectory() as folder:
            async with placket.open(document, environ=environ, data_folder=Path(folder)) as router:
                async for _ in router.product_store.list(ProductQuery(page_size=PAGE)):
                    count += 1
                    if count == WARM:
                        early = peak_kilobytes()
        return count, early, peak_kilobytes(), time.process_time() - started

    report.send(asyncio.run(main()))


def listing() -> list[Figure]:
    name = f"list {LISTED:,} products: peak memory beyond that of {WARM:,}"
    if sys.platform != "linux":
        return [Figure(name, "not measured: the peak is read from /proc")]
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    server = spawn.Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    try:
        port = ours.recv()
        reader = spawn.Process(target=list_products, args=(port, theirs), daemon=True)
        reader.start()
        count, early, late, seconds = ours.recv()
        reader.join()
    finally:
        server.terminate()
        server.join()
    return [
        at_most(name, (late - early) / 1024, 4, "MB"),
        at_least("the same, products read", count, LISTED, ""),
        Figure("the same, processor time of a product, claims and all", f"{seconds / count * 1e6:.0f} us"),
    ]


def measure(rounds: int = 9, calls: int = 3_000) -> list[Figure]:
    return [*decoding(rounds, calls), *listing()]


if __name__ == "__main__":
    show("Decoding", measure())

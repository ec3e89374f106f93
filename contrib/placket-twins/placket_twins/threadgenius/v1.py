"""Version 1 of the protocol, as its public clients used it: JSON, and HTTP Basic with the key as the user.

The vendor's page of it is lost but for its beginning. Requests are those of the clients of 2017; of the answers only
what they read is known: ``status.description``, ``response.catalog.{gid,name,status}``, ``response.catalogs``,
``response.prediction.data.tags`` and ``.detections``, ``response.results[].object.{image.url,metadata}``. The rest is
chosen to be of one kind with it.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from aiohttp import web

from placket.errors import InvalidInput
from placket.interfaces import Query

from ..answers import json_answer
from ..refusal import Refusal
from ..routes import Answer, Asked, Body, Parameter, Route, schema_of
from ..vendor import Ground
from .catalogs import Catalogs, Standing
from .pictures import from_base64
from .predictions import Kind, Predictions, check_image, crop_of, image_of, read_key
from .settings import ThreadGeniusSettings
from .shelf import Entry, Shelf
from .usage import Usage

PREFIX = "/v1"
VERSION = 1

BAD_KEY = "Invalid API key."
"""What a public client compares with."""

_PAGE = 100
_RESULTS = 50
_LARGEST = 64 * 1024 * 1024
_ONE = f"{PREFIX}/catalog/{{gid}}"
_OBJECT = f"{_ONE}/object/{{object_gid}}"


class VersionOne:
    """The routes of v1."""

    def __init__(
        self, ground: Ground, settings: ThreadGeniusSettings, catalogs: Catalogs, shelf: Shelf, usage: Usage
    ) -> None:
        self._ground = ground
        self._settings = settings
        self._catalogs = catalogs
        self._shelf = shelf
        self._usage = usage
        self._predictions: Mapping[Kind, Predictions] = {
            "tag": Predictions(ground, "tag"),
            "detect": Predictions(ground, "detect"),
        }

    def start(self) -> None:
        """Name the runners of queued predictions."""
        for each in self._predictions.values():
            each.start()

    def check_key(self, request: web.Request) -> None:
        """Raise Refusal (401) for a wrong key. Whatever stands for the password: some clients sent the word None."""
        scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
        try:
            user = base64.b64decode(encoded.strip(), validate=True).partition(b":")[0]
        except (binascii.Error, ValueError):
            user = b""
        if scheme.lower() != "basic" or not hmac.compare_digest(user, self._settings.api_key.encode()):
            raise Refusal(401, BAD_KEY, headers={"WWW-Authenticate": 'Basic realm="Thread Genius"'})

    def routes(self) -> Iterable[Route]:
        """Every operation that a public client had."""
        catalog = f"{PREFIX}/catalog"
        yield _route("POST", catalog, self._create, "Create a catalog", "OneCatalogV1", body="NewCatalogV1")
        yield _route("GET", catalog, self._list, "List all catalogs", "AllCatalogsV1")
        yield _route("GET", _ONE, self._get, "Get a catalog", "OneCatalogV1")
        yield _route("DELETE", _ONE, self._delete, "Delete a catalog", "DeletedCatalogV1")
        yield _route("POST", f"{_ONE}/object", self._add, "Add objects", "AddedObjectsV1", body="NewObjectsV1")
        yield _route("GET", f"{_ONE}/object", self._objects, "Page through objects", "ObjectsV1", paged=True)
        yield _route("GET", _OBJECT, self._object, "Get an object", "OneObjectV1")
        yield _route("DELETE", _OBJECT, self._drop, "Delete an object", "DeletedObjectV1")
        yield _route("POST", f"{_ONE}/search", self._search, "Search a catalog", "ResultsV1", body="SearchV1")
        for kind, body in (("tag", "PredictTagsV1"), ("detect", "PredictBoxesV1")):
            path = f"{PREFIX}/prediction/{kind}"
            yield _route("POST", path, self._predict, f"Predict: {kind}", "PredictedV1", body=body)
            yield _route("GET", path, self._predicted, f"Page through predictions: {kind}", "PredictionsV1", paged=True)
            yield _route("GET", f"{path}/{{gid}}", self._prediction, f"Get a prediction: {kind}", "OnePredictionV1")
        yield _route("GET", f"{PREFIX}/usage", self._used, "Retrieve your usage", "UsageV1")

    async def _create(self, asked: Asked) -> web.Response:
        standing = await self._catalogs.create(asked.body["name"], VERSION)
        return response(catalog=_catalog(standing))

    async def _list(self, asked: Asked) -> web.Response:  # noqa: ARG002 - one account
        return response(catalogs=[_catalog(each) for each in await self._catalogs.all(VERSION)])

    async def _get(self, asked: Asked) -> web.Response:
        return response(catalog=_catalog(await self._find(asked)))

    async def _delete(self, asked: Asked) -> web.Response:
        standing = await self._find(asked)
        await self._catalogs.remove(standing, asked.request.path)
        return response(catalog={"gid": standing.catalog.id})

    async def _add(self, asked: Asked) -> web.Response:
        standing = await self._find(asked)
        entries = [_entry(each) for each in asked.body["objects"]]
        await self._catalogs.add(standing, entries, asked.request.path)
        return response(objects=list(map(_object, entries)))

    async def _objects(self, asked: Asked) -> web.Response:
        standing = await self._find(asked)
        after = read_key(asked.query.get("next_key"))
        found = await self._shelf.page(standing.catalog.id, after, _PAGE + 1)
        next_key = str(found[_PAGE - 1].key) if len(found) > _PAGE else None
        return response(objects=list(map(_object, found[:_PAGE])), next_key=next_key)

    async def _object(self, asked: Asked) -> web.Response:
        standing = await self._find(asked)
        found = await self._shelf.named(standing.catalog.id, [asked.path["object_gid"]])
        if not found:
            raise Refusal(404, "Object not found.")
        return response(object=_object(*found.values()))

    async def _drop(self, asked: Asked) -> web.Response:
        standing, gid = await self._find(asked), asked.path["object_gid"]
        if not await self._catalogs.drop(standing, [gid]):
            raise Refusal(404, "Object not found.")
        return response(object={"gid": gid})

    async def _search(self, asked: Asked) -> web.Response:
        standing, body = await self._find(asked), asked.body
        limit = body.get("n_results", _RESULTS)
        if "keywords" in body:
            found = await self._by_keywords(standing, body["keywords"], limit)
        else:
            image = await image_of(self._ground, body["image"])
            found = await self._catalogs.search(standing, Query(image=image, limit=limit))
        self._usage.count("search")
        return response(results=[{"object": _object(entry)} for entry, _ in found])

    async def _by_keywords(self, standing: Standing, keywords: list[str], limit: int) -> list[Any]:
        try:
            return await self._catalogs.search(standing, Query(text=" ".join(keywords), limit=limit))
        except InvalidInput:
            # A word that the backend does not know is on no picture.
            return []

    async def _predict(self, asked: Asked) -> web.Response:
        kind = _kind(asked)
        if "image" in asked.body:
            prediction = await self._predictions[kind].predict(asked.body["image"])
            self._usage.count(kind)
            return response(prediction=prediction)
        images = asked.body["images"]
        queued = await self._predictions[kind].enqueue(images, asked.request.path)
        self._usage.count(kind, len(images))
        return response(predictions=queued)

    async def _predicted(self, asked: Asked) -> web.Response:
        found, next_key = await self._predictions[_kind(asked)].page(asked.query.get("next_key"))
        return response(predictions=found, next_key=next_key)

    async def _prediction(self, asked: Asked) -> web.Response:
        return response(prediction=await self._predictions[_kind(asked)].find(asked.path["gid"]))

    async def _used(self, asked: Asked) -> web.Response:  # noqa: ARG002 - one account
        return response(usage=await self._usage.by_month())

    async def _find(self, asked: Asked) -> Standing:
        """The catalog of a request. The vendor's public ones were called by their names: so can any other be."""
        gid = asked.path["gid"]
        if not gid.startswith("catalog_"):
            for each in await self._catalogs.all(VERSION):
                if each.catalog.name == gid:
                    return each
        return await self._catalogs.find(gid, VERSION)


def response(description: str = "OK", *, headers: Mapping[str, str] | None = None, **carried: Any) -> web.Response:
    """An answer in the envelope of v1."""
    return json_answer({"status": {"description": description}, "response": carried}, headers=headers)


def _route(
    method: str, path: str, handler: Any, summary: str, answer: str, *, body: str = "", paged: bool = False
) -> Route:
    inside = [Parameter(name, where="path", required=True) for name in ("gid", "object_gid") if f"{{{name}}}" in path]
    return Route(
        method=method,
        path=path,
        handler=handler,
        summary=summary,
        tag="v1",
        parameters=(*inside, *((Parameter("next_key", doc="The next_key of the page before."),) if paged else ())),
        body=Body(schema_of(body)) if body else None,
        answers={200: Answer("OK", schema_of(answer))},
        max_body=_LARGEST if body else 1 << 16,
    )


def _kind(asked: Asked) -> Kind:
    return "tag" if asked.request.path.startswith(f"{PREFIX}/prediction/tag") else "detect"


def _catalog(standing: Standing) -> dict[str, Any]:
    catalog = standing.catalog
    return {"gid": catalog.id, "name": catalog.name, "status": {"description": standing.status}}


def _entry(said: Mapping[str, Any]) -> Entry:
    image = said["image"]
    check_image(image)
    picture = None if image.get("url") else from_base64(image["base64"])
    metadata = json.dumps(said["metadata"]) if said.get("metadata") else ""
    return Entry(f"object_{secrets.token_hex(15)}", image.get("url", ""), metadata, crop_of(image), picture)


def _object(entry: Entry) -> dict[str, Any]:
    crop = list(entry.crop or (0.0, 0.0, 1.0, 1.0))
    return {"gid": entry.id, "image": {"url": entry.url, "crop": crop}, "metadata": entry.spliced}

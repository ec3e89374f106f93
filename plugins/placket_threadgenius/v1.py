"""Version 1 of the protocol, as far as it is known: JSON in, an envelope with a response out.

What is known comes from http://docs.threadgenius.co/, the PyPI package ``thread-genius`` 0.0.6 and other old clients;
most answers are known in parts only, so everything in them may be missing.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from typing import Any, TypeVar

from placket.errors import NotFound, ProviderError, Unsupported
from placket.interfaces import Image, Page, Query
from placket.record import Box
from placket.transport import Answer, Auth, path_segment

from . import wire
from .credentials import key_as_user
from .items import Outgoing, Row
from .protocol import Protocol, Told, decoded, is_on_the_web, member

T = TypeVar("T")

BATCH = 32
"""How many objects one request may add."""

MOST_KEYWORDS = 5

ID_KEY = "placket_id"
"""Where in an object's metadata the caller's id travels: the protocol has no place for it."""


class V1(Protocol):
    """Speaks version 1."""

    version = "v1"
    boxes = "fractions"

    def _login(self) -> Auth:
        return key_as_user(self._settings.api_key)

    async def tag(self, image: Image) -> Told[wire.Label]:
        """POST /prediction/tag."""
        return await self._prediction("tag", "tags", wire.label, image)

    async def detect(self, image: Image) -> Told[wire.Box]:
        """POST /prediction/detect."""
        return await self._prediction("detect", "detections", wire.box, image)

    async def search(self, catalog_id: str, query: Query) -> Told[wire.Similar]:
        """POST /catalog/GID/search, with a picture or with keywords."""
        if query.text and query.image is not None:
            raise Unsupported(f"{self._context.name} searches by a picture or by a text, not by both; give one")
        asked: dict[str, Any] = {"n_results": query.limit}
        if query.image is None:
            asked["keywords"] = self._keywords(query.text)
        else:
            asked["image"] = await self._picture(query.image, query.region)
        path = f"/catalog/{path_segment(catalog_id)}/search"
        answer = await self._http.post(path, json=asked, repeatable=True, operation="search")
        said = member(answer, _response(answer), "results")
        items = decoded(answer, lambda: [_similar(one) for one in wire.objects(said)])
        return Told(items, answer, answer.json_object())

    async def create_catalog(self, name: str) -> wire.Catalog:
        """POST /catalog."""
        answer = await self._http.post("/catalog", json={"name": name}, operation="create_catalog")
        return _one_catalog(answer)

    async def catalogs(self, cursor: str | None) -> Page[wire.Catalog]:
        """GET /catalog."""
        answer = await self._http.get("/catalog", params={"next_key": cursor}, operation="list_catalogs")
        response = _response(answer)
        said = member(answer, response, "catalogs")
        found = decoded(answer, lambda: [_catalog(one) for one in wire.objects(said)])
        return Page(found, next=wire.text(response.get("next_key")) or None)

    async def catalog(self, catalog_id: str) -> wire.Catalog:
        """GET /catalog/GID."""
        return _one_catalog(await self._http.get(f"/catalog/{path_segment(catalog_id)}", operation="get_catalog"))

    async def delete_catalog(self, catalog_id: str) -> None:
        """DELETE /catalog/GID."""
        await self._http.delete(f"/catalog/{path_segment(catalog_id)}", repeatable=True, operation="delete_catalog")

    async def add(self, catalog_id: str, outgoing: Outgoing) -> None:
        """POST /catalog/GID/object, in batches."""
        added, batch = 0, list[Row]()
        try:
            async with aclosing(outgoing.rows()) as rows:
                async for row in rows:
                    batch.append(row)
                    if len(batch) == BATCH:
                        await self._add(catalog_id, batch)
                        added += len(batch)
                        batch.clear()
                if batch:
                    await self._add(catalog_id, batch)
        except ProviderError as error:
            if added:
                error.message += f"; {added} items had been added before"
            raise

    async def _add(self, catalog_id: str, rows: Sequence[Row]) -> None:
        objects = [{"image": {"url": row.url}, "metadata": {**row.item.metadata, ID_KEY: row.item.id}} for row in rows]
        path = f"/catalog/{path_segment(catalog_id)}/object"
        _response(await self._http.post(path, json={"objects": objects}, operation="add_items"))

    async def start_index(self, catalog_id: str) -> None:
        """Nothing: objects are indexed as they come."""

    async def items(self, catalog_id: str, cursor: str | None) -> Page[wire.Stored]:
        """GET /catalog/GID/object."""
        path = f"/catalog/{path_segment(catalog_id)}/object"
        answer = await self._http.get(path, params={"next_key": cursor}, operation="list_items")
        response = _response(answer)
        said = member(answer, response, "objects")
        found = decoded(answer, lambda: [_stored(one) for one in wire.objects(said)])
        return Page(found, next=wire.text(response.get("next_key")) or None)

    async def delete_items(self, catalog_id: str, ids: Iterable[str]) -> int:
        """DELETE /catalog/GID/object/GID for each; the whole catalog is read to find their gids."""
        wanted, found = set(ids), list[str]()
        cursor: str | None = None
        while wanted:
            page = await self.items(catalog_id, cursor)
            found += [item.gid for item in page.items if item.id in wanted]
            if page.next is None or page.next == cursor:
                break
            cursor = page.next
        return sum([await self._delete_item(catalog_id, gid) for gid in found])

    async def _delete_item(self, catalog_id: str, gid: str) -> bool:
        path = f"/catalog/{path_segment(catalog_id)}/object/{path_segment(gid)}"
        try:
            await self._http.delete(path, repeatable=True, operation="delete_items")
        except NotFound:
            return False
        return True

    async def usage(self) -> Sequence[wire.Use]:
        """GET /usage; how it answers is not known, so the months of v0 are looked for."""
        answer = await self._http.get("/usage", operation="usage")
        response = _response(answer)
        said = response.get("usage", response)
        return decoded(answer, lambda: [use for months in wire.objects(said) for use in wire.usage(months)])

    async def _prediction(
        self, kind: str, noun: str, decode: Callable[[Mapping[str, Any]], T], image: Image
    ) -> Told[T]:
        asked = {"image": await self._picture(image, None)}
        answer = await self._http.post(f"/prediction/{kind}", json=asked, repeatable=True, operation=kind)
        prediction = _object(answer, _response(answer), "prediction")
        said = member(answer, _object(answer, prediction, "data"), noun)
        items = decoded(answer, lambda: [decode(one) for one in wire.objects(said)])
        rest = {f"prediction.{key}": prediction[key] for key in prediction if key != "data"}
        return Told(items, answer, answer.json_object(), rest)

    async def _picture(self, image: Image, region: Box | None) -> dict[str, Any]:
        crop = {} if region is None else {"crop": list(region)}
        if is_on_the_web(image):
            return {"url": image.url, **crop}
        return {"base64": base64.b64encode(await self._context.content(image)).decode(), **crop}

    def _keywords(self, text: str) -> list[str]:
        keywords = [word for word in re.split(r"[\s,]+", text) if word]
        if len(keywords) > MOST_KEYWORDS:
            raise Unsupported(
                f"{self._context.name} searches by at most {MOST_KEYWORDS} words, not {len(keywords)}; shorten the text"
            )
        return keywords


def _response(answer: Answer) -> Mapping[str, Any]:
    return _object(answer, answer.json_object(), "response")


def _object(answer: Answer, document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = member(answer, document, name)
    if not isinstance(found, dict):
        raise answer.protocol_error(f"{name} in the answer is not an object")
    return found


def _one_catalog(answer: Answer) -> wire.Catalog:
    said = _object(answer, _response(answer), "catalog")
    return decoded(answer, lambda: _catalog(said))


def _catalog(said: Mapping[str, Any]) -> wire.Catalog:
    gid, status = wire.text(said.get("gid")), said.get("status")
    if not gid:
        raise ValueError("a catalog has no gid")
    description = status.get("description") if isinstance(status, dict) else status
    return wire.catalog({**said, "catalog_id": gid, "status": description})


def _stored(said: Mapping[str, Any]) -> wire.Stored:
    image = said.get("image")
    metadata = dict(wire.metadata(said.get("metadata")))
    gid = wire.text(said.get("gid"))
    url = wire.text(image.get("url")) if isinstance(image, dict) else ""
    return wire.Stored(gid, wire.text(metadata.pop(ID_KEY, None)) or gid, url, metadata)


def _similar(said: Mapping[str, Any]) -> wire.Similar:
    found = said.get("object")
    stored = _stored(found if isinstance(found, dict) else said)
    return wire.Similar(stored.id, stored.url, wire.number(said.get("distance")), stored.metadata)

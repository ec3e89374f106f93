"""Version 0 of the protocol, as the vendor's page describes it: forms in, an envelope with a noun out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from typing import Any, TypeVar

from attrs import evolve

from placket.errors import PlacketError, ProtocolError
from placket.interfaces import Image, Page, Query
from placket.transport import Answer, Auth, FilePart, path_segment

from . import wire
from .catalog_file import OnceOnly, pieces, unescaped
from .credentials import token_for_pair
from .items import Outgoing
from .protocol import Protocol, Told, decoded, is_on_the_web, member

T = TypeVar("T")


class V0(Protocol):
    """Speaks version 0."""

    version = "v0"
    boxes = "pixels"

    def _login(self) -> Auth:
        return token_for_pair(self._settings, self._path("/token"))

    async def tag(self, image: Image) -> Told[wire.Label]:
        """POST /tag."""
        return await self._about_picture("/tag", "labels", wire.label, image, {}, "tag")

    async def detect(self, image: Image) -> Told[wire.Box]:
        """POST /detect."""
        return await self._about_picture("/detect", "boxes", wire.box, image, {}, "detect")

    async def search(self, catalog_id: str, query: Query) -> Told[wire.Similar]:
        """POST /search."""
        if query.text:
            raise self._cannot("search by text")
        if query.region is not None:
            raise self._cannot("search by a region of a picture")
        assert query.image is not None, "the provider sees to it"
        fields = {"catalog_id": catalog_id, "n_results": str(query.limit)}
        return await self._about_picture("/search", "similars", _similar, query.image, fields, "search")

    async def create_catalog(self, name: str) -> wire.Catalog:
        """POST /catalog."""
        answer = await self._http.post(self._path("/catalog"), form={"name": name}, operation="create_catalog")
        return _catalog(answer)

    async def catalogs(self, cursor: str | None) -> Page[wire.Catalog]:  # noqa: ARG002 - there are no pages
        """GET /catalog/; the page and its example agree on this slash."""
        answer = await self._http.get("/catalog/", operation="list_catalogs")
        found = _catalogs(answer)
        return Page(found, total=len(found))

    async def catalog(self, catalog_id: str) -> wire.Catalog:
        """GET /catalog/ID."""
        return _catalog(await self._http.get(f"/catalog/{path_segment(catalog_id)}", operation="get_catalog"))

    async def delete_catalog(self, catalog_id: str) -> None:
        """DELETE /catalog/ID."""
        await self._http.delete(f"/catalog/{path_segment(catalog_id)}", repeatable=True, operation="delete_catalog")

    async def add(self, catalog_id: str, outgoing: Outgoing) -> None:
        """POST /catalog/ID/upload, the catalog file made while it is sent; nothing is sent for no items."""
        settings = self._settings
        quoted = settings.catalog_file_quoting == "csv"
        made = pieces(outgoing.rows(), header=settings.catalog_file_header, quoted=quoted)
        async with aclosing(made):
            begun = [piece for piece in (await anext(made, b""), await anext(made, b"")) if piece]
            if len(begun) == 1:
                await self._upload(catalog_id, FilePart(begun[0], *_FILE))
            elif begun:
                # A large file is sent only once: here the token is renewed, or the catalog found missing, beforehand.
                await self.catalog(catalog_id)
                await self._stream(catalog_id, OnceOnly(begun, made))

    async def _stream(self, catalog_id: str, content: OnceOnly) -> None:
        try:
            await self._upload(catalog_id, FilePart(content, *_FILE))
        except PlacketError:
            if content.failure is not None:
                raise content.failure from None
            raise
        finally:
            await content.aclose()

    async def _upload(self, catalog_id: str, file: FilePart) -> None:
        path = f"/catalog/{path_segment(catalog_id)}/upload"
        client = self._client(self._settings.upload_timeout)
        _catalog(await client.post(path, form={"catalog_file": file}, operation="add_items"))

    async def start_index(self, catalog_id: str) -> None:
        """POST /catalog/ID/index. Not repeated: what is indexed is counted, and perhaps charged."""
        _catalog(await self._http.post(f"/catalog/{path_segment(catalog_id)}/index", operation="index"))

    async def usage(self) -> Sequence[wire.Use]:
        """GET /usage as in the page's example, or POST as in its reference, where GET is not allowed."""
        path = self._path("/usage")
        try:
            answer = await self._http.get(path, operation="usage")
        except ProtocolError as error:
            if error.status != 405:
                raise
            answer = await self._http.post(path, repeatable=True, operation="usage")
        said = member(answer, answer.json_object(), "usage")
        return decoded(answer, lambda: [use for months in wire.objects(said) for use in wire.usage(months)])

    async def _about_picture(
        self,
        path: str,
        noun: str,
        decode: Callable[[Mapping[str, Any]], T],
        image: Image,
        fields: Mapping[str, str],
        operation: str,
    ) -> Told[T]:
        form: dict[str, str | FilePart] = {**fields}
        if is_on_the_web(image):
            form["url"] = image.url
        else:
            content = await self._context.content(image)
            form["image"] = FilePart(content, f"image{image.suffix}", image.media_type)
        answer = await self._http.post(self._path(path), form=form, repeatable=True, operation=operation)
        document = answer.json_object()
        said = member(answer, document, noun)
        items = decoded(answer, lambda: [decode(one) for one in wire.objects(said)])
        return Told(items, answer, document, {key: document[key] for key in document if key not in (noun, "status")})

    def _path(self, path: str) -> str:
        return f"{path}/" if self._settings.trailing_slash else path


def _similar(said: Mapping[str, Any]) -> wire.Similar:
    similar = wire.similar(said)
    return evolve(similar, id=unescaped(similar.id))


_FILE = ("catalog.tsv", "text/tab-separated-values")


def _catalogs(answer: Answer) -> list[wire.Catalog]:
    """The catalogs in an answer, whose one key holds an object or an array."""
    said = member(answer, answer.json_object(), "catalog")
    return decoded(answer, lambda: [wire.catalog(one) for one in wire.objects(said)])


def _catalog(answer: Answer) -> wire.Catalog:
    found = _catalogs(answer)
    if len(found) != 1:
        raise answer.protocol_error(f"the answer has {len(found)} catalogs where one was expected")
    return found[0]

"""A server that speaks Pictofit's Content Service as the vendor's pages describe it.

A product has configurations, each with pictures. When every configuration is flagged as ready, the product is built,
by any `ARContentBuilder`, and its files are in the ``results`` of its configurations.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from aiohttp import web

from placket.transport import image_size, image_type

from ..multipart import FormFile
from ..refusal import Refusal
from ..routes import FORM, Answer, Asked, Route, Schema, schema_of
from ..serving import is_loopback
from ..vendor import Ground, Holding, VendorTwin
from ..works import Progress, Work
from .access import Access
from .building import Building, keep
from .callbacks import KIND as CALLBACK
from .callbacks import Callbacks
from .operations import operations
from .quirks import PictofitQuirks
from .schemas import LARGEST_PICTURE, SCHEMAS
from .settings import PREFIX, PictofitSettings
from .shown import Shown
from .stock import FINISHED, Configuration, PictureFile, Product, Stock
from .tables import METADATA
from .words import FRONTAL, Words, state_of

_BUILD = "build"

_CALLBACKS = 1_000
"""Callbacks that are remembered when they were sent, for the page of the twin."""

_PICTURE_TYPES = {"image/png", "image/jpeg"}
_LEAST_WIDTH, _MOST_PIXELS = 1000, 60_000_000


class PictofitTwin(VendorTwin):
    """The twin of this vendor."""

    name = "pictofit"
    title = "Pictofit Content Service"
    prefix = PREFIX
    quirks_class = PictofitQuirks
    settings_class = PictofitSettings
    tables = METADATA
    security = {"bearer": {"type": "http", "scheme": "bearer"}}  # noqa: RUF012 - a constant of the class
    refusals = {  # noqa: RUF012 - a constant of the class
        status: Answer(doc, schema_of("Refused"), "application/json")
        for status, doc in (
            (400, "The request is not what the page describes."),
            (401, "The API key is missing or not valid."),
            (403, "It belongs to another customer."),
            (404, "There is no such thing."),
            (409, "It is there already."),
            (413, "The request body is too large."),
            (415, "The request body is of another type."),
            (503, "What builds the content cannot be had now."),
        )
    }

    settings: PictofitSettings
    quirks: PictofitQuirks

    def __init__(self, ground: Ground, settings: PictofitSettings, quirks: PictofitQuirks) -> None:
        super().__init__(ground, settings, quirks)
        self.access = Access(ground, settings, quirks)
        self.callbacks = Callbacks(ground, settings, quirks)
        self._stock = Stock(ground.state, ground.clock)
        self._words = Words(quirks)
        self._shown = Shown(quirks, self._words)
        self._building = Building(ground, settings, self._stock, self._words)

    @property
    def schemas(self) -> Mapping[str, Schema]:
        """Products, configurations, files, callbacks."""
        return SCHEMAS

    def routes(self) -> Iterable[Route]:
        """Every operation of the pages."""
        return operations(self)

    def credentials(self) -> Mapping[str, str]:
        """The key and the customer's id, and what the older login wants where it is on."""
        found = {"customer id": self.settings.customer_id}
        if self.quirks.credentials != "login":
            found["API key"] = self.settings.api_key
        if self.quirks.credentials != "key":
            found["username"] = self.settings.username
            found["password"] = self.settings.password
            found["client_id"] = self.settings.client_id
            found["client_secret"] = self.settings.client_secret
        return found

    async def start(self) -> None:
        """Name who builds, and who calls back."""
        self.ground.works.on(_BUILD, self._build)
        self.ground.works.on(CALLBACK, self.callbacks.deliver, keep=_CALLBACKS)

    async def aclose(self) -> None:
        """Close the connections of callbacks."""
        await self.callbacks.aclose()

    async def admit(self, request: web.Request, route: Route | None) -> None:
        """Check the key."""
        if route is None or not route.is_open:
            await self.access.admit(request)

    def refused(self, request: web.Request, refusal: Refusal) -> web.Response:  # noqa: ARG002 - all alike
        """The pages know no errors; the quirk says what a refusal looks like."""
        # The pages know no 422 either; a body that is not as described is a bad request.
        status = 400 if refusal.status == 422 else refusal.status
        if refusal.details is not None:
            return web.json_response(refusal.details, status=status, headers=refusal.headers)
        if self.quirks.errors == "empty":
            return web.Response(status=status, headers=refusal.headers)
        told = {".".join(map(str, each.place[1:] or each.place)): [each.message] for each in refusal.problems}
        detail = "; ".join(f"{place}: {messages[0]}" for place, messages in told.items()) or refusal.message
        body: dict[str, Any] = {"message": detail}
        if self.quirks.errors == "problem":
            body = {"title": refusal.message, "status": status, "detail": detail, **({"errors": told} if told else {})}
        return web.json_response(body, status=status, headers=refusal.headers)

    async def holdings(self) -> Sequence[Holding]:
        """Products with their configurations, and the last callbacks."""
        total, products = await self._stock.newest_products(20)
        rows = []
        for product in products:
            work = await self.ground.works.get(product.id)
            rows += [
                (product.name, product.id, each.name, state_of(each, work), each.reason)
                for each in await self._stock.configurations(product.id)
            ]
        sent = await self.ground.works.list(CALLBACK)
        calls = [(each.request["type"], each.request["id"], each.state, each.error) for each in sent[:20]]
        return [
            Holding("Products", total, ("name", "id", "configuration", "state", "failure"), rows),
            Holding("Callbacks", len(sent), ("type", "object", "state", "failure"), calls),
        ]

    async def product_types(self, asked: Asked) -> web.Response:  # noqa: ARG002 - the same for everybody
        """``GET /products/types``."""
        return web.json_response(self._words.listed(self._words.product_types))

    async def file_types(self, asked: Asked) -> web.Response:  # noqa: ARG002 - the same for everybody
        """``GET /files/types``."""
        return web.json_response(self._words.listed(self._words.picture_types))

    async def callback_types(self, asked: Asked) -> web.Response:  # noqa: ARG002 - the same for everybody
        """``GET /Customer/callbacks/types``."""
        return web.json_response(self._words.listed(self._words.callback_types))

    async def put_product(self, asked: Asked) -> web.Response:
        """``PUT /products/{id}``: made, or replaced."""
        body = asked.body
        self._own(body["customerId"])
        if body["typeId"] not in self._words.product_types:
            raise Refusal(400, f"there is no product type {body['typeId']}; see /products/types")
        product, is_new = await self._stock.put_product(
            self._fresh(asked.path["productId"]),
            {
                "customer_id": self.settings.customer_id,
                "name": body["name"],
                "type_id": body["typeId"],
                "sku": body.get("sku"),
            },
        )
        return self._stored(self._shown.product(product), is_new=is_new)

    async def put_configuration(self, asked: Asked) -> web.Response:
        """``PUT /configurations/{id}``: made, or replaced."""
        body = asked.body
        configuration, is_new = await self._stock.put_configuration(
            self._fresh(asked.path["configurationId"]),
            {"product_id": _key(body["productId"]), "name": body["name"], "sku": body.get("sku")},
        )
        return self._stored(await self._configuration(configuration, asked), is_new=is_new)

    async def post_file(self, asked: Asked) -> web.Response:
        """``POST /files``: a picture of a configuration."""
        form = asked.body
        file, type_id = form["file"], int(form["typeId"])
        if not isinstance(file, FormFile):
            raise Refusal(400, "the field file must be a file")
        if type_id not in self._words.picture_types:
            raise Refusal(400, f"there is no file type {type_id}; see /files/types")
        self._check_picture(file)
        picture = PictureFile(
            id=self._fresh(form["id"]),
            configuration_id=_key(form["configurationId"]),
            name=form["name"],
            type_id=type_id,
            media_type=file.media_type,
            sha256=await keep(self._stock, file.data),
            created_at=self.ground.clock.now().timestamp(),
        )
        known = await self._stock.add_picture(picture)
        if known is not None and self.quirks.repeated_file == "conflict":
            raise Refusal(409, f"there is a file {picture.id} already")
        return self._stored(self._shown.picture(known or picture), is_new=known is None)

    def _check_picture(self, file: FormFile) -> None:
        size = image_size(file.data)
        if not {file.media_type, image_type(file.data)} <= _PICTURE_TYPES or size is None:
            raise Refusal(400, "a picture is an image/png or image/jpeg")
        if len(file.data) > LARGEST_PICTURE:
            raise Refusal(413, "a picture has at most 20 MB")
        if self.quirks.picture_rules == "rules" and (size[0] < _LEAST_WIDTH or size[0] * size[1] > _MOST_PIXELS):
            raise Refusal(400, f"a picture is at least {_LEAST_WIDTH} pixels wide, and has at most 60 megapixels")

    async def ready(self, asked: Asked) -> web.Response:
        """``POST /configurations/{id}/ready``; the last one of a product has it built."""
        if self.quirks.ready_body == "form" and asked.request.content_type != FORM:
            raise Refusal(415, f"the header Content-Type must be {FORM}")
        configuration_id = _key(asked.path["configurationId"])
        if self.quirks.no_frontal == "refused":
            pictures = await self._stock.pictures(configuration_id)
            if not any(self._words.picture_types[each.type_id] == FRONTAL for each in pictures):
                raise Refusal(400, "the configuration has no frontal picture")
        configuration, was_ready = await self._stock.flag(configuration_id)
        await self._begin(configuration.product_id, asked.request.path, anew=not was_ready)
        if was_ready and self.quirks.ready_again == "conflict":
            raise Refusal(409, f"the configuration {configuration.id} is ready already")
        if self.quirks.ready_answer == "object":
            return web.json_response(await self._configuration(configuration, asked))
        return web.Response(status=204)

    async def _begin(self, product_id: str, path: str, *, anew: bool) -> None:
        """Have a product built whose configurations are all ready.

        A configuration that was ready before changes nothing, unless a crash came between its flag and the work. A new
        one restarts what is under way: what is finished stays so.
        """
        configurations = await self._stock.configurations(product_id)
        if not all(each.is_ready for each in configurations) or all(each.outcome for each in configurations):
            return
        if anew or await self.ground.works.get(product_id) is None:
            await self.ground.works.start(_BUILD, {}, work_id=product_id, path=path)

    async def _build(self, work: Work, progress: Progress) -> None:
        await self._building.build(work, progress)
        outcomes = {each.outcome for each in await self._stock.configurations(work.id)}
        if outcomes == {FINISHED} or self.quirks.callback_when == "ended":
            await self.callbacks.completed(work.id, f"{work.id} {work.created_at}")

    async def configurations(self, asked: Asked) -> web.Response:
        """``GET /products/{id}/configurations``: with their results."""
        product = await self._stock.product(_key(asked.path["productId"]))
        found = await self._stock.configurations(product.id)
        shown = [await self._configuration(each, asked, product) for each in found]
        return web.json_response(self._shown.configurations(shown))

    async def _configuration(
        self, configuration: Configuration, asked: Asked, product: Product | None = None
    ) -> dict[str, Any]:
        product = product or await self._stock.product(configuration.product_id)
        work = await self.ground.works.get(product.id)
        results = await self._stock.results(configuration.id)
        return self._shown.configuration(product, configuration, work, results, asked.base_url)

    async def result(self, asked: Asked) -> web.StreamResponse:
        """A file that was made."""
        found = await self._stock.result(_key(asked.path["resultId"]))
        headers = {"Content-Type": found.media_type, "Content-Disposition": f'attachment; filename="{found.name}"'}
        return web.FileResponse(self._stock.file(found.sha256), headers=headers)

    async def put_callback(self, asked: Asked) -> web.Response:
        """``PUT /customers/{customerId}/callbacks/{callbackTypeId}``: registered, or taken back."""
        self._own(asked.path["customerId"])
        body = asked.body
        await self.callbacks.register(
            self._callback_type(asked),
            (body["url"] or "").strip(),
            body.get("authorizationHeaderValue") or "",
            from_here=is_loopback(asked.request.remote or ""),
        )
        return self._stored({"url": body["url"]}, is_new=False)

    async def trigger(self, asked: Asked) -> web.Response:
        """``/customers/{customerId}/callbacks/{callbackType}/trigger/{id}``: a test call, sent for real."""
        self._own(asked.path["customerId"])
        await self.callbacks.trigger(self._callback_type(asked), asked.path["id"])
        return web.Response(status=204)

    def _callback_type(self, asked: Asked) -> str:
        found = self._words.callback_type(asked.path["callbackType"])
        if found is None:
            raise Refusal(404, f"there is no callback type {asked.path['callbackType']}")
        return found

    def _own(self, customer_id: str) -> None:
        if customer_id.lower() != self.settings.customer_id.lower():
            raise Refusal(403, "the key does not belong to this customer")

    def _fresh(self, text: str) -> str:
        """An id that a client made; raises Refusal (400) for one that the quirk does not take."""
        if self.quirks.ids == "version-4" and uuid.UUID(text).version != 4:
            raise Refusal(400, f"{text} is no UUID of version 4")
        return _key(text)

    def _stored(self, shown: Mapping[str, Any], *, is_new: bool) -> web.Response:
        if self.quirks.stored == "empty":
            return web.Response(status=204)
        return web.Response(
            text=json.dumps(shown),
            status=201 if is_new and self.quirks.stored == "created" else 200,
            content_type="application/json",
        )


def _key(text: str) -> str:
    """A UUID in its one form, however the client has written it."""
    return str(uuid.UUID(text))

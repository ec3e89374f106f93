"""The routes of the Pictofit twin."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from ..multipart import MULTIPART
from ..routes import TEXT, UUID, Answer, Body, Parameter, Route, schema_of
from .schemas import LARGEST_PICTURE
from .settings import PREFIX
from .shown import RESULTS
from .trailing_comma import without_trailing_commas

if TYPE_CHECKING:
    from .twin import PictofitTwin

_SPELLINGS = ("Customer", "customers")
"""The page has ``/Customer/callbacks/types`` beside ``/customers/{customerId}/callbacks``."""

_ROOM = 64 * 1024
"""Bytes of a form beside its file."""


def operations(twin: PictofitTwin) -> Iterable[Route]:
    """Every operation of the pages."""
    yield from _types(twin)
    yield from _writing(twin)
    yield from _results(twin)
    for spelling in _SPELLINGS:
        yield from _callbacks(twin, spelling)
    yield Route(
        method="POST",
        path="/connect/token",
        handler=twin.access.login,
        summary="Log in, as older versions do",
        doc="At the vendor it is on a host of its own. It is there where the quirk credentials says so.",
        tag="Login",
        body=Body(None, MULTIPART),
        answers={200: Answer("A token.", schema_of("Token"))},
        is_open=True,
    )


def _types(twin: PictofitTwin) -> Iterable[Route]:
    for path, handler, what in (
        ("/products/types", twin.product_types, "product types"),
        ("/files/types", twin.file_types, "file types"),
        *((f"/{each}/callbacks/types", twin.callback_types, "callback types") for each in _SPELLINGS),
    ):
        yield Route(
            method="GET",
            path=f"{PREFIX}{path}",
            handler=handler,
            summary=f"List the {what}",
            tag="Types",
            answers={200: Answer(f"The {what}.", schema_of("Types"))},
        )


def _writing(twin: PictofitTwin) -> Iterable[Route]:
    mend = without_trailing_commas if twin.quirks.trailing_comma == "accepted" else None
    yield Route(
        method="PUT",
        path=f"{PREFIX}/products/{{productId}}",
        handler=twin.put_product,
        summary="Make or replace a product",
        tag="Products",
        parameters=(_id("productId", "A fresh UUID."),),
        body=Body(schema_of("ProductWrite"), mend=mend),
        answers=_stored("Product"),
    )
    yield Route(
        method="PUT",
        path=f"{PREFIX}/configurations/{{configurationId}}",
        handler=twin.put_configuration,
        summary="Make or replace a configuration of a product",
        tag="Products",
        parameters=(_id("configurationId", "A fresh UUID."),),
        body=Body(schema_of("ConfigurationWrite"), mend=mend),
        answers=_stored("Configuration"),
    )
    yield Route(
        method="POST",
        path=f"{PREFIX}{twin.quirks.files_path}",
        handler=twin.post_file,
        summary="Add a picture to a configuration",
        tag="Products",
        body=Body(schema_of("FileWrite"), MULTIPART),
        max_body=LARGEST_PICTURE + _ROOM,
        answers=_stored("File"),
    )
    yield Route(
        method="POST",
        path=f"{PREFIX}{twin.quirks.ready_path}",
        handler=twin.ready,
        summary="Say that a configuration is ready",
        tag="Products",
        parameters=(_id("configurationId", "The configuration."),),
        answers={200: Answer("Noted.", schema_of("Configuration")), 204: Answer("Noted.")},
    )


def _results(twin: PictofitTwin) -> Iterable[Route]:
    yield Route(
        method="GET",
        path=f"{PREFIX}/products/{{productId}}/configurations",
        handler=twin.configurations,
        summary="List the configurations of a product, with their results",
        tag="Results",
        parameters=(_id("productId", "The product."),),
        answers={200: Answer("The configurations.", schema_of("Configurations"))},
    )
    yield Route(
        method="GET",
        path=f"{RESULTS}/{{resultId}}/{{name}}",
        handler=twin.result,
        summary="Get a file that was made",
        doc="An address of the twin's own: the pages do not show where results are.",
        tag="Results",
        parameters=(_id("resultId", "The file."), Parameter("name", TEXT, "Its name.", "path")),
        answers={200: Answer("The file.", None, "application/octet-stream")},
        is_open=twin.quirks.result_login == "open",
    )


def _callbacks(twin: PictofitTwin, spelling: str) -> Iterable[Route]:
    where = f"{PREFIX}/{spelling}/{{customerId}}/callbacks/{{callbackType}}"
    named = (
        _id("customerId", "The customer."),
        Parameter("callbackType", TEXT, "The callback type, by its id or its name.", "path"),
    )
    yield Route(
        method="PUT",
        path=where,
        handler=twin.put_callback,
        summary="Register a callback, or take it back with an empty url",
        tag="Callbacks",
        parameters=named,
        body=Body(
            schema_of("CallbackWrite"),
            mend=without_trailing_commas if twin.quirks.trailing_comma == "accepted" else None,
        ),
        answers={200: Answer("Noted.", {"type": "object"}), 204: Answer("Noted.")},
    )
    yield Route(
        method=twin.quirks.trigger_method,
        path=f"{where}/trigger/{{id}}",
        handler=twin.trigger,
        summary="Have a test call sent",
        tag="Callbacks",
        parameters=(*named, _id("id", "Any UUID.")),
        answers={204: Answer("It is being sent.")},
    )


def _id(name: str, doc: str) -> Parameter:
    return Parameter(name, UUID, doc, "path")


def _stored(name: str) -> Mapping[int, Answer]:
    return {
        200: Answer("It is there.", schema_of(name)),
        201: Answer("It was made.", schema_of(name)),
        204: Answer("It is there."),
    }

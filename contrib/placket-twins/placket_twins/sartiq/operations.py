"""The routes of the Sartiq products API, as data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from placket.interfaces import SORT_KEYS

from ..routes import FLAG, FORM, INTEGER, TEXT, UUID, Answer, Body, Parameter, Route, Schema, count_of, schema_of
from .media import FILES
from .uploads import LARGEST, TEMPORARY

if TYPE_CHECKING:
    from .twin import SartiqTwin

PREFIX = "/api/v1"

SECURITY: Mapping[str, Any] = {
    "OAuth2PasswordBearer": {
        "type": "oauth2",
        "flows": {"password": {"tokenUrl": f"{PREFIX}/login/access-token", "scopes": {}}},
    }
}

REFUSALS: Mapping[int, Answer] = {
    **{
        status: Answer(doc, schema_of("Refused"))
        for status, doc in (
            (400, "The request cannot be done."),
            (401, "The token is missing, wrong or has expired."),
            (403, "The account may not do this."),
            (404, "There is no such thing."),
            (409, "Somebody else was faster."),
            (413, "The request body is too large."),
        )
    },
    422: Answer("The request is not what the page describes.", schema_of("HTTPValidationError")),
}

_MOST = 10_000
_ORGANIZATION = Parameter("organization_id", UUID, "The organisation whose things are meant.")
_PAGING = (
    Parameter("skip", count_of(0, most=2**31)),
    Parameter("limit", count_of(100, most=_MOST)),
)
_LARGEST_PRODUCT = 64 * 1024 * 1024
"""Bytes of a body with pictures in base64."""

_LIST: Schema = {"type": "array", "items": TEXT}
_FILTERS = (
    Parameter("archived", FLAG),
    Parameter("brand", TEXT),
    Parameter("brand_collection", _LIST, "Filter by brand collection(s)."),
    Parameter("demo", FLAG),
    Parameter("enabled", {**FLAG, "default": True}),
    Parameter("gender", TEXT),
    Parameter("is_filler", FLAG),
    Parameter("is_public", FLAG),
    Parameter("product_type", TEXT),
    Parameter("search", TEXT),
    Parameter("season", TEXT),
    Parameter("shooting_id", UUID, "Filter by shooting."),
    Parameter("shot_statuses", _LIST),
    Parameter("sort_by", {"type": "string", "enum": list(SORT_KEYS)}),
    Parameter("sort_order", {"type": "string", "enum": ["asc", "desc"], "default": "desc"}),
    Parameter("year", {**INTEGER, "minimum": -(2**31), "maximum": 2**31 - 1}),
)


def _id(name: str) -> Parameter:
    return Parameter(name, UUID, where="path", required=True)


def _ok(schema: str) -> Mapping[int, Answer]:
    return {200: Answer("Successful response.", schema_of(schema))}


def operations(twin: SartiqTwin) -> Iterable[Route]:
    """Every route, with the twin's methods as handlers."""
    yield from _products(twin)
    yield from _shoots(twin)
    yield from _exports(twin)
    yield from _facets(twin)
    yield from _files(twin)


def _products(twin: SartiqTwin) -> Iterable[Route]:
    path, one = f"{PREFIX}/products/", f"{PREFIX}/products/{{id}}"
    yield Route(
        method="POST",
        path=f"{PREFIX}/login/access-token",
        handler=twin.log_in,
        summary="Log in",
        doc="Gives a token that is good for an hour. There is no refresh: log in again.",
        tag="login",
        body=Body(schema_of("Login"), FORM),
        answers=_ok("Token"),
        is_open=True,
    )
    yield Route(
        method="POST",
        path=path,
        handler=twin.create_product,
        summary="Create product",
        doc="Pictures are addresses, base64, or the addresses of files that were uploaded before.",
        tag="products",
        parameters=(
            Parameter("mode", {"type": "string", "enum": ["basic", "complete"], "default": "complete"}),
            _ORGANIZATION,
            Parameter("sync_captioning", {**FLAG, "default": True}),
        ),
        body=Body(schema_of("ProductCreate")),
        max_body=_LARGEST_PRODUCT,
        answers={status: Answer("The product.", schema_of("ProductPublic")) for status in (200, 201)},
    )
    yield Route(
        method="GET",
        path=path,
        handler=twin.list_products,
        summary="Read products",
        doc="Without organization_id only the personal ones.",
        tag="products",
        parameters=(*_FILTERS, *_PAGING, _ORGANIZATION),
        answers=_ok("ProductsInAnyShape"),
    )
    yield Route(
        method="GET",
        path=one,
        handler=twin.read_product,
        summary="Read product",
        tag="products",
        parameters=(_id("id"), _ORGANIZATION),
        answers=_ok("ProductPublic"),
    )
    yield Route(
        method="PUT",
        path=one,
        handler=twin.update_product,
        summary="Update product",
        doc="Changes what the body names. organization_id moves the product; null moves it out.",
        tag="products",
        parameters=(_id("id"), _ORGANIZATION),
        body=Body(schema_of("ProductUpdate")),
        max_body=_LARGEST_PRODUCT,
        answers=_ok("ProductPublic"),
    )
    yield Route(
        method="DELETE",
        path=one,
        handler=twin.delete_product,
        summary="Delete product",
        tag="products",
        parameters=(_id("id"), _ORGANIZATION),
        answers={200: Answer("What was done.", _REMOVED), 204: Answer("Done.")},
    )
    yield Route(
        method="PATCH",
        path=f"{one}/archived",
        handler=twin.archive_product,
        summary="Update product archive status",
        tag="products",
        parameters=(_id("id"), Parameter("archived", FLAG, required=True), _ORGANIZATION),
        answers=_ok("ProductPublic"),
    )


_REMOVED: Schema = {
    "anyOf": [schema_of("Message"), schema_of("ProductPublic"), schema_of("ExportTaskPublic")],
}


def _shoots(twin: SartiqTwin) -> Iterable[Route]:
    base, of = f"{PREFIX}/products/{{product_id}}", (_id("product_id"), _ORGANIZATION)
    yield Route(
        method="POST",
        path=f"{PREFIX}/products/selected_shot/{{product_id}}",
        handler=twin.select_shot,
        summary="Set selected shot",
        doc="A prediction_id of null takes the choice back.",
        tag="products",
        parameters=of,
        body=Body(schema_of("SelectedShotRequest")),
        answers=_ok("Product"),
    )
    yield Route(
        method="GET",
        path=f"{base}/generations",
        handler=twin.list_generations,
        summary="Read product generations",
        tag="products",
        parameters=(*of, *_PAGING),
        answers=_ok("GenerationsPublic"),
    )
    yield Route(
        method="GET",
        path=f"{base}/shots",
        handler=twin.list_shots,
        summary="Read product shots",
        tag="products",
        parameters=(*of, Parameter("shot_type", TEXT), Parameter("status", TEXT), *_PAGING),
        answers=_ok("ShotsPublic"),
    )
    for name, schema, summary in (
        ("shooting-looks", "ShootingLooksPublic", "Read product shooting looks"),
        ("shooting-looks-summary", "ShootingLooksSummaryPublic", "Read product shooting looks summary"),
        ("related-shooting-looks", "ShootingLooksPublic", "Read product related shooting looks"),
    ):
        yield Route(
            method="GET",
            path=f"{base}/{name}",
            handler=twin.list_looks,
            summary=summary,
            tag="products",
            parameters=(*of, *_PAGING),
            answers=_ok(schema),
        )


def _exports(twin: SartiqTwin) -> Iterable[Route]:
    base = f"{PREFIX}/products/export-tasks"
    one = f"{base}/{{task_id}}"
    yield Route(
        method="POST",
        path=f"{PREFIX}/products/export-approved-shots/async",
        handler=twin.start_export,
        summary="Start export approved shots async",
        tag="products",
        parameters=(_ORGANIZATION,),
        body=Body(schema_of("ExportApprovedShotsRequest")),
        answers=_ok("ExportTaskPublic"),
    )
    yield Route(
        method="GET",
        path=base,
        handler=twin.list_exports,
        summary="List export tasks",
        tag="products",
        parameters=(
            Parameter("limit", count_of(10, most=_MOST)),
            Parameter("skip", count_of(0, most=2**31)),
            Parameter("status", TEXT),
        ),
        answers=_ok("ExportTasksPublic"),
    )
    yield Route(
        method="GET",
        path=one,
        handler=twin.read_export,
        summary="Get export task status",
        tag="products",
        parameters=(_id("task_id"),),
        answers=_ok("ExportTaskPublic"),
    )
    yield Route(
        method="DELETE",
        path=one,
        handler=twin.cancel_export,
        summary="Cancel export task",
        tag="products",
        parameters=(_id("task_id"),),
        answers=_ok("ExportTaskPublic"),
    )
    yield Route(
        method="DELETE",
        path=f"{one}/dismiss",
        handler=twin.dismiss_export,
        summary="Dismiss export task",
        tag="products",
        parameters=(_id("task_id"),),
        answers={200: Answer("What was done.", _REMOVED), 204: Answer("Done.")},
    )
    yield Route(
        method="GET",
        path=f"{one}/download",
        handler=twin.download_export,
        summary="Download export task",
        doc="Streams the file once; the task and the file are gone after it.",
        tag="products",
        parameters=(_id("task_id"),),
        answers={200: Answer("The file.", content_type="application/zip")},
    )


def _facets(twin: SartiqTwin) -> Iterable[Route]:
    for name, schema, parameters in (
        ("brands", "BrandsPublic", (_ORGANIZATION,)),
        (
            "brand-collections",
            "BrandCollectionsPublic",
            (Parameter("brand", TEXT, "Filter by brand name."), _ORGANIZATION),
        ),
        ("seasons", "SeasonsPublic", (_ORGANIZATION,)),
        ("years", "YearsPublic", ()),
    ):
        yield Route(
            method="GET",
            path=f"{PREFIX}/{name}/",
            handler=twin.facet,
            summary=f"Read {name.replace('-', ' ')}",
            tag=name,
            parameters=parameters,
            answers=_ok(schema),
        )


def _files(twin: SartiqTwin) -> Iterable[Route]:
    yield Route(
        method="POST",
        path=f"{PREFIX}/uploads/presigned-url",
        handler=twin.presign,
        summary="Get an upload address",
        doc="PUT the file to upload_url, without the token, and give file_url as a picture.",
        tag="uploads",
        body=Body(schema_of("UploadRequest"), required=False),
        answers=_ok("Upload"),
    )
    yield Route(
        method="PUT",
        path=f"{TEMPORARY}/{{name}}",
        handler=twin.take_upload,
        summary="Upload a file",
        parameters=(
            Parameter("name", where="path", required=True),
            Parameter("expires", {"type": "string", "pattern": r"^[0-9]{1,12}$"}, required=True),
            Parameter("signature", TEXT, required=True),
        ),
        body=Body(None, "application/octet-stream"),
        max_body=LARGEST,
        answers={200: Answer("Taken.")},
        is_open=True,
        hidden=True,
    )
    yield Route(
        method="GET",
        path=f"{TEMPORARY}/{{name}}",
        handler=twin.serve_upload,
        summary="An uploaded file",
        parameters=(Parameter("name", where="path", required=True),),
        answers={200: Answer("The file.", content_type="application/octet-stream")},
        is_open=True,
        hidden=True,
    )
    yield Route(
        method="GET",
        path=f"{FILES}/{{resource_id}}/{{name}}",
        handler=twin.serve_media,
        summary="A picture",
        parameters=(_id("resource_id"), Parameter("name", where="path", required=True)),
        answers={200: Answer("The picture.", content_type="image/*")},
        is_open=True,
        hidden=True,
    )

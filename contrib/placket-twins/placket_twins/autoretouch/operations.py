"""The routes of the autoRetouch twin."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..multipart import MULTIPART
from ..routes import FORM, INTEGER, TEXT, Answer, Body, Parameter, Route, schema_of
from .login import ACTIVATE
from .schemas import LARGEST_UPLOAD
from .shown import IMAGES

if TYPE_CHECKING:
    from .twin import AutoretouchTwin

OWN = "/_twin/"
"""Where the twin's own routes begin: no endpoint is documented that makes a project or a brief."""

_ROOM = 64 * 1024
"""Bytes of a form beside its file."""

_PAGE = Parameter("page", {"type": "integer", "minimum": 0, "maximum": 10**9}, "Page number.")
_PAGE_SIZE = Parameter("pageSize", {"type": "integer", "minimum": 1, "maximum": 10**9}, "Number of items per page.")
_ORGANIZATION = Parameter("organization", TEXT, "The organization that the upload belongs to.")
_SKU_ID = Parameter("skuId", TEXT, "ID of the SKU.", "path")


def operations(twin: AutoretouchTwin) -> Iterable[Route]:
    """Every operation of the pages, and the twin's own."""
    yield from _skus(twin)
    yield Route(
        method="GET",
        path="/ai-shoot/briefs/{briefId}/results",
        handler=twin.brief_results,
        summary="Get brief results",
        tag="AI Shoot",
        parameters=(Parameter("briefId", INTEGER, "ID of the brief.", "path"), _PAGE, _PAGE_SIZE),
        answers={200: Answer("The results so far.", schema_of("Results"))},
    )
    yield from _images(twin)
    yield from _login(twin)
    yield Route(
        method="GET",
        path="/health",
        handler=twin.health,
        summary="Say whether the service is up",
        answers={200: Answer("It is.", {"type": "object"})},
        is_open=True,
    )
    yield from _own(twin)


def _skus(twin: AutoretouchTwin) -> Iterable[Route]:
    yield Route(
        method="GET",
        path="/ai-shoot/skus",
        handler=twin.list_skus,
        summary="List SKUs",
        tag="AI Shoot",
        parameters=(
            _PAGE,
            _PAGE_SIZE,
            Parameter("projectFilter", TEXT, "Filter SKUs by project."),
            Parameter("skuIdFilter", TEXT, "Filter by SKU ID."),
        ),
        answers={200: Answer("The SKUs.", schema_of("Skus"))},
    )
    yield Route(
        method="GET",
        path="/ai-shoot/skus/global",
        handler=twin.list_global_skus,
        summary="List global SKUs",
        tag="AI Shoot",
        answers={200: Answer("The globally available SKUs.", schema_of("Skus"))},
    )
    yield Route(
        method="POST",
        path="/ai-shoot/skus",
        handler=twin.create_sku,
        summary="Create SKU",
        tag="AI Shoot",
        body=Body(schema_of("SkuWrite")),
        answers={201: Answer("Created.", schema_of("Created"))},
    )
    yield Route(
        method="PUT",
        path="/ai-shoot/skus/{skuId}",
        handler=twin.replace_sku,
        summary="Update SKU",
        doc="Replaces it: isInWardrobe is false and projectIds empty where they are left out.",
        tag="AI Shoot",
        parameters=(_SKU_ID,),
        body=Body(schema_of("SkuWrite")),
        answers={200: Answer("Updated.", schema_of("Sku")), 204: Answer("Updated.")},
    )
    yield Route(
        method="DELETE",
        path="/ai-shoot/skus/{skuId}",
        handler=twin.delete_sku,
        summary="Delete SKU",
        tag="AI Shoot",
        parameters=(_SKU_ID,),
        answers={200: Answer("Deleted.", {"type": "object"}), 204: Answer("Deleted.")},
    )


def _images(twin: AutoretouchTwin) -> Iterable[Route]:
    paths = {"both": ("/upload", "/v1/upload"), "upload": ("/upload",), "v1-upload": ("/v1/upload",)}
    for path in paths[twin.quirks.upload_path]:
        yield Route(
            method="POST",
            path=path,
            handler=twin.uploads.post,
            summary="Upload an image",
            tag="Images",
            parameters=(_ORGANIZATION,),
            body=Body(None, MULTIPART),
            max_body=LARGEST_UPLOAD + _ROOM,
            answers={201: Answer("Its content hash.", TEXT, "text/plain")},
        )
        yield Route(
            method="HEAD",
            path=path,
            handler=twin.uploads.head,
            summary="Say whether an image is there",
            tag="Images",
            parameters=(Parameter("contentHash", TEXT, "Its content hash.", required=True), _ORGANIZATION),
            answers={200: Answer("It is."), 404: Answer("It is not.")},
        )
    prefixes = {"both": ("", "/v1"), "v1": ("/v1",), "none": ("",)}
    for prefix in prefixes[twin.quirks.result_prefix]:
        yield Route(
            method="GET",
            path=f"{prefix}{IMAGES}/{{hash}}/{{name}}",
            handler=twin.image,
            summary="Get an image that was made",
            tag="Images",
            parameters=(
                Parameter("hash", TEXT, "Its content hash.", "path"),
                Parameter("name", TEXT, "Any name.", "path"),
            ),
            answers={200: Answer("The image.", None, "image/*")},
            is_open=twin.quirks.result_login == "open",
        )


def _login(twin: AutoretouchTwin) -> Iterable[Route]:
    yield Route(
        method="POST",
        path="/oauth/device/code",
        handler=twin.login.device_code,
        summary="Begin a login",
        tag="Login",
        body=Body(schema_of("DeviceRequest"), FORM),
        answers={200: Answer("What the person is shown.", schema_of("Device"))},
        is_open=True,
    )
    yield Route(
        method="POST",
        path="/oauth/token",
        handler=twin.login.token,
        summary="Get tokens for a device that was confirmed, or for a refresh token",
        tag="Login",
        body=Body(schema_of("TokenRequest"), FORM),
        answers={200: Answer("Tokens.", schema_of("Token")), **_oauth_refusals(401, 403, 429)},
        is_open=True,
    )
    yield Route(
        method="POST",
        path="/oauth/revoke",
        handler=twin.login.revoke,
        summary="Revoke a token",
        tag="Login",
        body=Body(schema_of("RevokeRequest")),
        answers={200: Answer("It is good no more."), **_oauth_refusals(401)},
        is_open=True,
    )
    yield Route(
        method="GET",
        path=ACTIVATE,
        handler=twin.activation.show,
        summary="Show the page on which a person confirms a login",
        parameters=(Parameter("user_code"),),
        answers={200: Answer("The page.", None, "text/html")},
        is_open=True,
        hidden=True,
    )
    yield Route(
        method="POST",
        path=ACTIVATE,
        handler=twin.activation.decide,
        summary="Confirm or deny a login",
        body=Body(schema_of("Confirmation"), FORM),
        answers={200: Answer("The page.", None, "text/html")},
        is_open=True,
        hidden=True,
    )


def _oauth_refusals(*statuses: int) -> dict[int, Answer]:
    return {status: Answer("The login was refused.", schema_of("Refused")) for status in statuses}


def _own(twin: AutoretouchTwin) -> Iterable[Route]:
    for what, listing, making in (
        ("projects", twin.list_projects, twin.create_project),
        ("briefs", twin.list_briefs, twin.create_brief),
    ):
        yield Route(
            method="GET",
            path=f"{OWN}{what}",
            handler=listing,
            summary=f"List the {what} of the twin",
            answers={200: Answer(f"The {what}.", {"type": "array"})},
            is_open=True,
            hidden=True,
        )
        yield Route(
            method="POST",
            path=f"{OWN}{what}",
            handler=making,
            summary=f"Make one of the {what} of the twin",
            body=Body(schema_of("Project" if what == "projects" else "Brief")),
            answers={201: Answer("Made.", {"type": "object"})},
            is_open=True,
            hidden=True,
        )

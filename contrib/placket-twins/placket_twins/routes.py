"""The routes of a twin, declared once, as data: requests are checked against it, and OpenAPI is made of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal

from aiohttp import web
from attrs import define, field, frozen

Schema = Mapping[str, Any]
"""A JSON Schema, 2020-12. ``{"$ref": "#/components/schemas/Name"}`` names one of the twin's `VendorTwin.schemas`."""

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"

TEXT: Schema = {"type": "string"}
FLAG: Schema = {"type": "boolean"}
INTEGER: Schema = {"type": "integer"}
UUID: Schema = {"type": "string", "format": "uuid"}


def schema_of(name: str) -> Schema:
    """A reference to one of the twin's schemas."""
    return {"$ref": f"#/components/schemas/{name}"}


def or_null(schema: Schema) -> Schema:
    """The same, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def count_of(default: int, *, most: int | None = None) -> Schema:
    """A whole number with a default, for paging."""
    return {"type": "integer", "default": default, "minimum": 0, **({} if most is None else {"maximum": most})}


@frozen
class Parameter:
    """A parameter in the query, the path or the headers. A schema of type ``array`` may be given several times."""

    name: str
    schema: Schema = TEXT
    doc: str = ""
    where: Literal["query", "path", "header"] = "query"
    required: bool = False


@frozen
class Body:
    """What a request carries. With a schema it is parsed and checked; without one it is handed over as bytes.

    ``mend`` repairs, before parsing, what the vendor tolerates. In a ``multipart/form-data`` body with a schema, fields
    are text, and files are `placket_twins.multipart.FormFile`. Of a body that is handed over as bytes, OpenAPI shows
    ``fields``, in any of ``content_type`` and ``also``.
    """

    schema: Schema | None
    content_type: str = JSON
    required: bool = True
    doc: str = ""
    mend: Callable[[bytes], bytes] | None = None
    fields: Schema | None = None
    also: tuple[str, ...] = ()


@frozen
class Answer:
    """What an answer carries; no schema for no body, or one that is not JSON."""

    doc: str
    schema: Schema | None = None
    content_type: str = JSON


@define(eq=False)
class Asked:
    """One request, checked against its route.

    ``query`` holds what was given and the defaults, in the types of their schemas; ``path`` the parts of the path.
    ``body`` is JSON, a form as a dict, or bytes. ``account`` is whatever `VendorTwin.admit` returned.
    """

    request: web.Request
    account: Any = None
    query: Mapping[str, Any] = field(factory=dict)
    path: Mapping[str, Any] = field(factory=dict)
    body: Any = None

    @property
    def base_url(self) -> str:
        """Where the client believes the twin to be, without a slash at the end: what links have to begin with."""
        return f"{self.request.scheme}://{self.request.host}"


Handler = Callable[[Asked], Awaitable[web.StreamResponse]]


@frozen(kw_only=True)
class Route:
    """One operation of a vendor.

    ``path`` is the whole path, as aiohttp writes it (``/api/v1/products/{id}``). ``answers`` are the successes; what
    can go wrong is the same for all routes and comes from `VendorTwin.refusals`. ``is_open`` asks for no credentials.
    ``max_body`` is in bytes.
    """

    method: str
    path: str
    handler: Handler
    summary: str
    doc: str = ""
    tag: str = ""
    parameters: tuple[Parameter, ...] = ()
    body: Body | None = None
    answers: Mapping[int, Answer]
    is_open: bool = False
    max_body: int = 1 << 20
    hidden: bool = False
    """Left out of OpenAPI: it is the twin's own and not the vendor's."""

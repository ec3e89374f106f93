"""OpenAPI 3.1 of a twin, made of the same declarations that its requests are checked against."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from .routes import FORM, Answer, Parameter, Route
from .vendor import VendorTwin

_REGEX = re.compile(r"\{(\w+):[^}]+\}")


def openapi_of(twin: VendorTwin, routes: Iterable[Route]) -> dict[str, Any]:
    """The document of a twin, without ``servers``: a client asks the server that it got the document from."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        if not route.hidden:
            paths.setdefault(_REGEX.sub(r"{\1}", route.path), {})[route.method.lower()] = _operation(twin, route)
    return {
        "openapi": "3.1.0",
        "info": {"title": f"{twin.title} (twin)", "version": _version()},
        "paths": paths,
        "components": {"schemas": dict(twin.schemas), "securitySchemes": dict(twin.security)},
        "security": _security(twin),
    }


def _version() -> str:
    try:
        return version("placket-twins")
    except PackageNotFoundError:
        return "0"


def _security(twin: VendorTwin) -> list[dict[str, list[str]]]:
    if twin.security_together:
        return [{name: [] for name in twin.security}]
    return [{name: []} for name in twin.security]


def _operation(twin: VendorTwin, route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": _identifier(route),
        "summary": route.summary,
        "responses": {str(status): _answer(answer) for status, answer in _answers(twin, route).items()},
    }
    if route.doc:
        operation["description"] = route.doc
    if route.tag:
        operation["tags"] = [route.tag]
    if route.parameters:
        operation["parameters"] = [_parameter(each) for each in route.parameters]
    if route.body:
        schema = route.body.fields if route.body.schema is None else route.body.schema
        content = {"schema": schema} if schema is not None else {}
        types = (route.body.content_type, *route.body.also)
        operation["requestBody"] = {"required": route.body.required, "content": dict.fromkeys(types, content)}
    if route.is_open:
        operation["security"] = []
    return operation


def _identifier(route: Route) -> str:
    words = re.findall(r"[a-z0-9]+", _REGEX.sub(r"{\1}", route.path).lower())
    return "_".join([route.method.lower(), *words])


def _answers(twin: VendorTwin, route: Route) -> Mapping[int, Answer]:
    return dict(sorted({**twin.refusals, **route.answers}.items()))


def _answer(answer: Answer) -> dict[str, Any]:
    shown: dict[str, Any] = {"description": answer.doc}
    if answer.schema is not None:
        shown["content"] = {answer.content_type: {"schema": answer.schema}}
    elif answer.content_type not in ("application/json", FORM):
        shown["content"] = {answer.content_type: {}}
    return shown


def _parameter(parameter: Parameter) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "name": parameter.name,
        "in": parameter.where,
        "required": parameter.required or parameter.where == "path",
        "schema": parameter.schema,
    }
    if parameter.doc:
        shown["description"] = parameter.doc
    return shown

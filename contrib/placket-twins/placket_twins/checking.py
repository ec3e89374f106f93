"""Checks requests against what their route declares."""

from __future__ import annotations

import json
import math
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from attrs import frozen
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from .multipart import MULTIPART, form_of
from .refusal import Problem, Refusal
from .routes import FORM, JSON, Asked, Parameter, Route, Schema
from .url_encoded import pairs_of

_FORMATS = FormatChecker(formats=())
BODY: ContextVar[list[bytes] | None] = ContextVar("placket_twins_body", default=None)
"""Where the log of requests wants the body of the present request, once it was read."""

_INTEGER_DIGITS = 18
"""Longer whole numbers fit no database."""

_DEEPEST = 100
"""Levels of a JSON body: what is deeper can be read, and then neither kept nor answered."""


@_FORMATS.checks("uuid")
def _is_uuid(value: object) -> bool:
    if not isinstance(value, str):
        return True
    try:
        uuid.UUID(value)
    except ValueError:
        return False
    return True


@_FORMATS.checks("date-time")
def _is_time(value: object) -> bool:
    if not isinstance(value, str):
        return True
    try:
        moment = datetime.fromisoformat(value)
        # What has no offset is taken for UTC; near the ends of the calendar an offset leads out of it.
        (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return False
    return True


@frozen
class _Checker:
    """Checks one route's requests; made once."""

    route: Route
    parameters: Mapping[str, Draft202012Validator]
    body: Draft202012Validator | None


class Checks:
    """What is checked of all routes of a twin. ``schemas`` are those that the routes refer to."""

    def __init__(self, routes: Iterable[Route], schemas: Mapping[str, Schema]) -> None:
        self._schemas = schemas
        self._checkers = {(route.method, route.path): self._checker(route) for route in routes}

    def _checker(self, route: Route) -> _Checker:
        body = route.body.schema if route.body else None
        return _Checker(
            route,
            {f"{each.where} {each.name}": self._validator(each.schema) for each in route.parameters},
            None if body is None else self._validator(body),
        )

    def _validator(self, schema: Schema) -> Draft202012Validator:
        whole = {**schema, "components": {"schemas": self._schemas}}
        return Draft202012Validator(whole, format_checker=_FORMATS)

    async def asked(self, request: web.Request, route: Route, account: Any) -> Asked:
        """The request, in the types of its schemas. Raises Refusal (400, 413, 415 or 422) with every problem."""
        checker = self._checkers[route.method, route.path]
        problems: list[Problem] = []
        values: dict[str, dict[str, Any]] = {"query": {}, "path": {}, "header": {}}
        for each in route.parameters:
            found = list(_parameter(request, each, checker.parameters[f"{each.where} {each.name}"], values))
            problems += found
        body = await self._body(request, route, checker.body, problems)
        if problems:
            raise Refusal(422, "the request is not what the page describes", problems=problems)
        return Asked(request, account, values["query"], values["path"], body)

    async def _body(
        self, request: web.Request, route: Route, validator: Draft202012Validator | None, problems: list[Problem]
    ) -> Any:
        body = route.body
        if body is None:
            return None
        announced = request.content_length or 0
        if announced > route.max_body:
            raise web.HTTPRequestEntityTooLarge(route.max_body, announced)
        try:
            data = await request.read()
        except web.RequestPayloadError:
            raise Refusal(400, "the request body cannot be read") from None
        if len(data) > route.max_body:
            raise web.HTTPRequestEntityTooLarge(route.max_body, len(data))
        wanted = BODY.get()
        if wanted is not None:
            wanted.append(data)
        if body.schema is None or validator is None:
            return data
        if not data and not body.required:
            return None
        if request.content_type != body.content_type:
            raise Refusal(415, f"the header Content-Type must be {body.content_type}")
        if body.content_type == MULTIPART:
            form = form_of(data, request.headers["Content-Type"])
            texts = {name: value if isinstance(value, str) else "" for name, value in form.items()}
            problems += problems_of(validator, texts, ("body",))
            return form
        parsed = _parsed(body.mend(data) if body.mend else data, body.content_type)
        problems += problems_of(validator, parsed, ("body",))
        return parsed


def _parsed(data: bytes, content_type: str) -> Any:
    if content_type == FORM:
        return dict(pairs_of(data))
    if content_type != JSON:
        return data
    try:
        parsed = json.loads(data, parse_constant=_no_constant, parse_float=_finite)
    except (ValueError, RecursionError):
        raise Refusal(400, "the request body is not JSON") from None
    if data.count(b"[") + data.count(b"{") > _DEEPEST and _is_deeper(parsed, _DEEPEST):
        raise Refusal(400, f"the request body is nested deeper than {_DEEPEST} levels")
    return parsed


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is not JSON")


def _finite(text: str) -> float:
    """A number; one such as 1e999 would be infinite, which no answer can say."""
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text} is too large")
    return number


def _is_deeper(value: Any, levels: int) -> bool:
    """Whether lists and objects are nested deeper than so many levels."""
    inside = [value]
    for _ in range(levels):
        inside = [each for one in inside if isinstance(one, dict | list) for each in _items(one)]
    return any(isinstance(one, dict | list) for one in inside)


def _items(value: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value


def problems_of(validator: Draft202012Validator, value: Any, place: tuple[str | int, ...]) -> Iterator[Problem]:
    """What is wrong with a value."""
    try:
        for error in validator.iter_errors(value):
            yield _problem(_deepest(error), place)
    except RecursionError:
        yield Problem(place, "the value is nested too deeply", "type", None)


def _deepest(error: ValidationError) -> ValidationError:
    """Of several alternatives, none of which fits, the complaint of the one that was meant."""
    if error.validator not in ("anyOf", "oneOf") or not error.context:
        return error
    meant = [inner for inner in error.context if inner.validator != "type" or inner.relative_path]
    if not meant:
        meant = [inner for inner in error.context if inner.validator_value != "null"]
    return _deepest(meant[0]) if meant else error


def _problem(error: ValidationError, place: tuple[str | int, ...]) -> Problem:
    path = (*place, *error.absolute_path)
    if error.validator == "required":
        # jsonschema makes one error for each missing name, and tells the name in its message only.
        missing = error.message.removesuffix(" is a required property").strip("'\"")
        return Problem((*path, missing), "Field required", "missing", error.instance)
    message = error.message if len(error.message) < 300 else f"the value breaks the rule {error.validator!r}"
    demanded = error.validator_value
    rule = demanded if isinstance(demanded, str) else ""
    return Problem(path, message, str(error.validator), error.instance, rule)


def _parameter(
    request: web.Request, parameter: Parameter, validator: Draft202012Validator, values: dict[str, dict[str, Any]]
) -> Iterator[Problem]:
    place = (parameter.where, parameter.name)
    given = _given(request, parameter)
    if not given:
        if parameter.required:
            yield Problem(place, "Field required", "missing", None)
        elif "default" in parameter.schema:
            values[parameter.where][parameter.name] = parameter.schema["default"]
        return
    if parameter.schema.get("type") == "array":
        value: Any = [_converted(text, parameter.schema.get("items", {})) for text in given]
    else:
        value = _converted(given[-1], parameter.schema)
    problems = list(problems_of(validator, value, place))
    yield from problems
    if not problems:
        values[parameter.where][parameter.name] = value


def _given(request: web.Request, parameter: Parameter) -> list[str]:
    if parameter.where == "path":
        return [request.match_info[parameter.name]]
    source = request.query if parameter.where == "query" else request.headers
    return list(source.getall(parameter.name, []))


_FLAGS = {"true": True, "1": True, "on": True, "yes": True, "false": False, "0": False, "off": False, "no": False}


def _converted(text: str, schema: Schema) -> Any:
    """A text in the type that the schema wants; the text itself where it is none, so that checking says so."""
    kind = schema.get("type")
    if kind == "boolean":
        return _FLAGS.get(text.lower(), text)
    if kind == "integer" and text.lstrip("+-").isascii() and len(text) <= _INTEGER_DIGITS:
        try:
            return int(text)
        except ValueError:
            return text
    if kind == "number":
        try:
            return float(text)
        except ValueError:
            return text
    return text

"""One method for each verb of HTTP.

They name their parameters one by one, so that a misspelt one is found by a type checker, and because handing on
``**request`` would take twice the time.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Coroutine, Mapping
from typing import Any

from .address import Query
from .answer import Answer
from .body import Form, Fresh


class Verbs(ABC):
    """What `HttpClient` inherits: each method asks with its verb; the arguments are those of `request`."""

    @abstractmethod
    def _ask(
        self,
        method: str,
        path: str,
        params: Query | None,
        headers: Mapping[str, str] | None,
        json: Any,
        data: bytes | str | Fresh | None,
        form: Form | None,
        repeatable: bool | None,
        operation: str,
    ) -> Coroutine[Any, Any, Answer]:
        """Send a request and return the answer if its status is a success (2xx)."""

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Query | None = None,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        data: bytes | str | Fresh | None = None,
        form: Form | None = None,
        repeatable: bool | None = None,
        operation: str = "",
    ) -> Coroutine[Any, Any, Answer]:
        """Send a request and return the answer if its status is a success (2xx).

        The body is one of three: ``json``, a value or a msgspec Struct; ``data``, bytes, text, or a function without
        arguments that starts what is made as it goes; ``form``, sent as ``multipart/form-data`` where it has a
        `FilePart`, else as ``application/x-www-form-urlencoded``. Parameters that are None are left out.

        ``repeatable``: sending it twice does what sending it once does; taken for granted of GET and HEAD only.
        """
        return self._ask(method, path, params, headers, json, data, form, repeatable, operation)

    def get(
        self,
        path: str,
        *,
        params: Query | None = None,
        headers: Mapping[str, str] | None = None,
        operation: str = "",
    ) -> Coroutine[Any, Any, Answer]:
        """Ask with GET."""
        return self._ask("GET", path, params, headers, None, None, None, None, operation)

    def head(
        self,
        path: str,
        *,
        params: Query | None = None,
        headers: Mapping[str, str] | None = None,
        operation: str = "",
    ) -> Coroutine[Any, Any, Answer]:
        """Ask with HEAD."""
        return self._ask("HEAD", path, params, headers, None, None, None, None, operation)

    def post(
        self,
        path: str,
        *,
        params: Query | None = None,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        data: bytes | str | Fresh | None = None,
        form: Form | None = None,
        repeatable: bool | None = None,
        operation: str = "",
    ) -> Coroutine[Any, Any, Answer]:
        """Send with POST."""
        return self._ask("POST", path, params, headers, json, data, form, repeatable, operation)

    def put(
        self,
        path: str,
        *,
        params: Query | None = None,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        data: bytes | str | Fresh | None = None,
        form: Form | None = None,
        repeatable: bool | None = None,
        operation: str = "",
    ) -> Coroutine[Any, Any, Answer]:
        """Send with PUT."""
        return self._ask("PUT", path, params, headers, json, data, form, repeatable, operation)

    def patch(
        self,
        path: str,
        *,
        params: Query | None = None,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        data: bytes | str | Fresh | None = None,
        form: Form | None = None,
        repeatable: bool | None = None,
        operation: str = "",
    ) -> Coroutine[Any, Any, Answer]:
        """Send with PATCH."""
        return self._ask("PATCH", path, params, headers, json, data, form, repeatable, operation)

    def delete(
        self,
        path: str,
        *,
        params: Query | None = None,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        data: bytes | str | Fresh | None = None,
        form: Form | None = None,
        repeatable: bool | None = None,
        operation: str = "",
    ) -> Coroutine[Any, Any, Answer]:
        """Ask with DELETE."""
        return self._ask("DELETE", path, params, headers, json, data, form, repeatable, operation)

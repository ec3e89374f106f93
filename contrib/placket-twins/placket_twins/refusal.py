"""A request is turned down: raised anywhere, told in the vendor's own words by its twin."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import frozen


@frozen
class Problem:
    """One thing that is wrong with a request: where (``("query", "limit")``), what, and by which rule.

    ``kind`` is ``missing`` or the word of JSON Schema, such as ``type``; ``rule`` is what it demanded, such as
    ``integer``, where that is one word.
    """

    place: tuple[str | int, ...]
    message: str
    kind: str
    given: Any = None
    rule: str = ""


class Refusal(Exception):
    """The request is turned down with an HTTP status. ``details`` is whatever the vendor's twin wants to say more."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        headers: Mapping[str, str] | None = None,
        problems: Iterable[Problem] = (),
        details: Any = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = dict(headers or {})
        self.problems = tuple(problems)
        self.details = details

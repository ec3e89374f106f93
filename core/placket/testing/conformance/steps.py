"""The requests that an operation makes, so that each of them can be made to fail."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

from attrs import frozen

from ..loopback_server import Received
from .stand import Stand, Subject


@frozen
class Step:
    """One kind of request within an operation. In ``path``, what differs from call to call is a ``*``.

    ``answers_json``: whether the vendor's proper answer says something.
    """

    method: str
    path: str
    answers_json: bool

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def requests(self, stand: Stand, since: int) -> list[Received]:
        """The requests of this kind among the later ones."""
        return [
            each
            for each in stand.server.requests[since:]
            if each.method == self.method and fnmatchcase(each.path, self.path)
        ]


async def steps_of(subject: Subject, operation: str) -> list[Step]:
    """What an operation asks its vendor, each kind of request once, in the order of the first.

    It is performed twice, on one provider, so that logging in is over and ids show as what differs.
    """
    async with subject.open() as stand:
        runs = []
        await stand.perform(operation, await subject.samples.arguments(operation, stand, 1))
        for number in (2, 3):
            arguments = await subject.samples.arguments(operation, stand, number)
            runs.append(await _run(stand, operation, arguments))
    first, second = runs
    found: dict[tuple[str, str], Step] = {}
    for (one, said), (other, _) in zip(first, second, strict=False):
        path = _common(one.path, other.path)
        if one.method == other.method and (one.method, path) not in found:
            found[one.method, path] = Step(one.method, path, said)
    return list(found.values())


async def _run(stand: Stand, operation: str, arguments: tuple[Any, ...]) -> list[tuple[Received, bool]]:
    server = stand.server
    since = len(server.requests)
    spoken: set[tuple[str, str]] = set()

    def listen(request: Any, document: Any) -> Any:
        spoken.add((request.method, request.path))
        return document

    server.rewrites.append(listen)
    try:
        await stand.perform(operation, arguments)
    finally:
        server.rewrites.remove(listen)
    return [(each, (each.method, each.path) in spoken) for each in server.requests[since:]]


def _common(one: str, other: str) -> str:
    ours, theirs = one.split("/"), other.split("/")
    if len(ours) != len(theirs):
        return one
    return "/".join(a if a == b else "*" for a, b in zip(ours, theirs, strict=True))

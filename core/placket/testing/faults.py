"""Faults of a server, drawn by rule: what a vendor does on a bad day, on purpose and repeatable."""

from __future__ import annotations

import asyncio
import random
from enum import StrEnum
from fnmatch import fnmatchcase

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from attrs import define, field, frozen

MALFORMED = b'{"status": tr'
WRONG_SHAPE = b'["unexpected", 1, null]'
_DRIP = 16


class FaultKind(StrEnum):
    """What goes wrong."""

    STATUS = "status"
    """An error status instead of the answer; the request is not handled."""
    LATENCY = "latency"
    """The answer comes ``seconds`` later."""
    RESET = "reset"
    """The request is handled, and the connection cut before a byte of the answer."""
    TRUNCATED = "truncated"
    """The connection is cut in the middle of the answer's body."""
    MALFORMED = "malformed"
    """A success whose body is no JSON."""
    WRONG_SHAPE = "wrong-shape"
    """A success whose JSON is nothing that the vendor would say."""
    EMPTY = "empty"
    """A success without a body."""
    SLOW_DRIP = "slow-drip"
    """The answer comes in pieces, ``seconds`` apart."""
    JOB_FAILS = "job-fails"
    """Work that the request starts ends in failure. For servers that run jobs and ask `Faults.draw_job`."""
    JOB_HANGS = "job-hangs"
    """Work that the request starts never ends."""


_OF_JOBS = (FaultKind.JOB_FAILS, FaultKind.JOB_HANGS)


@frozen
class Fault:
    """One rule: requests that match get the fault, each with the probability ``rate``, at most ``times`` of them.

    ``method`` and ``path`` are shell patterns, as in ``GET`` and ``/catalog/*``. ``after`` lets that many matching
    requests pass first, as for a token that expires in the middle of a list. ``body`` replaces the empty body of a
    ``status``, and what ``malformed`` and ``wrong-shape`` say by themselves; ``retry_after`` is sent as its header, as
    it is written.
    """

    kind: FaultKind
    method: str = "*"
    path: str = "*"
    status: int = 500
    body: bytes = b""
    retry_after: str = ""
    seconds: float = 0.0
    rate: float = 1.0
    times: int | None = None
    after: int = 0

    def matches(self, method: str, path: str) -> bool:
        """Whether the rule is about such a request."""
        return fnmatchcase(method, self.method) and fnmatchcase(path, self.path)


@define
class Faults:
    """The rules in force; the first that matches and is drawn counts. They may change while the server runs.

    The same ``seed`` and the same requests give the same faults.
    """

    rules: list[Fault] = field(factory=list)
    seed: int = 0
    _random: random.Random = field(init=False)
    _used: dict[int, int] = field(factory=dict, init=False)
    _passed: dict[int, int] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311 - nothing here is secret

    def add(self, kind: FaultKind, **details: object) -> Fault:
        """Add a rule; ``details`` are the attributes of `Fault`."""
        fault = Fault(kind, **details)  # type: ignore[arg-type]
        self.rules.append(fault)
        return fault

    def clear(self) -> None:
        """Forget all rules."""
        self.rules.clear()
        self._used.clear()
        self._passed.clear()

    def draw(self, method: str, path: str) -> Fault | None:
        """The fault of a request, None for none."""
        return self._draw(method, path, jobs=False)

    def draw_job(self, method: str, path: str) -> Fault | None:
        """The fault of the work that a request starts, None for none."""
        return self._draw(method, path, jobs=True)

    def _draw(self, method: str, path: str, *, jobs: bool) -> Fault | None:
        for rule in self.rules:
            used = self._used.get(id(rule), 0)
            if (rule.kind in _OF_JOBS) is not jobs or not rule.matches(method, path):
                continue
            passed = self._passed.get(id(rule), 0)
            if passed < rule.after:
                self._passed[id(rule)] = passed + 1
                continue
            if (rule.times is None or used < rule.times) and self._random.random() < rule.rate:
                self._used[id(rule)] = used + 1
                return rule
        return None

    def middleware(self) -> Middleware:
        """What makes an `aiohttp.web.Application` have these faults: ``middlewares=[faults.middleware()]``."""

        @web.middleware
        async def faulty(request: web.Request, handler: Handler) -> web.StreamResponse:
            fault = self.draw(request.method, request.path)
            return await handler(request) if fault is None else await _apply(fault, request, handler)

        return faulty


async def _apply(fault: Fault, request: web.Request, handler: Handler) -> web.StreamResponse:
    match fault.kind:
        case FaultKind.STATUS:
            await request.read()
            headers = {"Retry-After": fault.retry_after} if fault.retry_after else {}
            kind = "application/json" if fault.body[:1] in (b"{", b"[") else "text/plain"
            return web.Response(status=fault.status, body=fault.body, headers=headers, content_type=kind)
        case FaultKind.LATENCY:
            await asyncio.sleep(fault.seconds)
            return await handler(request)
        case FaultKind.MALFORMED:
            return await _instead(fault.body or MALFORMED, request, handler)
        case FaultKind.WRONG_SHAPE:
            return await _instead(fault.body or WRONG_SHAPE, request, handler)
        case FaultKind.EMPTY:
            return await _instead(b"", request, handler)
        case _:
            return await _cut(fault, request, handler)


async def _instead(body: bytes, request: web.Request, handler: Handler) -> web.Response:
    await handler(request)
    return web.Response(body=body, content_type="application/json")


async def _cut(fault: Fault, request: web.Request, handler: Handler) -> web.StreamResponse:
    answer = await handler(request)
    body = answer.body if isinstance(answer, web.Response) and isinstance(answer.body, bytes) else b""
    if fault.kind is FaultKind.RESET:
        _abort(request)
        return answer
    sent = web.StreamResponse(status=answer.status, headers={"Content-Type": answer.content_type})
    sent.content_length = len(body)
    await sent.prepare(request)
    if fault.kind is FaultKind.TRUNCATED:
        await sent.write(body[: len(body) // 2])
        _abort(request)
        return sent
    for start in range(0, len(body), _DRIP):
        await asyncio.sleep(fault.seconds)
        await sent.write(body[start : start + _DRIP])
    return sent


def _abort(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()

"""Receives the callbacks of vendors: checks who calls, and has what the call is about looked up with the vendor.

A callback is a hint and never a fact: whoever has learnt the secret can send one. So nothing in it is believed but the
id, and of the id only that it is worth asking the vendor about.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, MutableMapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from http import HTTPStatus
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from ..errors import InvalidInput
from ..interfaces.timing import Clock, SystemClock
from ..logs import LazyLogger
from .redaction import Secret, printable

if TYPE_CHECKING:
    from aiohttp import web

Confirm = Callable[[str], Awaitable[object] | object]

LONGEST_ID = 200
REMEMBERED = 10_000
"""How many ids may wait for their confirmation, and how many confirmed ones are remembered."""

_RETRY_AFTER = "30"

_log = LazyLogger("placket.callbacks")


class CallbackReceiver:
    """One address for a vendor to call, to be mounted in an aiohttp, ASGI or WSGI app: `aiohttp`, `asgi`, `wsgi`.

    The vendor appends the id of the thing to the address, so it is the last segment of the path. A call whose
    ``header`` holds ``secret`` is answered with 204 at once, and ``confirm(id)`` runs beside it: it asks the vendor
    (never the callback) how the thing stands. Where it returns False ("not so yet") or raises, the next callback
    about the id asks again; otherwise more of them within ``quiet`` seconds change nothing, nor do those that
    come while one is being confirmed. What callbacks miss, polling finds.

    An async ``confirm`` runs in ``loop``: by default the one in which the receiver is made, or else first called. A
    plain function, as one that uses ``placket.open_sync``, runs in a thread. ``concurrency`` of them run at a time.

    Other answers: 401 for a missing or wrong secret, whatever else is wrong; 404 for a path without a usable id; 405
    for anything but POST; 413 for a body of more than ``max_body`` bytes (a body is read past and not looked at); 503
    while too many ids wait.
    """

    def __init__(
        self,
        secret: Secret | str,
        confirm: Confirm,
        *,
        header: str = "Authorization",
        loop: asyncio.AbstractEventLoop | None = None,
        concurrency: int = 4,
        quiet: float = 600.0,
        max_body: int = 64 * 1024,
        clock: Clock | None = None,
    ) -> None:
        if not Secret(secret):
            raise InvalidInput("a callback receiver needs a secret: without one, anybody could make it ask the vendor")
        self._digest = _digest(Secret(secret).reveal().encode())
        self._confirm = confirm
        self._header = header.lower()
        self._is_async = inspect.iscoroutinefunction(confirm) or inspect.iscoroutinefunction(
            getattr(confirm, "__call__", None)  # noqa: B004 - for objects that are called, not whether they can be
        )
        self._loop = loop or _running_loop()
        self._concurrency = concurrency
        self._quiet = quiet
        self._max_body = max_body
        self._clock: Clock = clock or SystemClock()
        # Faces may be called from many threads; the lock is held for a few dictionary operations and never awaited on.
        self._lock = Lock()
        self._waiting: dict[str, Future[None]] = {}
        self._confirmed: dict[str, float] = {}
        self._threads: ThreadPoolExecutor | None = None
        self._turns: asyncio.Semaphore | None = None
        self._closed = False

    async def aiohttp(self, request: web.Request) -> web.Response:
        """A handler for ``app.router.add_post("/callbacks/{id}", receiver.aiohttp)``."""
        from aiohttp import web

        given = [value.encode("utf-8", "surrogateescape") for value in request.headers.getall(self._header, [])]
        status = self._judge(request.method, given, request.content_length)
        if status is None:
            status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            if await _fits(request.content.iter_any(), self._max_body):
                status = self._accept(request.rel_url.raw_path)
        return web.Response(status=status, headers=_headers(status))

    async def asgi(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
        send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ) -> None:
        """An ASGI application, to be mounted under a path."""
        if scope["type"] != "http":
            # What the specification asks of an app that does not know a protocol; servers then go without it.
            raise RuntimeError(f"the callback receiver speaks http, not {scope['type']}")
        name = self._header.encode()
        given = [value for key, value in scope["headers"] if key.lower() == name]
        length = next((value for key, value in scope["headers"] if key.lower() == b"content-length"), b"")
        status = self._judge(scope["method"], given, _length(length.decode("latin-1")))
        if status is None:
            status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            if await _fits(_pieces(receive), self._max_body):
                raw = scope.get("raw_path")
                status = self._accept(raw.decode("latin-1") if raw else scope["path"], quoted=bool(raw))
        headers = [(name.lower().encode(), value.encode()) for name, value in _headers(status).items()]
        await send({"type": "http.response.start", "status": int(status), "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    def wsgi(
        self, environ: Mapping[str, Any], start_response: Callable[[str, list[tuple[str, str]]], Any]
    ) -> Iterable[bytes]:
        """A WSGI application, to be mounted under a path. With mod_wsgi, set ``WSGIPassAuthorization On``."""
        value = environ.get(f"HTTP_{self._header.upper().replace('-', '_')}")
        given = [] if value is None else [value.encode("latin-1", "replace")]
        length = str(environ.get("CONTENT_LENGTH") or "")
        status = self._judge(environ["REQUEST_METHOD"], given, _length(length))
        if status is None:
            path = environ.get("PATH_INFO", "").encode("latin-1", "replace").decode("utf-8", "replace")
            status = self._accept(path, quoted=False)
        start_response(f"{int(status)} {status.phrase}", list(_headers(status).items()))
        return [b""]

    async def settle(self) -> None:
        """Wait until nothing is being confirmed."""
        while waiting := list(self._waiting.values()):
            await asyncio.wait([asyncio.wrap_future(future) for future in waiting])

    def close(self) -> None:
        """Accept nothing more (503), drop what has not begun, and wait for the threads."""
        with self._lock:
            self._closed = True
        for future in list(self._waiting.values()):
            future.cancel()
        if self._threads is not None:
            self._threads.shutdown()

    def _judge(self, method: str, given: Sequence[bytes], length: int | None) -> HTTPStatus | None:
        """The refusal of a call by its head; None when it may go on. Who has no secret learns nothing else."""
        allowed = hmac.compare_digest(_digest(given[0]) if given else b"", self._digest)
        if not allowed or len(given) != 1:
            _log.warning("callback-refused", header=self._header, present=bool(given))
            return HTTPStatus.UNAUTHORIZED
        if method != "POST":
            return HTTPStatus.METHOD_NOT_ALLOWED
        if length is not None and length > self._max_body:
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        return None

    def _accept(self, path: str, *, quoted: bool = True) -> HTTPStatus:
        segment = path.rpartition("/")[2]
        thing = unquote(segment, errors="replace") if quoted else segment
        if not thing or len(thing) > LONGEST_ID or "/" in thing or thing in {".", ".."} or printable(thing) != thing:
            return HTTPStatus.NOT_FOUND
        with self._lock:
            confirmed = self._confirmed.get(thing)
            if thing in self._waiting or (confirmed is not None and self._clock.monotonic() - confirmed < self._quiet):
                return HTTPStatus.NO_CONTENT
            ended = self._closed or (self._is_async and self._loop is not None and self._loop.is_closed())
            if ended or len(self._waiting) >= REMEMBERED:
                return HTTPStatus.SERVICE_UNAVAILABLE
            future = self._waiting[thing] = self._start(thing)
        future.add_done_callback(lambda _: self._waiting.pop(thing, None))
        return HTTPStatus.NO_CONTENT

    def _start(self, thing: str) -> Future[None]:
        if not self._is_async:
            if self._threads is None:
                self._threads = ThreadPoolExecutor(self._concurrency, thread_name_prefix="placket-callback")
            return self._threads.submit(self._confirm_in_thread, thing)
        if self._loop is None:
            self._loop = _running_loop()
        if self._loop is None:
            raise RuntimeError("a callback receiver with an async confirm needs the router's loop: give it as loop=")
        return asyncio.run_coroutine_threadsafe(self._confirm_in_loop(thing), self._loop)

    async def _confirm_in_loop(self, thing: str) -> None:
        if self._turns is None:
            self._turns = asyncio.Semaphore(self._concurrency)
        async with self._turns:
            try:
                found = self._confirm(thing)
                self._note(thing, await found if inspect.isawaitable(found) else found)
            except Exception as error:
                _failed(thing, error)

    def _confirm_in_thread(self, thing: str) -> None:
        try:
            found = self._confirm(thing)
            if inspect.iscoroutine(found):
                found.close()
                raise InvalidInput("confirm must be an async function or a plain one, not one that returns a coroutine")
            self._note(thing, found)
        except Exception as error:
            _failed(thing, error)

    def _note(self, thing: str, found: object) -> None:
        if found is False:
            _log.info("callback-not-so", id=thing)
            return
        with self._lock:
            self._confirmed.pop(thing, None)
            self._confirmed[thing] = self._clock.monotonic()
            if len(self._confirmed) > REMEMBERED:
                del self._confirmed[next(iter(self._confirmed))]
        _log.info("callback-confirmed", id=thing)


def _length(stated: str) -> int | None:
    """The length that a head states; None when it states none."""
    if not (stated.isascii() and stated.isdigit()):
        return None
    # Twenty digits are too large already, and Python makes no int of thousands.
    return int(stated.lstrip("0")[:20] or "0")


def _digest(value: bytes) -> bytes:
    """Digests have one length, so that comparing them tells nothing about the length of the secret either."""
    return hashlib.sha256(value).digest()


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _failed(thing: str, error: Exception) -> None:
    # The host's own errors may quote anything; their type is all that is safe to log.
    _log.warning("callback-not-confirmed", id=thing, error=type(error).__name__)


def _headers(status: HTTPStatus) -> dict[str, str]:
    if status is HTTPStatus.NO_CONTENT:
        return {}
    headers = {"Content-Length": "0", "Content-Type": "text/plain"}
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = "POST"
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = _RETRY_AFTER
    return headers


async def _fits(pieces: AsyncIterator[bytes], limit: int) -> bool:
    size = 0
    async for piece in pieces:
        size += len(piece)
        if size > limit:
            return False
    return True


async def _pieces(receive: Callable[[], Awaitable[MutableMapping[str, Any]]]) -> AsyncIterator[bytes]:
    more = True
    while more:
        message = await receive()
        more = message["type"] == "http.request" and message.get("more_body", False)
        yield message.get("body", b"")

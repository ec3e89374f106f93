"""HTTP recorded once against a real vendor and replayed for ever, with no secret in the recording.

Both sides are servers on loopback, so that what is tested is the provider as it is, with a ``base_url`` of its own::

    async with RecordingServer("https://api.acme.example", "tag.jsonl", secrets=[key]) as server:
        ...  # a provider with base_url=server.url works with the vendor, and every exchange is written down

    async with ReplayServer("tag.jsonl") as server:
        ...  # the same calls, answered from the file
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from aiohttp import web

from ..transport.redaction import Secret
from .cassette import KEPT_HEADERS, Exchange, Laundry, SecretInRecording, read_cassette
from .loopback_server import LoopbackServer

if TYPE_CHECKING:
    import aiohttp

__all__ = ["RecordingServer", "ReplayServer", "SecretInRecording"]

HERE = "http://recorded.invalid"
"""Stands in the file for the vendor's own address, which its answers may name; a replay says its own there."""

NOT_SENT_ON = ("host", "connection", "content-length", "transfer-encoding", "accept-encoding", "te", "upgrade")
"""Headers that are about the connection and not about the request."""


class RecordingServer(LoopbackServer):
    """Hands requests on to a vendor and writes what it answers to a file, one exchange a line.

    ``secrets`` are the texts that must not be in the file: keys, passwords. They are replaced wherever they are said,
    as are tokens: what has a token's name, and what requests carry as one. As a request may show what an answer long
    before it was about, the file is written on leaving, whole. Headers are kept only where they mean something for a
    replay. An exchange in which a secret is left nevertheless, as in a picture's bytes, is not written:
    SecretInRecording is raised on leaving, and the file has the others.
    """

    def __init__(self, upstream: str, path: Path | str, *, secrets: Iterable[str | Secret] = ()) -> None:
        super().__init__()
        self._upstream = upstream.rstrip("/")
        self._path = Path(path)
        self._unfinished = self._path.with_name(f"{self._path.name}.part")
        self._laundry = Laundry(secrets)
        self._session: aiohttp.ClientSession | None = None
        self._exchanges: list[tuple[Exchange, str]] = []
        self.route("*", "/{path:.*}")(self._hand_on)

    async def __aenter__(self) -> Self:
        """Begin, if the file can be written."""
        import aiohttp

        self._unfinished.write_text("", "utf-8")
        self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=True)
        return await super().__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End, write the file, and say what was not written down."""
        assert self._session is not None
        try:
            await super().__aexit__(kind, error, trace)
            await self._session.close()
        finally:
            refused = self._write()
        if refused and error is None:
            raise refused[0]

    async def _hand_on(self, request: web.Request) -> web.Response:
        assert self._session is not None
        body = await request.read()
        headers = {name: value for name, value in request.headers.items() if name.lower() not in NOT_SENT_ON}
        url = f"{self._upstream}{request.rel_url.raw_path}"
        query = f"?{request.rel_url.raw_query_string}" if request.rel_url.raw_query_string else ""
        async with self._session.request(
            request.method, url + query, data=body or None, headers=headers, allow_redirects=False
        ) as answer:
            said = await answer.read()
            shown = {name: value for name, value in answer.headers.items() if name.lower() in KEPT_HEADERS}
        kept = {name: value.replace(self._upstream, HERE) for name, value in shown.items()}
        neutral = said.replace(self._upstream.encode(), HERE.encode())
        exchange = Exchange(request.method, request.path_qs, body, answer.status, kept, neutral)
        self._laundry.learn(exchange, headers, request.content_type)
        self._exchanges.append((exchange, request.content_type))
        # Links to the vendor lead here, so that what is asked by them is recorded, too.
        return web.Response(
            status=answer.status,
            body=said.replace(self._upstream.encode(), self.url.encode()),
            headers={name: value.replace(self._upstream, self.url) for name, value in shown.items()},
        )

    def _write(self) -> list[SecretInRecording]:
        """Write all that may be written, and give the reasons why the rest was not."""
        refused = []
        with self._unfinished.open("w", encoding="utf-8") as file:
            for exchange, sent_type in self._exchanges:
                try:
                    file.write(self._laundry.line(exchange, sent_type) + "\n")
                except SecretInRecording as error:
                    refused.append(error)
        self._unfinished.replace(self._path)
        return refused


class ReplayServer(LoopbackServer):
    """Answers from a recording.

    Requests are matched by method, path and query; the same request made again gets the next answer that it got then,
    and at the end the last one once more. ``strict`` also compares bodies. ``secrets`` are those that the requests
    carry. A request that was not recorded is answered with 501 and raises LookupError on leaving.
    """

    def __init__(self, path: Path | str, *, secrets: Iterable[str | Secret] = (), strict: bool = False) -> None:
        super().__init__()
        self._strict = strict
        self._waiting: dict[tuple[str, ...], list[Exchange]] = {}
        for exchange in read_cassette(Path(path)):
            self._waiting.setdefault(self._key(exchange.method, exchange.target, exchange.sent), []).append(exchange)
        self._unknown: list[str] = []
        self._laundry = Laundry(secrets)
        self.route("*", "/{path:.*}")(self._replay)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End, and say what was asked and is not in the recording."""
        await super().__aexit__(kind, error, trace)
        if self._unknown and error is None:
            raise LookupError(f"not in the recording: {', '.join(self._unknown)}; record it again")

    async def _replay(self, request: web.Request) -> web.Response:
        target = self._laundry.target(request.path_qs)
        sent = self._laundry.body(await request.read(), request.content_type)
        answers = self._waiting.get(self._key(request.method, target, sent))
        if answers is None:
            self._unknown.append(f"{request.method} {target}")
            return web.Response(status=501, text="this request is not in the recording")
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        return web.Response(
            status=answer.status,
            body=answer.said.replace(HERE.encode(), self.url.encode()),
            headers={name: value.replace(HERE, self.url) for name, value in answer.headers.items()},
        )

    def _key(self, method: str, target: str, sent: bytes) -> tuple[str, ...]:
        parts = urlsplit(target)
        query = "&".join(sorted(parts.query.split("&")))
        key = (method, parts.path, query)
        return (*key, sent.hex()) if self._strict else key

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
from multidict import CIMultiDict, CIMultiDictProxy

from ..transport.redaction import MASK, Secret
from .cassette import PLACEHOLDER, Exchange, Laundry, SecretInRecording, read_cassette
from .loopback_server import LoopbackServer

if TYPE_CHECKING:
    import aiohttp

__all__ = ["RecordingServer", "ReplayServer", "SecretInRecording"]

HERE = "http://recorded.invalid"
"""Stands in the file for the vendor's own address, which its answers may name; a replay says its own there."""

OF_A_CONNECTION = (
    "connection",
    "content-encoding",
    "content-length",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
)
"""Headers that are about one connection, or how a body travels on it, and not about the request or the answer."""


class RecordingServer(LoopbackServer):
    """Hands requests on to a vendor and writes what it answers to a file, one exchange a line.

    ``secrets`` are the texts that must not be in the file: keys, passwords. They are replaced wherever they occur, and
    so are tokens: what has a token's name, and what requests carry as one. Since a later request may tell that
    something in an earlier answer is a token, the file is written as a whole, on leaving. Headers are kept only where
    they mean something for a replay. An exchange in which a secret is left nevertheless, as in a picture's bytes, is
    not written: SecretInRecording is raised on leaving, and the file has the others.
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
        headers = _end_to_end(request.headers, "host", "accept-encoding")
        url = f"{self._upstream}{request.rel_url.raw_path}"
        query = f"?{request.rel_url.raw_query_string}" if request.rel_url.raw_query_string else ""
        async with self._session.request(
            request.method, url + query, data=body or None, headers=headers, allow_redirects=False
        ) as answer:
            said = await answer.read()
            shown = _end_to_end(answer.headers)
        kept = {name: ", ".join(shown.getall(name)).replace(self._upstream, HERE) for name in shown}
        neutral = said.replace(self._upstream.encode(), HERE.encode())
        exchange = Exchange(request.method, request.path_qs, body, answer.status, kept, neutral)
        self._laundry.learn(exchange, headers, request.content_type)
        self._exchanges.append((exchange, request.content_type))
        # Links to the vendor lead here, so that what is asked by them is recorded, too.
        return web.Response(
            status=answer.status,
            body=said.replace(self._upstream.encode(), self.url.encode()),
            headers=CIMultiDict((name, value.replace(self._upstream, self.url)) for name, value in shown.items()),
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
    carry; any of them stands for any of the recording, while what an earlier answer gave stands for itself. A request
    that was not recorded is answered with 501 and raises LookupError on leaving.
    """

    def __init__(self, path: Path | str, *, secrets: Iterable[str | Secret] = (), strict: bool = False) -> None:
        super().__init__()
        self._strict = strict
        self._waiting: dict[str, list[tuple[tuple[str, ...], Exchange]]] = {}
        for exchange in read_cassette(Path(path)):
            asked, placeholders = self._key(exchange.method, exchange.target, exchange.sent)
            self._waiting.setdefault(asked, []).append((placeholders, exchange))
        self._unknown: list[str] = []
        self._laundry = Laundry(secrets, numbered=False)
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
        answer = self._answer(*self._key(request.method, target, sent))
        if answer is None:
            self._unknown.append(f"{request.method} {target}")
            return web.Response(status=501, text="this request is not in the recording")
        return web.Response(
            status=answer.status,
            body=answer.said.replace(HERE.encode(), self.url.encode()),
            headers={name: value.replace(HERE, self.url) for name, value in answer.headers.items()},
        )

    def _answer(self, asked: str, placeholders: tuple[str, ...]) -> Exchange | None:
        recorded = self._waiting.get(asked, [])
        alike = [one for one in recorded if all(map(_may_be_one, one[0], placeholders))]
        if len(alike) > 1:
            recorded.remove(alike[0])
        return alike[0][1] if alike else None

    def _key(self, method: str, target: str, sent: bytes) -> tuple[str, tuple[str, ...]]:
        """What a request asks, its secrets without their numbers, and the secrets with them, in order."""
        parts = urlsplit(target)
        query = sorted(parts.query.split("&"), key=_without_numbers)
        asked = "\n".join((method, parts.path, "&".join(query), sent.decode("latin-1") if self._strict else ""))
        return _without_numbers(asked), tuple(PLACEHOLDER.findall(asked))


def _without_numbers(text: str) -> str:
    return PLACEHOLDER.sub(MASK, text)


def _may_be_one(recorded: str, asked: str) -> bool:
    return recorded == asked or MASK in (recorded, asked)


def _end_to_end(headers: CIMultiDictProxy[str], *others: str) -> CIMultiDict[str]:
    """The headers that one hands on: without those of the connection, those that it names as such, and ``others``."""
    named = (name.strip().lower() for value in headers.getall("Connection", ()) for name in value.split(","))
    left_out = {*OF_A_CONNECTION, *others, *named}
    return CIMultiDict((name, value) for name, value in headers.items() if name.lower() not in left_out)

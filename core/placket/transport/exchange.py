"""The exchange: one HTTP request and its answer, and the only place that repeats one.

What happens to a request, in this order: it waits for the rate limit, gets its credentials, is sent, and is read up to
a size limit, all before the deadline of the running call. A 401, or what a plugin says is like one (see `Classify`),
renews the credentials and tries once more. What failed in a way that may pass is repeated if a repetition does no harm:
reads, and writes that say ``repeatable=True``. Any other write that was sent and got no readable answer ends as
`UnknownOutcome`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Mapping
from contextlib import asynccontextmanager
from contextvars import copy_context
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import (
    NotFound,
    PlacketError,
    ProtocolError,
    ProviderError,
    RateLimited,
    Retryable,
    TimedOut,
    Unavailable,
    UnknownOutcome,
)
from ..interfaces.call import Call, current_call
from ..interfaces.timing import Clock, Deadline, SystemClock
from .address import BaseUrl, Query, with_query
from .answer import Answer
from .auth import Auth, NoAuth
from .body import Body, Form, Fresh, make_body
from .limits import HttpLimits
from .problems import Classify, problem_of, refuses_token
from .rate_limit import RateLimiter
from .reading import read_capped
from .redaction import Redactor
from .request import SAFE_METHODS, Request
from .retrying import Patience, keep_off_stdout
from .session import Flight, SessionPool, in_flight
from .stream import Stream
from .verbs import Verbs

if TYPE_CHECKING:
    import aiohttp

T = TypeVar("T")

_NOTHING: Mapping[str, str] = MappingProxyType({})


class HttpClient(Verbs):
    """What a provider speaks HTTP with.

    Paths are appended to ``base_url``. A path may be an absolute URL; if that leads to another origin, it is asked
    without credentials and outside the rate limit. Redirects are not followed. Whatever goes wrong is a
    `placket.errors.ProviderError` with secrets masked, or `InvalidInput` for a request that cannot be sent at all.
    ``classify`` and ``token_refused`` are described at `Classify`.
    """

    def __init__(
        self,
        *,
        base_url: str,
        provider: str,
        sessions: SessionPool,
        auth: Auth | None = None,
        limiter: RateLimiter | None = None,
        clock: Clock | None = None,
        redactor: Redactor | None = None,
        limits: HttpLimits | None = None,
        classify: Classify | None = None,
        token_refused: Collection[int] = (401,),
        trace_headers: Callable[[], Mapping[str, str]] | None = None,
        user_agent: str | None = None,
    ) -> None:
        self.provider = provider
        self.clock: Clock = clock or SystemClock()
        self.redactor = redactor or Redactor()
        self.limits = limits or HttpLimits()
        self.limiter = limiter or RateLimiter(None, self.clock)
        self._base = BaseUrl(base_url)
        self._auth: Auth = auth or NoAuth()
        self._sessions = sessions
        self._classify = classify
        self._token_refused = token_refused
        self._trace_headers = trace_headers
        self._always = _NOTHING if user_agent is None else {"User-Agent": user_agent}
        self.redactor.register(*self._auth.secrets())

    def __repr__(self) -> str:
        return f"HttpClient({self.provider!r}, {self._base.origin})"

    async def _ask(
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
    ) -> Answer:
        body = make_body(json, data, form)
        prepared = self._prepare(method, path, params, headers, body, repeatable, operation)
        return (await self._persist(prepared))[0]

    @asynccontextmanager
    async def stream(
        self,
        method: str,
        path: str,
        *,
        params: Query | None = None,
        headers: Mapping[str, str] | None = None,
        max_bytes: int | None = None,
        operation: str = "",
    ) -> AsyncIterator[Stream]:
        """A download in pieces: ``async with client.stream("GET", path) as stream: async for piece in stream: ...``.

        Opening it is repeated like any read; once it is open, nothing is. ``max_bytes``: None for the client's limit.
        """
        request = self._prepare(method, path, params, headers, make_body(), None, operation, streamed=True)
        answer, response = await self._persist(request)
        stream = Stream(
            answer,
            response,
            max_bytes=self.limits.max_response_bytes if max_bytes is None else max_bytes,
            stall_timeout=self.limits.timeout,
            deadline=self.deadline(),
            broken=lambda error: self._broken(error, request, None),
        )
        try:
            stream.check(stream.length or 0)
            yield stream
        finally:
            stream.close()

    async def unauthenticated(self, method: str, url: str, **request: Any) -> Answer:
        """One request without credentials, its answer returned whatever the status: this is how tokens are obtained.

        Takes ``params``, ``headers``, ``json``, ``form`` and ``operation``. It is not repeated here, and never ends as
        `UnknownOutcome`: a token that got lost is asked for again.
        """
        body = make_body(request.get("json"), None, request.get("form"))
        operation = request.get("operation", "authenticate")
        prepared = self._prepare(method, url, request.get("params"), request.get("headers"), body, True, operation)
        await self._wait_turn(prepared)
        return (await self._exchange(prepared, {}))[0]

    def beside(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run ``work``, such as spending a token that can be used once, to its end: not that of the call being made.

        It has the time of one exchange, and is waited for when the connections are closed.
        """
        context = copy_context()
        deadline = Deadline.after(self.limits.timeout, self.clock)
        context.run(current_call.set, Call(self.provider, "authenticate", deadline))
        return self._sessions.beside(work, context)

    def deadline(self) -> Deadline:
        """By when the running call must be over; never, when there is none."""
        call = current_call.get()
        return Deadline(self.clock) if call is None else call.deadline

    def _prepare(
        self,
        method: str,
        path: str,
        params: Query | None,
        headers: Mapping[str, str] | None,
        body: Body,
        repeatable: bool | None,
        operation: str,
        streamed: bool = False,
    ) -> Request:
        url, at_home = self._base.join(path)
        own = dict(headers) if headers else {}
        if body.content_type is not None:
            own.setdefault("Content-Type", body.content_type)
        if not operation:
            call = current_call.get()
            operation = "" if call is None else call.operation
        if repeatable is None:
            repeatable = method in SAFE_METHODS
        return Request(
            method, with_query(url, params) if params else url, own, body, repeatable, operation, at_home, streamed
        )

    async def _persist(self, request: Request) -> tuple[Answer, aiohttp.ClientResponse]:
        """Make an attempt, and more of them where that is allowed and may help."""
        try:
            try:
                # stamina costs as much as everything else here together, so it comes in only after a failure.
                return await self._attempt(request)
            except Retryable as error:
                if not request.repeatable:
                    raise
                failure: Retryable | None = error
            import stamina

            keep_off_stdout()
            patience = Patience(self.limits, self.deadline())
            async for trial in stamina.retry_context(on=patience, attempts=self.limits.attempts, timeout=None):
                with trial:
                    if failure is not None:
                        known, failure = failure, None
                        raise known
                    if (call := current_call.get()) is not None:
                        call.retries += 1
                    return await self._attempt(request)
            raise AssertionError("stamina ends with a result or an error")
        except ProviderError as error:
            error.attributed(self.provider, request.operation)
            raise

    async def _attempt(self, request: Request) -> tuple[Answer, aiohttp.ClientResponse]:
        """One attempt: an answer that is a success, its body read unless the request is streamed."""
        # Written without helpers that are awaited: each takes its time though there is rarely anything to
        # wait for, and every layer is passed through again whenever something arrives.
        home = request.at_home
        if home and not self.limiter.try_acquire():
            await self._wait()
        # After waiting, since credentials may expire in the meantime.
        credentials = await self._auth.headers(self) if home else _NOTHING
        answer, response = await self._exchange(request, credentials)
        problem = self._problem(answer, request)
        rejected = problem is not None and refuses_token(problem, answer, self._token_refused)
        if rejected and home and await self._auth.renew(credentials):
            await self._wait_turn(request)
            answer, response = await self._exchange(request, await self._auth.headers(self))
            problem = self._problem(answer, request)
        if problem is None:
            if not request.repeatable and (call := current_call.get()) is not None:
                call.accepted_writes += 1
            return answer, response
        response.close()
        raise self._reported(problem, answer, request)

    async def _wait_turn(self, request: Request) -> None:
        if request.at_home and not self.limiter.try_acquire():
            await self._wait()

    async def _wait(self) -> None:
        call, start = current_call.get(), self.clock.monotonic()
        try:
            await self.limiter.acquire(self.deadline())
        finally:
            if call is not None:
                call.waited += self.clock.monotonic() - start

    def _exchange(
        self, request: Request, credentials: Mapping[str, str]
    ) -> Coroutine[Any, Any, tuple[Answer, aiohttp.ClientResponse]]:
        """Send once and read what comes; any status is an answer."""
        call = current_call.get()
        timeout = self.limits.timeout
        if call is not None:
            timeout = min(timeout, call.deadline.left())
            if timeout <= 0.0:
                raise TimedOut("the deadline had passed before the request was sent")
            call.exchanges += 1
        headers = {**self._always, **credentials, **request.headers}
        if self._trace_headers is not None and request.at_home:
            headers |= self._trace_headers()
        if request.repeatable:
            return self._send(request, headers, timeout, None)
        return self._send_unrepeatable(request, headers, timeout, Flight(call))

    async def _send_unrepeatable(
        self, request: Request, headers: dict[str, str], timeout: float, flight: Flight
    ) -> tuple[Answer, aiohttp.ClientResponse]:
        previous = in_flight.set(flight)
        try:
            outcome = await self._send(request, headers, timeout, flight)
        except UnknownOutcome:
            raise
        except PlacketError:
            flight.settle()
            raise
        finally:
            in_flight.reset(previous)
        flight.settle()
        return outcome

    async def _send(
        self, request: Request, headers: dict[str, str], timeout: float, flight: Flight | None
    ) -> tuple[Answer, aiohttp.ClientResponse]:
        failure: Exception | None = None
        response: aiohttp.ClientResponse | None = None
        body, whole = b"", True
        try:
            with self._sessions.cutoffs.after(timeout):
                response = await self._sessions.session().request(
                    request.method, request.url, data=request.body.payload(), headers=headers, allow_redirects=False
                )
                if not (request.streamed and response.status < 300):
                    body, whole = await read_capped(response, self.limits.max_response_bytes)
        except Exception as error:
            failure = error
        if response is None or (failure is not None and response.status < 300):
            # Raised here and not in the handler: the original error may hold an address with a key in it, and must
            # not travel along as the context of ours.
            raise self._broken(failure or AssertionError("no answer and no error"), request, flight)
        answer = Answer(
            response.status,
            response.headers,
            body,
            method=request.method,
            operation=request.operation,
            provider=self.provider,
            repeatable=request.repeatable,
            redactor=self.redactor,
        )
        if answer.request_id:
            call = current_call.get()
            if call is not None:
                call.request_ids.append(answer.request_id)
        if not whole and answer.status < 300:
            raise self._oversized(answer)
        return answer, response

    def _problem(self, answer: Answer, request: Request) -> ProviderError | None:
        """What is wrong with an answer; None for a success."""
        success = 200 <= answer.status < 300
        own = None if self._classify is None or (success and request.streamed) else self._classified(answer)
        problem = own or (None if success else problem_of(answer, self.redactor, self.clock))
        # What is not there any more was deleted by the try whose answer got lost.
        gone = request.unheard and request.method == "DELETE" and isinstance(problem, NotFound)
        return None if gone else problem

    def _classified(self, answer: Answer) -> ProviderError | None:
        """What the plugin makes of an answer."""
        assert self._classify is not None
        try:
            return self._classify(answer)
        except ProtocolError:
            # It looked for its vendor's JSON in an error page of some gateway; there the status says more.
            if answer.status < 300:
                raise
            return None

    def _broken(self, error: Exception, request: Request, flight: Flight | None) -> Exception:
        """What to raise for an exchange that broke off."""
        from .failures import NOT_SENT, failure_of

        request.unheard |= not isinstance(error, NOT_SENT)
        sent_write = flight is not None and flight.sent
        details = {"provider": self.provider, "operation": request.operation}
        return failure_of(error, sent_write=sent_write, redactor=self.redactor, details=details) or error

    def _oversized(self, answer: Answer) -> ProviderError:
        size = f"the answer is larger than {self.limits.max_response_bytes} bytes and was not read to its end"
        if answer.repeatable:
            return answer.protocol_error(size)
        return UnknownOutcome(f"the write was accepted, but {size}", **answer.details())

    def _reported(self, error: ProviderError, answer: Answer, request: Request) -> ProviderError:
        """Complete an error with what is known about its answer, and pause everybody if the vendor asks for it."""
        details = answer.details()
        error.attributed(details["provider"], details["operation"])
        error.status = answer.status if error.status is None else error.status
        error.request_id = error.request_id or answer.request_id
        error.body = error.body or details["body"]
        if isinstance(error, (RateLimited, Unavailable)) and error.retry_after and request.at_home:
            self.limiter.cool_down(min(error.retry_after, self.limits.cool_down_max))
        return error

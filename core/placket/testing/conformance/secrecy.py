"""What must never be seen, and where it is looked for."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import attrs

from ...interfaces import Job
from ...transport.redaction import SHORTEST, Secret
from .answers import gives_job
from .samples import usable_operations
from .stand import Stand, Subject
from .violation import NotApplicable, Violation

HEADERS = ("Authorization", "Cookie", "Proxy-Authorization")


def secrets_in(value: Any) -> Iterator[str]:
    """Every secret in a settings object, however deep."""
    if isinstance(value, Secret):
        yield value.reveal()
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from secrets_in(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from secrets_in(each)
    elif attrs.has(type(value)):
        for field in attrs.fields(type(value)):
            yield from secrets_in(getattr(value, field.name))


def secrets_of(stand: Stand) -> list[str]:
    """The secrets of the settings, and the tokens that were sent to the server."""
    found = dict.fromkeys(stand.secrets)
    if stand.place.server is not None:
        for request in stand.place.server.requests:
            for header in HEADERS:
                credentials = request.headers.get(header, "").rpartition(" ")[2]
                if len(credentials) >= SHORTEST:
                    found[credentials] = None
    return [each for each in found if len(each) >= SHORTEST]


def require_hidden(stand: Stand, text: str, where: str) -> None:
    """Raise Violation when a secret is in a text; the message does not repeat it."""
    for secret in secrets_of(stand):
        if secret in text:
            raise Violation(
                f"a secret of {len(secret)} characters is in {where}: keep it in a Secret, hand it to context.http() "
                "as authentication, and register what is obtained later with the client's redactor"
            )


def require_hidden_error(stand: Stand, error: BaseException) -> None:
    """Raise Violation when a secret is in an error: in its text, its attributes or its traceback."""
    require_hidden(stand, f"{error} {error!r} {vars(error)!r}", f"the {type(error).__name__}")
    require_hidden(stand, "".join(traceback.format_exception(error)), f"the traceback of the {type(error).__name__}")


class _Listener(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.name}: {self.format(record)}")


@contextmanager
def logged() -> Iterator[list[str]]:
    """Everything that is logged meanwhile, down to debugging; nobody else hears it."""
    root, listener = logging.getLogger(), _Listener()
    before, others = root.level, root.handlers
    root.handlers = [listener]
    root.setLevel(logging.DEBUG)
    try:
        yield listener.lines
    finally:
        root.handlers = others
        root.setLevel(before)


async def keeps_secrets(subject: Subject) -> None:
    """No secret is in a log, a repr, a ticket or an answer, whatever is called."""
    with logged() as lines:
        async with subject.open() as stand:
            await _call_everything(subject, stand)
            require_hidden(stand, repr(stand.provider), "the provider's repr")
            require_hidden(stand, "\n".join(lines), "what is logged")
            await subject.samples.clean_up(stand)


async def _call_everything(subject: Subject, stand: Stand) -> None:
    for operation in usable_operations(stand.kind, stand.interface):
        with suppress(NotApplicable):
            await _call(stand, operation, await subject.samples.arguments(operation, stand))


async def _call(stand: Stand, operation: str, arguments: Sequence[Any]) -> None:
    if gives_job(stand.interface, operation):
        job: Job[Any] = await stand.start(operation, arguments)
        if job.ticket is not None:
            require_hidden(stand, job.ticket.to_json(), f"the ticket of {operation}")
        result = await job.result()
    else:
        result = await stand.perform(operation, arguments)
    require_hidden(stand, repr(result), f"what {operation} gives")

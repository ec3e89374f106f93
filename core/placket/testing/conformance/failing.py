"""Check: every failure of the table becomes the right error, for reads and for writes alike."""

from __future__ import annotations

from fnmatch import fnmatchcase

from ...errors import PlacketError, ProviderError, Retryable, UnknownOutcome
from ...interfaces import Effect, operations_of
from ..faults import FaultKind
from .answers import gives_nothing
from .failures import FAILURES, SECONDS, WITHIN, Failure
from .samples import Incident
from .secrecy import logged, require_hidden, require_hidden_error, secrets_of
from .stand import Stand, Subject
from .steps import Step
from .violation import Violation, require

HARMLESS = ("GET", "HEAD", "PUT", "DELETE")
"""Methods of which a second request does what the first one did (RFC 9110, 9.2.2)."""


async def fails_well(subject: Subject, operation: str, name: str, step: Step) -> None:
    """One request of an operation goes wrong in one way of the table, whatever is tried."""
    failure = FAILURES[name]
    with logged() as lines:
        async with subject.open() as stand:
            arguments = await subject.samples.arguments(operation, stand)
            since = len(stand.server.requests)
            stand.server.faults.add(
                failure.kind, method=step.method, path=step.path, **failure.details(secrets_of(stand))
            )
            error, result = None, None
            try:
                result = await stand.perform(operation, arguments)
            except PlacketError as raised:
                error = raised
            except Violation:
                raise
            except Exception as other:
                raise Violation(f"{step}, {name}: raises {type(other).__name__}: {other}") from other
            sent = len(step.requests(stand, since))
            require(sent, f"{step} was not asked this time")
            if error is None:
                _judge_success(subject, stand, operation, name, step, result)
            else:
                _judge(subject, stand, operation, name, step, error, sent)
            if error is not None:
                require_hidden_error(stand, error)
            require_hidden(stand, "\n".join(lines), "what is logged")
            stand.server.faults.clear()
            await subject.samples.clean_up(stand)


def _judge_success(subject: Subject, stand: Stand, operation: str, name: str, step: Step, result: object) -> None:
    passes = _may_pass(stand, operation, FAILURES[name], step) or bool(getattr(result, "refused", ()))
    if not passes and not subject.samples.excuses(Incident(operation, name, step.method, step.path, None)):
        raise Violation(f"{operation}: {step}, {name}: succeeds, as if nothing had happened")


def _judge(
    subject: Subject, stand: Stand, operation: str, name: str, step: Step, error: PlacketError, sent: int
) -> None:
    failure, where = FAILURES[name], f"{operation}: {step}, {name}"
    if subject.samples.excuses(Incident(operation, name, step.method, step.path, error)):
        return
    if failure.unheard:
        _judge_unheard(subject, stand, operation, step, error, sent, where)
    kinds = failure.errors
    if failure.unheard or failure.of_answer:
        kinds = (*kinds, UnknownOutcome)
    require(
        isinstance(error, kinds),
        f"{where}: becomes {type(error).__name__} and not {' or '.join(kind.__name__ for kind in kinds)}: {error}",
    )
    assert isinstance(error, ProviderError)
    require(error.provider == stand.name, f"{where}: the error does not name its provider, but {error.provider!r}")
    require(error.operation, f"{where}: the error does not say what was asked")
    if failure.kind is FaultKind.STATUS and error.status is not None:
        require(error.status == failure.status, f"{where}: the error says HTTP {error.status}")
        silent = step.method == "HEAD"
        require(
            silent or WITHIN in error.body, f"{where}: the error has no excerpt of the vendor's answer: {error.body!r}"
        )
    if failure.status == 429:
        asked_for = SECONDS if failure.retry_after else None
        waits = getattr(error, "retry_after", None)
        require(waits == asked_for, f"{where}: retry_after is {waits}, and the vendor asked for {asked_for}")


def _judge_unheard(
    subject: Subject, stand: Stand, operation: str, step: Step, error: PlacketError, sent: int, where: str
) -> None:
    effect = operations_of(stand.interface)[operation].effect
    if isinstance(error, UnknownOutcome):
        require(
            effect is not Effect.READ,
            f"{where}: {operation} only reads, so its outcome is never unknown: say repeatable=True",
        )
        require(sent == 1, f"{where}: was sent {sent} times, although nobody knows what the first one did")
    elif isinstance(error, Retryable) and effect is Effect.WRITE and step.method not in HARMLESS:
        require(
            any(fnmatchcase(step.path, path) for path in subject.samples.repeatable),
            f"{where}: was sent {sent} times and ends in {type(error).__name__}; a write of which no answer came may "
            "have happened, so do not say repeatable=True; where the request carries an id made by the client, or "
            f"changes nothing, name {step.path!r} in the class attribute `repeatable`",
        )


def _may_pass(stand: Stand, operation: str, failure: Failure, step: Step) -> bool:
    effect = operations_of(stand.interface)[operation].effect
    if failure.of_answer and not step.answers_json:
        return True
    if failure.kind is FaultKind.TRUNCATED and step.method == "DELETE":
        # It was deleted; asked once more, the vendor says in the status alone that it is gone.
        return True
    if failure.of_answer:
        # Whether a write came off is told by the status; what else the answer says may not matter.
        return effect is not Effect.READ and gives_nothing(stand.interface, operation)
    # What is to be deleted is gone, and what is asked for by HEAD may well be missing.
    return failure.status == 404 and step.method in ("DELETE", "HEAD")

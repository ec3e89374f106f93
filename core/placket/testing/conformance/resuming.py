"""Check: another process takes up a job."""

from __future__ import annotations

from typing import Any

from ...interfaces import Job, Ticket
from .answers import claims_in, examine
from .secrecy import require_hidden
from .stand import Subject
from .violation import NotApplicable, Violation, require


async def resumes(subject: Subject, operation: str) -> None:
    """A job's ticket, written as JSON and read by a provider that knows nothing else, leads to the same result."""
    async with subject.settled() as place:
        async with subject.open(place) as stand:
            arguments = await subject.samples.arguments(operation, stand)
            job: Job[Any] = await stand.start(operation, arguments)
            if job.ticket is None:
                raise NotApplicable(f"the job of {operation} has no ticket: it is finished when it is handed out")
            ticket = job.ticket
            require(
                (ticket.provider, ticket.interface) == (stand.name, stand.interface.interface_name),
                f"the ticket says {ticket.provider} and {ticket.interface}, and is one of {stand.name} for "
                f"{stand.interface.interface_name}",
            )
            text = ticket.to_json()
            require_hidden(stand, text, f"the ticket of {operation}")
            expected = await job.result()
        read = Ticket.from_json(text)
        require(read == ticket, f"the ticket of {operation} is another one after JSON: its data must be plain JSON")
        async with subject.open(place) as stand:
            try:
                result = await (await stand.provider.resume(read)).result()
            except Exception as error:
                raise Violation(
                    f"the ticket of {operation} cannot be resumed by a fresh provider: {type(error).__name__}: {error}"
                ) from error
            examine(stand, operation, result)
            same = _words(result) == _words(expected)
            require(same, f"resumed, {operation} gives {_words(result)} and not {_words(expected)}")
            await subject.samples.clean_up(stand)


def _words(result: Any) -> Any:
    """What an answer says, without when it was said."""
    claims = claims_in(result)
    return sorted((claim.field, repr(claim.value)) for claim in claims) if claims else type(result).__name__

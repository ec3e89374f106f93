"""Checks: what is declared works, what is not raises Unsupported, and what is not there is not found."""

from __future__ import annotations

from typing import Any

from attrs import evolve

from ...errors import InvalidInput, NotFound, Unsupported
from ...interfaces import Level, Ref
from .answers import claims_in, examine
from .samples import dummy_arguments, usable_operations
from .stand import Stand, Subject
from .violation import NotApplicable, Violation, require


async def works(subject: Subject, operation: str) -> None:
    """An operation that is declared full or partial works, and gives what its interface promises."""
    async with subject.open() as stand:
        try:
            arguments = await subject.samples.arguments(operation, stand)
            examine(stand, operation, await stand.perform(operation, arguments))
        except Unsupported as error:
            raise Violation(f"{operation} is declared usable and says that it cannot: {error}") from error
        finally:
            await subject.samples.clean_up(stand)


async def refuses(subject: Subject, operation: str) -> None:
    """An operation that is not declared usable raises Unsupported, before anything is sent."""
    async with subject.open() as stand:
        arguments = dummy_arguments(stand.interface, operation, stand.name)
        before = _asked(stand)
        level = stand.kind.capabilities.operation(stand.interface.interface_name, operation)
        try:
            result: Any = await stand.perform(operation, arguments)
        except Unsupported:
            require(_asked(stand) == before, f"{operation} raises Unsupported, after the vendor was asked")
        except NotApplicable:
            raise
        except Exception as error:
            raise Violation(
                f"{operation} is {level}, so it raises Unsupported, and not {type(error).__name__}: {error}"
            ) from error
        else:
            raise Violation(f"{operation} is {level}, and gave {result!r}: declare it, or raise Unsupported")


async def does_not_find(subject: Subject, operation: str) -> None:
    """Asked about what does not exist, an operation raises NotFound, or InvalidInput for an id that cannot be."""
    async with subject.open() as stand:
        try:
            first, *rest = await subject.samples.arguments(operation, stand)
            if not isinstance(first, Ref):
                raise NotApplicable(f"{operation} is not about one thing")
            missing = evolve(first, id=_never_given(first.id))
            result = await stand.perform(operation, (missing, *rest))
        except (NotFound, InvalidInput):
            return
        finally:
            await subject.samples.clean_up(stand)
        raise Violation(f"{operation} of {missing}, which does not exist, gave {result!r} and not NotFound")


async def says_every_field(subject: Subject) -> None:
    """Every record field that is declared full is claimed by some answer of the samples."""
    async with subject.open() as stand:
        fields = stand.kind.capabilities.fields_of(stand.interface.interface_name)
        declared = {name for name, level in fields.items() if level is Level.FULL}
        said: set[str] = set()
        heard = False
        for operation in usable_operations(stand.kind, stand.interface):
            try:
                result = await stand.perform(operation, await subject.samples.arguments(operation, stand))
            except NotApplicable:
                continue
            claims = claims_in(result)
            heard = heard or bool(claims)
            said.update(claim.name for claim in claims)
        await subject.samples.clean_up(stand)
        if not heard:
            raise NotApplicable("no operation of this interface answers with claims")
        silent = sorted(declared - said)
        elsewhere = len(stand.kind.interfaces) > 1
        way_out = ", or declare in interface_fields what each interface tells" if elsewhere else ""
        require(
            not silent,
            f"declared as full and claimed by no answer: {', '.join(silent)}; have the server say it in its answers, "
            f"or declare it partial{way_out}",
        )


def _asked(stand: Stand) -> int:
    return len(stand.place.server.requests) if stand.place.server is not None else 0


def _never_given(known: str) -> str:
    """An id of the same form that names nothing: its digits are turned around."""
    turned = known.translate(str.maketrans("0123456789", "9876543210"))
    return turned if turned != known else f"{known}-none"

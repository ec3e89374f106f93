"""``enrich``: what every configured interface knows about one garment, at once, in one record."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence

from ..errors import AllProvidersFailed, ConfigError, InvalidInput, PlacketError, Unsupported
from ..interfaces import (
    ARContentBuilder,
    Clock,
    Deadline,
    Garment,
    Interface,
    ProductStore,
    Ref,
    ShootManager,
)
from ..merge import MergePolicy, merge
from ..record import Claim
from .caller import Caller
from .parts import Enriched, EnrichmentRules, Part, PartState, Step
from .steps import TAKE, Asking


async def enrich(
    caller: Caller,
    garment: Garment,
    known: Iterable[Claim],
    *,
    refs: Iterable[Ref],
    steps: Collection[str] | None,
    rules: EnrichmentRules,
    policy: MergePolicy,
    clock: Clock,
) -> Enriched:
    """Take every step at once and merge what it brings with the ``known`` claims.

    Raises InvalidInput for a step or a reference that means nothing, ConfigError when a step finds the configuration
    wrong, AllProvidersFailed when every step that was taken failed, and Unsupported when none could be taken.
    """
    taken = _steps(steps)
    given = _sorted_refs(caller, refs)
    deadline = Deadline.after(rules.deadline, clock)
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(_part(step, Asking(caller, garment, given[step], rules, deadline, clock)))
            for step in taken
        ]
    parts = tuple(task.result() for task in tasks)
    for part in parts:
        if isinstance(part.error, ConfigError):
            raise part.error
    _complain_of_all(parts)
    record = merge(known, *(part.claims for part in parts), id=garment.id, policy=policy)
    return Enriched(record, parts)


def _steps(names: Collection[str] | None) -> tuple[Step, ...]:
    if names is None:
        return tuple(Step)
    unknown = [name for name in names if name not in set(Step)]
    if unknown or isinstance(names, str) or not names:
        told = repr(names) if isinstance(names, str) or not names else " and ".join(map(repr, unknown))
        raise InvalidInput(f"steps are a list of {', '.join(Step)}, and not {told}")
    return tuple(step for step in Step if step in names)


def _complain_of_all(parts: Sequence[Part]) -> None:
    if any(part.state in (PartState.ANSWERED, PartState.NOTHING) for part in parts):
        return
    attempts = tuple(attempt for part in parts for attempt in part.attempts)
    causes = [part.error for part in parts if part.error is not None]
    error: PlacketError
    if causes:
        error = AllProvidersFailed("enrich: every step that was taken failed", causes)
    else:
        error = Unsupported(f"enrich: no step can be taken; {'; '.join(f'{part.step}: {part.note}' for part in parts)}")
    error.attempts = attempts
    raise error


async def _part(step: Step, asking: Asking) -> Part:
    try:
        part = await TAKE[step](asking)
    except Unsupported as error:
        part = Part(step, PartState.SKIPPED, note=str(error))
    except PlacketError as error:
        part = Part(step, PartState.FAILED, error=error)
    return Part(step, part.state, part.claims, part.found, part.note, part.error, tuple(asking.attempts))


_HOLDERS: Mapping[Step, tuple[type[Interface], str]] = {
    Step.STORE: (ProductStore, "get"),
    Step.SHOOT: (ShootManager, "list_shots"),
    Step.AR: (ARContentBuilder, "get_product"),
}


def _sorted_refs(caller: Caller, refs: Iterable[Ref]) -> Mapping[Step, list[Ref]]:
    """The references by the step that they are for: by their kind, or because their provider serves only one."""
    found: dict[Step, list[Ref]] = {step: [] for step in Step}
    for ref in refs:
        if not isinstance(ref, Ref):
            raise InvalidInput(f"refs are references, not {type(ref).__name__}; make one with Ref.parse(...)")
        target = caller.target(ref.provider)
        able = [step for step, (kind, name) in _HOLDERS.items() if target.can(kind.interface_name, name)]
        named = [step for step in able if ref.kind == getattr(_HOLDERS[step][0], "ref_kind", "")]
        chosen = named or able
        if len(chosen) != 1:
            kinds = ", ".join(str(getattr(_HOLDERS[step][0], "ref_kind", "")) for step in able or _HOLDERS)
            raise InvalidInput(
                f"{ref} is nothing that enrich can ask {ref.provider} about"
                + (f"; its kind is one of {kinds}" if able else ", which keeps no products, SKUs or AR products")
            )
        found[chosen[0]].append(ref)
    return found

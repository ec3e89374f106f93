"""The dry run: who would be called for a question, when, and why not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from attrs import field, frozen

from ..interfaces.operation import Combine, Operation
from .route import Route
from .target import ProviderTarget, Target

ALWAYS = "always"
"""How `PlanStep.when` begins for a provider that is asked whatever the others reply."""


@frozen
class PlanStep:
    """One provider of the plan: ``when`` it is asked, or the ``obstacle`` that keeps it from being asked right now.

    ``route`` is where it stands, as in ``garment_tagger > fallbacks``. ``fields`` are those it declares for the
    question.
    """

    provider: str
    route: str
    when: str
    fields: tuple[str, ...] = ()
    cost: Decimal | None = None
    obstacle: str = ""


@frozen
class Plan:
    """Who would be called for one operation. ``note`` says what the strategy does with the answers."""

    interface: str
    operation: str
    strategy: str
    deadline: float | None
    steps: tuple[PlanStep, ...] = field(factory=tuple)
    note: str = ""


def plan_of(route: Route, interface: str, operation: Operation) -> Plan:
    """The plan for one operation on a route, with the obstacles as they are at this moment."""
    return Plan(
        interface=interface,
        operation=operation.name,
        strategy=route.strategy.name,
        deadline=route.deadline,
        steps=tuple(_steps(route, interface, operation, route.name, "")),
        note=_note(route, operation),
    )


def _note(route: Route, operation: Operation) -> str:
    if operation.by_ref or operation.refs is not None:
        return f"{operation.name} goes to whoever holds what it refers to, whatever the route says"
    if route.strategy.serving(operation) is not route.strategy:
        return f"{operation.name} has one answer, so {route.strategy.name} serves it like first"
    return ""


def _steps(route: Route, interface: str, operation: Operation, place: str, condition: str) -> Iterator[PlanStep]:
    strategy = route.strategy.serving(operation)
    for target, when in zip(route.targets, strategy.explain(route.targets, interface, operation), strict=True):
        yield from _step(target, interface, operation, place, _both(condition, when))


def _both(condition: str, when: str) -> str:
    if condition in ("", ALWAYS, when):
        return when
    if when == ALWAYS:
        return condition
    certain = condition.startswith(ALWAYS) and when.startswith(ALWAYS)
    parts = f"{condition.removeprefix(f'{ALWAYS}, ')} and {when.removeprefix(f'{ALWAYS}, ')}"
    return f"{ALWAYS}, {parts}" if certain else parts


def _step(target: Target, interface: str, operation: Operation, place: str, when: str) -> Sequence[PlanStep]:
    if isinstance(target, Route):
        return tuple(_steps(target, interface, operation, f"{place} > {target.name}", when))
    assert isinstance(target, ProviderTarget)
    obstacle = target.obstacle(interface, operation.name)
    fields = tuple(name for name, level in target.capabilities.fields_of(interface).items() if level.usable)
    return (
        PlanStep(
            provider=target.name,
            route=place,
            when=when,
            fields=fields if operation.combine is Combine.FINDINGS else (),
            cost=target.cost_of(operation.name) if target.costs else None,
            obstacle=str(obstacle) if obstacle is not None else "",
        ),
    )

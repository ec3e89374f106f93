"""Calling an interface from a command: the router, whom to ask, waiting for jobs, and what an interruption leaves."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, TypeVar

import click
from attrs import evolve

from ..app import open as open_router
from ..config import Config, Route, load_config
from ..errors import Conflict, InvalidInput, JobExpired
from ..interfaces import Interface, Job, JobStatus
from ..registry import did_you_mean
from .failures import exit_code, message_of
from .invocation import Invocation
from .output import Waiting, complain, waiting
from .text import plain

if TYPE_CHECKING:
    from ..jobs import Router

InterfaceT = TypeVar("InterfaceT", bound=Interface)
Result = TypeVar("Result")


def config_for(invocation: Invocation, interface: type[Interface], provider: str = "") -> Config:
    """The configuration of this run; with ``provider``, one whose route of ``interface`` leads to it alone."""
    config = load_config(invocation.config)
    if not provider:
        return config
    usable = [name for name, each in config.providers.items() if each.enabled]
    if provider not in usable:
        hint = did_you_mean(provider, usable) or f"; there are {', '.join(usable) or 'none'}"
        raise InvalidInput(f"{config.origin} has no enabled provider {provider!r}{hint}")
    return evolve(config, routes={**config.routes, interface.interface_name: Route(targets=(provider,))})


@asynccontextmanager
async def calling(
    invocation: Invocation, interface: type[InterfaceT], provider: str = ""
) -> AsyncIterator[tuple[Router, InterfaceT]]:
    """Open the router and give it with the routed object of one interface."""
    async with open_router(config_for(invocation, interface, provider)) as router:
        yield router, router.interface(interface)


def ask(
    invocation: Invocation,
    interface: type[InterfaceT],
    work: Callable[[InterfaceT], Awaitable[Result]],
    provider: str = "",
) -> Result:
    """What ``work`` gets of the routed object of one interface, for commands that need nothing else of the router."""

    async def asking() -> Result:
        async with calling(invocation, interface, provider) as (_, routed):
            return await work(routed)

    return asyncio.run(asking())


async def finished(job: Job[Result], what: str) -> Result:
    """Wait for a job, showing how far it is; raises what the job raises.

    Where nobody sees it, the wait ends at the job's own deadline; a person can interrupt it.
    """
    with waiting(what, 100) as wait:
        if wait.seen:
            async for status in job.events():
                _show(wait, what, status)
        return await job.result()


def _show(wait: Waiting, what: str, status: JobStatus) -> None:
    told = plain(status.message or status.state.value)
    wait.at(f"{what}: {told}", None if status.progress is None else 100 * status.progress)


def command_line(invocation: Invocation, *arguments: object) -> str:
    """A command to be typed, with the configuration of this run."""
    config = () if invocation.config is None else ("--config", invocation.config)
    return shlex.join(["placket", *map(str, arguments), *config])


@contextmanager
def conflicts_told(context: click.Context, shown_by: str) -> Iterator[None]:
    """Where somebody else was faster, say how to go on, and end the command; ``shown_by`` shows what is there now."""
    try:
        yield
    except Conflict as error:
        context.ensure_object(Invocation).show_traceback(error)
        complain(f"error: {message_of(error)}")
        complain(f"see what it is now:  {plain(shown_by)}")
        complain("then repeat the change with the version shown there, or without --version to change it all the same")
        context.exit(exit_code(error))


@contextmanager
def resumable(command: str) -> Iterator[None]:
    """Say how to go on with what is done inside, when it is interrupted or takes too long to wait for."""
    try:
        yield
    except (asyncio.CancelledError, KeyboardInterrupt, JobExpired):
        complain(f"nothing is lost; it goes on with:  {plain(command)}")
        raise


@contextmanager
def kept(command: str) -> Iterator[None]:
    """Say how to get what was made, where writing it fails inside."""
    try:
        yield
    except InvalidInput:
        complain(f"what was made is kept; write it with:  {plain(command)}")
        raise

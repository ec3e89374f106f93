"""The rules, checked against a configured provider and its vendor, as far as that shows without a server of ours."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from enum import StrEnum
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from attrs import define, field, frozen

from ...app import open as open_router
from ...config import Config, structure_settings
from ...errors import InvalidInput, JobExpired, PlacketError
from ...interfaces import Image, Interface, SystemClock, operations_of
from ...registry import ProviderType, Registry
from ...transport import Redactor
from . import operations, resuming, secrecy
from .answers import gives_job
from .ar_samples import ARSamples
from .blocking import refuse_blocking
from .samples import Samples, other_operations, usable_operations
from .search_samples import SearchSamples
from .secrecy import secrets_in
from .shoot_samples import ShootSamples
from .stand import Place, Stand, Subject
from .store_samples import StoreSamples
from .tagger_samples import TaggerSamples
from .violation import NotApplicable

PATIENCE = 900.0
"""Seconds that one call may take."""

SAMPLES: Mapping[type[Interface], type[Samples]] = {
    samples.interface: samples for samples in (TaggerSamples, SearchSamples, StoreSamples, ShootSamples, ARSamples)
}

Check = Callable[[Subject], Coroutine[Any, Any, None]]


class Verdict(StrEnum):
    """How a check ended."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@frozen
class Finding:
    """What one check came to. ``details`` say what was wrong, or why there was nothing to check."""

    interface: str
    check: str
    verdict: Verdict
    details: str = ""
    seconds: float = 0.0


@define
class LiveSubject:
    """A configured provider. One router serves all checks, so that the vendor's rate limit is kept over them."""

    config: Config
    name: str
    interface: type[Interface]
    kind: ProviderType
    samples: Samples
    may_write: bool
    secrets: tuple[str, ...]
    _shared: Stand | None = field(default=None, init=False)

    @asynccontextmanager
    async def open(self, place: Place | None = None) -> AsyncIterator[Stand]:
        """The provider that is open; a fresh one where there is a ``place``."""
        if place is None and self._shared is not None:
            yield self._shared
            return
        async with open_router(self.config) as router:
            provider = router.target(self.name).provider
            nowhere = place or Place(None, Path())
            yield Stand(
                self.name,
                self.interface,
                provider,
                self.kind,
                SystemClock(),
                nowhere,
                self.secrets,
                PATIENCE,
                self.may_write,
            )

    @asynccontextmanager
    async def settled(self) -> AsyncIterator[Place]:
        """The vendor is there already."""
        with TemporaryDirectory(prefix="placket-") as folder:
            yield Place(None, Path(folder))

    @asynccontextmanager
    async def kept_open(self) -> AsyncIterator[None]:
        """Let all checks meanwhile share one provider."""
        async with self.open() as stand:
            self._shared = stand
            try:
                yield
            finally:
                self._shared = None


async def examine_live(
    config: Config, name: str, *, interfaces: tuple[str, ...] = (), may_write: bool = False, image: Image | None = None
) -> AsyncIterator[Finding]:
    """Check a configured provider, and tell each finding as it comes.

    Nothing is changed at the vendor unless ``may_write``; a tagger is asked, which may cost. ``image`` is a picture to
    ask about in place of a drawn one. Raises ConfigError and InvalidInput for a provider that is not there or cannot
    be built.
    """
    for subject in _subjects(config, name, interfaces, may_write, image):
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(subject.kept_open())
            redactor = Redactor(subject.secrets)
            for title, check in _checks(subject):
                yield await _finding(subject, title, check, redactor)


def _subjects(
    config: Config, name: str, interfaces: tuple[str, ...], may_write: bool, image: Image | None
) -> Iterator[LiveSubject]:
    if name not in config.providers:
        known = ", ".join(config.providers)
        raise InvalidInput(f"no provider is configured by the name {name!r}; configured are {known}")
    provider = config.providers[name]
    path = f"providers.{name}"
    kind = Registry().provider_type(provider.plugin, path=f"{path}.plugin")
    settings = structure_settings(kind, provider.options, path, folder=config.folder)
    chosen = [each for each in kind.interfaces if not interfaces or each.interface_name in interfaces]
    if not chosen:
        offered = ", ".join(each.interface_name for each in kind.interfaces)
        raise InvalidInput(f"{name} has the interfaces {offered}, and not {', '.join(interfaces)}")
    for interface in chosen:
        samples = SAMPLES[interface]()
        samples.picture = image
        yield LiveSubject(config, name, interface, kind, samples, may_write, tuple(secrets_in(settings)))


def _checks(subject: LiveSubject) -> Iterator[tuple[str, Check]]:
    kind, interface = subject.kind, subject.interface
    usable = usable_operations(kind, interface)
    for name in usable:
        yield f"{name} works", partial(operations.works, operation=name)
    for name in other_operations(kind, interface):
        yield f"{name} is refused", partial(operations.refuses, operation=name)
    for name in usable:
        if operations_of(interface)[name].by_ref and name.startswith("get"):
            yield (
                f"{name} finds nothing that is not there",
                partial(operations.does_not_find, operation=name),
            )
        if gives_job(interface, name):
            yield f"a job of {name} is resumed", partial(resuming.resumes, operation=name)
    yield "secrets stay hidden", secrecy.keeps_secrets


async def _finding(subject: LiveSubject, title: str, check: Check, redactor: Redactor) -> Finding:
    started = time.monotonic()
    verdict, details = Verdict.PASSED, ""
    try:
        with refuse_blocking():
            await check(subject)
    except (NotApplicable, JobExpired) as reason:
        verdict, details = Verdict.SKIPPED, str(reason)
    except (AssertionError, PlacketError) as error:
        verdict, details = Verdict.FAILED, str(error)
    except asyncio.CancelledError:
        raise
    except Exception as error:
        verdict, details = Verdict.FAILED, f"raises {type(error).__name__}: {error}"
    seconds = round(time.monotonic() - started, 3)
    return Finding(subject.interface.interface_name, title, verdict, redactor.line(details, 600), seconds)

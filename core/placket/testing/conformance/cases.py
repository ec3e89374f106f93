"""The test classes that a plugin's author subclasses, one for each interface.

::

    class TestAcme(TaggerConformance):
        plugin = "acme"

        def server(self):
            return AcmeServer()

        def settings(self, url):
            return {"api_key": "a-key", "base_url": url}

Every test runs in an event loop of its own, so that it needs no plugin of pytest but this one, and in virtual time
unless the class says otherwise.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterable, Mapping
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

import pytest

from ...errors import PluginError
from ...interfaces import SystemClock, operations_of
from ...registry import ProviderType, Registry
from ..loopback_server import LoopbackServer
from ..virtual_time import VirtualClock, run_virtual
from . import failing, leaks, mixing, operations, resuming, secrecy, tolerance
from .answers import gives_job
from .ar_samples import ARSamples
from .blocking import refuse_blocking
from .changes import CHANGES
from .failures import FAILURES
from .opening import opened
from .samples import Samples, other_operations, usable_operations
from .search_samples import SearchSamples
from .shoot_samples import ShootSamples
from .stand import Place, Stand
from .steps import Step, steps_of
from .store_samples import StoreSamples
from .tagger_samples import TaggerSamples
from .violation import NotApplicable

GRACE = 0.002
"""Real seconds that open sockets get before time jumps: client and server share a process, so bytes arrive at once."""


class Conformance(Samples):
    """What all five have in common; subclass the one of an interface."""

    plugin: ClassVar[str] = ""
    """The provider type as a configuration names it: ``acme``, or ``acme:tagger``."""

    plugins: ClassVar[Iterable[object]] = ()
    """Modules with hooks, where the plugin is not installed."""

    in_real_time: ClassVar[bool] = False
    """Set it for a provider that works in threads which the event loop does not know, as those of a database driver:
    virtual time does not wait for them."""

    def server(self) -> LoopbackServer | None:
        """A new server that plays the vendor; None for a provider that needs no network."""
        return None

    def settings(self, url: str) -> Mapping[str, Any]:  # noqa: ARG002
        """The provider's keys in the configuration, with secrets as plain texts. ``url`` is the server's address."""
        return {}

    def config(self, url: str) -> Mapping[str, Any]:  # noqa: ARG002
        """Further tables of the configuration, such as ``images``."""
        return {}

    _known_steps: ClassVar[dict[str, list[Step]]] = {}

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        cls._known_steps = {}

    @property
    def samples(self) -> Samples:
        """Itself: a subclass overrides the sample methods that do not suit its vendor."""
        return self

    @asynccontextmanager
    async def settled(self) -> AsyncIterator[Place]:
        """Start the server, for providers that come and go while it runs."""
        server = self.server()
        with TemporaryDirectory(prefix="placket-") as folder:
            if server is None:
                yield Place(None, Path(folder))
                return
            async with server:
                yield Place(server, Path(folder))

    @asynccontextmanager
    async def open(self, place: Place | None = None) -> AsyncIterator[Stand]:
        """Build the provider as `placket.open` does, with a server of its own unless there is a ``place``."""
        if place is None:
            async with self.settled() as fresh, self.open(fresh) as stand:
                yield stand
            return
        url = place.server.url if place.server is not None else ""
        async with opened(
            self.interface,
            self.provider_type(),
            self.plugin,
            self.settings(url),
            self.config(url),
            place,
            clock=SystemClock() if self.in_real_time else VirtualClock(),
            plugins=self.plugins,
        ) as stand:
            yield stand

    @classmethod
    def provider_type(cls) -> ProviderType:
        """What the plugin registers; raises PluginError when it is not installed or broken."""
        return _provider_type(cls)

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Make one test for each operation that the provider declares, and for each failure of the table."""
        try:
            kind, interface = self.provider_type(), self.interface
        except PluginError as error:
            raise pytest.Collector.CollectError(f"{type(self).__name__}: {error}") from error
        usable = usable_operations(kind, interface)
        declared = operations_of(interface)
        served = type(self).server is not Conformance.server
        values: dict[str, Iterable[str]] = {
            "operation": usable,
            "asking": usable if served else (),
            "undeclared": other_operations(kind, interface),
            "about_one": [name for name in usable if declared[name].by_ref and name.startswith("get")],
            "starting": [name for name in usable if gives_job(interface, name)],
            "reading": mixing.reading_operations(kind, interface),
            "failure": FAILURES if served else (),
            "change": CHANGES if served else (),
        }
        for name in metafunc.fixturenames:
            if name in values:
                metafunc.parametrize(name, list(values[name]))

    def test_works(self, operation: str) -> None:
        """What is declared works."""
        self._run(operations.works(self, operation))

    def test_refuses(self, undeclared: str) -> None:
        """What is not declared raises Unsupported, and sends nothing."""
        self._run(operations.refuses(self, undeclared))

    def test_does_not_find(self, about_one: str) -> None:
        """What is not there is not found."""
        self._run(operations.does_not_find(self, about_one))

    def test_says_every_field(self) -> None:
        """What is declared as said in full is said."""
        self._run(operations.says_every_field(self))

    def test_fails_well(self, asking: str, failure: str) -> None:
        """Every failure of the vendor becomes the right error."""
        for step in self._steps(asking):
            self._run(failing.fails_well(self, asking, failure, step))

    def test_tolerates(self, asking: str, change: str) -> None:
        """A changed answer does not bring it down."""
        if not any(step.answers_json for step in self._steps(asking)):
            pytest.skip(f"{asking} is answered without JSON")
        self._run(tolerance.tolerates(self, asking, change))

    def test_gives_up(self, asking: str) -> None:
        """A cancelled call leaves nothing behind."""
        for step in self._steps(asking):
            self._run(leaks.gives_up(self, asking, step))

    def test_keeps_apart(self, reading: str) -> None:
        """Calls at once do not mix."""
        self._run(mixing.keeps_apart(self, reading))

    def test_resumes(self, starting: str) -> None:
        """A job is taken up by another process."""
        self._run(resuming.resumes(self, starting))

    def test_keeps_secrets(self) -> None:
        """No secret is seen anywhere."""
        self._run(secrecy.keeps_secrets(self))

    def test_closes(self) -> None:
        """Nothing is left when it is closed."""
        self._run(leaks.closes(self))

    def _steps(self, operation: str) -> list[Step]:
        if operation not in self._known_steps:
            self._known_steps[operation] = self._run(steps_of(self, operation))
        return self._known_steps[operation]

    def _run(self, check: Coroutine[Any, Any, Any]) -> Any:
        """Run a check; what it cannot look at is skipped."""
        try:
            with refuse_blocking():
                return asyncio.run(check) if self.in_real_time else run_virtual(check, grace=GRACE)
        except NotApplicable as reason:
            pytest.skip(str(reason))


@cache
def _provider_type(subject: type[Conformance]) -> ProviderType:
    return Registry(extra_plugins=subject.plugins).provider_type(subject.plugin)


class TaggerConformance(Conformance, TaggerSamples):
    """The rules for a `GarmentTagger`."""


class SearchConformance(Conformance, SearchSamples):
    """The rules for a `VisualSearch`."""


class StoreConformance(Conformance, StoreSamples):
    """The rules for a `ProductStore`."""


class ShootConformance(Conformance, ShootSamples):
    """The rules for a `ShootManager`."""


class ARConformance(Conformance, ARSamples):
    """The rules for an `ARContentBuilder`."""

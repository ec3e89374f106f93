"""A vendor's twin on this machine, for tests, demos and development without a key.

How to write the twin of a vendor
---------------------------------

Make a folder ``placket_twins/<vendor>/`` with a class derived from `placket_twins.vendor.VendorTwin`, and one line in
`VENDORS` below. Everything else is given:

* **Routes** are data (`placket_twins.routes`): method, path, parameters, body and answers with JSON Schemas, and a
  handler ``async def handler(asked: Asked) -> web.Response``. The same declaration checks requests (`Asked` holds typed
  values and defaults) and makes ``/openapi.json``. Name schemas in `VendorTwin.schemas`, refer to them by `schema_of`.
* **Refusals**: raise `Refusal` (status, message, headers, problems) anywhere; `VendorTwin.refused` puts every one into
  the vendor's words, also those of the ground: 400 not JSON, 404, 405, 413, 415, 422 with `Problem`, 500, and errors of
  the backend. List what any route may answer in ``refusals``, for OpenAPI.
* **Authentication and rate limit**: `VendorTwin.admit`, with `placket_twins.tokens.Tokens` (they expire by the injected
  clock, and survive a restart) and `placket_twins.sliding_window.SlidingWindow`.
* **Settings** are a frozen attrs class in which everything has a default; credentials are made with ``secret(...)``.
* **Quirks** are a class derived from `placket_twins.quirks.Quirks`, one ``quirk(default, doc)`` for each thing that the
  vendor's page leaves open; ``docs/reference/twins.md`` is made of them. Read them as ``self.quirks.name``.
* **State**: ``self.ground.state`` keeps JSON documents by kind and id, each write on the disk before it returns: answer
  after that, never before. `State.change` and `State.take` are atomic. A twin that wants SQL names ``tables``.
* **Work beside the requests**: ``self.ground.works``: name runners in `VendorTwin.start`, begin work with
  ``await works.start(kind, request, path=...)`` before answering. Work that was under way is run again, from its
  beginning, after a crash: a runner must bear that. The faults ``job-fails`` and ``job-hangs`` are built in.
* **The backend**: ``self.ground.backend.visual_search`` and so on. Its errors become refusals by themselves.
* **Pictures** at addresses: ``await self.ground.fetcher.fetch_image(url)``, and nothing else.
* **Time**: ``self.ground.clock``, so that tests run in virtual time.

Faults, the request log with masked secrets, the human page, ``/_twin/faults`` and the command line come by themselves.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any

import attrs

from placket.errors import InvalidInput
from placket.interfaces import Clock, ImageHost, SystemClock
from placket.registry import did_you_mean
from placket.testing import Fault, Faults

from .application import TwinApplication, prefixed
from .fault_rules import parse_fault
from .quirks import Quirks
from .request_log import RequestLog
from .serving import LOOPBACK, LoopbackSite
from .state import State
from .vendor import Backend, Ground, ImageFetcher, VendorTwin
from .works import Works

VENDORS: Mapping[str, str] = {
    "aistetic": "placket_twins.aistetic:AisteticTwin",
    "autoretouch": "placket_twins.autoretouch:AutoretouchTwin",
    "pictofit": "placket_twins.pictofit:PictofitTwin",
    "sartiq": "placket_twins.sartiq:SartiqTwin",
    "threadgenius": "placket_twins.threadgenius:ThreadGeniusTwin",
}
"""Where the twin of each vendor is."""


def twin_class(vendor: str) -> type[VendorTwin]:
    """The twin of a vendor; raises InvalidInput for one that has none."""
    if vendor not in VENDORS:
        raise InvalidInput(
            f"there is no twin of {vendor!r}{did_you_mean(vendor, VENDORS)} (there are twins of: {', '.join(VENDORS)})"
        )
    module, _, name = VENDORS[vendor].partition(":")
    kind: type[VendorTwin] = getattr(import_module(module), name)
    return kind


class Twin:
    """A server of one vendor's protocol at a port of this machine, for as long as ``async with`` lasts.

    ::

        async with Twin("aistetic", api_key="k", domain="shop.example.com") as base_url:
            ...

    ``settings`` are those of the vendor's twin, all with defaults. ``quirks`` is an instance of its quirks class.
    ``backend`` does the real work: a `placket.Router` or any object with the interfaces that are needed; without one
    ``config``, or the embedded default, is opened. ``state`` is the folder of what outlives the process; without one it
    is a temporary folder. Pictures are fetched with Placket's safe fetcher, which refuses addresses of private networks
    but for ``trusted_hosts`` ("host" or "host:port"); a ``fetcher`` takes its place. ``faults`` are rules as texts or
    as `Fault`. ``host`` other than this machine's loopback makes the twin reachable from elsewhere.

    Raises InvalidInput for a vendor that has no twin and for a setting that it does not have.
    """

    def __init__(
        self,
        vendor: str,
        *,
        quirks: Quirks | None = None,
        backend: Backend | Any = None,
        config: Any = None,
        state: Path | str | None = None,
        clock: Clock | None = None,
        fetcher: ImageFetcher | None = None,
        trusted_hosts: Iterable[str] = (),
        images: ImageHost | None = None,
        faults: Iterable[str | Fault] = (),
        seed: int = 0,
        host: str = LOOPBACK,
        port: int = 0,
        **settings: Any,
    ) -> None:
        self._kind = twin_class(vendor)
        for name in settings:
            setting_of(self._kind, name)
        self._settings = self._kind.settings_class(**settings)
        self._quirks = quirks or self._kind.quirks_class()
        if not isinstance(self._quirks, self._kind.quirks_class):
            raise InvalidInput(f"the quirks of {vendor} are {self._kind.quirks_class.__name__}")
        self._backend, self._config = backend, config
        self._state = None if state is None else Path(state)
        self._clock = clock or SystemClock()
        self._fetcher, self._trusted, self._images = fetcher, tuple(trusted_hosts), images
        rules = [parse_fault(rule) if isinstance(rule, str) else rule for rule in faults]
        self.faults = Faults([prefixed(rule, self._kind.prefix) for rule in rules], seed)
        """The rules in force; they may be changed while the twin runs."""
        self._host, self._port = host, port
        self._open = AsyncExitStack()
        self._application: TwinApplication | None = None
        self._twin: VendorTwin | None = None
        self.url = ""
        """The base URL that a client of the vendor is configured with, once entered."""

    @property
    def vendor(self) -> VendorTwin:
        """The vendor's side of it, once entered."""
        if self._twin is None:
            raise RuntimeError("enter the twin first: async with Twin(...)")
        return self._twin

    @property
    def credentials(self) -> Mapping[str, str]:
        """What a client needs beside the base URL."""
        return self.vendor.credentials()

    @property
    def requests(self) -> RequestLog:
        """The last requests, with secrets masked."""
        assert self._application is not None, "enter the twin first: async with Twin(...)"
        return self._application.requests

    async def settled(self) -> None:
        """Return when all work beside the requests is done."""
        await self.vendor.ground.works.settled()

    async def __aenter__(self) -> str:
        """Begin to serve; gives the base URL that a client of the vendor is configured with."""
        async with AsyncExitStack() as opening:
            ground = await self._ground(opening)
            twin = self._kind(ground, self._settings, self._quirks)
            await twin.start()
            opening.push_async_callback(twin.aclose)
            opening.push_async_callback(ground.works.aclose)
            await ground.works.resume()
            self._application = TwinApplication(twin)
            site = LoopbackSite(self._application.app(), self._host, self._port)
            await site.start()
            opening.push_async_callback(site.stop)
            self._twin = twin
            self.url = f"http://{site.authority}{self._kind.prefix}"
            self._open = opening.pop_all()
        return self.url

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.aclose()

    async def _ground(self, opening: AsyncExitStack) -> Ground:
        folder = self._state
        if folder is None:
            folder = Path(opening.enter_context(tempfile.TemporaryDirectory(prefix="placket-twin-")))
        state = State(folder / self._kind.name, self._kind.tables)
        opening.push_async_callback(state.aclose)
        await state.open()
        return Ground(
            clock=self._clock,
            state=state,
            works=Works(state, self._clock, self.faults),
            faults=self.faults,
            fetcher=self._fetcher or await self._safe_fetcher(opening),
            backend=self._backend or await self._router(opening, folder),
            images=self._images,
        )

    async def _safe_fetcher(self, opening: AsyncExitStack) -> ImageFetcher:
        from placket.transport import SafeFetcher, SessionPool

        sessions = await opening.enter_async_context(SessionPool())
        return SafeFetcher(sessions, clock=self._clock, trusted_hosts=self._trusted)

    async def _router(self, opening: AsyncExitStack, folder: Path) -> Any:
        import placket
        from placket.config import default_config

        config = default_config() if self._config is None else self._config
        return await opening.enter_async_context(
            placket.open(config, clock=self._clock, data_folder=folder / "backend", image_host=self._images)
        )


def setting_of(kind: type[VendorTwin], name: str) -> attrs.Attribute[Any]:
    """A setting of a twin by its name; raises InvalidInput when the twin has none of that name."""
    known: dict[str, attrs.Attribute[Any]] = {each.name: each for each in attrs.fields(kind.settings_class)}
    if name not in known:
        raise InvalidInput(
            f"the twin of {kind.name} has no setting {name!r}{did_you_mean(name, known)} (settings: {', '.join(known)})"
        )
    return known[name]

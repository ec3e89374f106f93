"""``placket.open``: configuration, providers, router. The one place that wires things together."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any

from attrs import define, evolve, field

from .building import Builder
from .config import Config, EnrichConfig, HttpConfig, JobsConfig, load_config, merge_policy, quota_rates
from .errors import ConfigError, InvalidInput
from .interfaces import Clock, ImageHost, Ref, SystemClock
from .jobs import JobRules, Ledger, Router
from .logs import LazyLogger
from .record import Vocabulary
from .registry import Registry
from .routing import EnrichmentRules, Generation, SpendingLimit
from .transport import FetchLimits, LimiterGroup, SafeFetcher, SessionPool

ConfigSource = Path | str | Mapping[str, Any] | Config | None

_log = LazyLogger("placket")


def open(  # noqa: A001 - placket.open, as in gzip.open
    config: ConfigSource = None,
    *,
    plugins: Iterable[object] = (),
    image_host: ImageHost | None = None,
    clock: Clock | None = None,
    environ: Mapping[str, str] | None = None,
    data_folder: Path | str | None = None,
) -> App:
    """Open a router: ``async with placket.open("placket.toml") as router: ...``.

    ``config`` is a path, a mapping of the same shape, what `placket.config.load_config` has read, or None: then
    ``$PLACKET_CONFIG``, ``placket.toml`` in the working directory, or the embedded default, in this order. ``plugins``
    are modules or objects with hooks, beside those that are installed. ``image_host`` takes the place of the configured
    one. ``data_folder`` is where providers keep what outlives the process: by default ``$PLACKET_DATA``, else
    ``~/.local/share/placket``.

    Raises ConfigError, on entering, for anything wrong with the configuration or a plugin that it names.
    """
    return App(
        config,
        plugins=tuple(plugins),
        image_host=image_host,
        clock=clock or SystemClock(),
        environ=os.environ if environ is None else environ,
        data_folder=None if data_folder is None else Path(data_folder),
    )


def open_to_plan(config: ConfigSource = None) -> App:
    """Open a router for `Router.plan` alone: who lacks a secret is built without it, and that is its obstacle."""
    return evolve(open(config), only_plans=True)


IMPORTED_VOCABULARY = "vocabulary.toml"
"""The file in the data folder that ``placket taxonomy import`` writes."""


def vocabulary_of(registry: Registry, data_folder: Path) -> Vocabulary:
    """The words that records use: Placket's own, those of the loaded plugins, and those of an imported taxonomy.

    Raises ConfigError when the imported one cannot be used.
    """
    vocabulary = Vocabulary.default().extended(registry.vocabulary)
    path = data_folder / IMPORTED_VOCABULARY
    try:
        return vocabulary.with_imported(path.read_text("utf-8"), origin=str(path))
    except (FileNotFoundError, NotADirectoryError):
        return vocabulary
    except OSError as error:
        raise ConfigError(
            f"the imported taxonomy in {path} cannot be read: {error.strerror}; let it be read, or name another folder "
            "for data in PLACKET_DATA"
        ) from error
    except (ValueError, InvalidInput) as error:
        raise ConfigError(
            f"the imported taxonomy cannot be used: {error}; run `placket taxonomy import` again, or delete {path}"
        ) from error


@define(eq=False)
class App:
    """What `open` returns: an async context manager that gives the router, and closes everything it opened."""

    _source: ConfigSource
    _plugins: tuple[object, ...] = field(kw_only=True)
    _image_host: ImageHost | None = field(kw_only=True)
    _clock: Clock = field(kw_only=True)
    _environ: Mapping[str, str] = field(kw_only=True, repr=False)
    _data_folder: Path | None = field(kw_only=True)
    _only_plans: bool = field(default=False, kw_only=True)
    _router: Router | None = field(default=None, init=False)
    _opened_by: int | None = field(default=None, init=False)
    """The process in which it is open."""
    _sessions: SessionPool | None = field(default=None, init=False)
    _limiters: LimiterGroup | None = field(default=None, init=False)
    _jobs: JobsConfig = field(factory=JobsConfig, init=False)
    _ledger: Ledger | None = field(default=None, init=False)
    _budgets: dict[str, SpendingLimit] = field(factory=dict, init=False)

    async def __aenter__(self) -> Router:
        """Read the configuration, build the providers it names, and return the router."""
        if self._opened_by == os.getpid():  # a fork of the process that opened it may open its own
            raise InvalidInput("this router is open already; open another one, or use the one that is open")
        self._opened_by = os.getpid()
        self._sessions = SessionPool()
        try:
            config = self._load(self._source)
            self._jobs = config.jobs
            with _telling_where(config):
                await self._open_ledger(config)
                generation, vocabulary = await self._build(config)
        except BaseException:
            await self._close_shared()
            raise
        self._router = Router(
            generation,
            ledger=self._ledger,
            rules=_job_rules(config.jobs),
            vocabulary=vocabulary,
            clock=self._clock,
            reload=self._reload,
        )
        return self._router

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop what runs beside the calls, close the providers and the connections."""
        try:
            if self._router is not None:
                await self._router.aclose()
        finally:
            await self._close_shared()

    async def _close_shared(self) -> None:
        ledger, sessions = self._ledger, self._sessions
        self._router = self._ledger = self._sessions = None
        try:
            if ledger is not None:
                await ledger.aclose()
        finally:
            try:
                if sessions is not None:
                    await sessions.aclose()
            finally:
                self._opened_by = None

    async def _open_ledger(self, config: Config) -> None:
        if config.jobs.ledger is None:
            return
        self._ledger = await Ledger(config.jobs.ledger, self._clock).__aenter__()
        await self._ledger.forget(self._clock.now() - _job_rules(config.jobs).keep_for)

    def _load(self, source: ConfigSource) -> Config:
        return source if isinstance(source, Config) else load_config(source, self._environ)

    async def _reload(self, source: ConfigSource) -> tuple[Generation, Vocabulary]:
        config = self._load(self._source if source is None else source)
        if config.jobs != self._jobs:
            _log.warning("reload-keeps-jobs", hint="what [jobs] says counts when the router is opened")
        with _telling_where(config):
            return await self._build(config)

    async def _build(self, config: Config) -> tuple[Generation, Vocabulary]:
        registry = Registry(extra_plugins=self._plugins, environ=self._environ)
        kinds = {
            name: registry.provider_type(provider.plugin, path=f"providers.{name}.plugin")
            for name, provider in config.providers.items()
            if provider.enabled
        }
        rates = quota_rates(config, kinds)
        registry.load(config.plugins, path="plugins")
        registry.load(config.plugin_names)
        registry.prepare_observers()
        vocabulary = vocabulary_of(registry, self.data_folder)
        policy = merge_policy(config, registry.merge_policies)
        limiters = LimiterGroup(self._clock, self._limiters)
        assert self._sessions is not None
        builder = Builder(
            config=config,
            registry=registry,
            vocabulary=vocabulary,
            policy=policy,
            sessions=self._sessions,
            kinds=kinds,
            rates=rates,
            limiters=limiters,
            fetcher=_fetcher(config.http, self._sessions, self._clock),
            budgets=self._budgets,
            clock=self._clock,
            environ=self._environ,
            data_folder=self.data_folder,
            own_host=self._image_host,
            without_secrets=self._only_plans,
        )
        targets, routes = await builder.build()
        self._limiters = limiters
        generation = Generation(
            targets,
            routes,
            policy,
            builder.aclose,
            enrichment=_enrichment_rules(config.enrich),
            observers=registry.call_observers,
        )
        return generation, vocabulary

    @property
    def data_folder(self) -> Path:
        """Where providers, and jobs, keep what outlives the process; raises ConfigError when nobody says."""
        if self._data_folder is not None:
            return self._data_folder
        chosen = self._environ.get("PLACKET_DATA")
        if chosen:
            return Path(chosen)
        try:
            return Path.home() / ".local" / "share" / "placket"
        except RuntimeError:
            raise ConfigError("there is no home folder to keep data in; name a folder in PLACKET_DATA") from None


@contextmanager
def _telling_where(config: Config) -> Iterator[None]:
    """Name the file in what is wrong with its settings: who reads them knows their place in it alone."""
    try:
        yield
    except ConfigError as error:
        if error.path:
            error.origin = error.origin or config.origin
        raise


def _job_rules(config: JobsConfig) -> JobRules:
    return JobRules(timedelta(seconds=config.take_up_for), timedelta(seconds=config.keep_for))


def _enrichment_rules(config: EnrichConfig) -> EnrichmentRules:
    return EnrichmentRules(tuple(map(Ref.parse, config.catalogs)), config.similar, config.deadline)


def _fetcher(config: HttpConfig, sessions: SessionPool, clock: Clock) -> SafeFetcher:
    limits = FetchLimits(max_bytes=config.max_image_bytes, max_pixels=config.max_pixels)
    return SafeFetcher(sessions, clock=clock, limits=limits, trusted_hosts=config.trusted_hosts)

"""Traces through OpenTelemetry: a span for every routed call, and below it one for every attempt.

``plugins = ["opentelemetry"]`` in the configuration switches them on; a program can do it as well::

    async with placket.open("placket.toml", plugins=[placket_opentelemetry]) as router: ...

Spans go to the tracer provider that the program has set; `OpenTelemetryTraces` takes another one. Without an SDK that
the program configures, nothing is recorded.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from placket.errors import ConfigError
from placket.registry import CallObserver, hookimpl

if TYPE_CHECKING:
    from opentelemetry.trace import TracerProvider

    from .traces import Traces

INSTALL = "traces need the package opentelemetry-api; install it with: pip install 'placket[opentelemetry]'"


class OpenTelemetryTraces:
    """A plugin for ``placket.open(plugins=[...])`` that gives its spans to ``tracer_provider``."""

    _traces: Traces

    def __init__(self, tracer_provider: TracerProvider | None = None) -> None:
        self._tracer_provider = tracer_provider

    @hookimpl
    def placket_call_observers(self) -> Iterable[CallObserver]:
        """Register the traces as an observer of calls."""
        yield CallObserver(
            name="opentelemetry",
            prepare=self._prepare,
            routed=lambda interface, operation: self._traces.routed(interface, operation),
            started=lambda call: self._traces.started(call),
            finished=lambda attempt: self._traces.finished(attempt),
            trace_headers=lambda: self._traces.headers(),
        )

    def _prepare(self) -> None:
        try:
            from .traces import Traces
        except ModuleNotFoundError as error:
            if not (error.name or "").startswith("opentelemetry"):
                raise
            raise ConfigError(INSTALL) from error
        self._traces = Traces(self._tracer_provider)


placket_call_observers = OpenTelemetryTraces().placket_call_observers

"""Metrics for Prometheus: every call, every attempt, retries, waiting, spending, and circuit breakers.

``plugins = ["prometheus"]`` in the configuration switches them on; a program can do it as well::

    async with placket.open("placket.toml", plugins=[placket_prometheus]) as router: ...

What is measured goes into prometheus-client's default registry; `PrometheusMetrics` takes another one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from placket.errors import ConfigError
from placket.registry import CallObserver, hookimpl

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

    from .metrics import Metrics

INSTALL = "metrics need the package prometheus-client; install it with: pip install 'placket[prometheus]'"


class PrometheusMetrics:
    """A plugin for ``placket.open(plugins=[...])`` that counts into ``registry``."""

    _metrics: Metrics

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self._registry = registry

    @hookimpl
    def placket_call_observers(self) -> Iterable[CallObserver]:
        """Register the metrics as an observer of calls."""
        yield CallObserver(
            name="prometheus",
            prepare=self._prepare,
            routed=lambda _interface, _operation: self._metrics.routed,
            finished=lambda attempt: self._metrics.attempted(attempt),
            breaker_changed=lambda change: self._metrics.breaker_changed(change),
        )

    def _prepare(self) -> None:
        try:
            from .metrics import metrics_in
        except ModuleNotFoundError as error:
            if error.name != "prometheus_client":
                raise
            raise ConfigError(INSTALL) from error
        self._metrics = metrics_in(self._registry)


placket_call_observers = PrometheusMetrics().placket_call_observers

"""What is measured, by which labels, and under which names.

Labels come from closed lists: names in the configuration, interfaces, operations, outcomes, and classes of errors.
Nothing that a caller or a vendor sends is among them, so the number of time series stays small and no secret gets in.
"""

from __future__ import annotations

from threading import Lock
from weakref import WeakKeyDictionary

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram

from placket.interfaces import Attempt, BreakerChange, Outcome, RoutedCall

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)
"""Seconds: an embedded provider answers within milliseconds, a vendor that works in the background within minutes."""

_ROUTED = ("interface", "operation")
_ASKED = ("provider", *_ROUTED)


class Metrics:
    """Placket's metrics in one registry of prometheus-client."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(name, text, labels, registry=registry)

        def seconds(name: str, text: str, *labels: str) -> Histogram:
            return Histogram(name, text, labels, buckets=BUCKETS, registry=registry)

        self._calls = counter("placket_calls", "Calls that were routed.", *_ROUTED, "outcome", "error")
        self._call_seconds = seconds(
            "placket_call_duration_seconds", "How long routed calls took.", *_ROUTED, "outcome"
        )
        self._attempts = counter(
            "placket_attempts", "Calls to providers, skipped ones included.", *_ASKED, "outcome", "error"
        )
        self._attempt_seconds = seconds(
            "placket_attempt_duration_seconds", "How long calls to providers took.", *_ASKED, "outcome"
        )
        self._retries = counter("placket_retries", "HTTP exchanges that repeated one that had failed.", *_ASKED)
        self._waiting = seconds(
            "placket_rate_limit_wait_seconds", "How long calls waited for a rate limit, where they had to.", *_ASKED
        )
        self._spending = counter(
            "placket_spending", "What calls cost, in the unit of the provider's configured cost.", *_ASKED
        )
        self._breakers = counter(
            "placket_breaker_changes", "Circuit breakers that went into another state.", *_ASKED, "state"
        )

    def routed(self, call: RoutedCall) -> None:
        """Count a routed call."""
        labels = (call.interface, call.operation)
        self._calls.labels(*labels, call.outcome, call.error_type).inc()
        self._call_seconds.labels(*labels, call.outcome).observe(call.seconds)

    def attempted(self, attempt: Attempt) -> None:
        """Count a call to a provider."""
        labels = (attempt.provider, attempt.interface, attempt.operation)
        self._attempts.labels(*labels, attempt.outcome, attempt.error_type).inc()
        if attempt.outcome is not Outcome.SKIPPED:
            self._attempt_seconds.labels(*labels, attempt.outcome).observe(attempt.seconds)
        if attempt.retries:
            self._retries.labels(*labels).inc(attempt.retries)
        if attempt.waited:
            self._waiting.labels(*labels).observe(attempt.waited)
        if attempt.cost is not None and attempt.cost > 0:
            self._spending.labels(*labels).inc(float(attempt.cost))

    def breaker_changed(self, change: BreakerChange) -> None:
        """Count a breaker's change."""
        self._breakers.labels(change.provider, change.interface, change.operation, change.state).inc()


_made: WeakKeyDictionary[CollectorRegistry, Metrics] = WeakKeyDictionary()
_making = Lock()


def metrics_in(registry: CollectorRegistry | None) -> Metrics:
    """The metrics in ``registry``, else in the default one.

    A registry takes each name once, and routers that are opened or reloaded in one process share it.
    """
    chosen = REGISTRY if registry is None else registry
    with _making:
        found = _made.get(chosen)
        if found is None:
            found = _made[chosen] = Metrics(chosen)
        return found

"""Which spans there are, and what stands in them.

Attributes come from closed lists, as in names from the configuration, outcomes and classes of errors, or are numbers.
No message, address, id or picture is among them: whoever may read traces need not be trusted with those.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from opentelemetry.context import attach, detach
from opentelemetry.trace import (
    Span,
    SpanKind,
    StatusCode,
    TracerProvider,
    get_tracer,
    set_span_in_context,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import AttributeValue

import placket
from placket.interfaces import Attempt, Call, Outcome, RoutedCall

_FAILED = (Outcome.FAILED, Outcome.UNKNOWN)

# The program's own propagator may send baggage as well, which is nothing for vendors.
_TRACE_CONTEXT = TraceContextTextMapPropagator()


class Traces:
    """Makes the spans of one or more routers.

    They are named by the operation and who is asked, as in ``tag garment_tagger`` and ``tag my-vendor``. Other
    attributes than ``error.type`` have no name in OpenTelemetry's semantic conventions, so they are ``placket.*``.
    """

    def __init__(self, provider: TracerProvider | None) -> None:
        self._tracer = get_tracer("placket", placket.__version__, provider)

    def routed(self, interface: str, operation: str) -> Callable[[RoutedCall], None]:
        """A routed call begins."""
        known = {"placket.interface": interface, "placket.operation": operation}
        span = self._tracer.start_span(f"{operation} {interface}", attributes=known)
        token = attach(set_span_in_context(span))

        def ended(call: RoutedCall) -> None:
            detach(token)
            _end(span, call.outcome, call.error_type, {"placket.attempts": len(call.attempts)})

        return ended

    def started(self, call: Call) -> Callable[[Attempt], None]:
        """A provider is about to be asked."""
        span = self._attempt_span(call)
        token = attach(set_span_in_context(span))

        def ended(attempt: Attempt) -> None:
            detach(token)
            found: dict[str, AttributeValue] = {
                "placket.exchanges": attempt.exchanges,
                "placket.retries": attempt.retries,
                "placket.rate_limit_wait": attempt.waited,
            }
            if attempt.cost is not None:
                found["placket.cost"] = float(attempt.cost)
            _end(span, attempt.outcome, attempt.error_type, found)

        return ended

    def finished(self, attempt: Attempt) -> None:
        """An attempt is over; one that was skipped never began, and gets its span here."""
        if attempt.outcome is Outcome.SKIPPED:
            _end(self._attempt_span(attempt), attempt.outcome, attempt.error_type, {})

    def headers(self) -> Mapping[str, str]:
        """The W3C trace context of the span that is running, ``traceparent`` and ``tracestate``; empty without one."""
        carrier: dict[str, str] = {}
        _TRACE_CONTEXT.inject(carrier)
        return carrier

    def _attempt_span(self, asked: Call | Attempt) -> Span:
        return self._tracer.start_span(
            f"{asked.operation} {asked.provider}",
            kind=SpanKind.CLIENT,
            attributes={
                "placket.provider": asked.provider,
                "placket.interface": asked.interface,
                "placket.operation": asked.operation,
            },
        )


def _end(span: Span, outcome: Outcome, error_type: str, found: Mapping[str, AttributeValue]) -> None:
    span.set_attributes({"placket.outcome": outcome.value, **found})
    if error_type:
        span.set_attribute("error.type", error_type)
    if outcome in _FAILED:
        span.set_status(StatusCode.ERROR)
    span.end()

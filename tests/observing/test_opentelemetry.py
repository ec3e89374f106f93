"""Which spans OpenTelemetry's SDK gets, who their parents are, and what vendors hear of them."""

from __future__ import annotations

import pytest
from opentelemetry import baggage, context, trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import NoOpTracerProvider, SpanKind, StatusCode, get_current_span

import placket
import placket_opentelemetry
from placket.errors import AllProvidersFailed, ConfigError
from placket.interfaces import Garment
from placket.testing import FaultKind
from placket_opentelemetry import OpenTelemetryTraces

GARMENT = Garment("sku-4711")


class Exported:
    """The spans that were exported, by name."""

    def __init__(self):
        self._exporter = InMemorySpanExporter()
        self.provider = TracerProvider(shutdown_on_exit=False)
        self.provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.plugin = OpenTelemetryTraces(self.provider)

    def __getitem__(self, name):
        [span] = [span for span in self.all if span.name == name]
        return span

    @property
    def all(self):
        return self._exporter.get_finished_spans()


@pytest.fixture
def exported():
    return Exported()


def parent_of(span):
    return span.parent and span.parent.span_id


async def test_a_call_is_a_span_with_one_below_it_for_each_attempt(document, opened, exported):
    async with opened(document(a={"path": "/gone"}, b={"cost": 0.5}), exported.plugin) as router:
        await router.tag(GARMENT)
    call, failed, succeeded = exported["tag garment_tagger"], exported["tag a"], exported["tag b"]
    assert len(exported.all) == 3
    assert (parent_of(call), parent_of(failed), parent_of(succeeded)) == (
        None,
        call.context.span_id,
        call.context.span_id,
    )
    assert (call.kind, failed.kind) == (SpanKind.INTERNAL, SpanKind.CLIENT)
    assert (call.status.status_code, failed.status.status_code) == (StatusCode.UNSET, StatusCode.ERROR)
    tagging = {"placket.interface": "garment_tagger", "placket.operation": "tag"}
    assert dict(call.attributes) == {**tagging, "placket.outcome": "succeeded", "placket.attempts": 2}
    asked = {"placket.exchanges": 1, "placket.retries": 0, "placket.rate_limit_wait": 0.0}
    assert dict(failed.attributes) == {
        **tagging,
        **asked,
        "placket.provider": "a",
        "placket.outcome": "failed",
        "error.type": "NotFound",
    }
    assert dict(succeeded.attributes) == {
        **tagging,
        **asked,
        "placket.provider": "b",
        "placket.outcome": "succeeded",
        "placket.cost": 0.5,
    }
    assert (call.instrumentation_scope.name, call.instrumentation_scope.version) == ("placket", placket.__version__)


@pytest.mark.parametrize("strategy", ["all", "race", "shadow"])
async def test_attempts_at_the_same_time_have_the_same_parent(document, opened, exported, strategy):
    async with opened(document(strategy, a={}, b={}), exported.plugin) as router:
        await router.tag(GARMENT)
        await router.settle()
    call = exported["tag garment_tagger"]
    assert [parent_of(exported[name]) for name in ("tag a", "tag b")] == [call.context.span_id] * 2
    assert not get_current_span().get_span_context().is_valid, "nothing is left in the caller's context"


async def test_who_was_skipped_is_seen_and_is_no_error(document, opened, exported):
    config = document(a={"cost": 1, "budget": {"limit": 0}}, b={})
    async with opened(config, exported.plugin) as router:
        await router.tag(GARMENT)
    skipped = exported["tag a"]
    assert parent_of(skipped) == exported["tag garment_tagger"].context.span_id
    assert (skipped.attributes["placket.outcome"], skipped.attributes["error.type"]) == ("skipped", "QuotaExhausted")
    assert skipped.status.status_code is StatusCode.UNSET


async def test_the_programs_own_span_is_the_parent(document, opened, exported):
    tracer = exported.provider.get_tracer("program")
    async with opened(document(a={}), exported.plugin) as router:
        with tracer.start_as_current_span("request") as request:
            await router.tag(GARMENT)
            assert get_current_span() is request
    assert parent_of(exported["tag garment_tagger"]) == request.get_span_context().span_id


def test_the_programs_own_span_is_the_parent_in_code_that_is_not_async(document, shop, secret, exported, tmp_path):
    config = document(a={"cost": 1, "budget": {"limit": 0}})
    environ = {"SHOP_KEY": secret}
    tracer = exported.provider.get_tracer("program")
    with (
        placket.open_sync(config, plugins=[shop, exported.plugin], environ=environ, data_folder=tmp_path) as router,
        tracer.start_as_current_span("request") as request,
        pytest.raises(AllProvidersFailed),
    ):
        router.tag(GARMENT)
    assert parent_of(exported["tag garment_tagger"]) == request.get_span_context().span_id


async def test_no_attribute_holds_what_a_caller_or_a_vendor_sends(document, opened, exported, server, secret):
    server.faults.add(FaultKind.STATUS, status=400, body=f'{{"error": "no {secret} for sku-4711"}}'.encode())
    async with opened(document(a={"path": "/tag?token=abc"}), exported.plugin) as router:
        with pytest.raises(AllProvidersFailed):
            await router.tag(Garment.of(b"\x89PNG\r\n\x1a\n a picture", id="sku-4711", known={"brand": "Halyard"}))
    for span in exported.all:
        written = span.to_json()
        assert span.events == ()
        for private in (secret, "sku-4711", "token", server.url, "PNG", "Halyard", "no "):
            assert private not in written


async def test_vendors_hear_of_the_trace_only_if_that_is_switched_on(document, opened, exported, server):
    config = document("all", told={"path": "/tag?who=told", "trace_context": True}, other={"path": "/tag?who=other"})
    token = context.attach(baggage.set_baggage("customer", "42"))
    try:
        async with opened(config, exported.plugin) as router:
            await router.tag(GARMENT)
    finally:
        context.detach(token)
    headers = {request.query["who"]: request.headers for request in server.requests}
    span = exported["tag told"].context
    assert headers["told"]["traceparent"].startswith(f"00-{span.trace_id:032x}-{span.span_id:016x}-")
    assert {"traceparent", "tracestate"}.isdisjoint(headers["other"])
    assert "baggage" not in headers["told"]


async def test_another_origin_never_hears_of_the_trace(document, opened, exported, server):
    config = document(a={"path": f"{server.url.replace('127.0.0.1', 'localhost')}/tag", "trace_context": True})
    async with opened(config, exported.plugin) as router:
        await router.tag(GARMENT)
    [request] = server.requests
    assert {"traceparent", "x-key"}.isdisjoint(name.lower() for name in request.headers)


async def test_the_trace_can_be_told_only_where_something_knows_of_it(document, opened):
    with pytest.raises(ConfigError, match=r'providers\.a\.trace_context: .*plugins = \["opentelemetry"\]'):
        async with opened(document(a={"trace_context": True})):
            pass


async def test_without_an_sdk_nothing_is_recorded_and_nothing_breaks(document, opened, server):
    without = OpenTelemetryTraces(NoOpTracerProvider())
    async with opened(document(a={"trace_context": True}), without) as router:
        assert (await router.tag(GARMENT)).brand == "acme"
    assert "traceparent" not in server.requests[0].headers


@pytest.mark.parametrize("switched_on", ["in-the-configuration", "by-the-program", "by-both"])
async def test_the_default_provider_is_the_one_that_the_program_has_set(
    document, opened, exported, monkeypatch, switched_on
):
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", exported.provider)
    names = () if switched_on == "by-the-program" else ("opentelemetry",)
    given = () if switched_on == "in-the-configuration" else (placket_opentelemetry,)
    async with opened(document("first", names, a={}), *given) as router:
        await router.tag(GARMENT)
    assert len(exported.all) == 2

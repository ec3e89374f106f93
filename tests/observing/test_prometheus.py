"""What a scrape says: the exposition is made by prometheus-client, and read back by its own parser."""

from __future__ import annotations

import asyncio

import pytest
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

import placket_prometheus
from placket.errors import AllProvidersFailed
from placket.interfaces import Garment
from placket.testing import FaultKind
from placket_prometheus import PrometheusMetrics

GARMENT = Garment("sku-4711")
ASKED = {"interface": "garment_tagger", "operation": "tag"}


class Scrape:
    """What a Prometheus server would read."""

    def __init__(self, registry):
        text = generate_latest(registry).decode()
        self.families = {family.name: family for family in text_string_to_metric_families(text)}

    def value(self, sample, **labels):
        """The value of a series; ``interface`` and ``operation`` are those of tagging."""
        wanted = {**ASKED, **labels}
        samples = (each for family in self.families.values() for each in family.samples)
        return next((each.value for each in samples if each.name == sample and each.labels == wanted), None)


@pytest.fixture
def registry():
    return CollectorRegistry()


async def test_calls_and_attempts_are_counted_by_how_they_ended(document, opened, registry):
    config = document(a={"path": "/gone"}, b={})
    async with opened(config, PrometheusMetrics(registry)) as router:
        for _ in range(3):
            await router.tag(GARMENT)
    scrape = Scrape(registry)
    assert scrape.value("placket_calls_total", outcome="succeeded", error="") == 3
    assert scrape.value("placket_attempts_total", provider="a", outcome="failed", error="NotFound") == 3
    assert scrape.value("placket_attempts_total", provider="b", outcome="succeeded", error="") == 3
    assert scrape.families["placket_calls"].type == scrape.families["placket_attempts"].type == "counter"
    assert scrape.value("placket_retries_total", provider="a") is None, "there were none"


async def test_durations_are_histograms_of_seconds(document, opened, registry, server):
    server.faults.add(FaultKind.LATENCY, seconds=20)
    async with opened(document(a={}), PrometheusMetrics(registry)) as router:
        await router.tag(GARMENT)
    scrape = Scrape(registry)
    for name, labels in (("placket_call_duration", {}), ("placket_attempt_duration", {"provider": "a"})):
        labels["outcome"] = "succeeded"
        assert scrape.families[f"{name}_seconds"].type == "histogram"
        assert scrape.value(f"{name}_seconds_count", **labels) == 1
        assert 20 <= scrape.value(f"{name}_seconds_sum", **labels) < 21
        assert scrape.value(f"{name}_seconds_bucket", le="10.0", **labels) == 0
        assert scrape.value(f"{name}_seconds_bucket", le="30.0", **labels) == 1


async def test_retries_and_waits_for_the_rate_limit_are_measured(document, opened, registry, server):
    server.faults.add(FaultKind.STATUS, status=503, times=2)
    async with opened(document(a={"rate_limit": "3/minute"}), PrometheusMetrics(registry)) as router:
        await router.tag(GARMENT)
        await router.tag(GARMENT)
    scrape = Scrape(registry)
    assert scrape.value("placket_retries_total", provider="a") == 2
    assert scrape.value("placket_rate_limit_wait_seconds_count", provider="a") == 1, "the first did not have to wait"
    assert 50 < scrape.value("placket_rate_limit_wait_seconds_sum", provider="a") <= 60


async def test_spending_is_what_providers_say_or_what_is_configured(document, opened, registry):
    config = document("all", a={"cost": 0.05}, b={"cost": 0.05, "charge": 0.2}, c={})
    async with opened(config, PrometheusMetrics(registry)) as router:
        await router.tag(GARMENT)
        await router.tag(GARMENT)
    scrape = Scrape(registry)
    assert scrape.value("placket_spending_total", provider="a") == pytest.approx(0.1)
    assert scrape.value("placket_spending_total", provider="b") == pytest.approx(0.4)
    assert scrape.value("placket_spending_total", provider="c") is None


async def test_who_is_skipped_and_why_is_counted_without_a_duration(document, opened, registry):
    config = document(a={"cost": 1, "budget": {"limit": 1, "per": "day"}}, b={})
    async with opened(config, PrometheusMetrics(registry)) as router:
        await router.tag(GARMENT)
        await router.tag(GARMENT)
    scrape = Scrape(registry)
    skipped = {"provider": "a", "outcome": "skipped"}
    assert scrape.value("placket_attempts_total", error="QuotaExhausted", **skipped) == 1
    assert scrape.value("placket_attempt_duration_seconds_count", **skipped) is None
    assert scrape.value("placket_attempt_duration_seconds_count", provider="a", outcome="succeeded") == 1


async def test_breakers_are_counted_by_the_state_they_go_into(document, opened, registry, server, clock):
    server.faults.add(FaultKind.WRONG_SHAPE, times=1)
    config = document(a={"breaker": {"failures": 1, "cooldown": "10s"}})
    async with opened(config, PrometheusMetrics(registry)) as router:
        with pytest.raises(AllProvidersFailed):
            await router.tag(GARMENT)
        await clock.sleep(11)
        await router.tag(GARMENT)
    scrape = Scrape(registry)
    for state in ("open", "half-open", "closed"):
        assert scrape.value("placket_breaker_changes_total", provider="a", state=state) == 1


async def test_a_race_that_is_lost_is_a_cancelled_attempt(document, opened, registry, server):
    server.faults.add(FaultKind.LATENCY, path="/slow", seconds=60)
    config = document("race", a={"path": "/slow"}, b={})
    async with opened(config, PrometheusMetrics(registry)) as router:
        await router.tag(GARMENT)
    scrape = Scrape(registry)
    assert scrape.value("placket_attempts_total", provider="a", outcome="cancelled", error="") == 1
    assert scrape.value("placket_calls_total", outcome="succeeded", error="") == 1


async def test_no_label_holds_what_a_caller_or_a_vendor_sends(document, opened, registry, server, secret):
    body = f'{{"error": "no {secret} for sku-4711"}}'.encode()
    server.faults.add(FaultKind.STATUS, status=400, body=body)
    config = document(a={"path": "/tag?token=abc"})
    async with opened(config, PrometheusMetrics(registry)) as router:
        for number in range(20):
            with pytest.raises(AllProvidersFailed):
                await router.tag(Garment(f"sku-{number}"))
    scrape = Scrape(registry)
    labels = {value for family in scrape.families.values() for each in family.samples for value in each.labels.values()}
    bounds = {value for value in labels if value.replace(".", "").isdigit() or value == "+Inf"}
    assert labels - bounds == {"a", "garment_tagger", "tag", "failed", "AllProvidersFailed", "InvalidRequest"}


async def test_routers_of_one_process_share_a_registry(document, opened, registry):
    config = document(a={})
    async with (
        opened(config, PrometheusMetrics(registry)) as one,
        opened(config, PrometheusMetrics(registry)) as other,
    ):
        await asyncio.gather(one.tag(GARMENT), other.tag(GARMENT))
        await one.reload(config)
        await one.tag(GARMENT)
    assert Scrape(registry).value("placket_calls_total", outcome="succeeded", error="") == 3


@pytest.mark.parametrize("switched_on", ["in-the-configuration", "by-the-program", "by-both"])
async def test_the_default_registry_is_prometheus_clients_own(document, opened, switched_on):
    names = () if switched_on == "by-the-program" else ("prometheus",)
    given = () if switched_on == "in-the-configuration" else (placket_prometheus,)
    labels = {"provider": switched_on, **ASKED, "outcome": "succeeded", "error": ""}
    async with opened(document("first", names, **{switched_on: {}}), *given) as router:
        await router.tag(GARMENT)
    assert REGISTRY.get_sample_value("placket_attempts_total", labels) == 1

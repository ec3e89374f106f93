"""A plugin or observer that breaks is named, and the call goes on without it."""

from __future__ import annotations

import asyncio
import logging

import pytest

from placket.errors import AllProvidersFailed, ProtocolError, RateLimited, TimedOut
from placket.interfaces import Findings, Garment, GarmentTagger, Job, ProductStore, Ref, Ticket
from placket.record import Claim, ClaimBuilder, Detection, Measurement, Source, Vocabulary
from placket.registry import CallObserver
from placket.routing import All, Balance, Complete, First, Race


@pytest.mark.parametrize("bug", [KeyError("color"), AttributeError("x"), ZeroDivisionError(), RecursionError()])
async def test_a_bug_becomes_a_protocol_error_that_names_the_plugin(fake, garment, told, bug):
    router = fake.router(First(), fake.tagger("a", fake.fails(bug)), fake.tagger("b"))
    answer = await router.garment_tagger.tag(garment)
    assert told(answer) == [("a", "failed"), ("b", "succeeded")]
    assert answer.attempts[0].error_type == "ProtocolError"
    assert f"placket-a 1.0 failed with {type(bug).__name__}" in answer.attempts[0].error


async def test_the_bug_itself_is_the_cause(fake, garment):
    bug = KeyError("color")
    with pytest.raises(AllProvidersFailed) as caught:
        await fake.router(First(), fake.tagger("a", fake.fails(bug))).garment_tagger.tag(garment)
    [error] = caught.value.exceptions
    assert isinstance(error, ProtocolError)
    assert error.__cause__ is bug
    assert (error.provider, error.operation) == ("a", "tag")


async def test_a_providers_own_timeout_is_a_timeout(fake, garment):
    with pytest.raises(AllProvidersFailed) as caught:
        await fake.router(First(), fake.tagger("a", fake.fails(TimeoutError()))).garment_tagger.tag(garment)
    assert isinstance(caught.value.exceptions[0], TimedOut)


@pytest.mark.parametrize("bug", [KeyError("x"), asyncio.CancelledError()])
async def test_a_bug_in_a_job_becomes_a_protocol_error_too(fake, garment, bug):
    class Buggy(Job):
        ticket = Ticket("a", "garment_tagger", "submit", "1", fake.clock.now())

        async def status(self):
            raise bug

        async def result(self, deadline=None):
            raise bug

        async def events(self):
            yield await self.status()

    async def submit(_garment):
        return Buggy()

    async def resume(_ticket):
        raise bug

    router = fake.router(First(), fake.provider("a", GarmentTagger, submit=submit, resume=resume))
    job = await router.garment_tagger.submit(garment)
    for use in (job.status, job.result, lambda: anext(job.events()), lambda: router.resume(job.ticket)):
        with pytest.raises(ProtocolError, match=r"^a\.submit: the plugin placket-a 1\.0 failed with") as caught:
            await use()
        assert caught.value.__cause__ is bug


async def test_errors_keep_what_the_provider_said_of_itself(fake, garment):
    error = RateLimited("slow", provider="the-vendor", operation="upload")
    with pytest.raises(AllProvidersFailed) as caught:
        await fake.router(First(), fake.tagger("a", fake.fails(error))).garment_tagger.tag(garment)
    assert str(caught.value.exceptions[0]) == "the-vendor.upload: slow"


async def test_an_observer_that_breaks_breaks_no_call(fake, garment, told, caplog):
    class Fault(Exception):
        def __str__(self):
            raise ValueError("cannot be told")

    def broken(_):
        raise Fault

    observer = CallObserver(name="broken", started=broken, finished=broken)
    target = fake.tagger("a", observers=[observer], failures=1)
    skipped = fake.tagger("b", observers=[observer], without=["tag"])
    with caplog.at_level(logging.WARNING, "placket.routing"):
        answer = await fake.router(First(), skipped, target).garment_tagger.tag(garment)
    assert told(answer) == [("b", "skipped"), ("a", "succeeded")]
    assert "observer-failed" in caplog.text


async def test_observers_hear_of_each_call_before_and_after(fake, garment):
    heard = []
    observer = CallObserver(
        name="ear",
        started=lambda call: heard.append(("started", call.provider, call.operation)),
        finished=lambda attempt: heard.append(("finished", attempt.provider, attempt.outcome.value)),
    )
    targets = [
        fake.tagger("a", without=["tag"], observers=[observer]),
        fake.tagger("b", fake.fails(RateLimited("slow")), observers=[observer]),
        fake.tagger("c", observers=[observer]),
    ]
    await fake.router(First(), *targets).garment_tagger.tag(garment)
    assert heard == [
        ("finished", "a", "skipped"),
        ("started", "b", "tag"),
        ("finished", "b", "failed"),
        ("started", "c", "tag"),
        ("finished", "c", "succeeded"),
    ]


async def test_routes_that_end_in_a_record_merge_what_was_found(fake):
    target = fake.tagger("a", fake.says("a", brand="acme", confidence=0.9))
    tagged = await fake.router(First(), target).tag_with_evidence(Garment("g"), known={"sku": "123"})
    assert (tagged.record.id, tagged.record.brand, tagged.record.sku) == ("g", "acme", "123")
    assert [attempt.provider for attempt in tagged.attempts] == ["a"]
    assert target.provider.asked[0].known == {"sku": "123"}


@pytest.mark.parametrize(
    ("answer", "flaw"),
    [
        (None, "it gave a NoneType"),
        ([], "it gave a list"),
        (Findings([]), "its claims are a list and must be a tuple"),  # type: ignore[arg-type]
        (Findings(("red",)), "there is a str among its claims"),  # type: ignore[arg-type]
        (Findings((Claim("colour", "red", Source("a")),)), "no field 'colour'"),
        (Findings((Claim("measurements", Measurement(740.0), Source("a")),)), "name a key"),
        (Findings((Claim("color", "red", Source("a")),)), "claimed of color is a str and must be a Color"),
    ],
)
@pytest.mark.parametrize("strategy", [First(), Complete(), All(), Race(), Balance()])
async def test_an_answer_that_no_record_can_hold_is_that_providers_failure(fake, garment, strategy, answer, flaw):
    async def answers(_garment):
        return answer

    router = fake.router(strategy, fake.tagger("a", answers), fake.tagger("b"))
    record = await router.tag_with_evidence(garment)
    assert record.record.name == "b"
    odd = [attempt for attempt in record.attempts if attempt.provider == "a"]
    assert [attempt.error_type for attempt in odd] in ([], ["ProtocolError"])
    assert all("placket-a 1.0 answered what tag may not" in attempt.error and flaw in attempt.error for attempt in odd)


@pytest.mark.parametrize(
    ("claim", "flaw"),
    [
        (lambda build: build.add("brand", "Acme", confidence=1.2), "brand: confidence must be between 0 and 1"),
        (lambda build: build.extra("acme", "batch", float("nan")), "extra.acme.batch: a record cannot hold the number"),
        (lambda build: build.word("colour", "navy"), "a garment record has no field 'colour'"),
        (lambda build: build.word("color", b"navy"), "color: a record cannot hold a bytes"),
        (lambda build: build.add("detections", Detection(None, (0, 0, 1.01, 1))), "a detection's box must be"),
    ],
)
async def test_a_claim_that_cannot_be_is_not_the_callers_mistake(fake, garment, told, claim, flaw):
    async def answers(_garment):
        build = ClaimBuilder(Source("a"), Vocabulary.default())
        claim(build)
        return Findings(build.claims)

    answer = await fake.router(First(), fake.tagger("a", answers), fake.tagger("b")).garment_tagger.tag(garment)
    assert told(answer) == [("a", "failed"), ("b", "succeeded")]
    assert f"placket-a 1.0 answered what tag may not: {flaw}" in answer.attempts[0].error


async def test_whatever_a_record_can_hold_may_be_claimed(fake, garment):
    claims = (
        Claim("extra.acme.note", {"anything": [1, None]}, Source("a")),
        Claim("measurements.waist", Measurement(740.0), Source("a")),
        Claim("fit", None, Source("a"), raw="wibbly"),
    )

    async def answers(_garment):
        return Findings(claims)

    assert (await fake.router(First(), fake.tagger("a", answers)).garment_tagger.tag(garment)).claims == claims


async def test_every_other_operation_has_to_keep_its_promise_too(fake):
    async def gives_a_text(*_):
        return "product 1"

    target = fake.provider("a", ProductStore, get=gives_a_text)
    with pytest.raises(ProtocolError, match="answered what get may not: it gave a str"):
        await fake.router(First(), target, name="product_store").product_store.get(Ref("a", "product", "1"))

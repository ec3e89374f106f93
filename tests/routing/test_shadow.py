"""The first answers; the others run beside it and what they say is compared."""

from __future__ import annotations

import pytest

from placket.errors import AllProvidersFailed, Unavailable
from placket.interfaces import Outcome, ProductDraft, ProductStore, Query
from placket.registry import CallObserver
from placket.routing import Shadow


async def test_the_caller_waits_for_the_first_only(fake, garment, told, clock):
    shadow = fake.tagger("b", fake.says("b", after=50))
    router = fake.router(Shadow(), fake.tagger("a", fake.says("a", after=1)), shadow)
    answer = await router.garment_tagger.tag(garment)
    assert clock.monotonic() == 1
    assert told(answer) == [("a", "succeeded")]
    assert [claim.value for claim in answer.claims] == ["a"]
    assert fake.differences == []
    await router.settle()
    assert clock.monotonic() == 50
    assert told(answer) == [("a", "succeeded")]


async def test_the_difference_names_the_fields(fake, garment):
    first = fake.tagger("a", fake.says("a", name="dress", brand="x", sku="1"))
    shadow = fake.tagger("b", fake.says("b", name="dress", brand="y", theme="s"))
    router = fake.router(Shadow(), first, shadow)
    await router.garment_tagger.tag(garment)
    await router.settle()
    [difference] = fake.differences
    assert (difference.operation, difference.answered, difference.shadow) == ("tag", "a", "b")
    assert difference.fields == ("brand", "sku", "theme")
    assert difference.error == ""


async def test_a_quicker_shadow_waits_for_the_answer_to_compare(fake, garment):
    router = fake.router(Shadow(), fake.tagger("a", fake.says("x", after=5)), fake.tagger("b", fake.says("x")))
    await router.garment_tagger.tag(garment)
    await router.settle()
    assert fake.differences[0].fields == ()


async def test_a_failing_shadow_is_recorded_and_hurts_nobody(fake, garment):
    router = fake.router(Shadow(), fake.tagger("a"), fake.tagger("b", fake.fails(Unavailable("down"))))
    await router.garment_tagger.tag(garment)
    await router.settle()
    assert "down" in fake.differences[0].error


async def test_a_shadow_never_stands_in(fake, garment, told):
    shadow = fake.tagger("b")
    router = fake.router(Shadow(), fake.tagger("a", fake.fails(Unavailable("down"))), shadow)
    with pytest.raises(AllProvidersFailed) as caught:
        await router.garment_tagger.tag(garment)
    assert told(caught.value) == [("a", "failed")]
    await router.settle()
    assert len(shadow.provider.asked) == 1


async def test_a_shadow_writes_nothing_also_when_the_first_fails(fake, told):
    router = fake.router(
        Shadow(),
        fake.provider("a", ProductStore, create=fake.fails(Unavailable("down"))),
        fake.provider("b", ProductStore),
        name="product_store",
    )
    with pytest.raises(AllProvidersFailed) as caught:
        await router.product_store.create(ProductDraft({}))
    assert told(caught.value) == [("a", "failed")]
    steps = router.plan(ProductStore, "create").steps
    assert [step.when.split(":")[0] for step in steps] == ["always", "never"]


async def test_each_shadow_is_an_attempt_of_its_own_to_observers(fake, garment):
    seen = []
    observer = CallObserver(name="watch", finished=lambda attempt: seen.append((attempt.provider, attempt.outcome)))
    targets = [
        fake.tagger(name, fake.says(name, after=delay), observers=[observer]) for delay, name in enumerate("abc")
    ]
    router = fake.router(Shadow(), *targets)
    await router.garment_tagger.tag(garment)
    await router.settle()
    assert seen == [(name, Outcome.SUCCEEDED) for name in "abc"]


async def test_the_deadline_holds_for_shadows_too(fake, garment, clock):
    router = fake.router(Shadow(), fake.tagger("a"), fake.tagger("b", fake.hangs), deadline=8)
    await router.garment_tagger.tag(garment)
    await router.settle()
    assert clock.monotonic() == 8
    assert "no answer in time" in fake.differences[0].error


async def test_result_lists_are_compared_by_what_they_found(fake):
    router = fake.router(Shadow(), fake.searcher("a", "x", "y"), fake.searcher("b", "y", "x"), name="visual_search")
    await router.visual_search.search(Query(text="q"), ())
    await router.settle()
    assert fake.differences[0].fields == ("hits",)


@pytest.mark.usefixtures("no_task_left")
async def test_closing_the_router_stops_the_shadows(fake, garment):
    shadow = fake.tagger("b", fake.hangs)
    router = fake.router(Shadow(), fake.tagger("a"), shadow)
    await router.garment_tagger.tag(garment)
    assert shadow.provider.running == 1
    await router.aclose()
    assert (shadow.provider.running, fake.closed) == (0, ["a", "b"])

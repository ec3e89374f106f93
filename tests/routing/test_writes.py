"""A write that may have been done is done by nobody else."""

from __future__ import annotations

import pytest

from placket.errors import JobFailed, NotFound, Refused, TimedOut, Unavailable, UnknownOutcome
from placket.interfaces import Product, ProductDraft, ProductStore, Ref, current_call
from placket.routing import First

PRODUCT = Product(Ref("b", "product", "1"), ())


def stores(fake, create):
    async def spare(_draft):
        return PRODUCT

    first, second = fake.provider("a", ProductStore, create=create), fake.provider("b", ProductStore, create=spare)
    return fake.router(First(), first, second, name="product_store").product_store


@pytest.mark.parametrize(
    "error", [Unavailable("down"), TimedOut("late"), NotFound("not there yet"), Refused("no"), KeyError("id")]
)
async def test_what_fails_after_a_write_was_accepted_is_not_done_again_elsewhere(fake, error):
    async def create(_draft):
        current_call.get().exchanges += 2
        current_call.get().accepted_writes += 1
        raise error

    with pytest.raises(UnknownOutcome, match="the write may have happened, look before you repeat it") as caught:
        await stores(fake, create).create(ProductDraft({}))
    assert [attempt.provider for attempt in caught.value.attempts] == ["a"]
    assert caught.value.provider == "a"
    assert type(error).__name__ in repr(caught.value.__cause__) + repr(caught.value.__cause__.__cause__)


async def test_a_deadline_that_passes_after_a_write_was_accepted_ends_it(fake):
    async def create(draft):
        current_call.get().exchanges += 2
        current_call.get().accepted_writes += 1
        return await fake.hangs(draft)

    target = fake.provider("a", ProductStore, create=create)
    target.timeout = 2.0
    router = fake.router(First(), target, fake.provider("b", ProductStore), name="product_store")
    with pytest.raises(UnknownOutcome, match="it may have happened"):
        await router.product_store.create(ProductDraft({}))


@pytest.mark.parametrize("error", [KeyError("id"), ConnectionResetError("peer")])
async def test_what_a_plugins_own_client_did_before_it_failed_nobody_knows(fake, error):
    with pytest.raises(UnknownOutcome):
        await stores(fake, fake.fails(error)).create(ProductDraft({}))


async def test_what_was_done_by_whoever_answers_nonsense_nobody_knows(fake):
    async def create(_draft):
        return {"id": 1}

    with pytest.raises(UnknownOutcome, match="it gave a dict"):
        await stores(fake, create).create(ProductDraft({}))


async def test_an_answer_where_none_is_expected_is_none(fake):
    async def delete(_ref):
        return True

    target = fake.provider("a", ProductStore, delete=delete)
    await fake.router(First(), target, name="product_store").product_store.delete(Ref("a", "product", "1"))


@pytest.mark.parametrize("error", [Unavailable("down"), Refused("no"), JobFailed("no")])
async def test_what_was_never_accepted_is_done_by_the_next(fake, error):
    assert await stores(fake, fake.fails(error)).create(ProductDraft({})) is PRODUCT

"""What is under way outlives a reload: work that is waited for, and lists that are being read."""

import asyncio
import gc
from collections.abc import Callable
from typing import Any

import pytest

from placket.errors import Unavailable
from placket.interfaces import ArProductDraft, JobState, ProductDraft, ProductQuery


@pytest.fixture
def draft(configuration: Callable[..., Any], photo: Callable[..., bytes]) -> Callable[[], ArProductDraft]:
    return lambda: ArProductDraft("A dress", (configuration(front=photo()),))


@pytest.fixture
async def job(here: Any, draft: Any) -> Any:
    """The making of a product, begun."""
    product = await here.ar.create_product(draft())
    begun = await here.ar.mark_ready(product.ref)
    await begun.status()
    return begun


@pytest.mark.timeout(120)
async def test_who_waits_for_a_product_gets_it(here: Any, job: Any) -> None:
    waiting = asyncio.create_task(job.result())
    reloading = asyncio.create_task(here.router.reload())
    built = await waiting
    await reloading
    assert built.state is JobState.SUCCEEDED
    assert (await job.status()).state is JobState.SUCCEEDED, "asked of the provider that took over"


@pytest.mark.timeout(120)
async def test_a_job_that_nobody_waited_for_is_taken_up_after_a_reload(here: Any, job: Any) -> None:
    await here.router.reload()
    assert (await job.result()).state is JobState.SUCCEEDED
    assert [status.state async for status in job.events()] == [JobState.SUCCEEDED]


@pytest.mark.timeout(120)
async def test_who_waits_when_the_router_closes_is_told(here: Any, job: Any) -> None:
    waiting = asyncio.create_task(job.result())
    await asyncio.sleep(0)
    await here.router.aclose()
    with pytest.raises(Unavailable, match="closed; take it up by its ticket"):
        await waiting


async def test_a_list_goes_on_after_reloads_and_keeps_nothing_open(here: Any) -> None:
    for number in range(5):
        await here.store.create(ProductDraft({"name": f"Top {number}", "sku": f"A-{number}"}))
    for _ in range(3):
        listing = here.store.list(ProductQuery(page_size=2))
        first = await anext(listing)
        await here.router.reload()
        assert len([first, *await listing.collect()]) == 5
    gc.collect()  # a connection that nobody closed would complain

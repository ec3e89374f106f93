"""What a host application sees of Placket's types: read by the type checkers of `make lint`, never run."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import assert_type

import placket
from placket.errors import AllProvidersFailed, Unsupported
from placket.interfaces import (
    Catalog,
    CatalogItem,
    Findings,
    Job,
    JobStatus,
    Listing,
    Product,
    ProductQuery,
    Query,
    SearchResults,
    Uploaded,
    VisualSearch,
)
from placket.merge import FieldPolicy, MergePolicy
from placket.record import Claim, Color, Measurement, Season, Size, Term, VocabularyAddition
from placket.transport import TokenEndpoint


async def tag(photo: bytes) -> placket.GarmentRecord | None:
    """One picture, from bytes to a record."""
    async with placket.open("placket.toml") as router:
        assert_type(router, placket.Router)
        try:
            record = await router.tag(photo, known={"brand": "Acme"})
        except AllProvidersFailed as failed:
            assert_type(failed.exceptions, tuple[Exception | ExceptionGroup[Exception], ...])
            return None
        except Unsupported as unsupported:
            assert_type(unsupported.alternatives, tuple[str, ...])
            raise
        assert_type(record, placket.GarmentRecord)
        return record


def read(record: placket.GarmentRecord) -> None:
    """Values are plain, whatever the field's policy."""
    assert_type(record.brand, str | None)
    assert_type(record.category, Term | None)
    assert_type(record.color, tuple[Color, ...])
    assert_type(record.season, Season | None)
    assert_type(record.size, Size | None)
    assert_type(record.in_store_date, datetime | None)
    assert_type(record.measurements, Mapping[str, Measurement])
    assert_type(record.why("color").support, tuple[Claim, ...])


def tag_in_a_script(photo: str) -> placket.GarmentRecord:
    """The same without ``async``."""
    with placket.open_sync() as router:
        return tag_in_a_view(router, photo)


def tag_in_a_view(router: placket.SyncRouter, photo: str) -> placket.GarmentRecord:
    """The router is handed from one function to the next."""
    return assert_type(router.tag(photo), placket.GarmentRecord)


def misspell() -> None:
    """A name that is not there is not taken for one of any type."""
    placket.opn()  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]


async def search(search: VisualSearch, items: AsyncIterator[CatalogItem], photo: placket.Image) -> None:
    """An interface is the same whether a provider or the router is behind it."""
    catalog = await search.create_catalog("autumn")
    assert_type(catalog, Catalog)
    assert_type(await search.add_items(catalog.ref, items), Uploaded)
    assert_type(await search.search(Query(image=photo), [catalog.ref]), SearchResults)


async def route(router: placket.Router) -> None:
    """The routed object of an interface is an instance of that interface."""
    assert_type(router.visual_search, VisualSearch)
    products = router.product_store.list(ProductQuery(brand="Acme"))
    assert_type(products, Listing[Product])
    assert_type(await products.collect(20), list[Product])
    async for product in products:
        assert_type(product, Product)


async def build(router: placket.Router, garment: placket.Garment) -> None:
    """A job says what it will yield."""
    job = await router.garment_tagger.submit(garment)
    assert_type(job, Job[Findings])
    assert_type(await job.status(), JobStatus)
    assert_type(await job.result(), Findings)


def rules() -> MergePolicy:
    """Several of something are given as whatever holds them."""
    assert_type(FieldPolicy(prefer=["third"]).prefer, tuple[str, ...])
    return MergePolicy(fields={"brand": FieldPolicy(prefer=("third", "first"))})


def credentials() -> TokenEndpoint:
    """Statuses, too."""
    return TokenEndpoint("/token", refused={400, 403})


def addition() -> VocabularyAddition:
    """And words."""
    return VocabularyAddition("fit", "x:odd", "Odd", aliases=["strange", "unusual"])

"""Whatever is done to the store in whatever order, it tells what a plain dict would."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, multiple, rule

from placket.errors import Conflict, NotFound
from placket.interfaces import (
    Facet,
    ProductChanges,
    ProductDraft,
    ProductQuery,
    Ref,
    SortOrder,
    SystemClock,
)
from placket.record import Season
from placket.testing.fixtures import context_of
from placket.transport import SessionPool
from placket_local import LocalSettings
from placket_local.store import LocalStore

NAMES = ("Red Top", "red top", "Blue Coat", "Coat", "top 7")
BRANDS = ("Acme", "ACME", "Bolt")
KEYS = {"created_at", "updated_at", "name", "year", "gender"}
SKUS = st.sampled_from(("A-1", "A-2", "B-1"))
VALUES: dict[str, Any] = {
    "name": st.sampled_from(NAMES),
    "brand": st.sampled_from(BRANDS),
    "gender": st.sampled_from(("female", "male")),
    "season": st.sampled_from((Season("SS", 2026), Season("AW", 2026), Season("ss", 2027))),
    "visibility.archived": st.booleans(),
}
OTHERS = {name: value for name, value in VALUES.items() if name != "name"}
FIELDS = st.fixed_dictionaries({"name": VALUES["name"]}, optional={**OTHERS, "sku": SKUS})
NAMED = st.fixed_dictionaries({"sku": SKUS}, optional=VALUES)
CHANGES = st.fixed_dictionaries(
    {}, optional={"name": VALUES["name"], **{name: st.none() | value for name, value in OTHERS.items()}}
)
QUERIES = st.builds(
    ProductQuery,
    search=st.sampled_from(("", "", "top", "RED to", "coa", "acme", "a-1", "missing")),
    brand=st.sampled_from((None, None, "acme", "Bolt", "none")),
    season=st.sampled_from((None, None, "SS", "aw")),
    year=st.sampled_from((None, None, 2026, 2027)),
    gender=st.sampled_from((None, None, "female")),
    archived=st.sampled_from((None, None, True, False)),
    sort_by=st.sampled_from(sorted(KEYS)),
    order=st.sampled_from(SortOrder),
    page_size=st.integers(1, 4),
)


class StoreModel(RuleBasedStateMachine):
    refs: Bundle[Ref] = Bundle("refs")

    @initialize()
    def begin(self) -> None:
        self.runner = asyncio.Runner()
        self.resources = AsyncExitStack()
        self.folder = tempfile.TemporaryDirectory()
        self.store = self.run(self.opened())
        self.model: dict[Ref, dict[str, Any]] = {}
        """The fields of each product, and beside them how often it was written; in the order of their creation."""

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    async def opened(self) -> LocalStore:
        sessions = await self.resources.enter_async_context(SessionPool())
        store = LocalStore(LocalSettings(), context_of("here", SystemClock(), sessions, Path(self.folder.name)))
        self.resources.push_async_callback(store.aclose)
        return store

    def teardown(self) -> None:
        if hasattr(self, "runner"):
            self.run(self.resources.aclose())
            self.runner.close()
            self.folder.cleanup()

    def wrote(self, ref: Ref, changes: dict[str, Any], version: int) -> None:
        known = self.model.setdefault(ref, {})
        known |= {name: value for name, value in changes.items() if value is not None}
        for name in [name for name, value in changes.items() if value is None]:
            known.pop(name, None)
        told = self.run(self.store.get(ref))
        said = {claim.field: claim.value for claim in told.claims}
        assert told.version == str(version)
        known |= {"version": version, "created_at": said["created_at"], "updated_at": said["updated_at"]}

    @rule(target=refs, fields=FIELDS)
    def create(self, fields: dict[str, Any]) -> Ref:
        made: Ref = self.run(self.store.create(ProductDraft(fields))).ref
        self.wrote(made, fields, 1)
        return made

    @rule(target=refs, several=st.lists(NAMED, min_size=1, max_size=4, unique_by=lambda fields: fields["sku"]))
    def upsert(self, several: list[dict[str, Any]]) -> Any:
        async def drafts() -> AsyncIterator[ProductDraft]:
            for fields in several:
                yield ProductDraft(fields)

        known = {fields["sku"]: self.oldest(fields["sku"]) for fields in several}
        done = self.run(self.store.upsert(drafts()))
        assert done.updated == sum(ref is not None for ref in known.values())
        assert done.created == len(several) - done.updated
        listed = self.run(self.store.list(ProductQuery(order=SortOrder.ASCENDING)).collect())
        new = [product.ref for product in listed if product.ref not in self.model]
        fresh = iter(new)
        for fields in several:
            ref = known[fields["sku"]]
            if ref is None:
                self.wrote(next(fresh), fields, 1)
            else:
                self.wrote(ref, fields, self.model[ref]["version"] + 1)
        return multiple(*new)

    def oldest(self, sku: str) -> Ref | None:
        return next((ref for ref, known in self.model.items() if known.get("sku") == sku), None)

    @rule(ref=refs, changes=CHANGES, late=st.booleans())
    def update(self, ref: Ref, changes: dict[str, Any], late: bool) -> None:
        version = self.model[ref]["version"]
        named = ProductChanges(changes, version=str(version - 1 if late else version))
        if late:
            with pytest.raises(Conflict):
                self.run(self.store.update(ref, named))
        else:
            self.run(self.store.update(ref, named))
            self.wrote(ref, changes, version + 1)

    @rule(ref=refs, archived=st.booleans())
    def archive(self, ref: Ref, archived: bool) -> None:
        self.run(self.store.archive(ref, archived))
        self.wrote(ref, {"visibility.archived": archived}, self.model[ref]["version"] + 1)

    @rule(ref=consumes(refs))
    def delete(self, ref: Ref) -> None:
        self.run(self.store.delete(ref))
        del self.model[ref]
        with pytest.raises(NotFound):
            self.run(self.store.get(ref))

    @rule(query=QUERIES)
    def list(self, query: ProductQuery) -> None:
        listing = self.store.list(query)
        found = [product.ref for product in self.run(listing.collect())]
        order = {ref: place for place, ref in enumerate(self.model)}
        expected = sorted(
            (ref for ref in self.model if matches(self.model[ref], query)),
            key=lambda ref: (*place_of(self.model[ref], query.sort_by), order[ref]),
            reverse=query.order is SortOrder.DESCENDING,
        )
        assert found == expected
        assert listing.total == len(expected)

    @rule()
    def facets(self) -> None:
        brands = self.run(self.store.facet(Facet.BRANDS))
        assert [brand.casefold() for brand in brands] == sorted(
            {known["brand"].casefold() for known in self.model.values() if "brand" in known}
        )
        years = {known["season"].year for known in self.model.values() if "season" in known}
        assert self.run(self.store.facet(Facet.YEARS)) == tuple(map(str, sorted(years, reverse=True)))


def matches(known: dict[str, Any], query: ProductQuery) -> bool:
    text = " ".join(known.get(name, "") for name in ("name", "sku", "brand")).casefold().replace("-", " ").split()
    season = known.get("season")
    return (
        all(any(word.startswith(start) for word in text) for start in words(query.search))
        and (query.brand is None or query.brand.casefold() == known.get("brand", "").casefold())
        and (query.season is None or (season is not None and query.season.casefold() == season.name.casefold()))
        and (query.year is None or (season is not None and query.year == season.year))
        and (query.gender is None or query.gender == known.get("gender"))
        and (query.archived is None or query.archived == known.get("visibility.archived", False))
    )


def words(search: str) -> Sequence[str]:
    return search.casefold().replace("-", " ").split()


def place_of(known: dict[str, Any], key: str) -> tuple[Any, ...]:
    if key in ("created_at", "updated_at"):
        return (known[key],)
    if key == "name":
        return (known.get("name", "").casefold(),)
    value = (known["season"].year if "season" in known else 0) if key == "year" else known.get("gender", "")
    return (value, known["created_at"])


StoreModel.TestCase.settings = settings(
    max_examples=10, stateful_step_count=15, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
test_it_tells_what_a_dict_would = pytest.mark.timeout(600)(StoreModel.TestCase)

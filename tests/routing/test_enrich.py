"""Enriching: every interface asked at once, one record, and evidence beside it."""

from __future__ import annotations

import asyncio

import pytest
from attrs import evolve

from placket.errors import AllProvidersFailed, ConfigError, InvalidInput, NotFound, Unavailable, Unsupported
from placket.interfaces import (
    ARContentBuilder,
    ArProduct,
    Findings,
    Garment,
    GarmentImage,
    Hit,
    Image,
    JobState,
    Listing,
    Page,
    Product,
    ProductStore,
    Ref,
    SearchResults,
    ShootManager,
    Sku,
    VisualSearch,
)
from placket.record import ArAsset, Claim, Detection, Look, MediaItem, Shot, Source
from placket.routing import EnrichmentRules, PartState, Step

PICTURE = Image.of(b"\x89PNG\r\n\x1a\n a picture")
CATALOG = Ref("finder", "catalog", "summer")


def garment(**known):
    return Garment("g1", (GarmentImage(PICTURE),), known=known)


def listing(*items):
    async def fetch(cursor):
        return Page(items)

    return Listing(fetch)


def claims(provider, **fields):
    return tuple(Claim(name.replace("__", "."), value, Source(provider)) for name, value in fields.items())


def product(number, provider="shop", **fields):
    return Product(Ref(provider, "product", number), claims(provider, **fields))


def sku(number, **fields):
    return Sku(Ref("studio", "sku", number), claims("studio", **fields))


@pytest.fixture
def finder(fake):
    """Finds a similar garment, and a garment in the picture."""
    asked = []

    async def search(query, catalogs):
        asked.append((query, catalogs))
        return SearchResults((Hit("coat-7", CATALOG, 0.9, metadata={"brand": "Somebody Else"}),))

    async def detect(image):
        return (Detection(None, (0.1, 0.1, 0.9, 0.9), raw_category="coat"),)

    target = fake.provider("finder", VisualSearch, search=search, detect=detect)
    target.provider.asked = asked
    return target


def part(enriched, step):
    return next(each for each in enriched.parts if each.step is step)


def states(enriched):
    return {each.step.value: each.state.value for each in enriched.parts}


@pytest.fixture
def everything(fake, finder):
    """Providers for all five interfaces, all of which know the garment."""

    async def get_product(ref):
        assets = (ArAsset("glb", url="https://ar.example/1.glb"),)
        return ArProduct(ref, "Dress", "clothing", (), assets, (), JobState.SUCCEEDED)

    shop = fake.provider(
        "shop",
        ProductStore,
        list=lambda query: listing(product("p1", sku="A-1", brand="Acme"), product("p2", sku="A-12")),
    )
    studio = fake.provider(
        "studio",
        ShootManager,
        list_skus=lambda query: listing(sku("s1", sku="A-1", shoot__selected="x")),
        list_looks=lambda ref, *_: listing(Look("look-1")),
        list_shots=lambda ref, *_: listing(Shot("shot-1", image=MediaItem("shot", url="https://shots.example/1"))),
    )
    ar = fake.provider("ar", ARContentBuilder, get_product=get_product)
    return [fake.tagger("t", fake.says("t", brand="Acme", name="Dress")), finder, shop, studio, ar]


async def test_everything_that_is_known_is_in_one_record(enriching, everything, finder, clock):
    asked = garment(sku="A-1", **{"external_ids.ar": "ar-9"})
    enriched = await enriching(*everything).enrich_with_evidence(asked)
    record = enriched.record
    assert (record.id, record.name, record.brand, record.sku) == ("g1", "Dress", "Acme", "A-1")
    assert [look.id for look in record.shoot.looks] == ["look-1"]
    assert [shot.id for shot in record.shoot.shots] == ["shot-1"]
    assert record.shoot.selected == ("x",)
    assert (record.ar.state, record.ar.type, len(record.ar.assets)) == ("succeeded", "clothing", 1)
    assert [found.raw_category for found in record.detections] == ["coat"]
    assert set(states(enriched).values()) == {"answered"}
    assert {attempt.provider for attempt in enriched.attempts} == {"t", "finder", "shop", "studio", "ar"}
    [(query, catalogs)] = finder.provider.asked
    assert (query.image, query.limit, catalogs) == (PICTURE, 3, (CATALOG,))


async def test_a_similar_garment_is_no_evidence(enriching, finder):
    enriched = await enriching(finder).enrich_with_evidence(garment())
    assert [hit.id for hit in enriched.similar] == ["coat-7"]
    assert "Somebody Else" not in repr(enriched.record.claims)
    assert part(enriched, Step.SEARCH).claims == ()


async def test_the_record_alone(enriching, everything):
    assert (await enriching(*everything).enrich(garment(), known={"theme": "sea"}, id="other")).id == "other"


async def test_who_claims_what_is_said(enriching, everything):
    record = await enriching(*everything).enrich(garment(sku="A-1"))
    [claim] = record.why("shoot.looks").support
    assert (claim.source.provider, claim.source.plugin, claim.source.operation) == (
        "studio",
        "placket-studio 1.0",
        "list_looks",
    )
    [claim] = record.why("detections").support
    assert claim.source.provider == "finder"


async def test_one_failure_does_not_fail_the_others(enriching, fake, everything):
    tagger = fake.tagger("t", fake.fails(Unavailable("down")))
    enriched = await enriching(tagger, *everything[1:]).enrich_with_evidence(garment(sku="A-1"))
    assert states(enriched) == {
        "tag": "failed",
        "search": "answered",
        "detect": "answered",
        "store": "answered",
        "shoot": "answered",
        "ar": "skipped",
    }
    [failed] = enriched.failed
    assert isinstance(failed.error, AllProvidersFailed)
    assert [attempt.outcome.value for attempt in failed.attempts] == ["failed"]
    assert enriched.record.brand == "Acme"


async def test_when_every_step_fails_all_causes_are_told(enriching, fake):
    tagger = fake.tagger("t", fake.fails(Unavailable("no tags")))
    shop = fake.provider("shop", ProductStore, list=fake_failing("no products"))
    with pytest.raises(AllProvidersFailed, match="enrich: every step that was taken failed") as caught:
        await enriching(tagger, shop).enrich(garment(sku="A-1"))
    assert "no tags" in str(caught.value)
    assert "no products" in str(caught.value)
    assert {attempt.provider for attempt in caught.value.attempts} == {"t", "shop"}


def fake_failing(message):
    def listing_of(query):
        async def fetch(cursor):
            raise Unavailable(message)

        return Listing(fetch)

    return listing_of


async def test_nothing_to_ask_is_unsupported_and_says_why(enriching):
    with pytest.raises(Unsupported, match=r"tag: the garment has no picture; .*store: neither a reference nor a SKU"):
        await enriching().enrich(Garment("g1"))


async def test_what_nobody_can_do_is_skipped_and_said(enriching, fake):
    finder = fake.provider("finder", VisualSearch, detect=lambda image: ())
    finder.capabilities = evolve(finder.capabilities, operations={})
    enriched = await enriching(fake.tagger("t"), finder).enrich_with_evidence(garment(sku="A-1"))
    assert states(enriched) == {
        "tag": "answered",
        "search": "skipped",
        "detect": "skipped",
        "store": "skipped",
        "shoot": "skipped",
        "ar": "skipped",
    }
    assert "no provider is enabled on the route product_store" in part(enriched, Step.STORE).note


async def test_without_catalogs_the_search_is_skipped_and_says_how_to_have_it(enriching, finder, fake):
    enriched = await enriching(fake.tagger("t"), finder, rules=EnrichmentRules()).enrich_with_evidence(garment())
    assert part(enriched, Step.SEARCH).note == "no catalog is named in [enrich] catalogs"
    assert finder.provider.asked == []


async def test_steps_can_be_chosen(enriching, everything, finder):
    enriched = await enriching(*everything).enrich_with_evidence(garment(sku="A-1"), steps=["store", Step.TAG])
    assert states(enriched) == {"tag": "answered", "store": "answered"}
    assert finder.provider.asked == []


@pytest.mark.parametrize("steps", [["tagg"], "tag", []])
async def test_steps_that_do_not_exist_are_refused(enriching, everything, steps):
    with pytest.raises(InvalidInput, match="steps are a list of tag, search, detect, store, shoot, ar"):
        await enriching(*everything).enrich(garment(), steps=steps)


async def test_a_wrong_configuration_is_never_hidden(enriching, fake, everything):
    tagger = fake.tagger("t", fake.fails(ConfigError("no image host", path="images.host")))
    with pytest.raises(ConfigError, match=r"images\.host"):
        await enriching(tagger, *everything[1:]).enrich(garment(sku="A-1"))


async def test_everything_is_over_at_the_deadline(enriching, fake, everything, clock, no_task_left):
    async def hangs(*_):
        await asyncio.Event().wait()

    tagger = fake.tagger("t", fake.hangs)
    finder = fake.provider("finder", VisualSearch, detect=hangs)
    rules = EnrichmentRules(deadline=5.0)
    enriched = await enriching(tagger, finder, *everything[2:], rules=rules).enrich_with_evidence(garment(sku="A-1"))
    assert clock.monotonic() == 5
    assert {each.step.value for each in enriched.failed} == {"tag", "detect"}
    assert enriched.record.brand == "Acme"


async def test_a_routes_own_deadline_may_be_sooner(enriching, fake, everything, clock):
    everything[0] = fake.tagger("t", fake.hangs)
    rules = EnrichmentRules(deadline=50.0)
    enriched = await enriching(*everything, rules=rules, deadline=2.0).enrich_with_evidence(garment())
    assert clock.monotonic() == 2
    assert [each.step for each in enriched.failed] == [Step.TAG]


async def test_the_steps_are_taken_at_once(enriching, fake, clock):
    async def slowly(*_):
        await clock.sleep(10)
        return ()

    finder = fake.provider("finder", VisualSearch, detect=slowly)
    enriched = await enriching(fake.tagger("t", fake.says("t", after=10.0)), finder).enrich_with_evidence(
        garment(), steps=["tag", "detect"]
    )
    assert clock.monotonic() == 10
    assert states(enriched) == {"tag": "answered", "detect": "nothing"}


async def test_cancelling_leaves_nothing(enriching, fake, everything, no_task_left):
    everything[0] = fake.tagger("t", fake.hangs)
    asking = asyncio.ensure_future(enriching(*everything).enrich(garment(sku="A-1")))
    await asyncio.wait([asking], timeout=1)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert everything[0].provider.running == 0


async def test_a_picture_that_is_none_is_refused_before_anybody_is_asked(enriching, everything, finder):
    with pytest.raises(InvalidInput, match="not an image"):
        await enriching(*everything).enrich(b"a text")
    assert everything[0].provider.asked == []
    assert finder.provider.asked == []


async def test_a_garment_without_a_picture_is_looked_up_all_the_same(enriching, everything):
    enriched = await enriching(*everything).enrich_with_evidence(Garment("g1", known={"sku": "A-1"}))
    assert {step for step, state in states(enriched).items() if state == "answered"} == {"store", "shoot"}
    assert enriched.record.brand == "Acme"


async def test_findings_stand_beside_the_record(enriching, everything):
    enriched = await enriching(*everything).enrich_with_evidence(garment(sku="A-1"))
    assert isinstance(part(enriched, Step.TAG).found, Findings)
    assert part(enriched, Step.TAG).state is PartState.ANSWERED
    [found] = part(enriched, Step.STORE).found
    assert found.ref == Ref("shop", "product", "p1")


async def test_the_provider_that_answered_after_a_failover_made_the_detections(enriching, fake, finder):
    async def fails(image):
        raise Unavailable("down")

    first = fake.provider("first", VisualSearch, detect=fails)
    record = await enriching(first, finder).enrich(garment(), steps=["detect"])
    assert record.why("detections").support[0].source.provider == "finder"


async def test_what_is_not_found_is_no_failure(enriching, fake):
    async def get(ref):
        raise NotFound("gone")

    shop = fake.provider("shop", ProductStore, get=get)
    enriched = await enriching(fake.tagger("t"), shop).enrich_with_evidence(
        garment(), refs=[Ref("shop", "product", "p1")], steps=["tag", "store"]
    )
    assert states(enriched)["store"] == "nothing"
    assert part(enriched, Step.STORE).note == "there is no shop/product/p1"

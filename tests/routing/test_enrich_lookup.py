"""Which product, SKU and AR product an enriched garment is: as said, or exactly, or not at all."""

from __future__ import annotations

import pytest
from attrs import evolve

from placket.errors import InvalidInput, Unsupported
from placket.interfaces import (
    ARContentBuilder,
    ArProduct,
    Garment,
    Listing,
    Page,
    Product,
    ProductStore,
    Ref,
    ShootManager,
    Sku,
)
from placket.record import ArAsset, Claim, Shot, Source
from placket.routing import PartState


def listing(*items):
    async def fetch(cursor):
        return Page(items)

    return Listing(fetch)


def product(provider, number, **fields):
    found = tuple(Claim(name, value, Source(provider)) for name, value in fields.items())
    return Product(Ref(provider, "product", number), found)


@pytest.fixture
def asked():
    """What the shops were asked, in order."""
    return []


@pytest.fixture
def shop(fake, asked):
    """A product store with these products, whose search finds all of them."""

    def made(name="shop", *products):
        async def get(ref):
            asked.append(ref)
            return product(name, ref.id, name=f"from {ref.id}")

        def found(query):
            asked.append(query.search)
            return listing(*products)

        return fake.provider(name, ProductStore, get=get, list=found)

    return made


async def stored(router, garment, **options):
    enriched = await router.enrich_with_evidence(garment, steps=["store"], **options)
    return enriched, enriched.parts[0]


async def test_a_reference_is_followed(enriching, shop, asked):
    enriched, _ = await stored(enriching(shop()), Garment("g"), refs=[Ref("shop", "product", "p7")])
    assert enriched.record.name == "from p7"
    assert asked == [Ref("shop", "product", "p7")]


async def test_an_external_id_is_followed(enriching, shop, asked):
    garment = Garment("g", known={"external_ids.shop": "p8", "external_ids.nobody": "1", "sku": "A"})
    enriched, _ = await stored(enriching(shop()), garment)
    assert enriched.record.name == "from p8"
    assert asked == [Ref("shop", "product", "p8")]


async def test_an_external_id_is_followed_under_the_name_of_the_vendor_whatever_the_provider_is_called(
    enriching, shop, asked
):
    store = evolve(shop(), type="acme")
    enriched, _ = await stored(enriching(store), Garment("g", known={"external_ids.acme": "p9"}))
    assert enriched.record.name == "from p9"


async def test_several_stores_may_hold_it(enriching, shop, asked):
    refs = [Ref("shop", "product", "1"), Ref("depot", "product", "2")]
    _, part = await stored(enriching(shop(), shop("depot")), Garment("g"), refs=refs)
    assert [found.ref for found in part.found] == refs


async def test_a_search_counts_only_where_the_code_is_exactly_the_one(enriching, shop, asked):
    store = shop("shop", product("shop", "1", sku="A-10"), product("shop", "2", sku="A-1", name="it"))
    enriched, _ = await stored(enriching(store), Garment("g", known={"sku": "A-1"}))
    assert enriched.record.name == "it"
    assert asked == ["A-1"]


async def test_nothing_exact_is_nothing(enriching, shop):
    store = shop("shop", product("shop", "1", sku="A-10"), product("shop", "2", name="A-1"))
    enriched, part = await stored(enriching(store), Garment("g", known={"sku": "A-1"}))
    assert (part.state, part.note) == (PartState.NOTHING, "nobody has exactly the sku A-1")
    assert enriched.record.name is None


async def test_several_that_are_exact_are_not_guessed_between(enriching, shop):
    store = shop("shop", product("shop", "1", sku="A", name="one"), product("shop", "2", sku="A", name="two"))
    enriched, part = await stored(enriching(store), Garment("g", known={"sku": "A"}))
    assert part.note == "several have the sku A: shop/product/1, shop/product/2; name one with refs"
    assert enriched.record.name is None


async def test_a_gtin_is_looked_for_where_the_sku_is_not_there(enriching, shop, asked):
    store = shop("shop", product("shop", "1", gtin="4006381333931", name="it"))
    garment = Garment("g", known={"sku": "A", "gtin": "4006381333931"})
    enriched, part = await stored(enriching(store), garment)
    assert enriched.record.name == "it"
    assert asked == ["A", "4006381333931"]
    assert part.note == ""


async def test_a_search_that_finds_thousands_is_not_read_to_its_end(enriching, fake):
    read = 0

    def endless(query):
        async def fetch(cursor):
            nonlocal read
            read += 1
            return Page([product("shop", str(read), sku="other")] * 10, next=str(read))

        return Listing(fetch)

    store = fake.provider("shop", ProductStore, list=endless)
    _, part = await stored(enriching(store), Garment("g", known={"sku": "A"}))
    assert part.state is PartState.NOTHING
    assert read == 5


async def test_a_sku_is_found_exactly_with_its_shots(enriching, fake):
    skus = [
        Sku(
            Ref("studio", "sku", number),
            (Claim("sku", code, Source("studio")), Claim("theme", number, Source("studio"))),
        )
        for number, code in (("1", "A-10"), ("2", "A-1"))
    ]
    asked = []

    def shots(ref, *_):
        asked.append(ref)
        return listing(Shot("x"))

    studio = fake.provider(
        "studio",
        ShootManager,
        list_skus=lambda query: listing(*skus),
        list_shots=shots,
        list_looks=lambda *_: listing(),
    )
    enriched = await enriching(studio).enrich_with_evidence(Garment("g", known={"sku": "A-1"}), steps=["shoot"])
    assert enriched.record.theme == "2"
    assert asked == [Ref("studio", "sku", "2")]
    assert enriched.parts[0].found == (skus[1],)


async def test_a_studio_without_looks_has_shots_all_the_same(enriching, fake):
    def cannot(*_):
        raise Unsupported("no looks here")

    studio = fake.provider("studio", ShootManager, list_looks=cannot, list_shots=lambda *_: listing(Shot("x")))
    refs = [Ref("studio", "sku", "1")]
    enriched = await enriching(studio).enrich_with_evidence(Garment("g"), steps=["shoot"], refs=refs)
    assert [shot.id for shot in enriched.record.shoot.shots] == ["x"]


async def test_what_a_builder_claims_itself_is_not_claimed_again(enriching, fake):
    async def get_product(ref):
        own = Claim("ar.state", "ready", Source("ar"))
        return ArProduct(ref, "", "", (), (ArAsset("glb", url="https://ar.example/1"),), (own,))

    builder = fake.provider("ar", ARContentBuilder, get_product=get_product)
    enriched = await enriching(builder).enrich_with_evidence(Garment("g", known={"external_ids.ar": "1"}), steps=["ar"])
    assert (enriched.record.ar.state, enriched.record.ar.type, len(enriched.record.ar.assets)) == ("ready", None, 1)
    assert len(enriched.record.claims) == 3, "the known id, the builder's own state, one asset"


class Both(ProductStore, ShootManager):
    """Keeps products, and photographs them."""

    async def get(self, ref):
        return product("both", ref.id, name=f"product {ref.id}")

    def list_looks(self, ref, *_):
        return listing()

    def list_shots(self, ref, *_):
        return listing(Shot(f"shot of {ref.id}"))


async def test_the_kind_of_a_reference_says_whom_to_ask(enriching, fake):
    router = enriching(fake.target("both", Both()))
    refs = [Ref("both", "sku", "s"), Ref("both", "product", "p")]
    record = await router.enrich(Garment("g"), refs=refs, steps=["store", "shoot"])
    assert (record.name, [shot.id for shot in record.shoot.shots]) == ("product p", ["shot of s"])


async def test_the_kind_does_not_matter_where_there_is_one_meaning(enriching, shop):
    record = await enriching(shop()).enrich(Garment("g"), refs=[Ref("shop", "article", "7")], steps=["store"])
    assert record.name == "from 7"


@pytest.mark.parametrize(
    ("ref", "message"),
    [
        (Ref("both", "thing", "1"), "its kind is one of product, sku"),
        (Ref("t", "product", "1"), "which keeps no products, SKUs or AR products"),
        (Ref("gone", "product", "1"), "no provider is configured by the name 'gone'"),
        ("both/product/1", r"refs are references, not str; make one with Ref\.parse"),
    ],
)
async def test_a_reference_that_means_nothing_is_refused(enriching, fake, ref, message):
    router = enriching(fake.target("both", Both()), fake.tagger("t"))
    with pytest.raises(InvalidInput, match=message):
        await router.enrich(Garment("g"), refs=[ref])

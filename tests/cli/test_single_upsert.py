"""A store that cannot take many products at once, and keeps values rather than claims, as vendors' stores do."""

from __future__ import annotations

import json

import pytest

SHOP = """
from __future__ import annotations

import json
from pathlib import Path

from attrs import frozen

import placket
from placket.errors import InvalidRequest, Unavailable
from placket.interfaces import Capabilities, Level, Listing, Page, Product, ProductStore, Ref, ShootManager
from placket.interfaces import FinishedJob, Sku
from placket.record import ClaimBuilder, MediaItem, claims_of_known
from placket.registry import ProviderType


@frozen
class Settings:
    pass


class Shop(ProductStore, ShootManager):
    def __init__(self, settings, context):
        self.context = context
        self.products = json.loads(Path("shop.json").read_text()) if Path("shop.json").exists() else []

    def keep(self):
        Path("shop.json").write_text(json.dumps(self.products))

    def told(self, number):
        build = ClaimBuilder(self.context.source("list"), self.context.vocabulary)
        build.text("sku", self.products[number]["sku"])
        return Product(Ref(self.context.name, "product", str(number)), build.claims)

    def values(self, fields):
        source = self.context.source("create")
        claims_of_known(fields, source=source, vocabulary=self.context.vocabulary)
        return {name: str(value) for name, value in fields.items()}

    def list(self, query):
        async def fetch(cursor):
            return Page([self.told(number) for number in range(len(self.products))])

        return Listing(fetch)

    async def create(self, draft):
        if draft.fields["sku"] == "refused":
            raise InvalidRequest("a brand is required")
        if draft.fields["sku"] == "down":
            raise Unavailable("out for lunch")
        self.products.append(self.values(draft.fields))
        self.keep()
        return self.told(len(self.products) - 1)

    async def update(self, product, changes):
        self.products[int(product.id)].update(self.values(changes.fields))
        self.keep()
        return self.told(int(product.id))

    async def create_sku(self, draft):
        return Sku(Ref(self.context.name, "sku", draft.fields["name"]), ())

    async def export_approved(self, skus):
        return FinishedJob((MediaItem("export", vendor_ref=f"{self.context.name}/export/7"),))

    async def download_export(self, export):
        yield b"PK"
        yield export.id.encode()


OPERATIONS = (
    "product_store.list", "product_store.create", "product_store.update", "product_store.download_export",
    "shoot_manager.create_sku", "shoot_manager.export_approved",
)


@placket.hookimpl
def placket_provider_types():
    yield ProviderType(
        name="shop",
        title="A shop",
        settings=Settings,
        factory=Shop,
        interfaces=(ProductStore, ShootManager),
        capabilities=Capabilities(dict.fromkeys(OPERATIONS, Level.FULL), {}),
    )
"""


@pytest.fixture
def shop(site, taggers, work_folder):
    """Two taggers, and a shop; reads what the shop keeps."""
    site.install("shop", SHOP)
    routes = '[routes.product_store]\ntargets = ["shop"]\n[routes.shoot_manager]\ntargets = ["shop"]\n'
    taggers.configure(rest=f'[providers.shop]\nplugin = "shop"\n{routes}')
    return lambda: json.loads((work_folder / "shop.json").read_text())


def test_products_are_made_and_updated_one_by_one(placket, shop):
    both = '{"sku": "A", "name": "Shirt"}\n{"sku": "B", "name": "Coat"}'
    assert placket.json("store", "put", "-", "--json", input=both) == {"created": 2, "updated": 0, "refused": []}
    again = placket.json("store", "put", "-", "--json", input='{"sku": "B", "name": "Jacket"}')
    assert (again["created"], again["updated"]) == (0, 1)
    assert shop() == [{"sku": "A", "name": "Shirt"}, {"sku": "B", "name": "Jacket"}]


def test_the_values_of_a_record_are_sent(placket, shop, photo, work_folder):
    (work_folder / "a.json").write_text(placket("tag", photo, "--known", "sku=A", "--json", "--claims").stdout)
    placket("store", "put", "a.json")
    [product] = shop()
    assert set(product) == {"sku", "brand", "color"}
    assert product["brand"] in ("north-says", "South")


def test_what_one_product_is_refused_for_does_not_stop_the_others(placket, shop):
    three = "".join(f'{{"sku": "{sku}"}}\n' for sku in ("A", "refused", "B"))
    document = placket.json("store", "put", "-", "--json", input=three, exit_code=3)
    assert document["created"] == 2
    [refused] = document["refused"]
    assert refused["product"] == "refused"
    assert "a brand is required" in refused["reason"]


def test_a_shop_that_is_down_ends_it(placket, shop):
    three = "".join(f'{{"sku": "{sku}"}}\n' for sku in ("A", "down", "B"))
    document = placket.json("store", "put", "-", "--json", input=three, exit_code=3)
    assert document["created"] == 1
    assert "what comes after it was not sent" in document["refused"][0]["reason"]
    down = placket("store", "put", "-", input='{"sku": "down"}', exit_code=1).stderr
    assert "out for lunch" in down


def test_a_garment_is_added_where_nothing_can_be_ordered(placket, shop, photo):
    told = placket("shoot", "run", photo, "--out", "out", exit_code=2).stderr
    assert "placket shoot add PHOTO" in told
    assert placket.json("shoot", "add", photo, "--json") == {"ref": "shop/sku/photo"}


def test_an_export_is_fetched_from_the_store_that_hands_it_out(placket, shop, work_folder):
    [file] = placket.json("shoot", "export", "shop/sku/1", "--out", "out", "--json")["files"]
    assert (work_folder / file).read_bytes() == b"PK7"

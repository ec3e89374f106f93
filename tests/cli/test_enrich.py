"""``placket enrich``: one garment, everybody who knows it, and what stands beside the record."""

from __future__ import annotations

import json

import jsonschema
import pytest

from placket.record.schema import record_schema

SHOP = """
from attrs import frozen

import placket
from placket.errors import Unavailable
from placket.interfaces import (
    Capabilities, Hit, Level, Listing, Page, Product, ProductStore, Ref, SearchResults, VisualSearch
)
from placket.record import ClaimBuilder
from placket.registry import ProviderType, setting


@frozen(kw_only=True)
class Settings:
    down: bool = setting(default=False, doc="Whether it is down.")


class Shop(ProductStore, VisualSearch):
    def __init__(self, settings, context):
        self.settings, self.context = settings, context

    def product(self, number, sku):
        build = ClaimBuilder(self.context.source("get"), self.context.vocabulary)
        build.text("sku", sku)
        build.text("name", f"Product {number}")
        return Product(Ref(self.context.name, "product", number), build.claims)

    async def get(self, product):
        return self.product(product.id, "by-ref")

    def list(self, query):
        async def fetch(cursor):
            if self.settings.down:
                raise Unavailable("closed for stocktaking")
            return Page([self.product("1", "A-10"), self.product("2", "A-1")])

        return Listing(fetch)

    async def search(self, query, catalogs):
        return SearchResults((Hit("coat-7", catalogs[0], 0.875, image_url="https://shop.example/coat-7"),))


@placket.hookimpl
def placket_provider_types():
    operations = ("product_store.get", "product_store.list", "visual_search.search")
    yield ProviderType(
        name="shop",
        title="A shop",
        settings=Settings,
        factory=Shop,
        interfaces=(ProductStore, VisualSearch),
        capabilities=Capabilities(dict.fromkeys(operations, Level.FULL), {"name": Level.FULL}),
    )
"""


@pytest.fixture
def shop(site, work_folder):
    """A tagger, and a shop that is asked beside it; writes the configuration."""
    site.install_tagger("north")
    site.install("shop", SHOP)

    def configured(shop: str = "", north: str = ""):
        (work_folder / "placket.toml").write_text(
            f'[providers.north]\nplugin = "north"\n{north}\n[providers.shop]\nplugin = "shop"\n{shop}\n'
            '[routes.garment_tagger]\ntargets = ["north"]\n[routes.product_store]\ntargets = ["shop"]\n'
            '[routes.visual_search]\ntargets = ["shop"]\n[enrich]\ncatalogs = ["shop/catalog/all"]\n'
        )

    configured()
    return configured


def test_one_record_of_everything(placket, shop, photo):
    document = placket.json("enrich", photo, "--known", "sku=A-1", "--json", "--claims")
    jsonschema.validate(document, record_schema())
    assert (document["input"], document["name"], document["brand"]) == (photo, "Product 2", "north-says")
    steps = {each["step"]: each["state"] for each in document["steps"]}
    assert steps == {
        "tag": "answered",
        "search": "answered",
        "detect": "skipped",
        "store": "answered",
        "shoot": "skipped",
        "ar": "skipped",
    }
    assert [hit["id"] for hit in document["similar"]] == ["coat-7"]
    assert "coat-7" not in json.dumps(document["claims"])
    assert {each["provider"] for each in document["attempts"]} == {"north", "shop"}


def test_the_tables(placket, shop, photo):
    output = placket("enrich", photo, "--known", "sku=A-1").stdout
    for shown in ("Product 2", "north-says", "coat-7", "0.88", "which say nothing about this one", "skipped"):
        assert shown in output


def test_a_reference_names_the_product(placket, shop):
    document = placket.json("enrich", "--ref", "shop/product/9", "--step", "store", "--json")
    assert document["name"] == "Product 9"
    assert "input" not in document
    assert [each["step"] for each in document["steps"]] == ["store"]


def test_a_step_that_fails_is_partly_done(placket, shop, photo):
    shop(shop="down = true")
    result = placket("enrich", photo, "--known", "sku=A-1", "--json", exit_code=3)
    assert "error: store: " in result.stderr
    assert "closed for stocktaking" in result.stderr
    document = json.loads(result.stdout)
    assert document["brand"] == "north-says"
    [failed] = [each for each in document["steps"] if each["state"] == "failed"]
    assert failed["error"]["type"] == "AllProvidersFailed"


def test_every_step_failing_is_a_provider_failure(placket, shop, photo):
    shop(shop="down = true", north='fails = "always"')
    result = placket("enrich", photo, "--known", "sku=A-1", "--step", "store", "--step", "tag", exit_code=1)
    assert "closed for stocktaking" in result.stderr
    assert "out for lunch" in result.stderr
    assert result.stdout.count("failed") == 2, "the attempts are shown"
    document = placket.json("enrich", photo, "--known", "sku=A-1", "--json", "--step", "store", exit_code=1)
    assert (document["input"], document["error"]["type"]) == (photo, "AllProvidersFailed")
    assert [each["provider"] for each in document["attempts"]] == ["shop"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "give a PHOTO, or say which garment is meant"),
        (("photo.png", "--claims"), "--claims goes with --json"),
        (("photo.png", "--ref", "shop"), "write provider/kind/id"),
        (("photo.png", "--ref", "gone/product/1"), "no provider is configured by the name 'gone'"),
        (("photo.png", "--step", "dance"), "is not one of"),
        (("missing.png",), "there is no image at missing.png"),
        (("photo.png", "--known", "skew=1"), "has no field 'skew'"),
    ],
)
def test_wrong_use_is_told(placket, shop, photo, arguments, message):
    result = placket("enrich", *arguments, exit_code=2)
    assert message in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("catalogs", "message"),
    [
        ('["summer"]', "config.enrich.catalogs[0]: 'summer' is not a reference"),
        ('["shopp/catalog/1"]', "there is no provider 'shopp'; did you mean 'shop'?"),
        ('"shop/catalog/1"', "config.enrich.catalogs"),
    ],
)
def test_a_wrong_catalog_is_told_with_its_place(placket, shop, work_folder, catalogs, message):
    path = work_folder / "placket.toml"
    path.write_text(path.read_text().replace('["shop/catalog/all"]', catalogs))
    assert message in placket("config", "check", exit_code=2).stderr

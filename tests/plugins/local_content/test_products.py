"""AR products: made once, built on this machine, told with their files and with what was assumed."""

import hashlib
import json
import shutil
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest

import placket
from placket.errors import AllProvidersFailed, Conflict, InvalidInput, NotFound
from placket.interfaces import ArProductDraft, JobState, ProductDraft, Ref, Ticket
from placket.merge import merge


def content(path: str) -> bytes:
    return Path(path).read_bytes()


def gltf(path: str) -> dict[str, Any]:
    data = content(path)
    (length,) = struct.unpack_from("<I", data, 12)
    document: dict[str, Any] = json.loads(data[20 : 20 + length])
    return document


async def test_a_product_is_built_in_all_its_colours(here: Any, configuration: Any, photo: Any) -> None:
    draft = ArProductDraft(
        "Shirt",
        (
            configuration("Crimson", front=photo(), back=photo((170, 30, 40))),
            configuration("Navy"),
            configuration("Summer"),
            configuration("Own", front=photo((40, 120, 70))),
        ),
        sku="S-1",
        details={"length": (64, "cm"), "colors": {"Summer": "yellow"}},
    )
    product = await here.ar.create_product(draft)
    assert (product.state, product.assets, product.type) == (JobState.QUEUED, (), "preview-2.5d")
    job = await here.ar.mark_ready(product.ref)
    progress = [status.progress async for status in job.events()]
    assert progress == sorted(progress)
    assert progress[-1] == 1.0
    built = await job.result()
    assert built.state is JobState.SUCCEEDED
    assert [(asset.format, asset.variant) for asset in built.assets] == [
        ("glb", ""),
        ("glb-web", ""),
        ("usdz", "Crimson"),
        ("usdz", "Navy"),
        ("usdz", "Summer"),
        ("usdz", "Own"),
    ]
    for asset in built.assets:
        data = content(asset.path)
        assert hashlib.sha256(data).hexdigest() == asset.sha256
        assert len(data) == asset.byte_size
        assert asset.url == ""
    told = gltf(built.assets[0].path)
    names = [variant["name"] for variant in told["extensions"]["KHR_materials_variants"]["variants"]]
    assert names == ["Crimson", "Navy", "Summer", "Own"]
    assert zipfile.ZipFile(built.assets[2].path).testzip() is None
    record = merge(built.claims, id="x")
    assert (record.ar_state, record.ar_type, record.name, record.sku) == ("succeeded", "preview-2.5d", "Shirt", "S-1")
    assert set(record.ar_assets) == set(built.assets)
    colors = {variant.name: variant.color.id if variant.color else None for variant in record.variants}
    assert colors == {"Crimson": None, "Navy": "navy", "Summer": "yellow", "Own": None}
    assert record.extra["local.assumptions"] == ["not photographed, made from the first colour: Navy, Summer"]
    assert built.raw["size"][1] == pytest.approx(0.64, abs=1e-3)
    assert (await here.ar.get_product(product.ref)).assets == built.assets


async def test_the_length_comes_from_the_store_when_the_draft_has_none(
    here: Any, configuration: Any, photo: Any
) -> None:
    await here.store.create(ProductDraft({"name": "Shirt", "sku": "S-1", "measurements.length": (81, "cm")}))
    known = await here.built(ArProductDraft("Shirt", (configuration(front=photo()),), sku="S-1"))
    assumed = await here.built(ArProductDraft("Shirt", (configuration(front=photo()),)))
    assert known.raw["size"][1] == pytest.approx(0.81, abs=1e-3)
    assert any("the height is assumed to be 0.7 m" in said for said in assumed.raw["assumptions"])


async def test_the_same_draft_is_the_same_product_and_another_is_a_conflict(
    here: Any, configuration: Any, photo: Any
) -> None:
    draft = ArProductDraft("Shirt", (configuration(front=photo()), configuration("Navy")), id="P-1")
    first = await here.ar.create_product(draft)
    again = await here.ar.create_product(draft)
    assert (again.ref, again.configurations) == (first.ref, first.configurations)
    assert again.ref.id == "P-1"
    for other in (
        ArProductDraft("Blouse", draft.configurations, id="P-1"),
        ArProductDraft("Shirt", (configuration(front=photo((10, 20, 30))), configuration("Navy")), id="P-1"),
    ):
        with pytest.raises(AllProvidersFailed) as caught:
            await here.ar.create_product(other)
        (refusal,) = caught.value.exceptions
        assert isinstance(refusal, Conflict)
        assert "there is another AR product with the id P-1" in str(refusal)


async def test_a_product_that_is_built_is_not_built_again(here: Any, configuration: Any, photo: Any) -> None:
    built = await here.built(ArProductDraft("Shirt", (configuration(front=photo()),)))
    job = await here.ar.mark_ready(built.ref)
    assert (await job.status()).state is JobState.SUCCEEDED
    assert (await job.result()).assets == built.assets


def sizes_of(product: Any) -> list[int]:
    """How large the files are that a product names."""
    return [Path(asset.path).stat().st_size for asset in product.assets]


async def test_files_that_are_gone_are_made_again(here: Any, configuration: Any, photo: Any, tmp_path: Path) -> None:
    draft = ArProductDraft("Shirt", (configuration(front=photo()),), id="shirt")
    product = await here.ar.create_product(draft)
    made = await (await here.ar.mark_ready(product.ref)).result()
    shutil.rmtree(tmp_path / "here" / "media")
    kept = await (await here.ar.mark_ready(product.ref)).result()
    assert kept.assets == made.assets, "without its photos nothing can be made anew"
    await here.ar.create_product(draft)
    again = await (await here.ar.mark_ready(product.ref)).result()
    assert sizes_of(again) == [asset.byte_size for asset in made.assets]


async def test_a_ticket_leads_a_later_process_to_the_files(
    tmp_path: Path, config: Any, content_of: Any, configuration: Any, photo: Any
) -> None:
    async with placket.open(config, data_folder=tmp_path) as router:
        here = content_of(router)
        product = await here.ar.create_product(ArProductDraft("Shirt", (configuration(front=photo()),)))
        job = await here.ar.mark_ready(product.ref)
        await job.status()
        ticket = job.ticket.to_json()
    async with placket.open(config, data_folder=tmp_path) as router:
        job = await router.resume(Ticket.from_json(ticket))
        assert len((await job.result()).assets) == 3


async def test_files_are_published_where_somebody_serves_them(
    tmp_path: Path, config: Any, content_of: Any, configuration: Any, photo: Any
) -> None:
    host = {"plugin": "local:directory", "folder": str(tmp_path / "web"), "base_url": "https://cdn.example.com/ar"}
    async with placket.open({**config, "images": {"host": host}}, data_folder=tmp_path / "data") as router:
        built = await content_of(router).built(ArProductDraft("Shirt", (configuration(front=photo()),)))
    for asset in built.assets:
        name = asset.url.removeprefix("https://cdn.example.com/ar/")
        assert (tmp_path / "web" / name).read_bytes() == content(asset.path)
        assert name.endswith(".glb" if asset.format.startswith("glb") else ".usdz")


async def test_a_given_mask_takes_the_place_of_the_cut_out(
    here: Any, configuration: Any, encode: Any, silhouette: Any
) -> None:
    import numpy as np

    noise = encode(np.random.default_rng(7).integers(0, 255, (600, 480, 3), np.uint8))
    mask = encode((silhouette(480, 600) * 255).astype(np.uint8))
    built = await here.built(ArProductDraft("Shirt", (configuration(front=noise, mask=mask),)))
    assert built.state is JobState.SUCCEEDED


async def test_what_can_be_asked_for_is_told(here: Any) -> None:
    assert await here.ar.product_types() == ("preview-2.5d",)
    assert await here.ar.image_roles() == ("front", "back", "mask", "back-mask")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"type": "hologram"}, "'hologram' is no type of product; there is preview-2.5d"),
        ({"configurations": ()}, "at least one configuration"),
        ({"details": {"length": 90_000}}, "cannot be right; its length is 0.02 to 3 m"),
        ({"details": {"length": "long"}}, "number of millimetres, or a pair"),
        ({"details": {"length": (12, "miles")}}, "miles"),
        ({"details": {"colors": {"Rde": "navy"}}}, "which is no configuration of the product"),
        ({"details": {"colors": {7: "navy", "Shirt": "red"}}}, "which is no configuration of the product"),
        ({"details": {"colors": ["navy"]}}, "maps the names of configurations to colours"),
    ],
)
async def test_a_draft_that_cannot_be_right_is_refused(
    here: Any, configuration: Any, photo: Any, changes: Any, message: str
) -> None:
    draft = {"name": "Shirt", "configurations": (configuration(front=photo()),), **changes}
    with pytest.raises(InvalidInput, match=message):
        await here.ar.create_product(ArProductDraft(**draft))


async def test_configurations_that_cannot_be_right_are_refused(here: Any, configuration: Any, photo: Any) -> None:
    front = photo()
    for configurations, message in (
        ((configuration("Navy"),), "the first configuration, 'Navy', needs a front picture"),
        ((configuration(front=front), configuration("Nvay")), "did you mean 'navy'"),
        ((configuration(front=front), configuration(front=front)), "differ in their name"),
        ((configuration(" ", front=front),), "needs a name"),
        ((configuration("half \ud800", front=front),), "cannot be stored"),
        ((configuration(frunt=front),), "did you mean 'front'"),
        ((configuration(front=front, back_mask=front),), "has a back-mask picture and no back picture"),
        ((configuration(front=front, id="1"), configuration("Navy", id="1")), "differ in their id"),
    ):
        with pytest.raises(InvalidInput, match=message):
            await here.ar.create_product(ArProductDraft("Shirt", configurations))


async def test_a_product_that_is_not_there_is_not_found(here: Any) -> None:
    with pytest.raises(NotFound, match="there is no AR product nothing"):
        await here.ar.get_product(Ref("here", "ar_product", "nothing"))
    with pytest.raises(InvalidInput, match="is no AR product of here"):
        await here.ar.get_product(Ref("here", "sku", "nothing"))

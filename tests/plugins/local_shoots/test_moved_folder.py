"""A data folder that is moved takes the pictures of its garments along."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import placket
from placket.interfaces import GarmentImage, Image, ProductDraft, ProductQuery, SkuQuery, WantedShot
from placket.merge import merge
from placket.record import Claim, MediaItem, Source


async def test_a_garment_is_shot_from_its_pictures_in_the_new_place(
    config: dict[str, Any], shoots_of: Callable[..., Any], photo: Any, tmp_path: Path
) -> None:
    async with placket.open(config, data_folder=tmp_path / "old") as router:
        here = shoots_of(router)
        await here.sku(("front", photo()), sku="S-1")
        front = GarmentImage(Image.of(photo((30, 60, 90))))
        await here.store.create(ProductDraft({"sku": "S-2", "name": "Coat"}, (front,)))
    (tmp_path / "old").rename(tmp_path / "new")
    async with placket.open(config, data_folder=tmp_path / "new") as router:
        here = shoots_of(router)
        (sku,) = await here.shoots.list_skus(SkuQuery()).collect()
        (product,) = await here.store.list(ProductQuery()).collect()
        for kept, taken in ((sku, photo()), (product, photo((30, 60, 90)))):
            (item,) = merge(kept.claims, id="x").media
            assert Path(item.path).is_relative_to(tmp_path / "new")
            assert Image.of(Path(item.path)).content() == taken
            assert {claim.raw for claim in kept.claims if claim.field == "media"} == {item.path}
        (shot,) = await here.made([sku.ref], WantedShot("pack-shot"))
        assert shot.image is not None, shot.details


async def test_shots_that_are_told_to_the_store_are_found_in_the_new_place(
    config: dict[str, Any], shoots_of: Callable[..., Any], photo: Any, tmp_path: Path
) -> None:
    async with placket.open(config, data_folder=tmp_path / "old") as router:
        here = shoots_of(router)
        sku = await here.sku(("front", photo()), sku="S-1")
        (shot,) = await here.made([sku.ref], WantedShot("pack-shot"))
        told = Claim("shoot.shots", shot, Source("here"))
        product = await here.store.create(ProductDraft({"sku": "S-2"}, claims=(told,)))
    (tmp_path / "old").rename(tmp_path / "new")
    async with placket.open(config, data_folder=tmp_path / "new") as router:
        (found,) = merge((await shoots_of(router).store.get(product.ref)).claims, id="x").shoot.shots
    assert Path(found.image.path).is_relative_to(tmp_path / "new")
    assert Image.of(Path(found.image.path)).sha256 == shot.image.sha256


async def test_what_others_say_of_paths_comes_back_as_they_said_it(here: Any, tmp_path: Path) -> None:
    inside = tmp_path / "here" / "media"
    paths = ("photo.jpg", "/else/photo.jpg", f"{inside}/../photo.jpg", f"{inside}//photo.jpg", f"{inside}/photo.jpg")
    said = tuple(Claim("media", MediaItem("front", path=path), Source("a-vendor")) for path in paths)
    made = await here.store.create(ProductDraft({"sku": "S-1"}, claims=said))
    assert [claim for claim in made.claims if claim.field == "media"] == list(said)


async def test_a_picture_that_was_stored_with_its_whole_path_is_found_there(
    config: dict[str, Any], shoots_of: Callable[..., Any], photo: Any, tmp_path: Path
) -> None:
    async with placket.open(config, data_folder=tmp_path) as router:
        await shoots_of(router).sku(("front", photo()), sku="S-1")
    with closing(sqlite3.connect(tmp_path / "here" / "placket.sqlite")) as database, database:
        ((stored,),) = database.execute("SELECT claims FROM skus")
        whole = stored.replace(rb"\u0000media/", str(tmp_path / "here" / "media").encode() + b"/")
        assert whole != stored
        database.execute("UPDATE skus SET claims = ?", [whole])
    async with placket.open(config, data_folder=tmp_path) as router:
        here = shoots_of(router)
        (sku,) = await here.shoots.list_skus(SkuQuery()).collect()
        (shot,) = await here.made([sku.ref], WantedShot("pack-shot"))
        assert shot.image is not None, shot.details

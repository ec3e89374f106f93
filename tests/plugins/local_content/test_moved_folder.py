"""A data folder that is moved takes the files of its AR products along."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import placket
from placket.interfaces import ArProductDraft, ProductDraft
from placket.merge import merge


def sizes_of(assets: Any) -> list[int]:
    return [Path(asset.path).stat().st_size for asset in assets]


async def test_the_files_of_a_product_are_found_in_the_new_place(
    config: dict[str, Any], content_of: Callable[..., Any], configuration: Any, photo: Any, tmp_path: Path
) -> None:
    async with placket.open(config, data_folder=tmp_path / "old") as router:
        here = content_of(router)
        made = await here.built(ArProductDraft("Shirt", (configuration(front=photo()),)))
        known = await here.store.create(ProductDraft({"sku": "S-1"}, claims=made.claims))
    (tmp_path / "old").rename(tmp_path / "new")
    async with placket.open(config, data_folder=tmp_path / "new") as router:
        here = content_of(router)
        moved = await here.ar.get_product(made.ref)
        said = merge((await here.store.get(known.ref)).claims, id="x").ar.assets
    for assets in (moved.assets, merge(moved.claims, id="x").ar.assets, said):
        assert len(assets) == 3
        for asset in assets:
            assert Path(asset.path).is_relative_to(tmp_path / "new")
        assert sizes_of(assets) == [asset.byte_size for asset in assets]


async def test_files_that_were_stored_with_their_whole_path_are_found_there(
    config: dict[str, Any], content_of: Callable[..., Any], configuration: Any, photo: Any, tmp_path: Path
) -> None:
    async with placket.open(config, data_folder=tmp_path) as router:
        made = await content_of(router).built(ArProductDraft("Shirt", (configuration(front=photo()),)))
    media = str(tmp_path / "here" / "media")
    with closing(sqlite3.connect(tmp_path / "here" / "placket.sqlite")) as database, database:
        ((stored,),) = database.execute("SELECT result FROM ar_products")
        whole = stored.replace(b'"path":"', b'"path":"' + media.encode() + b"/")
        assert whole.count(media.encode()) == len(made.assets) < len(whole)
        database.execute("UPDATE ar_products SET result = ?", [whole])
    async with placket.open(config, data_folder=tmp_path) as router:
        assert (await content_of(router).ar.get_product(made.ref)).assets == made.assets

"""A catalog of made vectors behind the Thread Genius twin, and behind a bare handler: what ``twins.py`` compares."""

from __future__ import annotations

import io
import json
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from aiohttp import web
from attrs import asdict, frozen
from PIL import Image as Pillow
from search_catalog import CATALOG, MODEL, WEIGHTS, metadata, questions, truth_in
from search_catalog import build as build_catalog
from search_vectors import World
from sqlalchemy import select

import placket
from placket.interfaces import Capabilities, Level, VisualSearch
from placket.registry import ProviderContext, ProviderType
from placket_local.picture import Picture
from placket_local.search import LocalSearch
from placket_local.search.approximate import Approximate
from placket_local.search.embedder import Embedded, embed_files
from placket_local.search.tables import CATALOGS
from placket_twins import Twin
from placket_twins.serving import LoopbackSite
from placket_twins.state import State
from placket_twins.threadgenius.catalogs import INDEX, Catalog
from placket_twins.threadgenius.shelf import Entry, Shelf
from placket_twins.threadgenius.tables import METADATA
from placket_twins.works import DONE, Work

QUESTIONS = 10_000
CATALOG_ID = "0123456789abcdef"
ANSWERED = 50
"""Similar images of an answer, where nobody says how many."""

_URL = "https://pictures.example/{}.jpg"
_ROWS = 10_000


def picture(number: int) -> bytes:
    """The picture that stands for a question."""
    file = io.BytesIO()
    Pillow.new("RGB", (32, 32), (*divmod(number, 256), 90)).save(file, "PNG")
    return file.getvalue()


class Made:
    """Knows the vectors of each `picture`: embedding costs the decoding of a small file, and nothing else."""

    version, look, color, color_weight = MODEL.version, MODEL.look, MODEL.color, MODEL.color_weight

    def __init__(self) -> None:
        self._asked = questions(QUESTIONS)

    def embed(self, pictures: Sequence[Picture]) -> Sequence[Embedded]:
        return [self._asked[int(each.rgb[0, 0, 0]) * 256 + int(each.rgb[0, 0, 1])] for each in pictures]


def embedding_cost(rounds: int = 500) -> float:
    """Seconds of CPU time in which the model reads and embeds one picture."""
    model, asked = Made(), [picture(number) for number in range(rounds)]
    embed_files(model, asked[:1])
    started = time.process_time()
    for each in asked:
        embed_files(model, [each])
    return (time.process_time() - started) / rounds


@frozen
class Settings:
    database: str | None = None


def _provider(settings: Settings, context: ProviderContext) -> LocalSearch:
    return LocalSearch(settings, context, embedder=Made())  # type: ignore[arg-type]


@placket.hookimpl
def placket_provider_types() -> Iterable[ProviderType]:
    levels = {"visual_search.search": Level.FULL, "visual_search.get_catalog": Level.FULL}
    yield ProviderType(
        name="made", title="made", settings=Settings, factory=_provider, interfaces=(VisualSearch,),
        capabilities=Capabilities(levels),
    )  # fmt: skip


PLUGIN = SimpleNamespace(__name__="benchmark", placket_provider_types=placket_provider_types)
CONFIGURATION = {
    "providers": {CATALOG.provider: {"plugin": "made"}},
    "routes": {"visual_search": {"targets": [CATALOG.provider], "deadline": "60s"}},
}


async def fill(folder: Path, count: int) -> None:
    """Put ``count`` items into the files of the twin and of the provider behind it."""
    searched = _searched(folder)
    searched.mkdir(parents=True)
    build_catalog(count, searched)
    state = State(folder / "threadgenius", METADATA)
    await state.open()
    shelf = Shelf(state)
    for start in range(1, count + 1, _ROWS):
        numbers = range(start, min(start + _ROWS, count + 1))
        # The shares of the metadata are what a shop says of a garment, too: some words and numbers.
        entries = [
            Entry(f"item-{number}", _URL.format(number), json.dumps(metadata(number, number % 60)))
            for number in numbers
        ]
        await shelf.put(CATALOG_ID, entries)
    catalog = Catalog(id=CATALOG_ID, version=0, name="made", created_at=0.0, ref=str(CATALOG), total=count)
    await state.put("catalog", CATALOG_ID, asdict(catalog))
    work = Work(CATALOG_ID, INDEX, {}, state=DONE, done=count, total=count)
    await state.put("work", CATALOG_ID, asdict(work))
    await state.aclose()


def _searched(folder: Path) -> Path:
    return folder / "backend" / CATALOG.provider / "search"


@asynccontextmanager
async def twin(folder: Path) -> AsyncIterator[dict[str, Any]]:
    """The twin, over what `fill` has put there, through Placket's router."""
    async with (
        placket.open(CONFIGURATION, plugins=[PLUGIN], data_folder=folder / "backend") as router,
        Twin("threadgenius", backend=router, state=folder) as url,
    ):
        yield {"url": url, "embedding": embedding_cost()}


@asynccontextmanager
async def peer(folder: Path) -> AsyncIterator[dict[str, Any]]:
    """What one would write by hand with aiohttp, faiss and numpy, with everything in memory, and nothing kept."""
    truth = truth_in(_searched(folder))
    with truth.reading() as connection:
        row = connection.execute(select(CATALOGS)).one()
    truth.close()
    index = Approximate.open(_searched(folder) / row.index_file, row.index_seal)
    chunks = list(World().garments(row.index_count, seed=1))
    vectors = np.concatenate([np.concatenate([each.look, each.color], axis=1) for each in chunks])
    said = [metadata(number, number % 60) for number in range(1, row.index_count + 1)]
    model = Made()

    async def search(request: web.Request) -> web.Response:
        form = await request.post()
        (seen,) = embed_files(model, [form["image"].file.read()])  # type: ignore[union-attr]
        assert isinstance(seen, Embedded)
        query = WEIGHTS.query(seen.look, seen.color)
        found = index.candidates(WEIGHTS.stretched(query[None], -0.5), 2 * ANSWERED + 60)
        found = found[found >= 0]
        distances = 1 - vectors[found - 1] @ query
        best = np.argsort(distances)[:ANSWERED]
        similars = [
            {"url": _URL.format(number), "distance": away, "iid": f"item-{number}", "metadata": said[number - 1]}
            for number, away in zip(found[best].tolist(), distances[best].tolist(), strict=True)
        ]
        return web.json_response({"status": {"message": "OK", "code": 200}, "similars": similars})

    app = web.Application()
    app.router.add_post("/v0/search/", search)
    site = LoopbackSite(app)
    await site.start()
    yield {"url": f"http://{site.authority}/v0", "embedding": embedding_cost()}
    await site.stop()

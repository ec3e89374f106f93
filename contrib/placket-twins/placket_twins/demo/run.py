"""The demo: starts the twins, takes one photo through all of them, and writes what came of it."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from attrs import evolve, field, frozen

import placket
from placket.cli import attempt_to_json, message_of
from placket.errors import PlacketError
from placket.interfaces import Attempt, Garment, GarmentImage, Image, SystemClock
from placket.record import GarmentRecord, Source, Vocabulary, claims_of_known, record_to_json

from ..passage import Passage, Step, StepState
from ..pictures import Pictures, for_vendors, shown_pictures
from ..report import render_report
from .journey import Journey
from .servers import Vendors, vendors
from .steps import ROUNDS, STEPS

MERCHANT = "merchant"
"""The source of what is known before anybody is asked, as a router names it."""


@frozen
class Demonstration:
    """What the demo made. ``config`` holds no secret, but the names of files that do."""

    record: GarmentRecord
    attempts: tuple[Attempt, ...]
    passage: Passage
    config: Mapping[str, Any]
    pictures: Pictures = field(repr=False)
    file_name: str
    files: Mapping[str, Path] = field(factory=dict)

    @property
    def failed(self) -> tuple[Step, ...]:
        """The steps that brought nothing."""
        return tuple(step for step in self.passage.steps if step.state is StepState.FAILED)

    @property
    def is_whole(self) -> bool:
        """Whether every step brought all that it should."""
        return all(step.state is StepState.DONE for step in self.passage.steps)

    def document(self, *, claims: bool) -> dict[str, Any]:
        """The record as JSON, with the steps, the similar garments and the attempts."""
        return {
            **record_to_json(self.record, claims=claims),
            "steps": [
                {
                    "step": step.name,
                    "state": step.state.value,
                    "said": step.said,
                    "seconds": round(step.seconds, 3),
                    "problems": list(step.problems),
                }
                for step in self.passage.steps
            ],
            "similar": [{"name": each.name, "distance": each.distance} for each in self.passage.similar],
            "attempts": [attempt_to_json(attempt) for attempt in self.attempts],
        }


@asynccontextmanager
async def demonstrate(
    picture: bytes,
    *,
    file_name: str,
    known: Mapping[str, Any],
    folder: Path,
    ended: Callable[[Step], None] = lambda _: None,
) -> AsyncIterator[Demonstration]:
    """Take a picture through tagging, search, store, shoot and AR; the vendors' twins listen while the context lasts.

    ``ended`` is told each step when it is over. ``folder`` gets ``record.json``, ``report.html``,
    ``placket.toml`` with the secrets it names, and what the vendors made. A step that fails is told in
    `Demonstration.passage`, and the others are taken all the same.

    Raises InvalidInput for a picture or a known fact that cannot be used, and OSError when files cannot be written.
    """
    clock = SystemClock()
    image = Image.of(picture)
    image.content()
    facts = claims_of_known(known, source=Source(MERCHANT), vocabulary=Vocabulary.default())
    began = clock.monotonic()
    pictures = await asyncio.to_thread(shown_pictures, picture)
    front = Image.of(await asyncio.to_thread(for_vendors, picture))
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    look = clock.monotonic() - began
    photo = _photo(pictures, file_name, look)
    ended(photo)
    with tempfile.TemporaryDirectory(prefix="placket-demo-", ignore_cleanup_errors=True) as temporary:
        state = Path(temporary)
        async with (
            vendors(folder, state, look) as there,
            placket.open(there.config, data_folder=state / "data") as router,
            aiohttp.ClientSession() as http,
        ):
            garment = Garment(image.sha256[:16], (GarmentImage(image),), known)
            journey = Journey(router, http, clock, garment, front, there.briefs, folder)
            journey.claims += facts
            steps = [photo]
            for together in ROUNDS:
                async with asyncio.TaskGroup() as group:
                    tasks = [group.create_task(_taken(name, journey)) for name in together]
                    for task in tasks:
                        steps.append(await task)
                        ended(steps[-1])
            yield await asyncio.to_thread(_written, journey, steps, pictures, there, file_name)


def _photo(pictures: Pictures, file_name: str, seconds: float) -> Step:
    if pictures.cutout is not None:
        return Step("photo", StepState.DONE, f"{file_name}, the garment cut out", seconds)
    problem = "no garment was found in the photo; photograph one, whole, on a plain ground of another colour"
    return Step("photo", StepState.PARTLY, f"{file_name}, no garment found", seconds, problems=(problem,))


async def _taken(name: str, journey: Journey) -> Step:
    take, providers = STEPS[name]
    began = journey.clock.monotonic()
    try:
        brought = await take(journey)
    except PlacketError as error:
        step = Step(name, StepState.FAILED, "nothing came of it", 0.0, providers, (message_of(error),))
    else:
        state = StepState.FAILED if brought.is_empty else StepState.PARTLY if brought.problems else StepState.DONE
        step = Step(name, state, brought.said, 0.0, providers, brought.problems)
    return evolve(step, seconds=journey.clock.monotonic() - began)


def _written(journey: Journey, steps: list[Step], pictures: Pictures, there: Vendors, file_name: str) -> Demonstration:
    folder = journey.folder
    passage = Passage(tuple(steps), journey.similar, journey.stored, journey.pictures, journey.models)
    files = {"record": folder / "record.json", "report": folder / "report.html", "config": there.config}
    made = Demonstration(journey.record, journey.attempts_in_order, passage, there.settings, pictures, file_name, files)
    document = json.dumps(made.document(claims=True), ensure_ascii=False, indent=2)
    # A lone surrogate cannot be written as UTF-8; its backslash form is JSON's own escape.
    files["record"].write_bytes(document.encode("utf-8", "backslashreplace") + b"\n")
    page = render_report(
        made.record,
        made_at=journey.now,
        pictures=pictures,
        attempts=made.attempts,
        config=made.config,
        file_name=file_name,
        passage=passage,
    )
    files["report"].write_text(page, encoding="utf-8")
    return made

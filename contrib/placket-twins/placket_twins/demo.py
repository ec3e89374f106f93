"""What ``placket demo`` does: a vendor's twin on this machine, two providers, one record, one page."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from attrs import field, frozen

import placket
from placket.cli import attempt_to_json
from placket.interfaces import Attempt, Clock, Garment, GarmentImage, Image, SystemClock
from placket.record import GarmentRecord, record_to_json

from .image_host import LoopbackImages
from .pictures import Pictures, shown_pictures
from .report import render_report
from .twin import Twin

SAMPLE = "breton-top.webp"

SAMPLE_LISTING: Mapping[str, Any] = {
    "brand": "Halyard",
    "category": "Clothing",
    "gender": "Women's",
    "material_text": "Cotton",
    "color": "black",
}
"""What the seller of the sample says. The top is navy and cream: the seller is wrong about it, so that the record shows
a conflict."""

LINEAGE = "placket-local"
"""The twin looks with the embedded provider: it is the same model under another name, and must not count as a second
opinion."""

_DOMAIN = "shop.example.com"
_KEY_NAME = "PLACKET_DEMO_KEY"
_PHASE = 0.8
"""Seconds that a garment waits at the twin, and again that it is worked on: short, and long enough to be seen."""

_INSIDE: Mapping[str, Any] = {
    "providers": {"local": {"plugin": "local"}},
    "routes": {"garment_tagger": {"targets": ["local"]}},
}
"""What the twin itself looks with."""


@frozen
class Demonstration:
    """What the demo made. ``config`` holds no secret: the key is a reference."""

    record: GarmentRecord
    attempts: tuple[Attempt, ...]
    config: Mapping[str, Any]
    pictures: Pictures = field(repr=False)
    file_name: str
    files: Mapping[str, Path] = field(factory=dict)

    def document(self, *, claims: bool) -> dict[str, Any]:
        """The record as JSON, with the attempts, and where the demo's files are."""
        return {
            **record_to_json(self.record, claims=claims),
            "attempts": [attempt_to_json(attempt) for attempt in self.attempts],
        }


def configuration(base_url: str, typical_latency: float) -> dict[str, Any]:
    """The configuration of the demo, as it would stand in ``placket.toml``; the latency is in seconds."""
    return {
        "providers": {
            "here": {"plugin": "local"},
            "aistetic": {
                "plugin": "aistetic",
                "base_url": base_url,
                "api_key": {"env": _KEY_NAME},
                "domain": _DOMAIN,
                "lineage": LINEAGE,
                "typical_latency": f"{typical_latency * 1000:.0f}ms",
            },
        },
        "routes": {"garment_tagger": {"strategy": "all", "targets": ["here", "aistetic"], "deadline": "60s"}},
    }


def _latency(seconds: float) -> float:
    """How long the twin will take, from how long one look at the picture took here.

    Both providers look at the same time, hence more than once that. A query that comes too early costs ten seconds
    more, the pause that this vendor's rate limit asks for.
    """
    return max(2 * _PHASE + 0.4, 0.5 + 3 * seconds)


def sample_picture() -> bytes:
    """The picture that comes with the demo, rendered, not photographed."""
    return resources.files(__package__ or "placket_twins").joinpath("demo", SAMPLE).read_bytes()


async def demonstrate(
    picture: bytes,
    *,
    file_name: str,
    known: Mapping[str, Any],
    folder: Path,
    plugins: Iterable[object] = (),
    clock: Clock | None = None,
) -> Demonstration:
    """Tag a picture with the embedded provider and with a twin, merge, and write what came of it.

    ``folder`` gets ``record.json`` and ``report.html``. Raises InvalidInput for a picture or a known fact that cannot
    be used, AllProvidersFailed when nobody could say anything, and OSError when the files cannot be written.
    """
    clock = clock or SystemClock()
    image = Image.of(picture)
    image.content()
    began = clock.monotonic()
    pictures = await asyncio.to_thread(shown_pictures, picture)
    latency = _latency(clock.monotonic() - began)
    key = secrets.token_urlsafe(18)
    async with LoopbackImages() as images, placket.open(_INSIDE, plugins=plugins, clock=clock) as inside:
        twin = Twin(
            "aistetic",
            tagger=inside.garment_tagger,
            api_key=key,
            domain=_DOMAIN,
            queuing=_PHASE,
            processing=_PHASE,
            clock=clock,
            trusted_hosts=(images.authority,),
        )
        async with twin as base_url:
            config = configuration(base_url, latency)
            garment = Garment.of(Garment(id=image.sha256[:16], images=(GarmentImage(image),)), known=known)
            async with placket.open(
                config, plugins=plugins, image_host=images, clock=clock, environ={_KEY_NAME: key}
            ) as router:
                tagged = await router.tag_with_evidence(garment)
    made = Demonstration(tagged.record, tagged.attempts, config, pictures, file_name)
    return await asyncio.to_thread(_written, made, folder, clock)


def _written(made: Demonstration, folder: Path, clock: Clock) -> Demonstration:
    folder.mkdir(parents=True, exist_ok=True)
    files = {"record": folder / "record.json", "report": folder / "report.html"}
    document = json.dumps(made.document(claims=True), ensure_ascii=False, indent=2)
    # A lone surrogate cannot be written as UTF-8; its backslash form is JSON's own escape.
    files["record"].write_bytes(document.encode("utf-8", "backslashreplace") + b"\n")
    page = render_report(
        made.record,
        made_at=clock.now(),
        pictures=made.pictures,
        attempts=made.attempts,
        config=made.config,
        file_name=made.file_name,
    )
    files["report"].write_text(page, encoding="utf-8")
    return Demonstration(made.record, made.attempts, made.config, made.pictures, made.file_name, files)

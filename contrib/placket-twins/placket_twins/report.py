"""A record as one web page: the garment, its colours, each field with who said so, and what it took."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from attrs import frozen

from placket.interfaces import Attempt
from placket.record import GarmentRecord, Vocabulary

from .evidence import by_source, echoes_of, rows_aside, rows_of, shown, unknown_words_of, voices_of
from .passage import Passage
from .pictures import Pictures, data_url
from .plain_text import printable
from .swatch import hex_of
from .toml_text import toml_text

if TYPE_CHECKING:
    from jinja2 import Template

_MARKS = 8
"""How many sources have a mark of their own; further ones begin again."""

METHODS = {
    "model": "a model looked",
    "human": "a person decided",
    "merchant": "the seller says so",
    "echo": "repeats what it was told",
    "rule": "by a fixed rule",
}
"""How a claim came about, in words for a reader."""


STEPS = {
    "photo": "Photo",
    "tag": "Tagging",
    "search": "Visual search",
    "store": "Product store",
    "shoot": "Photo shoot",
    "ar": "3D and AR",
}
"""The steps of a passage, in words for a reader."""


@frozen
class Swatch:
    """One colour of the garment. ``hex`` is empty when nobody measured it and its name has no typical shade.

    ``named_by`` are the sources that say it.
    """

    name: str
    hex: str
    share: float | None
    measured: bool
    named_by: tuple[str, ...]


@frozen
class Bar:
    """One attempt on the time line; ``left`` and ``width`` in per cent."""

    provider: str
    operation: str
    outcome: str
    left: float
    width: float
    seconds: float
    exchanges: int
    cost: str
    error: str


def render_report(
    record: GarmentRecord,
    *,
    made_at: datetime,
    pictures: Pictures | None = None,
    attempts: Sequence[Attempt] = (),
    config: Mapping[str, Any] | None = None,
    file_name: str = "",
    passage: Passage | None = None,
) -> str:
    """One HTML page that needs nothing from anywhere: pictures are inside it.

    ``config`` is shown as TOML with secrets masked; ``file_name`` is what the picture is called; ``passage`` is what
    the steps brought that led to the record. Everything that came from outside is escaped. There is no script but the
    one that turns a garment in three dimensions, where there is such a garment, and the page's policy lets no other
    one run.
    """
    rows = rows_of(record)
    passage = passage or Passage()
    viewer = _viewer() if passage.models else ""
    return _template().render(
        record=record,
        title=_title(record, file_name),
        file_name=file_name,
        made_at=made_at,
        photo=data_url(pictures.photo) if pictures else "",
        cutout=data_url(pictures.cutout) if pictures and pictures.cutout else "",
        swatches=_swatches(record),
        rows=rows,
        aside=rows_aside(record),
        conflicts=[(row, by_source(row)) for row in rows if row.conflict],
        voices=voices_of(record),
        echoes=echoes_of(record),
        unknown_words=unknown_words_of(record),
        bars=_bars(attempts),
        total=_total(attempts),
        marks=_marks(record, attempts),
        methods=METHODS,
        config=toml_text(config) if config else "",
        passage=passage,
        titles=STEPS,
        viewer=viewer,
        script_hash=base64.b64encode(hashlib.sha256(viewer.encode()).digest()).decode(),
    )


@cache
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader(__package__ or "placket_twins"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        finalize=lambda value: printable(value) if type(value) is str else value,
    )
    environment.filters["data_url"] = data_url
    environment.filters["base64"] = lambda data: base64.b64encode(data).decode()
    environment.filters["slug"] = lambda path: "".join(
        each if each.isalnum() and each.isascii() else "-" for each in path
    )
    return environment.get_template("report.html.j2")


@cache
def _viewer() -> str:
    return resources.files("placket_twins").joinpath("templates", "viewer.js").read_text("utf-8")


def _title(record: GarmentRecord, file_name: str) -> str:
    what = record.name or (record.category.label if record.category else "")
    return " ".join(part for part in (record.brand or "", what) if part) or file_name or record.id


def _swatches(record: GarmentRecord) -> list[Swatch]:
    claims = [claim for claim in record.claims_about("color") if claim.is_evidence]
    swatches = []
    for color in record.color:
        lab = color.lab or Vocabulary.default().lab(color.term)
        sources = {claim.source.provider for claim in claims if claim.value.term == color.term}
        swatches.append(
            Swatch(
                color.term.label, hex_of(lab) if lab else "", color.share, color.lab is not None, tuple(sorted(sources))
            )
        )
    return swatches


def _marks(record: GarmentRecord, attempts: Sequence[Attempt]) -> dict[str, int]:
    """A number for each source, by which the page draws the same mark for it everywhere."""
    sources = sorted({claim.source.provider for claim in record.claims} | {attempt.provider for attempt in attempts})
    return {source: number % _MARKS for number, source in enumerate(sources)}


def _total(attempts: Sequence[Attempt]) -> float:
    return max((attempt.started_after + attempt.seconds for attempt in attempts), default=0.0)


def _bars(attempts: Sequence[Attempt]) -> list[Bar]:
    whole = _total(attempts) or 1.0
    return [
        Bar(
            provider=attempt.provider,
            operation=attempt.operation,
            outcome=str(attempt.outcome),
            left=round(100 * attempt.started_after / whole, 2),
            width=round(100 * attempt.seconds / whole, 2),
            seconds=attempt.seconds,
            exchanges=attempt.exchanges,
            cost=shown(attempt.cost) if attempt.cost is not None else "",
            error=attempt.error,
        )
        for attempt in sorted(attempts, key=lambda each: (each.started_after, each.provider))
    ]

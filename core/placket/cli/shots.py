"""Shots for ``placket shoot``: what is wanted, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import attrs
from attrs import frozen

from ..errors import InvalidInput
from ..interfaces import WantedShot
from ..record import Shot
from ..registry import did_you_mean
from .delivery import Delivery
from .documents import to_json
from .failures import DONE, PARTLY_DONE, PROVIDER_FAILURE
from .options import pairs
from .output import write_json, write_line, write_table
from .text import plain

FAILED = "failed"
"""The state of a shot that could not be made."""

_KEYS = tuple(each.name for each in attrs.fields(WantedShot))


@frozen
class Made:
    """A shot, and the file it was written to, if it was."""

    shot: Shot
    file: Path | None = None

    @property
    def failed(self) -> bool:
        """Whether it could not be made."""
        return self.shot.image is None and self.shot.state == FAILED


def wanted_shot(text: str, kinds: Mapping[str, tuple[str, ...]], preset: str = "") -> WantedShot:
    """``"color,color=red,preset=square-white"`` as a wish; ``preset`` is for those that name none.

    A preset may be the beginning of a name: the first that begins so is meant. Raises InvalidInput for a kind or preset
    that is not among ``kinds``.
    """
    kind, *rest = (part.strip() for part in text.split(","))
    told: dict[str, Any] = dict(pairs(tuple(rest), "--shot", "KIND,KEY=VALUE, as color,color=red"))
    for key in told:
        if key not in _KEYS:
            raise InvalidInput(f"--shot {text}: {key!r} is nothing that a shot has{did_you_mean(key, _KEYS)}")
    kind = told.pop("kind", kind)
    if kind not in kinds:
        raise InvalidInput(f"{kind!r} is no kind of shot{did_you_mean(kind, kinds) or _listed(kinds)}")
    chosen = told.pop("preset", "") or (preset if kinds[kind] else "")
    try:
        count = int(told.pop("count", 1))
    except ValueError:
        raise InvalidInput(f"--shot {text}: count is a whole number") from None
    return WantedShot(kind, _preset(chosen, kind, kinds[kind]), count=count, **told)


def _preset(word: str, kind: str, presets: tuple[str, ...]) -> str:
    if not word or word in presets:
        return word
    meant = next((each for each in presets if each.startswith(word)), None)
    if meant is None:
        raise InvalidInput(f"{word!r} is no preset of a {kind}{did_you_mean(word, presets) or _listed(presets)}")
    return meant


def _listed(words: Iterable[str]) -> str:
    return f"; there are {', '.join(words) or 'none'}"


def in_words(shot: WantedShot) -> str:
    """A wish in a few words."""
    words = (shot.kind, shot.preset, shot.color, "" if shot.view == "front" else shot.view)
    return " ".join(word for word in words if word) + (f" x {shot.count}" if shot.count > 1 else "")


async def write_shots(shots: Iterable[Shot], delivery: Delivery) -> list[Made]:
    """Write the pictures of those that have one, each named by its type."""
    made = []
    for shot in shots:
        if shot.image is None or not (shot.image.path or shot.image.url):
            made.append(Made(shot))
            continue
        file = await delivery.write(shot.shot_type or shot.id, path=shot.image.path, url=shot.image.url)
        made.append(Made(shot, file))
    return made


def tell_made(made: Iterable[Made], as_json: bool) -> int:
    """Write what became of shots, and return the exit code."""
    made = list(made)
    if as_json:
        write_json({"shots": [{**to_json_of(each)} for each in made]})
    elif not made:
        write_line("There is no shot.")
    else:
        rows = [
            (
                plain(each.shot.shot_type or "-"),
                plain(each.shot.state or "-") + (", selected" if each.shot.details.get("selected") is True else ""),
                plain(str(each.file or _where(each.shot))),
                each.shot.id,
            )
            for each in made
        ]
        write_table(("Shot", "State", "Picture, or why there is none", "Id"), rows)
    failed = sum(each.failed for each in made)
    if not failed:
        return DONE
    return PARTLY_DONE if failed < len(made) else PROVIDER_FAILURE


def to_json_of(made: Made) -> dict[str, Any]:
    """A shot as JSON, with its file."""
    document: dict[str, Any] = to_json(made.shot)
    return {**document, **({"file": str(made.file)} if made.file else {})}


def _where(shot: Shot) -> str:
    if shot.image is not None:
        return shot.image.url or shot.image.path
    reason = str(shot.details.get("reason") or "-")
    preview = shot.details.get("mask_preview")
    return f"{reason} (what was taken for the garment: {preview})" if preview else reason

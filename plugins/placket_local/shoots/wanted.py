"""What can be ordered: the kinds of shots with their presets, and what each shot is called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from placket.errors import InvalidInput
from placket.interfaces import WantedShot
from placket.record import Vocabulary
from placket.registry import did_you_mean

from ..studio.presets import PRESETS


class Kind(StrEnum):
    """How a shot is made."""

    PACK_SHOT = "pack-shot"
    DETAIL = "detail"
    COLLAGE = "collage"
    COLOR = "color"


_FLAT = "portrait-4x5-white"

KINDS: Mapping[str, tuple[str, ...]] = {
    Kind.PACK_SHOT.value: tuple(PRESETS),
    Kind.DETAIL.value: (),
    Kind.COLLAGE.value: (_FLAT, *(name for name in PRESETS if name != _FLAT)),
    Kind.COLOR.value: tuple(PRESETS),
}
"""Each kind with its presets, the usual one first. Details are squares of the size that the photo allows."""

VIEWS = ("front", "back", "detail", "reference")
"""The roles of pictures to start from."""

MOST_DETAILS = 6


def checked(shots: Iterable[WantedShot], vocabulary: Vocabulary) -> tuple[WantedShot, ...]:
    """The wanted shots with their presets and colours filled in; raises InvalidInput for what nobody can make."""
    found = tuple(_checked(shot, vocabulary) for shot in shots)
    if not found:
        raise InvalidInput(f"a brief asks for at least one shot: WantedShot(kind) of {', '.join(KINDS)}")
    return found


def shot_types(shot: WantedShot) -> tuple[str, ...]:
    """What the shots that a wish stands for are called, as ``pack-shot/square-white``."""
    view = "" if shot.view == "front" else shot.view
    name = "/".join(part for part in (shot.kind, shot.preset, shot.color.removeprefix("x:"), view) if part)
    if shot.kind == Kind.DETAIL:
        return tuple(f"{name}/{number}" for number in range(1, shot.count + 1))
    return (name,)


def _checked(shot: WantedShot, vocabulary: Vocabulary) -> WantedShot:
    _require(shot.kind, KINDS, "kind of shot")
    presets = KINDS[shot.kind]
    if shot.preset:
        _require(shot.preset, presets, f"preset of a {shot.kind}")
    _require(shot.view, VIEWS, "view")
    if not 1 <= shot.count <= (MOST_DETAILS if shot.kind == Kind.DETAIL else 1):
        raise InvalidInput(
            f"{shot.count} shots of the kind {shot.kind} cannot be wanted: details come 1 to {MOST_DETAILS} at a time, "
            "any other kind once"
        )
    if shot.look and shot.kind != Kind.COLLAGE:
        raise InvalidInput(f"a {shot.kind} shows one garment and no look; only a collage does")
    preset = shot.preset or next(iter(presets), "")
    return WantedShot(shot.kind, preset, shot.view, shot.count, _color(shot, vocabulary), shot.look)


def _color(shot: WantedShot, vocabulary: Vocabulary) -> str:
    if shot.kind != Kind.COLOR:
        if shot.color:
            raise InvalidInput(f"a {shot.kind} shows the garment's own colour; the kind that shows another is color")
        return ""
    term = vocabulary.get("color", shot.color) or vocabulary.find("color", shot.color)
    if term is None or vocabulary.lab(term) is None:
        known = [each.id for each in vocabulary.terms("color") if vocabulary.lab(each) is not None]
        raise InvalidInput(f"{shot.color!r} is no colour that can be shown{did_you_mean(shot.color, known)}")
    return term.id


def _require(word: str, known: Iterable[str], what: str) -> None:
    known = tuple(known)
    if word not in known:
        listed = f"; there are {', '.join(known)}" if known else "; leave it out"
        raise InvalidInput(f"{word!r} is no {what}{did_you_mean(word, known) or listed}")

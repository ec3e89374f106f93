"""What the backend says, in the vendor's words: labels of a garment, categories of boxes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from attrs import frozen

from placket.interfaces import Findings
from placket.record import Claim, Color, Detection, Label, Method, Term

_TYPES = {"category": "shape"}
"""The vendor's word for a kind of label, where it is not the field's name."""

_SILENT = ("labels", "features")
_BOXES = {
    "aa-1-12": "pants-long",
    "aa-8": "footwear-regular",
    "aa-1-10": "outerwear-light",
}
"""The categories of boxes that the page shows; the vendor's other words are not known."""


@frozen
class Tag:
    """One label: ``type`` is ``shape``, ``color`` or the name of a field, ``confidence`` 0..1."""

    type: str
    name: str
    confidence: float

    def named(self, style: str) -> str:
        """The name in the style of the quirk ``label_names``."""
        typed = style == "typed" or (style == "as-on-page" and self.type == "color")
        return f"{self.type} {self.name}" if typed else self.name


def tags_of(findings: Findings) -> list[Tag]:
    """The labels of a garment, the surest first, each once.

    Only what a model saw, and with a confidence: the vendor's labels all have one, and none is made up here.
    """
    best: dict[tuple[str, str], Tag] = {}
    for claim in findings.claims:
        if claim.method is Method.MODEL and not claim.generated:
            for tag in _tags(claim):
                known = best.get((tag.type, tag.name))
                if known is None or known.confidence < tag.confidence:
                    best[tag.type, tag.name] = tag
    return sorted(best.values(), key=lambda tag: (-tag.confidence, tag.type, tag.name))


def _tags(claim: Claim) -> Iterator[Tag]:
    said: Iterable[tuple[Any, float | None]] = [
        (claim.value, claim.confidence),
        *((each.value, each.confidence) for each in claim.alternatives),
    ]
    for value, confidence in said:
        if confidence is None:
            continue
        if isinstance(value, Label):
            yield Tag(value.kind or "label", value.name, confidence)
            continue
        term = value.term if isinstance(value, Color) else value
        if isinstance(term, Term) and claim.field not in _SILENT:
            yield Tag(_TYPES.get(claim.field, claim.field.replace("_", " ")), term.label.lower(), confidence)


def box_category(detection: Detection) -> str:
    """The category of a box: the vendor's word where it is known, else ours in its spelling."""
    if detection.category is None:
        return detection.raw_category or "unknown"
    for term in detection.category.lineage:
        if term.id in _BOXES:
            return _BOXES[term.id]
    return "-".join(detection.category.label.lower().replace("&", " ").split())

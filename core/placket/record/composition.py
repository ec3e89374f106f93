"""Materials as sellers write them, "95% Cotton, 5% Elastane; lining: 100% Polyester", as fibres with percentages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from .terms import Term
from .values import Fibre
from .vocabulary import Vocabulary, normalize_word

FIBRES: Mapping[str, str] = {
    "acrylic": "acrylic",
    "cashmere": "cashmere",
    "cotton": "cotton",
    "hemp": "hemp",
    "jute": "jute",
    "linen": "linen",
    "lycra": "elastane",
    "lyocell": "lyocell",
    "merino": "wool",
    "modal": "modal",
    "mohair": "mohair",
    "nylon": "polyamide",
    "polyester": "polyester",
    "silk": "silk",
    "viscose": "viscose",
    "wool": "wool",
    "x:acetate": "acetate",
    "x:alpaca": "alpaca",
}
"""Fabric ids that are fibres, by the fibre's name in Regulation (EU) 1007/2011, annex I. Denim and canvas are none."""

_HARMLESS = frozenset(["combed", "egyptian", "organic", "pima", "recycled", "regenerated", "supima", "virgin"])
"""Words before a fibre that say how it was got and not what it is. "Faux" and "artificial" are not among them."""

_SHARE = r"(\d{1,3}(?:[.,]\d+)?)\s*%"
_NAME = r"([^\W\d_][^\d%,;/+&|\n]*)"
_PERCENT_FIRST = re.compile(rf"{_SHARE}\s*(?:of\s+)?{_NAME}")
_NAME_FIRST = re.compile(rf"{_NAME}\s*{_SHARE}")
_COMPONENT = re.compile(r"\s*([^\W\d_][^:%\d]{0,40}):\s*(?=\S)")
_LONGEST = 2000
_SHELL = frozenset(
    {"shell", "outer", "outer shell", "outer fabric", "main", "main fabric", "body", "fabric", "material"}
)


def parse_composition(text: str, vocabulary: Vocabulary) -> tuple[Fibre, ...]:
    """The fibres in a text that gives percentages, in its order; none where it gives no percentage from 0 to 100.

    A text beyond 2,000 characters is not read. A fibre that the vocabulary knows has its name in the Regulation,
    any other the seller's own word in lower case.
    """
    found: list[Fibre] = []
    if len(text) > _LONGEST:
        return ()
    for part in re.split(r"[;\n]|\.\s", text):
        named = _COMPONENT.match(part)
        component = normalize_word(named[1]) if named else ""
        rest = part[named.end() :] if named else part
        for share, name in _shares(rest):
            percent = float(share.replace(",", "."))
            if 0 < percent <= 100 and name.strip():
                found.append(Fibre(fibre_of(name, vocabulary), percent, "" if component in _SHELL else component))
    return tuple(found)


def _shares(text: str) -> Iterable[tuple[str, str]]:
    if re.match(r"\s*\d", text):
        return _PERCENT_FIRST.findall(text)
    return [(share, name) for name, share in _NAME_FIRST.findall(text)]


def fabric_of(name: str, vocabulary: Vocabulary) -> Term | None:
    """The fabric that a name of a fibre means, "organic" and the like left out; None when the vocabulary has none."""
    words = name.split()
    while len(words) > 1 and words[0].casefold() in _HARMLESS:
        words = words[1:]
    return vocabulary.find("fabric", " ".join(words))


def fibre_of(name: str, vocabulary: Vocabulary) -> str:
    """A fibre's name in the Regulation where the vocabulary knows it, else the name in lower case."""
    term = fabric_of(name, vocabulary)
    return FIBRES.get(term.id, normalize_word(name)) if term is not None else normalize_word(name)


def composition_text(fibres: Iterable[Fibre]) -> str:
    """Fibres as a seller writes them: what `parse_composition` reads."""
    parts: dict[str, list[str]] = {}
    for fibre in fibres:
        share = "" if fibre.percent is None else f"{fibre.percent:g}% "
        parts.setdefault(fibre.component, []).append(share + fibre.fibre.capitalize())
    return "; ".join((f"{name}: " if name else "") + ", ".join(shares) for name, shares in parts.items())

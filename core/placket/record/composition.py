"""Materials as sellers write them, "95% Cotton, 5% Elastane; lining: 100% Polyester", as fibres with percentages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from .fibre_shares import HARMLESS, shares_of
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

_SHELL = frozenset(
    ["body", "composition", "content", "details", "fabric", "main", "material", "materials", "outer", "shell"]
)
_LONGEST = 2000
_MOST = 102.0
"""Percent that the fibres of one component may add up to: sellers round."""


def parse_composition(text: str, vocabulary: Vocabulary) -> tuple[Fibre, ...]:
    """The fibres in a text that gives percentages, in its order; none where it is not clearly a composition.

    A fibre that the vocabulary knows has its name in the Regulation, any other the seller's own word in lower case.
    What cannot be read as shares of fibres is left out. Nothing is read where the shares of one component add up to
    more than 100 and what rounding adds, nor from a text of more than 2,000 characters.
    """
    if len(text) > _LONGEST:
        return ()

    def is_fibre(name: str) -> bool:
        term = fabric_of(name, vocabulary)
        return term is not None and term.id in FIBRES

    totals: dict[str, float] = {}
    found: list[Fibre] = []
    for percent, name, named in shares_of(text, is_fibre):
        component = "" if _SHELL.issuperset(normalize_word(named).split()) else normalize_word(named)
        totals[component] = totals.get(component, 0.0) + percent
        if percent > 0:
            found.append(Fibre(fibre_of(name, vocabulary), percent, component))
    return tuple(found) if max(totals.values(), default=0.0) <= _MOST else ()


def fabric_of(name: str, vocabulary: Vocabulary) -> Term | None:
    """The fabric that a name of a fibre means, "organic" and the like left out; None when the vocabulary has none."""
    words = name.split()
    while len(words) > 1 and words[0].casefold() in HARMLESS:
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
        # Exactly, and never as 1e-05, which nobody reads as a percentage.
        share = "" if fibre.percent is None else f"{Decimal(str(fibre.percent)).normalize():f}% "
        parts.setdefault(fibre.component, []).append(share + fibre.fibre.capitalize())
    return "; ".join((f"{name}: " if name else "") + ", ".join(shares) for name, shares in parts.items())

"""The grammar of compositions: which percentage in a seller's text is of which fibre, in which part of the garment.

What is not clearly a share of a fibre is none: no name is made of the words that happen to stand beside a number.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

Share = tuple[float, str, str]
"""Percent, fibre and component, the names in the seller's words; the component is empty where none is named."""

HARMLESS = frozenset(["combed", "egyptian", "organic", "pima", "recycled", "regenerated", "supima", "virgin"])
"""Words before a fibre that say how it was got and not what it is. "Faux" and "artificial" are not among them."""

_OF_NO_FIBRE = frozenset(
    [
        "authentic", "biodegradable", "bleach", "breathable", "code", "coupon", "deal", "delivery", "discount",
        "discounted", "donated", "emissions", "energy", "guarantee", "guaranteed", "handmade", "imported",
        "machine", "made", "money", "of", "off", "original", "packaging", "packing", "price", "profits", "rabatt",
        "recyclable", "reduced", "refund", "sale", "satisfaction", "save", "savings", "shipping", "sustainable",
        "tax", "today", "vegan", "wash", "washable", "waterproof", "windproof",
    ]
)  # fmt: skip
"""Words that say that a percentage is one of something else."""

_MOST_WORDS = 4
_LONGEST_COMPONENT = 40

_PLAIN = str.maketrans({"\u2013": "-", "\u2014": "-", "\u2019": "'", **dict.fromkeys("®™©*")})
_SECTION = re.compile(r"[;\n]|\.(?:\s|$)")
_NUMBER = r"(\d{1,3}(?:[.,]\d+)?)\s*%"
# The second number of a range, as in "50-60%", is no share, nor is what follows a decimal mark.
_SHARE = re.compile(rf"(?<![\d.])(?<!\d,)(?<!\s,)(?<!\d-)(?<!\d\s-\s)(?:\(\s*{_NUMBER}\s*\)|{_NUMBER})")
_BETWEEN = re.compile(r"[,/+&|•·]|\s-\s|\b(?:and|with|und|mit|et|avec)\b", re.IGNORECASE)
_NUMBER_AFTER = re.compile(r"\s(?=\d)")
_OF_FIRST = re.compile(r"^of\s", re.IGNORECASE)
_AROUND = " .,-•·"
_HARMLESS_NOTE = re.compile(rf"\s*\((?:{'|'.join(sorted(HARMLESS))})\)", re.IGNORECASE)

_MADE_OF = (
    r"(?:(?:it\s)?(?:is|are)\s)?(?:made|crafted|composed|woven|knitted)(?:\sout)?\s(?:of|from|with)"
    r"|(?:it\s)?consist(?:s|ing)?\sof|(?:it\s)?contain(?:s|ing)?"
)
_MADE_OF_FIRST = re.compile(rf"(?:{_MADE_OF})\s+", re.IGNORECASE)
_MADE_OF_LAST = re.compile(rf"\b(?:{_MADE_OF})$", re.IGNORECASE)
_PART = (
    r"(?:(?:body|contrast|fabric|hood|inner|main|material|outer|pocket|shell|sleeve|upper)[ -])?"
    r"(?:body|collar|composition|content|cuffs?|details|fabric|filling|hood|inner|lining|main|materials?|outer|padding"
    r"|pockets?|shell|sleeves?|trims?|upper|wadding|waistband)"
)
_ONLY_PART = re.compile(_PART, re.IGNORECASE)
_PART_FIRST = re.compile(rf"({_PART})\s(.+)", re.IGNORECASE)
_PART_LAST = re.compile(rf"(.+)\s({_PART}):?", re.IGNORECASE)
_COMPONENT = re.compile(r"[^\W\d_]+(?:[ '-]+[^\W\d_]+)*")
_NAME = re.compile(r"[^\W\d_][^\d%:]*")
_WORD = re.compile(r"[^\W_]+")


def shares_of(text: str, is_fibre: Callable[[str], bool]) -> list[Share]:
    """The shares of fibres in a text, in its order. ``is_fibre`` knows names of fibres, and there may be others.

    What stands between semicolons, full stops or line ends is read by itself, and gives nothing where it is not clear.
    A line with nothing but the name of a component is about those below it.
    """
    found: list[Share] = []
    headline = ""
    for section in _SECTION.split(unicodedata.normalize("NFKC", text.translate(_PLAIN))):
        marks = list(_SHARE.finditer(section))
        if not marks:
            headline = _opening(section, is_fibre) or headline
            continue
        if len(marks) < section.count("%"):  # what is not read may be a fibre, too
            continue
        ends = [0, *(end for mark in marks for end in mark.span()), len(section)]
        gaps = [section[start:end] for start, end in zip(ends[::2], ends[1::2], strict=True)]
        named = _percent_first(gaps, is_fibre) or _name_first(gaps, is_fibre)
        if named:
            for mark, (name, component) in zip(marks, named, strict=True):
                found.append((float((mark[1] or mark[2]).replace(",", ".")), name, component or headline))
    return found


def _percent_first(gaps: Sequence[str], is_fibre: Callable[[str], bool]) -> list[tuple[str, str]] | None:
    """Names and components in "60% cotton, 40% silk, lining: 100% viscose"; None for a text of another form."""
    component = _opening(gaps[0], is_fibre)  # of the next name
    found: list[tuple[str, str]] = []
    settled = 0  # so many of those found have a component that came after them
    for gap in gaps[1:]:
        last = len(found) == len(gaps) - 2
        first, *rest = _pieces(gap, last=last)
        name, part = _without_part(_OF_FIRST.sub("", first))
        if component is None or not _is_name(name):
            return None
        found.append((name, component))
        if part and (rest or last):
            # "60% cotton, 40% wool shell, 100% silk lining": the component comes after what it is made of.
            if component:
                return None
            found[settled:] = [(each, part) for each, _ in found[settled:]]
            settled = len(found)
        elif part:
            # "60% cotton lining 40% silk": it stands before the next share, and is what that is of.
            component = part
        others = [piece for piece in rest if piece]
        if last:
            if any(map(is_fibre, others)):
                return None  # a fibre without a share
        elif others:
            # "60% cotton, lining: 40% silk". What names no component here, as "made of", is not understood.
            named = _opening(others[0], is_fibre) if len(others) == 1 else None
            component = named or None
    return found


def _name_first(gaps: Sequence[str], is_fibre: Callable[[str], bool]) -> list[tuple[str, str]] | None:
    """Names and components in "Shell: cotton 60%, silk 40%"; None for a text of another form."""
    component: str | None = ""
    found: list[tuple[str, str]] = []
    for gap in gaps[:-1]:
        pieces = [piece for piece in _pieces(gap) if piece]
        if len(pieces) != 1:
            return None
        above, colon, name = pieces[0].removesuffix(":").rpartition(":")
        name = _MADE_OF_FIRST.sub("", name.strip(), count=1)
        parted = _PART_FIRST.fullmatch(name)
        if colon:
            component = _opening(above + colon, is_fibre)
        elif parted:
            component, name = parted.groups()
        if component is None or not _is_name(name) or _without_part(name)[1]:
            return None
        found.append((name, component))
    after, *others = _pieces(gaps[-1], last=True)
    return None if after or any(map(is_fibre, others)) else found


def _pieces(gap: str, *, last: bool = False) -> list[str]:
    """What stands between two shares, or after the last of them, by its separators."""
    plain = _HARMLESS_NOTE.sub("", gap)
    return [
        _trimmed(each) for part in _BETWEEN.split(plain) for each in (_NUMBER_AFTER.split(part) if last else [part])
    ]


def _trimmed(text: str) -> str:
    plain = " ".join(text.split()).strip(_AROUND)
    return plain if plain.count("(") == plain.count(")") else plain.strip("()" + _AROUND)


def _opening(text: str, is_fibre: Callable[[str], bool]) -> str | None:
    """The component that words before shares name, empty for none; None where they are about something else."""
    plain = _trimmed(_MADE_OF_LAST.sub("", _trimmed(text)))
    above, _, words = plain.removesuffix(":").strip().rpartition(":")
    words = words.strip().removeprefix("The ").removeprefix("the ")
    if (above and not _ONLY_PART.fullmatch(above.strip())) or is_fibre(words) or _says_otherwise(words):
        return None
    named = _COMPONENT if plain.endswith(":") and len(words) <= _LONGEST_COMPONENT else _ONLY_PART
    return words if not words or named.fullmatch(words) else None


def _without_part(text: str) -> tuple[str, str]:
    """A name and the component that follows it, empty for none."""
    parted = _PART_LAST.fullmatch(text)
    return (parted[1], parted[2]) if parted else (text, "")


def _is_name(text: str) -> bool:
    words = _WORD.findall(text.casefold())
    return (
        _NAME.fullmatch(text) is not None
        and _ONLY_PART.fullmatch(text) is None
        and text.count("(") == text.count(")")
        and len(words) <= _MOST_WORDS
        and not HARMLESS.issuperset(words)
        and not _says_otherwise(text)
    )


def _says_otherwise(text: str) -> bool:
    return not _OF_NO_FIBRE.isdisjoint(_WORD.findall(text.casefold()))

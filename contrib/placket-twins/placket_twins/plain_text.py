"""Text that came from outside, made fit to be shown."""

from __future__ import annotations

import unicodedata

_KEPT = "\n\t"
_UNFIT = {"Cc", "Cs", "Cn", "Co"}
"""Control characters (a terminal would obey them), lone surrogates (no file could hold them), and what is no
character."""

_DIRECTION = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""Marks that turn the direction of what follows, and so could make a page say what it does not."""


def printable(text: str) -> str:
    """The text with each character that must not be shown replaced by U+FFFD."""
    if text.isprintable():
        return text
    return "".join(each if _fit(each) else "\ufffd" for each in text)


def _fit(character: str) -> bool:
    return character in _KEPT or (character not in _DIRECTION and unicodedata.category(character) not in _UNFIT)

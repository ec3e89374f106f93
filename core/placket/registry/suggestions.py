"""What somebody probably meant when they misspelt a name."""

from __future__ import annotations

from collections.abc import Iterable


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """``; did you mean 'first'?`` for the candidate nearest to ``word``, or the empty text when none is near.

    Case, ``-`` and ``_`` are not told apart, because people mix them up.
    """
    import difflib

    by_spelling = {_spelling(candidate): candidate for candidate in sorted(candidates)}
    close = difflib.get_close_matches(_spelling(word), by_spelling, n=1, cutoff=0.6)
    return f"; did you mean {by_spelling[close[0]]!r}?" if close else ""


def _spelling(word: str) -> str:
    return word.casefold().replace("-", "_")

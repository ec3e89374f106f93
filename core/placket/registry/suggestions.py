"""Help for whoever has named something that is not there: what was probably meant, or how to get it."""

from __future__ import annotations

from collections.abc import Iterable

from .hookspecs import PROJECT


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """``; did you mean 'first'?`` for the candidate nearest to ``word``, or the empty text when none is near.

    Case, ``-`` and ``_`` are not told apart, because people mix them up.
    """
    import difflib

    by_spelling = {_spelling(candidate): candidate for candidate in sorted(candidates)}
    close = difflib.get_close_matches(_spelling(word), by_spelling, n=1, cutoff=0.6)
    return f"; did you mean {by_spelling[close[0]]!r}?" if close else ""


def how_to_get(name: str) -> str:
    """``; to get it: pip install placket-acme``, or what its package lacks where that is installed."""
    from importlib.metadata import PackageNotFoundError, version

    package = f"{PROJECT}-{name}"
    try:
        there = version(package)
    except PackageNotFoundError:
        return f"; to get it: pip install {package}"
    return (
        f"; {package} {there} is installed without an entry point of this name: write it in its pyproject.toml under "
        f"[project.entry-points.{PROJECT}], and install it again"
    )


def _spelling(word: str) -> str:
    return word.casefold().replace("-", "_")

"""Masks made a pixel smaller or larger: what SciPy's binary morphology gives for its usual cross, ten times as fast."""

from __future__ import annotations

from .arrays import Flags


def eroded(flags: Flags, *, beyond: bool = False) -> Flags:
    """Keep the pixels whose four neighbours are set, too; ``beyond`` the picture's border all are, or none."""
    kept = flags.copy()
    kept[1:] &= flags[:-1]
    kept[:-1] &= flags[1:]
    kept[:, 1:] &= flags[:, :-1]
    kept[:, :-1] &= flags[:, 1:]
    if not beyond:
        kept[0] = kept[-1] = False
        kept[:, 0] = kept[:, -1] = False
    return kept


def dilated(flags: Flags) -> Flags:
    """Add the four neighbours of every pixel that is set."""
    return ~eroded(~flags, beyond=True)


def opened(flags: Flags) -> Flags:
    """Drop what is too thin to hold a pixel with its four neighbours."""
    return dilated(eroded(flags))


def spread(flags: Flags, reach: int) -> Flags:
    """Set every pixel within ``reach`` of one that is set: what a distance transform tells, in a fraction of its time.

    A disk is a stack of rows, so the flags are widened step by step, and each width is laid where its rows lie.
    """
    widest, made = flags.copy(), flags.copy()
    down = reach
    for half in range(reach + 1):
        if half:
            widest[:, half:] |= flags[:, :-half]
            widest[:, :-half] |= flags[:, half:]
        further = reach**2 - (half + 1) ** 2
        while down >= 0 and down * down > further:
            if down:
                made[down:] |= widest[:-down]
                made[:-down] |= widest[down:]
            else:
                made |= widest
            down -= 1
    return made

"""Where the ``placket`` command begins: everything else is loaded where Ctrl-C is already understood."""

from __future__ import annotations

import sys
from typing import NoReturn

INTERRUPTED = 130
"""128 and the signal's number, as shells report it."""


def main() -> NoReturn:
    """Run the ``placket`` command and exit."""
    try:
        from .program import program

        program.main(prog_name="placket")
    except KeyboardInterrupt:  # before or after the program's own watch over its commands
        if sys.stderr is not None:
            sys.stderr.write("interrupted\n")
        sys.exit(INTERRUPTED)

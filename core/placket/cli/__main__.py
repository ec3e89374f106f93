"""``python -m placket.cli`` is the ``placket`` command."""

from .program import main

main()

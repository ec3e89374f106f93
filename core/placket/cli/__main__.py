"""``python -m placket.cli`` is the ``placket`` command."""

from .entry import main

main()

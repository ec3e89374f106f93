"""The ``placket`` command. Nothing below this room knows that there is a command line."""

from .program import main

__all__ = ["main"]

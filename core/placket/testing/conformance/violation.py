"""How a check ends when it does not pass."""

from __future__ import annotations


class Violation(AssertionError):
    """A provider breaks a rule; the message says which, and what was seen instead."""


class NotApplicable(Exception):
    """A check has nothing to look at here; the message says what would give it something."""


def require(kept: object, message: str) -> None:
    """Raise Violation unless the rule is kept."""
    if not kept:
        raise Violation(message)

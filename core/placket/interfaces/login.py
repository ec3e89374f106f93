"""Logging in where a person has to confirm it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from attrs import frozen


@frozen
class LoginPrompt:
    """What a person must be shown: open ``url`` and enter ``code``, or open ``complete_url``, within ``seconds``."""

    url: str
    code: str
    complete_url: str
    seconds: float


ShowPrompt = Callable[[LoginPrompt], Awaitable[None] | None]
"""Shows the prompt to the person who logs in, and does not wait for what the person does."""

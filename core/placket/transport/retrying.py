"""Whether another try is worth it, and how long to wait before it."""

from __future__ import annotations

import random
from functools import cache

from ..errors import ProviderError, Retryable
from ..interfaces.timing import Deadline
from ..logs import LazyLogger
from .limits import HttpLimits

_log = LazyLogger("placket.transport")


@cache
def keep_off_stdout() -> None:
    """Have stamina log Placket's retries as Placket logs, where nobody has configured structlog.

    stamina takes to structlog when it is installed, and an unconfigured structlog prints to standard output, which
    belongs to the program and not to a library. Hooks that the program has set stay as they are.
    """
    import structlog
    from stamina.instrumentation import LoggingOnRetryHook, RetryDetails, get_on_retry_hooks, set_on_retry_hooks

    others = LoggingOnRetryHook.hook_factory()

    def log(details: RetryDetails) -> None:
        if isinstance(details.caused_by, ProviderError):
            _log.info("retry", wait=round(details.wait_for, 2), error=str(details.caused_by))
        else:
            others(details)

    # The hooks that are in place are functions made by stamina's factories; only their module tells which.
    hooks = get_on_retry_hooks()
    prints = [getattr(hook, "__module__", "") == "stamina.instrumentation._structlog" for hook in hooks]
    if any(prints) and not structlog.is_configured():
        set_on_retry_hooks([log if printing else hook for hook, printing in zip(hooks, prints, strict=True)])


class Patience:
    """stamina's backoff hook for one request: called with each failure, it says how long to wait, or False to stop."""

    def __init__(self, limits: HttpLimits, deadline: Deadline) -> None:
        self._limits = limits
        self._deadline = deadline
        self._failures = 0

    def __call__(self, error: Exception) -> bool | float:
        """Seconds to wait before the next try: a growing random pause, and never less than the vendor asked for."""
        if not isinstance(error, Retryable):
            return False
        limits = self._limits
        longest = min(limits.backoff_max, limits.backoff_initial * 2.0**self._failures)
        self._failures += 1
        # Half of the pause is random, so that clients which failed together do not come back together.
        wait = max(longest * random.uniform(0.5, 1.0), getattr(error, "retry_after", None) or 0.0)  # noqa: S311
        if wait > limits.retry_wait_max or wait >= self._deadline.left():
            return False
        return wait

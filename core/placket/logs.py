"""Loggers that cost nothing until the first line is written.

structlog is slow to import next to everything else in the core, so it is loaded when something is logged.
"""

from __future__ import annotations

import logging
from typing import Any


class LazyLogger:
    """Forwards to a structlog logger of the same name, created on first use: ``_log = LazyLogger(__name__)``.

    A host that configured structlog gets its own pipeline; otherwise lines go to the standard ``logging`` tree as
    ``event key=value``, so that a library never prints on its own.
    """

    __slots__ = ("_bound", "_name")

    def __init__(self, name: str) -> None:
        self._name = name
        self._bound: Any = None

    def _logger(self) -> Any:
        if self._bound is None:
            import structlog

            if structlog.is_configured():
                self._bound = structlog.get_logger(self._name)
            else:
                self._bound = structlog.wrap_logger(
                    logging.getLogger(self._name),
                    processors=[
                        structlog.stdlib.filter_by_level,
                        structlog.processors.KeyValueRenderer(key_order=["event"]),
                    ],
                    wrapper_class=structlog.stdlib.BoundLogger,
                )
        return self._bound

    def debug(self, event: str, **fields: Any) -> None:
        """Log for somebody who is looking for a fault."""
        self._logger().debug(event, **fields)

    def info(self, event: str, **fields: Any) -> None:
        """Log something an operator may want to see."""
        self._logger().info(event, **fields)

    def warning(self, event: str, **fields: Any) -> None:
        """Log something an operator should look at."""
        self._logger().warning(event, **fields)


def in_words(error: BaseException) -> str:
    """The kind of an error and what it says, where it can say it: that of a plugin may raise instead."""
    try:
        said = str(error)
    except Exception:
        said = ""
    return f"{type(error).__name__}: {said}".rstrip(": ")

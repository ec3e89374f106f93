"""A provider's stream while a caller reads it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

from ..errors import PlacketError


class GuardedStream(AsyncIterator[Any]):
    """Hands on a provider's items; what goes wrong after the first is told as it would be before it."""

    def __init__(self, source: Any, explained: Callable[[Exception], PlacketError]) -> None:
        self._source = source
        self._explained = explained

    @property
    def total(self) -> int | None:
        """How many items there are, where the provider's listing says so."""
        total: int | None = getattr(self._source, "total", None)
        return total

    async def __anext__(self) -> Any:
        try:
            return await anext(self._source)
        except StopAsyncIteration:
            raise
        except Exception as failure:
            explained = self._explained(failure)
            raise explained from explained.__cause__

    async def aclose(self) -> None:
        """Let the provider give back what an unfinished stream holds."""
        if hasattr(self._source, "aclose"):
            await self._source.aclose()

"""Whether a database file is still the one that was opened."""

from __future__ import annotations

from pathlib import Path

from placket.errors import Unavailable


class SameFile:
    """The file at ``path``, as it was when it was opened last.

    Connections go on with a file that was removed or replaced, and would write into one that nobody finds any more.
    """

    def __init__(self, path: Path, *, provider: str) -> None:
        self._path = path
        self._provider = provider
        self._opened: tuple[int, int] | None = None

    def opened(self) -> None:
        """Remember the file that is there now."""
        self._opened = self._found()

    def check(self) -> None:
        """Raise Unavailable when another file is there now, or none."""
        if self._found() != self._opened:
            raise Unavailable(
                f"{self._path} was removed or replaced while it was in use; open the router again, or reload it",
                provider=self._provider,
            )

    def _found(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

"""Who indexes a catalog: a lock on a file, which the operating system takes back from a process that dies."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO

if sys.platform == "win32":
    import msvcrt

    def _locked(file: IO[bytes], *, shared: bool = False) -> bool:  # noqa: ARG001 - Windows has one kind of lock
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _locked(file: IO[bytes], *, shared: bool = False) -> bool:
        try:
            fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except OSError:
            return False
        return True


class FileLock:
    """A lock that one holder has at a time, of all processes on this machine."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None

    def take(self) -> bool:
        """Take the lock if nobody has it; says whether it was taken."""
        file = self._path.open("ab")
        if _locked(file):
            self._file = file
            return True
        file.close()
        return False

    def give_back(self) -> None:
        """Let others have it."""
        if self._file is not None:
            self._file.close()
            self._file = None


def is_held(path: Path) -> bool:
    """Whether somebody has the lock on a file, which may be one that can only be read."""
    try:
        with path.open("rb") as file:
            # Those that only look share the lock, or they would take each other for its holder.
            return not _locked(file, shared=True)
    except OSError:
        return False

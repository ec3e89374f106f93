"""Who indexes a catalog: a lock on a file, which the operating system takes back from a process that dies."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO

if sys.platform == "win32":
    import msvcrt

    def _locked(file: IO[bytes]) -> bool:
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _locked(file: IO[bytes]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
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
    """Whether somebody has the lock on a file."""
    lock = FileLock(path)
    if not path.exists():
        return False
    taken = lock.take()
    lock.give_back()
    return not taken

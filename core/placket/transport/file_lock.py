"""A lock on an open file, for processes that share it. It goes with the process that has it."""

from __future__ import annotations

from typing import BinaryIO


def took_lock(file: BinaryIO) -> bool:
    """Take the lock, unless another process has it; true as well where there are no locks."""
    try:
        import fcntl
    except ImportError:  # Windows has no such lock
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # some network folders know no locks
    return True

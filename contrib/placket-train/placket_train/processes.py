"""Share the rows of a table among processes."""

from __future__ import annotations

from collections.abc import Callable
from multiprocessing import get_context
from typing import Any


def in_processes(job: Callable[..., None], arguments: tuple[Any, ...], rows: int, workers: int) -> None:
    """Call ``job(*arguments, some_rows)`` in each of several processes; raises SystemExit when one of them fails."""
    context = get_context("fork")
    jobs = [context.Process(target=job, args=(*arguments, range(k, rows, workers))) for k in range(workers)]
    for one in jobs:
        one.start()
    for one in jobs:
        one.join()
    if any(one.exitcode for one in jobs):
        raise SystemExit("a process failed; its message is above")

"""``placket tag --jsonl``: many pictures into one file, taken up again where an earlier run stopped."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..app import open as open_router
from ..errors import InvalidInput
from ..jobs import JobRules, Ledger
from .failures import DONE, PARTLY_DONE, exit_code, message_of
from .invocation import Invocation
from .output import complain, waiting, write_line
from .record_file import RecordFile
from .tagging import STDIN
from .text import plain

if TYPE_CHECKING:
    from ..jobs import Outcome

LEDGER = "jobs.sqlite"
"""The ledger in the data folder, for a configuration that names none."""


async def tag_into(
    path: Path,
    invocation: Invocation,
    photos: Sequence[str],
    known: Mapping[str, Any],
    *,
    concurrency: int,
    document: Callable[[Outcome], dict[str, Any]],
) -> int:
    """Tag the pictures that the file does not have yet, and return the exit code.

    Each record is a line as soon as it is there. What fails is told, and asked again by the next run: the file has
    records only.
    """
    if STDIN in photos:
        raise InvalidInput("- stands for stdin, which has no name by which --jsonl could tell what is done already")
    with RecordFile(path) as file:
        each_once = tuple(dict.fromkeys(photos))
        missing = [photo for photo in each_once if photo not in file.inputs]
        failures: list[int] = []
        with waiting(f"tagging {len(missing)} pictures", len(missing)) as wait:
            async with AsyncExitStack() as stack:
                app = open_router(invocation.config)
                router = await stack.enter_async_context(app)
                ledger = router.ledger
                if ledger is None:
                    ledger = await stack.enter_async_context(Ledger(app.data_folder / LEDGER))
                    await ledger.forget(datetime.now(UTC) - JobRules().keep_for)
                running = router.tag_many(missing, known=known, concurrency=concurrency, ledger=ledger)
                outcomes = await stack.enter_async_context(aclosing(running))
                async for outcome in outcomes:
                    wait.advance()
                    if outcome.error is None:
                        file.append(document(outcome))
                        continue
                    failures.append(exit_code(outcome.error))
                    with wait.paused():
                        invocation.show_traceback(outcome.error)
                        complain(f"error: {plain(outcome.source)}: {message_of(outcome.error)}")
    _sum_up(path, added=len(missing) - len(failures), there=len(each_once) - len(missing), failed=len(failures))
    if failures and len(failures) < len(each_once):
        return PARTLY_DONE
    return min(failures, default=DONE)


def _sum_up(path: Path, *, added: int, there: int, failed: int) -> None:
    told = [f"{added} added"]
    told += [f"{there} there already"] if there else []
    told += [f"{failed} failed, which the same command asks for again"] if failed else []
    write_line(f"{plain(str(path))}: {', '.join(told)}")

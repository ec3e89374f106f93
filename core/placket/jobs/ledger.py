"""The ledger: every job that was submitted, on disk, so that a process that dies finds its jobs again.

One SQLite file, through the standard library; all its statements are here. Writes are transactions in write-ahead mode
that reach the disk before they count, so neither ``kill -9`` nor a power cut loses a ticket. Several processes may use
one ledger.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import frozen

from ..errors import ConfigError, InvalidInput, PluginError
from ..interfaces import Clock, SystemClock, Ticket
from ..logs import in_words

if TYPE_CHECKING:
    import sqlite3

T = TypeVar("T")

VERSION = 1
"""The version of the tables, kept in the file."""

APPLICATION = 0x504C4B54
"""The letters PLKT, by which a file says that it is a ledger (SQLite's ``application_id``)."""

LOCK_TIMEOUT = 30.0
"""Seconds to wait for another process that is writing: far longer than any write takes."""

_TABLES = (
    """
    CREATE TABLE jobs (
        provider TEXT NOT NULL,
        interface TEXT NOT NULL,
        operation TEXT NOT NULL,
        id TEXT NOT NULL,
        ticket TEXT NOT NULL,
        garment TEXT NOT NULL,
        question TEXT NOT NULL,
        state TEXT NOT NULL,
        submitted_at REAL NOT NULL,
        changed_at REAL NOT NULL,
        PRIMARY KEY (provider, interface, operation, id)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX jobs_by_question ON jobs (question, provider)",
    f"PRAGMA application_id = {APPLICATION}",
    f"PRAGMA user_version = {VERSION}",
)
_ADD = """
INSERT OR REPLACE INTO jobs
    (provider, interface, operation, id, ticket, garment, question, state, submitted_at, changed_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_FINISH = """
UPDATE jobs SET state = ?, changed_at = ? WHERE provider = ? AND interface = ? AND operation = ? AND id = ?
"""
_PENDING = "SELECT ticket, garment, state FROM jobs WHERE state = ? ORDER BY submitted_at, id"
_TICKET = """
SELECT ticket FROM jobs WHERE question = ? AND provider = ? AND state = ? AND submitted_at >= ?
ORDER BY submitted_at DESC LIMIT 1
"""
_FORGET = "DELETE FROM jobs WHERE changed_at < ?"


class KeptState(StrEnum):
    """What the ledger knows of a job."""

    PENDING = "pending"
    """It was submitted, and nobody has its result yet."""
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    LOST = "lost"
    """Its provider does not know it any more."""


@frozen
class KeptJob:
    """A job in the ledger. ``garment`` is the id of the garment that it is about, empty when it is about none."""

    ticket: Ticket
    garment: str
    state: KeptState


class Ledger:
    """Keeps the tickets of submitted jobs in the SQLite file at ``path``.

    An async context manager: the file and its folder are made when they are missing, readable by their owner only. A
    ticket holds what was asked, and no secret. What the file cannot do is a ConfigError: it is damaged, belongs to
    another program or a newer Placket, or cannot be written.
    """

    def __init__(self, path: Path | str, clock: Clock | None = None) -> None:
        self.path = Path(path)
        self._clock = clock or SystemClock()
        self._connection: sqlite3.Connection | None = None
        # One thread, so that statements follow one another and the event loop waits for no disk.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="placket-ledger")
        self._closed = False

    def __repr__(self) -> str:
        return f"Ledger({str(self.path)!r})"

    async def __aenter__(self) -> Self:
        """Open the file, and make it when it is not there."""
        try:
            await self._run(self._open)
        except BaseException:
            await self.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the file."""
        await self.aclose()

    async def aclose(self) -> None:
        """Close the file; everything that was written is in it. Closing twice is fine."""
        if self._closed:
            return
        await self._run(self._close)
        self._closed = True
        await asyncio.to_thread(self._thread.shutdown)

    async def add(self, ticket: Ticket, *, garment: str = "", question: str = "") -> None:
        """Keep a ticket as pending; on return it is on the disk.

        ``question`` stands for what was asked (see `placket.jobs.question_of`), by which `ticket_for` finds it. Raises
        PluginError for a ticket that is no plain JSON.
        """
        row = (*_key(ticket), _text_of(ticket), garment, question, KeptState.PENDING.value)
        await self._run(self._write, _ADD, (*row, ticket.submitted_at.timestamp(), self._clock.now().timestamp()))

    async def finish(self, ticket: Ticket, state: KeptState) -> None:
        """Note how a job ended; one that the ledger does not have is left out."""
        await self._run(self._write, _FINISH, (state.value, self._clock.now().timestamp(), *_key(ticket)))

    async def pending(self) -> tuple[KeptJob, ...]:
        """The jobs whose result nobody has yet, the oldest first."""
        rows = await self._run(self._read, _PENDING, (KeptState.PENDING.value,))
        return tuple(KeptJob(self._ticket(text), garment, KeptState(state)) for text, garment, state in rows)

    async def ticket_for(self, provider: str, question: str, *, since: datetime) -> Ticket | None:
        """The pending job in which a provider was asked this question, submitted at ``since`` or later."""
        values = (question, provider, KeptState.PENDING.value, since.timestamp())
        rows = await self._run(self._read, _TICKET, values)
        return self._ticket(rows[0][0]) if rows else None

    async def forget(self, before: datetime) -> int:
        """Forget the jobs of which nothing was heard since ``before``, pending or not; returns how many."""
        return await self._run(self._write, _FORGET, (before.timestamp(),))

    async def _run(self, work: Callable[..., T], *arguments: Any) -> T:
        if self._closed:
            raise InvalidInput(f"the ledger {self.path} is closed; it is open inside `async with Ledger(path)` only")
        # Shielded: a caller that is cancelled must not take back a ticket that is on its way to the disk.
        return await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments))

    def _open(self) -> None:
        import sqlite3  # here and below, because most programs have no ledger

        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.path.touch(mode=0o600, exist_ok=True)
            self._connection = sqlite3.connect(
                self.path, timeout=LOCK_TIMEOUT, isolation_level=None, check_same_thread=False
            )
            self._prepare(self._connection)
        except sqlite3.Error as error:
            raise self._unusable(error) from error
        except OSError as error:
            raise ConfigError(
                f"the ledger {self.path} cannot be opened: {error.strerror}; name a file that can be written",
                path="jobs.ledger",
            ) from error

    def _prepare(self, connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        # Under the lock, because another process may be making the tables at this moment.
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                self._check(connection)
            else:
                for statement in _TABLES:
                    connection.execute(statement)

    def _check(self, connection: sqlite3.Connection) -> None:
        [application], [version] = (
            connection.execute(f"PRAGMA {name}").fetchone() for name in ("application_id", "user_version")
        )
        if application != APPLICATION:
            raise ConfigError(
                f"{self.path} is a database of another program, and no ledger; name another file", path="jobs.ledger"
            )
        if version > VERSION:
            raise ConfigError(
                f"the ledger {self.path} was written by a newer Placket (tables of version {version}, and this one "
                f"reads {VERSION}); update Placket, or name another file",
                path="jobs.ledger",
            )
        [verdict] = connection.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise self._damaged(verdict)

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _write(self, statement: str, values: tuple[Any, ...]) -> int:
        return self._execute(statement, values).rowcount

    def _read(self, statement: str, values: tuple[Any, ...]) -> list[Any]:
        return self._execute(statement, values).fetchall()

    def _execute(self, statement: str, values: tuple[Any, ...]) -> sqlite3.Cursor:
        import sqlite3

        if self._connection is None:
            raise InvalidInput(
                f"the ledger {self.path} is not open; use it inside `async with Ledger(path) as ledger:`"
            )
        try:
            return self._connection.execute(statement, values)
        except sqlite3.Error as error:
            raise self._unusable(error) from error
        except UnicodeEncodeError as error:
            raise InvalidInput(f"the ledger keeps no text with half a character in it: {error.object!r}") from None

    def _ticket(self, text: str) -> Ticket:
        try:
            return Ticket.from_json(text)
        except InvalidInput as error:
            raise self._damaged(error) from error

    def _unusable(self, error: sqlite3.Error) -> ConfigError:
        import sqlite3

        if isinstance(error, sqlite3.OperationalError):
            return ConfigError(
                f"the ledger {self.path} cannot be used: {error}; see that it can be written and its disk is not full",
                path="jobs.ledger",
            )
        return self._damaged(error)

    def _damaged(self, reason: object) -> ConfigError:
        return ConfigError(
            f"the ledger {self.path} is damaged, or is none: {reason}; move it away, and a new one is made. The jobs "
            "in it are then submitted again",
            path="jobs.ledger",
        )


def _key(ticket: Ticket) -> tuple[str, str, str, str]:
    return ticket.provider, ticket.interface, ticket.operation, ticket.id


def _text_of(ticket: Ticket) -> str:
    try:
        text = ticket.to_json()
        Ticket.from_json(text)
        if ticket.id is None:
            raise InvalidInput("it has no id")
    except Exception as error:  # a plugin may have put anything into it
        raise PluginError(
            f"the ticket of job {ticket.id} of {ticket.provider} cannot be kept: {in_words(error)}. The fault is its "
            "plugin's, whose tickets must be plain JSON with an id; tell its author"
        ) from error
    return text

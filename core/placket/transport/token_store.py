"""Where a refresh token outlives the process."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from ..errors import ConfigError
from ..interfaces.timing import Clock
from ..logs import LazyLogger
from .file_lock import took_lock
from .redaction import Secret
from .system_keyring import from_keyring, into_keyring

_LOCK_INTERVAL = 0.2
"""Seconds between two looks whether another process is done."""

_log = LazyLogger("placket.transport")

_INSTEAD = "keep the token in a file"


class TokenStore(Protocol):
    """Keeps one refresh token, in a place that its ``str`` names to people.

    ``origin`` stands for the configured token that was there when it was saved; it is no secret, and kept beside it.
    Both methods may block; they are called in a thread. They raise ConfigError when the place cannot be used.
    """

    def load(self, origin: str = "") -> Secret | None:
        """The token; None if none was saved yet, or one of another ``origin``. Without an origin any will do."""

    def save(self, token: Secret, origin: str = "") -> None:
        """Replace the token. Without an ``origin`` it is the token of any."""


class FileTokenStore:
    """A file that only its owner can read (mode 600), replaced as a whole: a crash leaves the old or the new token.

    Processes that share it renew the token one after the other, by a lock file beside it.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    def __repr__(self) -> str:
        return f"FileTokenStore({str(self.path)!r})"

    def __str__(self) -> str:
        return f"the file {self.path}, which only its owner can read"

    def load(self, origin: str = "") -> Secret | None:
        """The token in the file; None if there is no file. A file with something else in it is a `ConfigError`."""
        try:
            return _token_in(json.loads(self.path.read_bytes()), origin)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ConfigError(
                f"the token file {self.path} cannot be read ({type(error).__name__}); delete it and log in again"
            ) from None

    def save(self, token: Secret, origin: str = "") -> None:
        """Write the token; the folder is made, readable by its owner only, if it is missing."""
        try:
            self._write(_document(token, origin))
        except OSError as error:
            raise ConfigError(
                f"the token cannot be kept in {self.path}: {error.strerror or error}; make the folder writable, "
                "or choose another data folder"
            ) from None

    @contextlib.asynccontextmanager
    async def alone(self, clock: Clock, patience: float) -> AsyncIterator[None]:
        """Let no other process renew the token inside; one that dies lets the next one in.

        One that hangs is not waited for longer than ``patience`` seconds. Nobody is kept out where files have no locks.
        """
        lock = await asyncio.to_thread(self._open_lock)
        try:
            if lock is not None:
                ends = clock.monotonic() + patience
                while not await asyncio.to_thread(took_lock, lock):
                    if clock.monotonic() >= ends:
                        _log.warning("token-file-locked", file=lock.name, hint="if its process hangs, end it")
                        break
                    await clock.sleep(_LOCK_INTERVAL)
            yield
        finally:
            if lock is not None:
                _release(lock)

    def _open_lock(self) -> BinaryIO | None:
        # A file of its own, because the one with the token is replaced and not written.
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = self.path.with_name(f"{self.path.name}.lock")
            lock.touch(mode=0o600)
            return lock.open("ab")
        except OSError:
            return None  # `save` says what is wrong with the folder, if there is anything to save

    def _write(self, text: str) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # mkstemp makes the file with mode 600, so that the token is never readable by others, not even for a moment.
        handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(self.path)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(name).unlink()
            raise


class KeyringTokenStore:
    """The operating system's keyring; needs ``pip install placket[keyring]``."""

    def __init__(self, service: str, user: str) -> None:
        self.service = service
        self.user = user

    def __str__(self) -> str:
        return f"the keyring, as {self.service}/{self.user}"

    def load(self, origin: str = "") -> Secret | None:
        """The token in the keyring, if there is one; it may have been put there by hand, as it is."""
        text = from_keyring(self.service, self.user, instead=_INSTEAD)
        if not text:
            return None
        try:
            return _token_in(json.loads(text), origin)
        except (ValueError, KeyError, TypeError):
            return Secret(text)

    def save(self, token: Secret, origin: str = "") -> None:
        """Put the token into the keyring, as the JSON that a file would hold."""
        into_keyring(self.service, self.user, _document(token, origin), instead=_INSTEAD)


def _release(lock: BinaryIO) -> None:
    with contextlib.suppress(ImportError, OSError):
        import fcntl

        fcntl.flock(lock, fcntl.LOCK_UN)  # a process that was forked meanwhile has the file open, too
    lock.close()


def _document(token: Secret, origin: str) -> str:
    return json.dumps({"refresh_token": token.reveal(), **({"origin": origin} if origin else {})})


def _token_in(document: Any, origin: str) -> Secret | None:
    token, kept = document["refresh_token"], document.get("origin")
    foreign = origin and kept and kept != origin
    return Secret(token) if isinstance(token, str) and token and not foreign else None

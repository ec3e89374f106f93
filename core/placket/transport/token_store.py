"""Where a refresh token outlives the process."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any, Protocol

from ..errors import ConfigError
from .redaction import Secret


class TokenStore(Protocol):
    """Keeps one refresh token, in a place that its ``str`` names to people.

    Both methods may block; they are called in a thread. They raise ConfigError when the place cannot be used.
    """

    def load(self) -> Secret | None:
        """The token, or None if none was saved yet."""

    def save(self, token: Secret) -> None:
        """Replace the token."""


class FileTokenStore:
    """A file that only its owner can read (mode 600), replaced as a whole: a crash leaves the old or the new token."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    def __repr__(self) -> str:
        return f"FileTokenStore({str(self.path)!r})"

    def __str__(self) -> str:
        return f"the file {self.path}, which only its owner can read"

    def load(self) -> Secret | None:
        """The token in the file; None if there is no file. A file with something else in it is a `ConfigError`."""
        try:
            token = json.loads(self.path.read_bytes())["refresh_token"]
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ConfigError(
                f"the token file {self.path} cannot be read ({type(error).__name__}); delete it and log in again"
            ) from None
        return Secret(token) if isinstance(token, str) and token else None

    def save(self, token: Secret) -> None:
        """Write the token; the folder is made, readable by its owner only, if it is missing."""
        try:
            self._write(token)
        except OSError as error:
            raise ConfigError(
                f"the token cannot be kept in {self.path}: {error.strerror or error}; make the folder writable, "
                "or choose another data folder"
            ) from None

    def _write(self, token: Secret) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # mkstemp makes the file with mode 600, so that the token is never readable by others, not even for a moment.
        handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump({"refresh_token": token.reveal()}, file)
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

    def load(self) -> Secret | None:
        """The token in the keyring, if there is one."""
        value = _from_keyring("get_password", self.service, self.user)
        return Secret(value) if value else None

    def save(self, token: Secret) -> None:
        """Put the token into the keyring."""
        _from_keyring("set_password", self.service, self.user, token.reveal())


def _from_keyring(call: str, *arguments: str) -> Any:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        raise ConfigError("tokens in the keyring need the package keyring: pip install 'placket[keyring]'") from None
    try:
        return getattr(keyring, call)(*arguments)
    except KeyringError as error:
        raise ConfigError(f"the keyring cannot be used: {error}; unlock it, or keep the token in a file") from None

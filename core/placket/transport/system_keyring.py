"""The operating system's keyring, in which secrets and tokens may be: other people's code, and perhaps locked."""

from __future__ import annotations

import threading
from queue import Empty, SimpleQueue
from typing import Any

from ..errors import ConfigError
from .redaction import Redactor

PATIENCE = 60.0
"""Seconds in which a person may unlock the keyring when it asks for that."""


def from_keyring(service: str, user: str, *, instead: str) -> str | None:
    """What the keyring holds as ``service`` and ``user``; None for nothing.

    Raises ConfigError when it cannot be read. ``instead`` says in its message where a secret could be otherwise.
    """
    found = _asked("get_password", "read", (service, user), instead)
    if found is None or isinstance(found, str):
        return found
    raise ConfigError(
        f"the keyring gives {type(found).__name__} for {service}/{user} where a text is expected; store it again with "
        f"`keyring set {service} {user}`, or {instead}"
    )


def into_keyring(service: str, user: str, secret: str, *, instead: str) -> None:
    """Have the keyring hold a secret; raises ConfigError as `from_keyring` does."""
    _asked("set_password", "written", (service, user, secret), instead)


def _asked(act: str, done: str, arguments: tuple[str, ...], instead: str) -> Any:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        raise ConfigError(
            f"the keyring needs a package that is not installed: pip install 'placket[keyring]', or {instead}"
        ) from None
    answers: SimpleQueue[tuple[Any, Exception | None]] = SimpleQueue()

    def ask() -> None:
        try:
            answers.put((getattr(keyring, act)(*arguments), None))
        except Exception as error:
            answers.put((None, error))

    # In a thread of its own, since a keyring that waits to be unlocked cannot be told to stop.
    threading.Thread(target=ask, name="placket-keyring", daemon=True).start()
    try:
        answer, error = answers.get(timeout=PATIENCE)
    except Empty:
        raise ConfigError(
            f"the keyring did not answer within {PATIENCE:g} seconds; unlock it, and see with `keyring diagnose` which "
            f"one it is, or {instead}"
        ) from None
    if error is None:
        return answer
    said = Redactor().line(str(error), 300)
    if isinstance(error, KeyringError):
        raise ConfigError(f"the keyring cannot be {done}: {said}; unlock it, or {instead}")
    # Backends are plugins of the keyring and raise what they like, such as the command line with the secret in it.
    kind = type(error).__name__
    reason = kind if act == "set_password" else f"{kind}: {said}"
    raise ConfigError(
        f"the keyring cannot be {done} ({reason}); see with `keyring diagnose` which one it is, or {instead}"
    )

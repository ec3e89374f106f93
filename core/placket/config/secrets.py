"""Secrets by reference: the configuration says where a secret is, never what it is."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path

from attrs import frozen

from ..errors import ConfigError
from ..logs import LazyLogger
from ..registry.settings import Secret
from ..registry.suggestions import did_you_mean
from ..transport.system_keyring import from_keyring

_HOW = 'write { env = "VARIABLE" }, { file = "/path/to/file" } or { keyring = "service/user" }'
_KINDS = ("env", "file", "keyring")
_LARGEST = 64 * 1024
_VARIABLE = re.compile("[A-Za-z_][A-Za-z0-9_]*")

_log = LazyLogger("placket.config")


@frozen
class SecretReader:
    """Reads what references stand for. Relative files start from ``folder``.

    With ``resolve=False`` a reference is checked and not followed: the secret is then a placeholder, so that a
    configuration can be checked where its secrets are not.
    """

    environ: Mapping[str, str]
    folder: Path | None = None
    resolve: bool = True

    def read(self, value: object) -> Secret:
        """Find the secret that a reference stands for.

        Raises ConfigError, which never repeats what was written in the reference's place.
        """
        if isinstance(value, Secret):
            return value
        if isinstance(value, str):
            raise ConfigError(f"must be a reference, so that the secret is not in the file; {_HOW}")
        if not isinstance(value, Mapping):
            raise ConfigError(f"must be a reference to a secret; {_HOW}")
        kind, where = _reference(value)
        if not self.resolve:
            return Secret("unresolved")
        read = {"env": self._from_environment, "file": self._from_file, "keyring": _from_keyring}[kind]
        text = _without_newline(read(where))
        if not text:
            raise ConfigError(f"the secret in {kind} {where} is empty; put it there, or {_HOW}")
        return Secret(text, place=f"{kind} {where}")

    def _from_environment(self, name: str) -> str:
        if name not in self.environ:
            if not _VARIABLE.fullmatch(name):  # not repeated: it may be the secret itself
                raise ConfigError(f"no environment variable has such a name; name one that holds the secret: {_HOW}")
            raise ConfigError(f"the environment variable {name} is not set; set it before Placket starts, or {_HOW}")
        return self.environ[name]

    def _from_file(self, name: str) -> str:
        path = Path(name)
        try:
            path = (self.folder or Path()) / path.expanduser()
            status = path.stat()
            if not stat.S_ISREG(status.st_mode):
                raise ConfigError(f"{path} is not a file; name a file that holds the secret and nothing else")
            with path.open("rb") as file:
                content = file.read(_LARGEST + 1)
        except (OSError, ValueError, RuntimeError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else "it has no usable name"
            raise ConfigError(f"the secret's file {path} cannot be read: {reason}; name one that can be") from None
        if len(content) > _LARGEST:
            raise ConfigError(f"{path} is too large for a secret; name a file that holds the secret and nothing else")
        if os.name == "posix" and status.st_mode & (stat.S_IRGRP | stat.S_IROTH):
            _log.warning("secret-file-readable-by-others", path=str(path), advice=f"chmod 600 {path}")
        try:
            return content.decode()
        except UnicodeDecodeError:
            raise ConfigError(f"{path} is not UTF-8 text; name a file that holds the secret and nothing else") from None


def _reference(value: Mapping[object, object]) -> tuple[str, str]:
    for key in value:
        if key not in _KINDS:
            raise ConfigError(f"{key!r} is no kind of reference{did_you_mean(str(key), _KINDS)}; {_HOW}")
    if len(value) != 1:
        raise ConfigError(f"must be exactly one reference; {_HOW}")
    [(kind, where)] = value.items()
    if not isinstance(where, str) or not where:
        raise ConfigError(f"the reference's {kind} must be a text; {_HOW}")
    if kind == "keyring" and not all(_entry(where)):
        raise ConfigError('a keyring reference is { keyring = "service/user" }')
    return str(kind), where


def _from_keyring(where: str) -> str:
    service, user = _entry(where)
    found = from_keyring(service, user, instead=_HOW)
    if found is None:
        raise ConfigError(f"the keyring has no entry {where}; make it with: keyring set {service} {user}")
    return found


def _entry(where: str) -> tuple[str, str]:
    service, _, user = where.rpartition("/")
    return service, user


def _without_newline(text: str) -> str:
    # Whatever wrote the secret down has ended the line: an editor, or echo before a Kubernetes secret was made of it.
    return text.removesuffix("\n").removesuffix("\r") if text.endswith("\n") else text

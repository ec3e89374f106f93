"""A file of records, one a line, that is written on where an earlier run stopped."""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from attrs import frozen

from ..errors import InvalidInput
from ..record import RECORD_SCHEMA
from ..transport.file_lock import took_lock

_BEGINNING = json.dumps({"schema": RECORD_SCHEMA}).encode().removesuffix(b"}")
"""What every line begins with that a run has written."""


@frozen
class _Line:
    input: str


def _input_of(line: bytes) -> str | None:
    """The input of a record of ours, None for anything else."""
    import msgspec

    try:
        return msgspec.json.decode(line, type=_Line).input
    except msgspec.MsgspecError:
        pass
    try:  # msgspec takes no half characters, which are in the name of a file that is no text
        document = json.loads(line)
    except (ValueError, RecursionError):
        return None
    said = document.get("input") if isinstance(document, dict) else None
    return said if isinstance(said, str) else None


class RecordFile:
    """JSON Lines in ``path``: each a record with the ``input`` that it is about.

    ``inputs`` are those that the file has. A last record that was cut off, as ``kill -9`` leaves it, is removed; a
    whole one that has lost its end of line gets it again. One process at a time may write it. Raises InvalidInput when
    the file cannot be used, as one that others wrote.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.inputs: set[str] = set()
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        """Open the file, and read which inputs it has."""
        try:
            if self.path.exists() and not self.path.is_file():
                raise InvalidInput(
                    f"{self.path} is a pipe or a device, and a run goes on from what its file has; "
                    "name a file, or use --json"
                )
            self._file = self.path.open("a+b")
        except OSError as error:
            raise InvalidInput(f"{self.path} cannot be written: {error.strerror}; name another file") from None
        try:
            if not took_lock(self._file):
                raise InvalidInput(f"another process is writing {self.path}; wait for it, or name another file")
            self._read(self._file)
        except BaseException:
            self._file.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def append(self, document: dict[str, Any]) -> None:
        """Write a record; on return it is on the disk."""
        assert self._file is not None, "the file is open inside `with` only"
        self._write(self._file, json.dumps(document, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n")
        self.inputs.add(str(document["input"]))

    def _write(self, file: BinaryIO, line: bytes) -> None:
        try:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        except OSError as error:
            raise InvalidInput(
                f"{self.path} cannot be written any more: {error.strerror}; make room and run it again"
            ) from error

    def _read(self, file: BinaryIO) -> None:
        file.seek(0)
        end = 0
        line = b"\n"
        for number, line in enumerate(file, start=1):
            if not line.isspace():
                said = _input_of(line)
                if said is None and _is_cut_off(line):
                    file.truncate(end)
                    return
                if said is None:
                    raise InvalidInput(
                        f"{self.path}, line {number}: this is no record that `placket tag --jsonl` wrote; "
                        "name another file"
                    )
                self.inputs.add(said)
            end += len(line)
        if not line.endswith(b"\n"):
            self._write(file, b"\n")


def _is_cut_off(line: bytes) -> bool:
    """Whether a line is the beginning of a record, and no more than that: whole JSON is somebody else's."""
    if line.endswith(b"\n") or not (line.startswith(_BEGINNING) or _BEGINNING.startswith(line)):
        return False
    try:
        json.loads(line)
    except ValueError:
        return True
    return False

"""A file of records, one a line, that is written on where an earlier run stopped."""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from attrs import frozen

from ..errors import InvalidInput


@frozen
class _Line:
    input: str


class RecordFile:
    """JSON Lines in ``path``: each a record with the ``input`` that it is about.

    ``inputs`` are those that the file has. A last line that was cut off, as ``kill -9`` leaves it, is removed. One
    process at a time may write it. Raises InvalidInput when the file cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.inputs: set[str] = set()
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        """Open the file, and read which inputs it has."""
        try:
            self._file = self.path.open("a+b")
        except OSError as error:
            raise InvalidInput(f"{self.path} cannot be written: {error.strerror}; name another file") from None
        try:
            self._lock(self._file)
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
        line = json.dumps(document, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"
        try:
            self._file.write(line)
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise InvalidInput(
                f"{self.path} cannot be written any more: {error.strerror}; make room and run it again"
            ) from error
        self.inputs.add(str(document["input"]))

    def _lock(self, file: BinaryIO) -> None:
        try:
            import fcntl
        except ImportError:  # Windows has no such lock; nobody is kept out there
            return
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InvalidInput(f"another process is writing {self.path}; wait for it, or name another file") from None
        except OSError:
            return  # some network folders know no locks

    def _read(self, file: BinaryIO) -> None:
        import msgspec

        decoder = msgspec.json.Decoder(_Line)
        file.seek(0)
        end = 0
        for number, line in enumerate(file, start=1):
            if not line.endswith(b"\n"):
                file.truncate(end)
                break
            end += len(line)
            if line.isspace():
                continue
            try:
                self.inputs.add(decoder.decode(line).input)
            except msgspec.MsgspecError:
                raise InvalidInput(
                    f"{self.path}, line {number}: this is no record that `placket tag --jsonl` wrote; name another file"
                ) from None

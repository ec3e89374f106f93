"""JSON documents in files and on stdin: one a line, or one over many lines, as `placket tag` writes them."""

from __future__ import annotations

import codecs
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, BinaryIO

from ..errors import InvalidInput
from .json_lines import LARGEST_RECORD, NO_TEXT, parsed_line
from .tagging import STDIN, nothing_piped


def documents_in(source: str, refuse: Callable[[str, str], None]) -> Iterator[tuple[str, Any]]:
    """Each document with its place, read as it is asked for; ``source`` is a file, or ``-`` for stdin.

    ``refuse(place, reason)`` is told of what is no JSON. Raises InvalidInput when the file cannot be read.
    """
    for place, text in _texts(source):
        try:
            document = parsed_line(text)
        except UnicodeDecodeError:
            refuse(place, NO_TEXT)
            return
        except InvalidInput as error:
            refuse(place, str(error))
            continue
        yield place, document


def refuse_untagged(document: Mapping[str, Any]) -> None:
    """Raise InvalidInput for what `placket tag` wrote about a picture that could not be tagged."""
    if "schema" not in document and "error" in document and "attempts" in document:
        raise InvalidInput("it is a picture that could not be tagged, and no record")


def _texts(source: str) -> Iterator[tuple[str, bytes]]:
    """Each document with its line, or the whole file where it is one document over many lines."""
    name = "stdin" if source == STDIN else source
    number = 0
    try:
        with _opened(source) as file:
            while line := file.readline(LARGEST_RECORD + 1):
                number += 1
                if line.isspace():
                    continue
                if line.removeprefix(codecs.BOM_UTF8).rstrip() == b"{":  # as `placket tag --json` writes it
                    yield name, line + file.read(LARGEST_RECORD)
                    return
                yield f"{name}, line {number}", line
    except OSError as error:
        raise InvalidInput(f"{name} cannot be read: {error.strerror}; name another file") from None


def _opened(source: str) -> AbstractContextManager[BinaryIO]:
    if source != STDIN:
        return Path(source).open("rb")
    if nothing_piped():
        raise InvalidInput("- reads JSON from stdin, and nothing is piped into it")
    return nullcontext(sys.stdin.buffer)

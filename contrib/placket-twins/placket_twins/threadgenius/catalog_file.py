"""Reads catalog files: image id, image URL and, optionally, metadata as JSON, separated by tabs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from attrs import frozen

_LONGEST_ID = 1_000
_LONGEST_URL = 8_192


@frozen
class Line:
    """One image of a catalog file. ``metadata`` is JSON, and empty where there are none."""

    id: str
    url: str
    metadata: str


@frozen
class BadLine:
    """A line that cannot be used, by its number from 1, and why."""

    number: int
    reason: str

    def __str__(self) -> str:
        return f"line {self.number}: {self.reason}"


def read_catalog_file(content: bytes, *, header: bool, quoting: bool) -> Iterator[Line | BadLine]:
    """The lines of a catalog file in UTF-8, empty ones left out.

    ``header`` skips the first line. ``quoting`` reads fields in double quotes as CSV does; otherwise a quote is a
    character as any other, and lines end where the file says so.
    """
    text = content.decode("utf-8-sig", "replace")
    for number, fields in _quoted(text) if quoting else _plain(text):
        if number == 1 and header:
            continue
        if isinstance(fields, BadLine):
            yield fields
        elif any(field.strip() for field in fields):
            yield _line(number, fields)


def _plain(text: str) -> Iterator[tuple[int, list[str] | BadLine]]:
    for number, line in enumerate(io.StringIO(text, newline=None), start=1):
        yield number, line.rstrip("\n").split("\t")


def _quoted(text: str) -> Iterator[tuple[int, list[str] | BadLine]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter="\t", quotechar='"')
    number = 1
    try:
        for row in reader:
            yield number, row
            number = reader.line_num + 1
    except csv.Error as error:
        yield number, BadLine(number, f"nothing from here on can be read ({error})")


def _line(number: int, fields: list[str]) -> Line | BadLine:
    if len(fields) < 2:
        return BadLine(number, "an image id and an image URL are needed, separated by a tab")
    if len(fields) > 3:
        return BadLine(number, "more than three fields; a tab inside JSON is written as \\t")
    image_id, url, metadata = (*(field.strip() for field in fields), "")[:3]
    if not image_id or len(image_id) > _LONGEST_ID:
        return BadLine(number, f"an image id has 1 to {_LONGEST_ID} characters")
    if not is_address(url):
        return BadLine(number, "the image URL is no http or https address")
    if metadata and not _is_json(metadata):
        return BadLine(number, "the metadata are not JSON")
    return Line(image_id, url, metadata)


def is_address(url: Any) -> bool:
    """Whether it is an http or https address."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and len(url.encode()) <= _LONGEST_URL
    except (ValueError, TypeError, AttributeError):
        return False


def _is_json(text: str) -> bool:
    try:
        json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return False
    return True


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is not JSON")

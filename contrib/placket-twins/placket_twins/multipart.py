"""Forms with files: ``multipart/form-data`` (RFC 7578), read from a body that is there as a whole."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.message import Message
from email.parser import HeaderParser
from functools import lru_cache

from attrs import field, frozen

from .refusal import Refusal

MULTIPART = "multipart/form-data"

FILE: Mapping[str, str] = {"type": "string", "format": "binary"}
"""The JSON Schema of a file in a form; what a handler gets is a `FormFile`."""

_MOST_PARTS = 100
_LONGEST_HEAD = 8_192
_PLAIN = re.compile(r"multipart/form-data; boundary=([0-9A-Za-z'()+_,./:=?-]+)")


@frozen
class FormFile:
    """A file in a form."""

    name: str
    media_type: str
    data: bytes = field(repr=False)


def form_of(data: bytes, content_type: str) -> dict[str, str | FormFile]:
    """The fields of a form; of several with one name the last counts. Raises Refusal (400) for what is no form."""
    boundary = _boundary(content_type)
    if not isinstance(boundary, str) or not boundary:
        raise Refusal(400, "the header Content-Type names no boundary")
    delimiter = b"\r\n--" + boundary.encode("latin-1", "replace")
    _, *parts = (b"\r\n" + data).split(delimiter, _MOST_PARTS + 1)
    if not parts or not parts[-1].startswith(b"--"):
        raise Refusal(400, f"the form has no end, or more than {_MOST_PARTS} fields")
    return dict(_field(part) for part in parts[:-1])


def _boundary(content_type: str) -> object:
    # Clients make up a boundary for every request, so nothing can be remembered; nearly all write it like this.
    plain = _PLAIN.fullmatch(content_type)
    return plain[1] if plain else _header("Content-Type", content_type).get_param("boundary")


def _field(part: bytes) -> tuple[str, str | FormFile]:
    head, found, content = part.partition(b"\r\n\r\n")
    if not found or len(head) > _LONGEST_HEAD:
        raise Refusal(400, "a part of the form has no name")
    name, file_name, media_type = _head(head)
    if name is None:
        raise Refusal(400, "a part of the form has no name")
    if file_name is None:
        return name, content.decode("utf-8", "replace")
    return name, FormFile(file_name, media_type, content)


@lru_cache(256)
def _head(head: bytes) -> tuple[str | None, str | None, str]:
    """Name, file name and media type of a part: the same ones come again and again, and are slow to take apart."""
    headers = HeaderParser().parsestr(head.decode("utf-8", "replace").lstrip())
    name = headers.get_param("name", header="Content-Disposition")
    file_name = headers.get_param("filename", header="Content-Disposition")
    shown = file_name[-1] if isinstance(file_name, tuple) else file_name
    media_type = headers.get_content_type() if "Content-Type" in headers else ""
    return name if isinstance(name, str) else None, shown, media_type


def _header(name: str, value: str) -> Message:
    message = Message()
    message[name] = value
    return message

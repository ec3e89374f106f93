"""Forms with files: ``multipart/form-data`` (RFC 7578), read from a body that is there as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from email.message import Message
from email.parser import HeaderParser

from attrs import field, frozen

from .refusal import Refusal

MULTIPART = "multipart/form-data"

FILE: Mapping[str, str] = {"type": "string", "format": "binary"}
"""The JSON Schema of a file in a form; what a handler gets is a `FormFile`."""

_MOST_PARTS = 100


@frozen
class FormFile:
    """A file in a form."""

    name: str
    media_type: str
    data: bytes = field(repr=False)


def form_of(data: bytes, content_type: str) -> dict[str, str | FormFile]:
    """The fields of a form; of several with one name the last counts. Raises Refusal (400) for what is no form."""
    boundary = _header("Content-Type", content_type).get_param("boundary")
    if not isinstance(boundary, str) or not boundary:
        raise Refusal(400, "the header Content-Type names no boundary")
    delimiter = b"\r\n--" + boundary.encode("latin-1", "replace")
    _, *parts = (b"\r\n" + data).split(delimiter, _MOST_PARTS + 1)
    if not parts or not parts[-1].startswith(b"--"):
        raise Refusal(400, f"the form has no end, or more than {_MOST_PARTS} fields")
    return dict(_field(part) for part in parts[:-1])


def _field(part: bytes) -> tuple[str, str | FormFile]:
    head, found, content = part.partition(b"\r\n\r\n")
    headers = HeaderParser().parsestr(head.decode("utf-8", "replace").lstrip())
    name = headers.get_param("name", header="Content-Disposition")
    if not found or not isinstance(name, str):
        raise Refusal(400, "a part of the form has no name")
    file_name = headers.get_param("filename", header="Content-Disposition")
    if file_name is None:
        return name, content.decode("utf-8", "replace")
    shown = file_name if isinstance(file_name, str) else file_name[-1]
    return name, FormFile(shown, headers.get_content_type() if "Content-Type" in headers else "", content)


def _header(name: str, value: str) -> Message:
    message = Message()
    message[name] = value
    return message

"""What a request carries, kept so that it can be sent again."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterable, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from attrs import field, frozen
from msgspec import Struct, to_builtins
from msgspec.json import encode as json_of_struct

from ..errors import InvalidInput

LARGE = 256 * 1024
"""Bodies above this many bytes are handed to aiohttp as a file, so that they leave in pieces between other work."""

Fresh = Callable[[], AsyncIterable[bytes]]


@frozen
class FilePart:
    """A file in a form, as in ``form={"file": FilePart(picture, "front.jpg")}``; it is sent as ``multipart/form-data``.

    Content that is made as it is sent is a function without arguments that starts it afresh, for a second try.
    """

    content: bytes | Fresh = field(repr=False)
    filename: str
    content_type: str = "application/octet-stream"


Form = Mapping[str, "str | FilePart"] | Sequence[tuple[str, "str | FilePart"]]


class Body(Struct, frozen=True):
    """Bytes, a multipart form, or a function that starts the content afresh; one of the three, or nothing."""

    content: bytes | None = None
    parts: tuple[tuple[str, str | FilePart], ...] = ()
    fresh: Fresh | None = None
    content_type: str | None = None

    def __repr__(self) -> str:
        return f"Body(content_type={self.content_type!r})"  # the rest may be a password

    def payload(self) -> Any:
        """What aiohttp is given for one try."""
        if self.content is not None:
            if len(self.content) > LARGE:
                return io.BytesIO(self.content)
            import aiohttp

            return aiohttp.BytesPayload(self.content)  # bytes alone, and aiohttp looks for how to send them
        if self.fresh is not None:
            return self.fresh()
        return self._multipart() if self.parts else None

    def _multipart(self) -> Any:
        import aiohttp

        form = aiohttp.FormData(default_to_multipart=True)
        for name, part in self.parts:
            if isinstance(part, FilePart):
                file = io.BytesIO(part.content) if isinstance(part.content, bytes) else part.content()
                form.add_field(name, file, filename=part.filename, content_type=part.content_type)
            else:
                form.add_field(name, part)
        return form


EMPTY = Body()

_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def make_body(json_value: Any = None, data: bytes | str | Fresh | None = None, form: Form | None = None) -> Body:
    """Encode one of the three ways to give a body.

    ``data`` that is made as it goes is given as a function without arguments, since a second try must start it again.
    A form with a `FilePart` is sent as ``multipart/form-data``, any other as ``application/x-www-form-urlencoded``.
    """
    if (json_value is not None) + (data is not None) + (form is not None) > 1:
        raise TypeError("give one of json, data and form")
    if json_value is not None:
        return Body(encode_json(json_value), content_type="application/json")
    if form is not None:
        pairs = tuple(form.items() if isinstance(form, Mapping) else form)
        if any(isinstance(value, FilePart) for _, value in pairs):
            return Body(parts=pairs)
        return Body(urlencode(pairs).encode(), content_type="application/x-www-form-urlencoded")
    if isinstance(data, str):
        return Body(data.encode(), content_type="text/plain; charset=utf-8")
    if isinstance(data, bytes):
        return Body(data, content_type="application/octet-stream")
    return EMPTY if data is None else Body(fresh=data, content_type="application/octet-stream")


def encode_json(value: Any) -> bytes:
    """Compact JSON, of plain values or of a msgspec Struct, which is quicker.

    NaN and infinity are `InvalidInput`, since JSON has no word for them.
    """
    try:
        if isinstance(value, Struct):
            encoded = json_of_struct(value)
            if b"null" not in encoded:  # which a NaN becomes as well
                return encoded
            value = to_builtins(value)
        return _ENCODER.encode(value).encode()
    except ValueError as error:
        raise InvalidInput(f"this cannot be sent as JSON: {error}") from error


def path_segment(value: str) -> str:
    """``value`` quoted so that it stays one segment of a path: ids from outside may hold ``/``, ``?`` or ``..``."""
    if value in {"", ".", ".."}:
        raise InvalidInput(f"{value!r} cannot be part of an address; an id is wanted")
    return quote(value, safe="")

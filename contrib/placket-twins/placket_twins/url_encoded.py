"""Forms without files: ``application/x-www-form-urlencoded``."""

from __future__ import annotations

from typing import Literal
from urllib.parse import parse_qsl

from .refusal import Refusal

_MOST_FIELDS = 100


def pairs_of(data: bytes, errors: Literal["replace", "surrogateescape"] = "replace") -> list[tuple[str, str]]:
    """The names and values of a form, in its order. ``errors`` is what becomes of bytes that are no UTF-8.

    Raises Refusal (400) for more fields than anybody sends.
    """
    text = data.decode("utf-8", errors)
    try:
        return parse_qsl(text, keep_blank_values=True, errors=errors, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise Refusal(400, f"A form has at most {_MOST_FIELDS} fields.") from None

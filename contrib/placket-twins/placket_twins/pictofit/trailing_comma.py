"""JSON with a comma too much, as in the vendor's own example."""

from __future__ import annotations

import re

_STRING_OR_COMMA = re.compile(rb'"(?:[^"\\]|\\.)*+"|,(?=\s*[}\]])', re.DOTALL)


def without_trailing_commas(data: bytes) -> bytes:
    """The same, without commas that stand before a closing brace or bracket."""
    return _STRING_OR_COMMA.sub(lambda found: b"" if found[0] == b"," else found[0], data)

"""Lines of JSON that people and programs hand to commands."""

from __future__ import annotations

import json
from typing import Any

from ..errors import InvalidInput

LARGEST_RECORD = 64 * 2**20
"""Bytes of a record that are read; one with ten thousand claims has about 5 MB."""

NO_TEXT = "it is no UTF-8 text, so the rest of the file is left out; is this JSON Lines?"


def parsed_line(line: bytes) -> Any:
    """What a line says; raises InvalidInput when it is not JSON, and UnicodeDecodeError when it is no text at all."""
    try:
        return json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"it is not JSON: {error}") from None

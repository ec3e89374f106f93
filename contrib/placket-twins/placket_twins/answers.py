"""Answers in JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import msgspec
from aiohttp import web

_encode = msgspec.json.Encoder().encode


def json_answer(body: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """An answer in JSON; a `msgspec.Raw` in it is put there as it is."""
    try:
        data = _encode(body)
    except UnicodeEncodeError:
        # Half of a surrogate pair, which JSON allows and UTF-8 does not.
        data = json.dumps(body).encode()
    return web.Response(body=data, status=status, headers=headers, content_type="application/json", charset="utf-8")

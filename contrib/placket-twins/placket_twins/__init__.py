"""Twins: servers that speak a vendor's protocol, backed by any Placket provider. ``placket demo``, ``placket serve``.

For tests and development without a key::

    async with Twin("aistetic", tagger=tagger, api_key="k", domain="shop.example.com") as base_url:
        ...
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import placket
from placket.lazy import lazy_names
from placket.registry import Command

if TYPE_CHECKING:
    import click

    from .aistetic import AisteticQuirks
    from .autoretouch import AutoretouchQuirks
    from .image_host import LoopbackImages
    from .pictofit import PictofitQuirks
    from .sartiq import SartiqQuirks
    from .threadgenius import ThreadGeniusQuirks
    from .twin import Twin

__all__ = [
    "AisteticQuirks",
    "AutoretouchQuirks",
    "LoopbackImages",
    "PictofitQuirks",
    "SartiqQuirks",
    "ThreadGeniusQuirks",
    "Twin",
    "placket_commands",
]

_HOMES = {
    "AisteticQuirks": "aistetic",
    "AutoretouchQuirks": "autoretouch",
    "LoopbackImages": "image_host",
    "PictofitQuirks": "pictofit",
    "SartiqQuirks": "sartiq",
    "ThreadGeniusQuirks": "threadgenius",
    "Twin": "twin",
}

# The command line lists this plugin and must stay quick.
if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_names(__name__, _HOMES)


def _demo() -> click.Command:
    from .command import demo

    return demo


def _serve() -> click.Command:
    from .serve_command import serve

    return serve


@placket.hookimpl
def placket_commands() -> Iterable[Command]:
    """Register ``placket demo`` and ``placket serve``."""
    yield Command(
        name="demo",
        help="See Placket work: five vendors, one photo, one record, a page that tells who said what.",
        load=_demo,
    )
    yield Command(
        name="serve", help="Serve vendors' protocols on this machine, with real work behind them.", load=_serve
    )

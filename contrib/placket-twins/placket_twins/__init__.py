"""Twins: servers that speak a vendor's protocol, backed by any Placket provider. ``placket demo``, ``placket serve``.

For tests and development without a key::

    async with Twin("aistetic", tagger=tagger, api_key="k", domain="shop.example.com") as base_url:
        ...
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import placket
from placket.registry.types import Command

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


def __getattr__(name: str) -> Any:
    """Import a public class when it is first asked for: the command line lists this plugin and must stay quick."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


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
        name="demo", help="See Placket work: two providers, one record, a page that tells who said what.", load=_demo
    )
    yield Command(
        name="serve", help="Serve vendors' protocols on this machine, with real work behind them.", load=_serve
    )

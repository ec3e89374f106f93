"""The provider: one account, seen as a store of products and as the shoots made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from placket.registry import ProviderContext

from .connection import Connection
from .pictures import PictureSender
from .shoots import SartiqShoots
from .store import SartiqStore

if TYPE_CHECKING:
    from . import SartiqSettings


class Sartiq(SartiqShoots, SartiqStore):
    """Products and shoots of one account."""

    def __init__(self, settings: SartiqSettings, context: ProviderContext) -> None:
        self._connection = Connection(settings, context)
        self._pictures = PictureSender(settings, context, self._connection.http)

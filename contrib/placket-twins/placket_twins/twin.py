"""A vendor's twin on this machine, for tests, demos and development without a key."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import Any, Self

from placket.interfaces import GarmentTagger
from placket.transport import SafeFetcher, SessionPool

from .aistetic import PREFIX, AisteticTwin
from .aistetic_work import ImageFetcher
from .serving import LoopbackSite

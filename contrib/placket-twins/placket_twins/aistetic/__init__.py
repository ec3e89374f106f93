"""The twin of Aistetic's Listing API."""

from .quirks import AisteticQuirks
from .twin import PREFIX, AisteticSettings, AisteticTwin

__all__ = ["PREFIX", "AisteticQuirks", "AisteticSettings", "AisteticTwin"]

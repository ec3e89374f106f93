"""The twin of Thread Genius: tagging, detection and visual search, by both versions of its protocol."""

from .quirks import ThreadGeniusQuirks
from .settings import ThreadGeniusSettings
from .twin import ThreadGeniusTwin

__all__ = ["ThreadGeniusQuirks", "ThreadGeniusSettings", "ThreadGeniusTwin"]

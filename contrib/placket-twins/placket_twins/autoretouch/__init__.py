"""The twin of the autoRetouch AI Shoot API."""

from .quirks import AutoretouchQuirks
from .settings import AutoretouchSettings
from .twin import AutoretouchTwin

__all__ = ["AutoretouchQuirks", "AutoretouchSettings", "AutoretouchTwin"]

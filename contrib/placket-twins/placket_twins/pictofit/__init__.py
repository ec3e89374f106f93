"""The twin of the Pictofit Content Service."""

from .quirks import PictofitQuirks
from .settings import PictofitSettings
from .twin import PictofitTwin

__all__ = ["PictofitQuirks", "PictofitSettings", "PictofitTwin"]

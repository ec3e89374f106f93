"""The twin of the Sartiq backend's products API."""

from .quirks import SartiqQuirks
from .settings import SartiqSettings
from .twin import SartiqTwin

__all__ = ["SartiqQuirks", "SartiqSettings", "SartiqTwin"]

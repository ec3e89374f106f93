"""What ``placket demo`` does: five vendors as twins on this machine, one photo, one record, one page."""

from .run import Demonstration, demonstrate
from .sample import SAMPLE, SAMPLE_LISTING, sample_picture

__all__ = ["SAMPLE", "SAMPLE_LISTING", "Demonstration", "demonstrate", "sample_picture"]

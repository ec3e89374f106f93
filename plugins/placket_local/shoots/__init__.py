"""The embedded shoots."""

from .shoots import LocalShoots

__all__ = ["LocalShoots"]

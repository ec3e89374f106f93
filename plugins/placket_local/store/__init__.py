"""The embedded product store."""

from .store import LocalStore

__all__ = ["LocalStore"]

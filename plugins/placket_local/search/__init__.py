"""Visual search on this machine: catalogs in SQLite, embedded by a small model, searched through faiss."""

from .search import LocalSearch

__all__ = ["LocalSearch"]

"""The database behind the embedded store and shoots: SQLite by default, PostgreSQL one URL away."""

from .engine import Database

__all__ = ["Database"]

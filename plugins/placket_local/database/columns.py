"""The kinds of columns that the tables are made of. Nothing is ever null: what is not known is empty, or 0.

Migrations are written in them, too, so what a kind stands for must not change.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, Text

NUMBER = BigInteger().with_variant(Integer, "sqlite")
"""SQLite numbers rows by itself only where the type is spelt INTEGER."""


def identity() -> tuple[Column[int], Column[str]]:
    """The number of a row, in the order in which rows were made, and the id by which it is known outside."""
    return Column("number", NUMBER, primary_key=True, autoincrement=True), Column(
        "id", Text, nullable=False, unique=True
    )


def key(name: str) -> Column[str]:
    """A part of the primary key."""
    return Column(name, Text, primary_key=True)


def text(name: str) -> Column[str]:
    """A text."""
    return Column(name, Text, nullable=False)


def added_text(name: str) -> Column[str]:
    """A text that rows have got which were there before the column."""
    return Column(name, Text, nullable=False, server_default="")


def count(name: str) -> Column[int]:
    """A whole number."""
    return Column(name, Integer, nullable=False)


def flag(name: str) -> Column[bool]:
    """Yes or no."""
    return Column(name, Boolean, nullable=False)


def instant(name: str) -> Column[int]:
    """A time: microseconds since 1970."""
    return Column(name, BigInteger, nullable=False)


def json(name: str) -> Column[bytes]:
    """JSON, as bytes, as the codec wrote it."""
    return Column(name, LargeBinary, nullable=False)

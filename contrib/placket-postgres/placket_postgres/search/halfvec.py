"""pgvector's ``halfvec`` for SQLAlchemy: vectors of two bytes a number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Float
from sqlalchemy.types import UserDefinedType

from placket_local.arrays import Floats


class HalfVector(UserDefinedType[Floats]):
    """A vector of ``length`` numbers, or, as a column without one, of any."""

    cache_ok = True

    def __init__(self, length: int | None = None) -> None:
        self.length = length

    def get_col_spec(self, **_: Any) -> str:
        """The type as the server calls it."""
        return "halfvec" if self.length is None else f"halfvec({self.length})"

    def bind_processor(self, dialect: Any) -> Callable[[Any], str]:  # noqa: ARG002 - SQLAlchemy's signature
        """Vectors travel as texts."""
        return written

    def bind_expression(self, bindvalue: Any) -> ColumnElement[Any]:
        """The server is told what the text stands for."""
        from sqlalchemy import cast

        return cast(bindvalue, self)


def written(vector: Floats) -> str:
    """A vector as pgvector reads it."""
    return "[" + ",".join([f"{number:.5g}" for number in vector.tolist()]) + "]"


def opposite(one: ColumnElement[Any], other: ColumnElement[Any]) -> ColumnElement[float]:
    """The negative dot product of two vectors, by which pgvector sorts: the most alike come first."""
    return one.op("<#>", return_type=Float())(other)

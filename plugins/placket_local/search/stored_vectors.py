"""Vectors as the truth keeps them: float16, by numbers that never get another vector."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np
from sqlalchemy import Connection, Select, select

from ..arrays import Floats
from .approximate import Numbers
from .items import encode
from .tables import VECTORS
from .truth import SEVERAL, rows_of, written

REMEMBERED = 1 << 17
"""Vectors that a process keeps at hand: of the embedded model they take 67 MB, and a catalog of 100,000 fits."""

_vectors = VECTORS.c


class StoredVectors:
    """Vectors of ``size`` numbers and their items, by number; those that were wanted before are not read again.

    It may still know a vector that was removed: ask for those that the present state of a catalog has.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.none: Floats = np.empty((0, size), np.float32)
        self._turn = threading.Lock()
        # Each vector has one place, which it shares with others. Memory is taken as places are.
        self._numbers: Numbers = np.zeros(REMEMBERED, np.int64)
        self._items: Numbers = np.zeros(REMEMBERED, np.int64)
        self._vectors = np.zeros((REMEMBERED, size), np.float16)

    def of(self, connection: Connection, numbers: Numbers) -> tuple[Numbers, Floats]:
        """Vectors by different numbers, in no order: (n,) and (n, size)."""
        places = numbers % REMEMBERED
        with self._turn:
            known = self._numbers[places] == numbers
            found = self._vectors[places[known]]
        missing = numbers[~known]
        if not len(missing):
            return numbers, found.astype(np.float32)
        rows = _rows(connection, missing)
        read_numbers, read = _table(rows, self.size)
        places = read_numbers % REMEMBERED
        with self._turn:
            self._numbers[places] = read_numbers
            self._items[places] = [row[2] for row in rows]
            self._vectors[places] = read
        return np.concatenate([numbers[known], read_numbers]), np.concatenate([found.astype(np.float32), read])

    def items(self, connection: Connection, numbers: Numbers) -> dict[int, int]:
        """The keys of the items of vectors."""
        places = numbers % REMEMBERED
        with self._turn:
            known = self._numbers[places] == numbers
            found = self._items[places[known]]
        keys = dict(zip(numbers[known].tolist(), found.tolist(), strict=True))
        missing = numbers[~known]
        return keys | dict(rows_of(connection, _ITEMS, encode(missing.tolist()))) if len(missing) else keys


def numbers_of(connection: Connection, *asked: Select[Any]) -> Numbers:
    """The first column of queries, as sorted numbers, each once."""
    found = (connection.execute(each).scalars() for each in asked)
    return np.unique(np.fromiter(chain.from_iterable(found), np.int64))


def existing(connection: Connection, numbers: Numbers) -> Numbers:
    """Those of the numbers that the truth has a vector of, sorted."""
    return np.sort(np.array([row[0] for row in rows_of(connection, _ITEMS, encode(numbers.tolist()))], np.int64))


def read_vectors(
    connection: Connection, catalog: int, *, size: int, after: int = 0, most: int | None = None
) -> tuple[Numbers, Floats]:
    """Vectors of a catalog in the order of their numbers: (n,) and (n, size)."""
    asked = (
        select(_vectors.number, _vectors.vector)
        .where(_vectors.catalog == catalog, _vectors.number > after)
        .order_by(_vectors.number)
        .limit(most)
    )
    return _table(connection.execute(asked).fetchall(), size)


def fetched(connection: Connection, numbers: Numbers, size: int) -> tuple[Numbers, Floats]:
    """Those of the vectors that the truth has."""
    return _table(_rows(connection, numbers), size)


_these = _vectors.number.in_(SEVERAL)
_ITEMS = written(select(_vectors.number, _vectors.item).where(_these))
_THESE = written(select(_vectors.number, _vectors.vector, _vectors.item).where(_these))


def _rows(connection: Connection, numbers: Numbers) -> list[tuple[Any, ...]]:
    return rows_of(connection, _THESE, encode(numbers.tolist()))


def _table(rows: Sequence[Any], size: int) -> tuple[Numbers, Floats]:
    numbers = np.array([row[0] for row in rows], np.int64)
    stored = np.frombuffer(b"".join([row[1] for row in rows]), np.float16)
    return numbers, stored.astype(np.float32).reshape(len(rows), size)

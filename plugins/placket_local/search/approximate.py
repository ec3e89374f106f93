"""The index file: every vector in half a byte for two of its numbers, in lists around centres.

It holds nothing that the truth does not, and is never changed: a new one takes its place. It finds candidates, which
are then compared exactly. Chosen by measurement, see ``docs/how-to/embedded-search.md``.
"""

from __future__ import annotations

import math
import os
import zlib
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

import faiss as library
import numpy as np
import numpy.typing as npt
from attrs import frozen

from ..arrays import Floats
from ..store.media import PART, remove_abandoned

# Its own type hints leave out what its Python layer adds.
faiss: Any = library

Numbers = npt.NDArray[np.int64]

PROBES = 160
"""Into how many lists a search looks, of as many as the square root of the number of vectors.

That is when it weighs look and colour as the lists do. Any other weight scatters what is alike over all lists, and so
does a filter: those look into all of them.
"""

SAMPLE = 60_000
"""Vectors from which the centres are learnt; more cost time and change nothing measurable."""

_NUMBERS_PER_CODE = 2
_BITS = 4  # the width for which the library compares 32 vectors at a time in registers
_ROUNDS = 10


class Damaged(Exception):
    """The file is not what was written, or is not there."""


@frozen(eq=False)
class Allowed:
    """The vectors that a filter lets through: their numbers in order."""

    numbers: Numbers

    @cached_property
    def selector(self) -> Any:
        """The filter, as the library wants it."""
        flags = np.zeros(int(self.numbers.max(initial=0)) + 1, np.bool_)
        flags[self.numbers] = True
        return faiss.IDSelectorBitmap(np.packbits(flags, bitorder="little"))


class Approximate:
    """An index file that is open: read whole, since it is small."""

    def __init__(self, index: Any) -> None:
        self._index = index

    @classmethod
    def open(cls, path: Path, seal: str) -> Approximate:
        """Read a file; raises Damaged when it is not the one that was sealed."""
        try:
            if seal != sealed(path):
                raise Damaged(f"{path} is not the file that was written")
            return cls(faiss.read_index(str(path)))
        except (OSError, RuntimeError) as error:
            raise Damaged(f"{path} cannot be opened: {error}") from error

    def candidates(
        self, queries: Floats, most: int, *, everywhere: bool = False, within: Allowed | None = None, gone: Any = None
    ) -> Numbers:
        """The numbers of the vectors whose dot products with ``queries`` (n, d) are about the largest: (n, most).

        Places for which none was found hold -1. ``everywhere`` has every list looked into, which a filter needs.
        """
        lists = self._index.nlist if everywhere else min(PROBES, self._index.nlist)
        parameters = faiss.SearchParametersIVF(nprobe=lists, sel=gone if within is None else within.selector)
        faiss.omp_set_num_threads(1)
        _, numbers = self._index.search(_even(queries), most, params=parameters)
        return np.asarray(numbers, np.int64)


def _even(vectors: Floats) -> Floats:
    """(n, d) vectors, with a zero at the end of each where d is odd: a code stands for two numbers."""
    count, size = vectors.shape
    even = np.zeros((count, size + size % _NUMBERS_PER_CODE), np.float32)
    even[:, :size] = vectors
    return even


def without(removed: Numbers) -> Any:
    """The filter that lets through everything but some vectors; None when that is everything."""
    return faiss.IDSelectorNot(faiss.IDSelectorBatch(removed)) if len(removed) else None


def write(path: Path, count: int, sample: Floats, batches: Iterable[tuple[Numbers, Floats]]) -> str:
    """Write an index file of ``count`` vectors of length 1 that appears whole or not at all, and return its seal.

    ``sample`` (n, d) is what the centres are learnt from. Raises OSError when it cannot be written.
    """
    faiss.omp_set_num_threads(1)
    sample = _even(sample)
    size = sample.shape[1]
    lists = round(math.sqrt(count))
    index = faiss.IndexIVFPQFastScan(
        faiss.IndexFlatIP(size), size, lists, size // _NUMBERS_PER_CODE, _BITS, faiss.METRIC_INNER_PRODUCT
    )
    index.cp.niter = _ROUNDS
    index.cp.min_points_per_centroid = index.pq.cp.min_points_per_centroid = 1  # or it warns on standard error
    index.train(sample)
    for numbers, vectors in batches:
        index.add_with_ids(_even(vectors), np.ascontiguousarray(numbers))
    partial = path.with_suffix(PART)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        remove_abandoned(path.parent)
        try:
            faiss.write_index(index, str(partial))
        except RuntimeError as error:
            raise OSError(f"{partial} cannot be written: {error}") from error
        with partial.open("rb+") as file:
            os.fsync(file.fileno())
        partial.replace(path)
        return sealed(path)
    except OSError:
        partial.unlink(missing_ok=True)
        raise


def sealed(path: Path) -> str:
    """Tell a file by its size and its checksum: the library would trust whatever numbers it finds in it."""
    checksum, size = 0, 0
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            checksum, size = zlib.crc32(piece, checksum), size + len(piece)
    return f"{size}-{checksum:08x}"

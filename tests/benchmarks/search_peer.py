"""usearch builds an index over made vectors: ``search_peer.py COUNT``. Prints the seconds of CPU time it took."""

from __future__ import annotations

import sys
import time

import numpy as np
from search_vectors import COLOR, LOOK, World
from usearch.index import Index  # type: ignore[import-not-found]

count = int(sys.argv[1])
index = Index(ndim=LOOK + COLOR, metric="ip", dtype="f16")
number, spent = 0, 0.0
for chunk in World().garments(count, seed=1):
    vectors = np.concatenate([chunk.look, chunk.color], axis=1)
    keys = np.arange(number, number + len(vectors))
    started = time.process_time()
    index.add(keys, vectors, threads=1)
    spent += time.process_time() - started
    number += len(vectors)
print(spent)

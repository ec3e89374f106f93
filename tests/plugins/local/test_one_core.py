"""The work on a picture stays on the thread it was given to, however many cores NumPy's algebra would take."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

WORK = """
import io, os
import numpy as np
from PIL import Image
from placket_local.analysis import analyze
from placket_local.cutout import cut_out
from placket_local.picture import decode
from placket_local.search.catalog_index import State

def others():
    ticks = 0
    for task in os.listdir("/proc/self/task"):
        if int(task) != os.getpid():
            fields = open(f"/proc/self/task/{task}/stat").read().rsplit(")", 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks

def work():
    analyze(file.getvalue(), palette)
    cut_out(decode(file.getvalue()))
    state.exact(vectors[0], 10, None)

random = np.random.default_rng(3)
pixels = np.full((600, 600, 3), 220) + random.normal(0, 2, (600, 600, 3))
pixels[150:500, 180:420] = (150, 40, 50) + random.normal(0, 6, (350, 240, 3))
file = io.BytesIO()
Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(file, "PNG")
palette = {"red": (45.0, 60.0, 40.0), "gray": (60.0, 0.0, 0.0)}
vectors = random.normal(size=(4000, 257)).astype(np.float32)
state = State("", 0, None, 0, 0, np.arange(4000), vectors, np.empty(0, np.int64))
work()
before = others()
for _ in range(5):
    work()
print(others() - before)
"""


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="counts the time of threads as Linux tells it")
def test_no_other_thread_works() -> None:
    free = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    done = subprocess.run(
        [sys.executable, "-c", WORK], env=free | {"OPENBLAS_NUM_THREADS": "4"}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) == 0, "hundredths of a second of other threads"

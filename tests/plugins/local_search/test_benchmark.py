"""The benchmark of the search reaches into it, and is run by hand: this keeps it from breaking unseen."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "search_catalog.py"
COUNT = "21000"
"""More than are searched without an index file."""


def test_the_benchmark_of_the_search_runs(tmp_path):
    figures = {}
    for stage in ("build", "serve"):
        command = [sys.executable, str(SCRIPT), COUNT, str(tmp_path), stage]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        figures |= json.loads(done.stdout)
    assert figures["truth bytes"] > 0
    assert figures["open"] > 0

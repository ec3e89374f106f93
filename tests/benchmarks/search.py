"""Visual search in large catalogs, and catalogs whose writer is killed: ``python tests/benchmarks/search.py``.

CPU time, one thread. The peers take their turn in the same run: comparing everything with numpy, and building an index
with usearch, which is installed into ``.cache`` once. Vectors are made: see ``search_vectors.py``.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from figures import ROOT, Figure, at_least, at_most, show

HERE = Path(__file__).parent
WRITER = ROOT / "tests" / "plugins" / "local_search" / "writer.py"
PEERS = ROOT / ".cache" / "search-peers"
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
PEER_SAMPLE = 50_000
"""Vectors that usearch adds; each costs it more the more there are, so the ratio is a lower bound."""


def stage(count: int, folder: Path, name: str) -> dict[str, Any]:
    command = [sys.executable, str(HERE / "search_catalog.py"), str(count), str(folder), name]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=ENVIRONMENT)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def catalog(count: int) -> dict[str, Any]:
    """What one process builds and another serves."""
    with tempfile.TemporaryDirectory() as name:
        built = stage(count, Path(name), "build")
        return {**built, **stage(count, Path(name), "serve")}


def usearch() -> float | None:
    """Seconds of CPU time that usearch takes for a vector; None where it cannot be installed."""
    python = PEERS / "bin" / "python"
    if not python.exists():
        print(f"installing usearch into {PEERS.relative_to(ROOT)}, once", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", str(PEERS)], check=False)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", "usearch", "numpy", "attrs"], check=False)
    done = subprocess.run(
        [str(python), str(HERE / "search_peer.py"), str(PEER_SAMPLE)],
        capture_output=True, text=True, check=False, env=ENVIRONMENT,
    )  # fmt: skip
    return float(done.stdout) / PEER_SAMPLE if done.returncode == 0 else None


def figures_of(count: int, seen: dict[str, Any], recall: float, speed: float) -> list[Figure]:
    """The figures that every size has."""
    name = f"{count:,} vectors"
    lowest = min(seen["filtered"].values())
    figures = [
        at_least(f"{name}: recall@10", seen["recall"], recall, ""),
        at_least(f"{name}: faster than exact numpy", seen["exact"] / seen["nearest"], speed, "times"),
        Figure(f"{name}: the nearest and their distances", f"{seen['nearest'] * 1e3:.2f} ms CPU"),
        Figure(f"{name}: a whole search, with the items' metadata", f"{seen['search'] * 1e3:.2f} ms CPU"),
        Figure(f"{name}: exact numpy", f"{seen['exact'] * 1e3:.2f} ms CPU"),
        at_most(f"{name}: opened, first search included", seen["open"], 1.0, "s"),
        at_least(f"{name}: filtered recall@10, the worst of {len(seen['filtered'])}", lowest, 0.99, ""),
    ]
    for kind, rate in seen["filtered"].items():
        spent = seen["filtered times"][kind] * 1e3
        figures.append(Figure(f"{name}: filtered, {kind}", f"{rate:.3f}, {spent:.1f} ms CPU"))
    for weight, rate in seen["knobs"].items():
        figures.append(Figure(f"{name}: recall@10 at colour weight {weight}", f"{rate:.3f}"))
    return figures


def killed(rounds: int) -> Figure:
    """How often a catalog whose writer was killed opens with everything in it that was acknowledged."""
    import asyncio

    sys.path.insert(0, str(WRITER.parent))
    import writer

    whole = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        reference = asyncio.run(writer.new_catalog(folder))
        acknowledged: set[str] = set()
        luck = random.Random(11)
        for turn in range(rounds):
            acknowledged |= killed_once(folder, reference, turn, luck)
            whole += acknowledged <= asyncio.run(writer.ids_in(folder, reference))
    return Figure(
        "kill -9 in mid-write: opened again with all that was acknowledged",
        f"{whole} of {rounds}", f"{rounds} of {rounds}", whole == rounds,
    )  # fmt: skip


def killed_once(folder: Path, catalog: str, turn: int, luck: random.Random) -> set[str]:
    """Let a process write for a moment, kill it, and return the ids of the items that it had acknowledged."""
    command = [sys.executable, str(WRITER), str(folder), catalog, str(turn * 10_000)]
    acknowledged: set[str] = set()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            # Whatever it is doing then: adding, embedding, or writing an index file.
            process.wait(luck.uniform(0, 0.6))
        except subprocess.TimeoutExpired:
            process.kill()
        for line in process.stdout:
            if line.startswith("added") and line.endswith("\n"):
                acknowledged.update(line.split()[1:])
    return acknowledged


def measure(large: int = 1_000_000, rounds: int = 100) -> list[Figure]:
    figures = figures_of(100_000, catalog(100_000), recall=0.98, speed=5)
    if large:
        seen = catalog(large)
        figures += figures_of(large, seen, recall=0.97, speed=30)
        name = f"{large:,} vectors"
        figures += [
            at_most(f"{name}: disk of the index, a vector", seen["index bytes"] / large / 1000, 0.35, "kB"),
            Figure(f"{name}: disk of the truth, a vector", f"{seen['truth bytes'] / large / 1000:.2f} kB"),
            at_most(f"{name}: memory while serving", seen["resident"] / 1e9, 0.4, "GB"),
            Figure(f"{name}: building the index", f"{seen['build']:.1f} s CPU"),
        ]
        peer = usearch()
        if peer is None:
            figures.append(Figure("usearch", "not measured: it cannot be installed here"))
        else:
            share = seen["build"] / large / peer
            figures.append(at_most(f"{name}: building, of usearch's time for one of 50,000", share, 0.1, "times"))
    return [*figures, killed(rounds)]


if __name__ == "__main__":
    show("Visual search", measure())

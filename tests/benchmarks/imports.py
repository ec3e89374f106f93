"""What ``import placket`` costs in a fresh process: ``python tests/benchmarks/imports.py``."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from pathlib import Path

from figures import Figure, at_most, peer_environment, peer_python, show

MEASURE = """
import json, re, resource, sys, time
start = time.perf_counter()
{code}
seconds = time.perf_counter() - start
if sys.platform == "linux":  # where ru_maxrss survives exec, so that it is never below the peak of the parent
    rss = int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024
else:
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
print(json.dumps([seconds * 1e3, rss]))
"""


def once(python: Path, code: str) -> tuple[float, float]:
    """(milliseconds, peak MB) of a fresh process that runs ``code``."""
    done = subprocess.run(
        [str(python), "-c", MEASURE.format(code=code)],
        capture_output=True, text=True, check=True, env=peer_environment(),
    )  # fmt: skip
    milliseconds, megabytes = json.loads(done.stdout.splitlines()[-1])
    return milliseconds, megabytes


def measure(rounds: int = 7) -> list[Figure]:
    ours = Path(sys.executable)
    peer = peer_python()
    subjects: dict[str, tuple[Path, str]] = {
        "bare": (ours, "pass"),
        "stack": (ours, "import attrs, pluggy, asyncio"),
        "placket": (ours, "import placket"),
        "used": (ours, "import placket; placket.open, placket.Garment, placket.GarmentRecord"),
    }
    if peer is not None:
        subjects["litellm"] = (peer, "import litellm")
    seen: dict[str, list[tuple[float, float]]] = {name: [] for name in subjects}
    for _ in range(rounds):
        for name, (python, code) in subjects.items():
            seen[name].append(once(python, code))
    time_of = {name: statistics.median(ms for ms, _ in found) for name, found in seen.items()}
    memory_of = {name: statistics.median(mb for _, mb in found) for name, found in seen.items()}
    figures = [
        Figure("import placket", f"{time_of['placket']:.1f} ms"),
        Figure("the same, and open, Garment and GarmentRecord used", f"{time_of['used']:.1f} ms"),
        at_most("import placket / import attrs, pluggy, asyncio", time_of["placket"] / time_of["stack"], 2, ""),
        at_most("memory above the bare interpreter", memory_of["placket"] - memory_of["bare"], 35, "MB"),
        at_most("the same, and open, Garment and GarmentRecord used", memory_of["used"] - memory_of["bare"], 35, "MB"),
    ]
    if peer is None:
        figures.append(Figure("import litellm / import placket", "not measured: litellm cannot be installed here"))
    else:
        figures += [
            Figure("import litellm", f"{time_of['litellm']:.0f} ms"),
            Figure(
                "import litellm / import placket",
                f"{time_of['litellm'] / time_of['placket']:.0f}",
                "at least 25",
                time_of["litellm"] >= 25 * time_of["placket"],
            ),
            Figure("import litellm / placket with open used", f"{time_of['litellm'] / time_of['used']:.0f}"),
        ]
    return figures


if __name__ == "__main__":
    show("Import", measure())

"""Run every benchmark and print each figure beside its target: ``python tests/benchmarks/run.py``.

Figures are ratios to a peer in the same run wherever there is one. The first run installs the peers into
``.cache``: litellm and httpx, orjson and pydantic, usearch. Exits with 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import attrs
import decoding
import imports
import router
import search
import store
import studio
import throughput
import twins
from figures import Figure, show

import merge

BENCHMARKS: dict[str, tuple[str, Callable[[], list[Figure]], Callable[[], list[Figure]]]] = {
    "import": ("Import", imports.measure, lambda: imports.measure(rounds=3)),
    "router": ("Router", router.measure, lambda: router.measure(rounds=2, calls=5_000)),
    "merge": ("Merge", merge.measure, merge.measure),
    "decoding": ("Decoding", decoding.measure, lambda: decoding.measure(rounds=3, calls=2_000)),
    "store": ("Store", store.measure, lambda: store.measure(10_000, 100_000, rounds=1)),
    "studio": ("Studio", studio.measure, lambda: studio.measure(rounds=2)),
    "search": ("Visual search", search.measure, lambda: search.measure(large=0, rounds=10)),
    "twins": ("Twins", twins.measure, lambda: twins.measure(rounds=2, count=200, requests=10)),
    "throughput": ("Throughput", throughput.measure, lambda: throughput.measure(rounds=2, seconds=1.5)),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer rounds: for a first look")
    parser.add_argument("--only", choices=BENCHMARKS, help="run one benchmark")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    chosen = parser.parse_args()
    measured: dict[str, list[Figure]] = {}
    for name, (title, full, quick) in BENCHMARKS.items():
        if chosen.only in (None, name):
            figures = (quick if chosen.quick else full)()
            show(title, figures)
            measured[name] = figures
    if chosen.json is not None:
        shown = {name: [attrs.asdict(figure) for figure in figures] for name, figures in measured.items()}
        chosen.json.write_text(json.dumps(shown, indent=2) + "\n", "utf-8")
    missed = sum(figure.met is False for figures in measured.values() for figure in figures)
    print(f"\n{missed} target{'' if missed == 1 else 's'} missed")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())

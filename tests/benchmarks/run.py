"""Run every benchmark and print each figure beside its target: ``python tests/benchmarks/run.py [--quick] [--only NAME]``.

Figures are ratios to a peer in the same run wherever there is one. The first run installs the peers, litellm and
httpx, into ``.cache/litellm``. Exits with 1 when a target is missed.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import imports
import router
import throughput
from figures import Figure, show

import merge

BENCHMARKS: dict[str, tuple[str, Callable[[], list[Figure]], Callable[[], list[Figure]]]] = {
    "import": ("Import", imports.measure, lambda: imports.measure(rounds=3)),
    "router": ("Router", router.measure, lambda: router.measure(rounds=2, calls=5_000)),
    "merge": ("Merge", merge.measure, merge.measure),
    "throughput": ("Throughput", throughput.measure, lambda: throughput.measure(rounds=2, seconds=1.5)),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer rounds: for a first look")
    parser.add_argument("--only", choices=BENCHMARKS, help="run one benchmark")
    chosen = parser.parse_args()
    missed = 0
    for name, (title, full, quick) in BENCHMARKS.items():
        if chosen.only in (None, name):
            figures = (quick if chosen.quick else full)()
            show(title, figures)
            missed += sum(figure.met is False for figure in figures)
    print(f"\n{missed} target{'' if missed == 1 else 's'} missed")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())

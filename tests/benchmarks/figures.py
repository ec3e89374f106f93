"""A measured figure beside its target, and how a table of them is printed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from attrs import frozen

ROOT = Path(__file__).parents[2]
PEER_FOLDER = ROOT / ".cache" / "litellm"


@frozen
class Figure:
    """``met`` is None for a figure that has no target."""

    name: str
    value: str
    target: str = ""
    met: bool | None = None


def at_most(name: str, value: float, limit: float, unit: str) -> Figure:
    return Figure(name, f"{value:,.2f} {unit}".rstrip(), f"at most {limit:,g} {unit}".rstrip(), value <= limit)


def at_least(name: str, value: float, limit: float, unit: str) -> Figure:
    return Figure(name, f"{value:,.2f} {unit}".rstrip(), f"at least {limit:,g} {unit}".rstrip(), value >= limit)


def show(title: str, figures: list[Figure]) -> None:
    print(f"\n{title}")
    for figure in figures:
        mark = {True: "met", False: "MISSED", None: ""}[figure.met]
        print(f"  {figure.name:<62} {figure.value:>18}   {figure.target:<22} {mark}")


def peer_python() -> Path | None:
    """The Python of a virtual environment with litellm and httpx, made on demand; None when it cannot be made."""
    python = PEER_FOLDER / "bin" / "python"
    if not python.exists():
        print(f"installing litellm and httpx into {PEER_FOLDER.relative_to(ROOT)}, once", file=sys.stderr)
        made = subprocess.run([sys.executable, "-m", "venv", str(PEER_FOLDER)], check=False)
        if made.returncode:
            return None
    if not _has_peer(python):
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", "litellm", "httpx"], check=False)
    return python if _has_peer(python) else None


def _has_peer(python: Path) -> bool:
    found = subprocess.run(
        [
            str(python),
            "-c",
            "import importlib.util as found; assert found.find_spec('litellm') and found.find_spec('httpx')",
        ],
        stderr=subprocess.DEVNULL,
        check=False,
    )
    return found.returncode == 0


def peer_environment() -> dict[str, str]:
    """Keeps litellm from fetching its price list over the network."""
    return {**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}

"""What a routed call costs beside the provider's own work: ``python tests/benchmarks/router.py``.

CPU time of the process, medians over rounds; litellm's router, with a mocked answer, takes its turn in every round.
"""

from __future__ import annotations

import asyncio
import gc
import json
import statistics
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from types import SimpleNamespace

from attrs import frozen
from figures import Figure, at_most, peer_environment, peer_python, show

import placket
from placket.interfaces import Capabilities, Findings, Garment, GarmentTagger, Level
from placket.record import Claim, Color, Measurement, Source, Vocabulary
from placket.registry import ProviderType, setting

WORDS = Vocabulary.default()
COLORS = WORDS.terms("color")
FITS = WORDS.terms("fit")
CATEGORIES = [WORDS.find("category", word) for word in ("jeans", "leggings", "skirt")]


@frozen(kw_only=True)
class Settings:
    voice: int = setting(default=0, doc="Which of the sample's providers it is.")


class Silent(GarmentTagger):
    """Answers at once with nothing: what is left is the router's own work."""

    def __init__(self, _settings: Settings, _context: object) -> None:
        self._findings = Findings()

    async def tag(self, garment: Garment) -> Findings:
        return self._findings


class Talking(GarmentTagger):
    """Answers with twelve claims, made for each call; every third field is contested."""

    def __init__(self, settings: Settings, context: object) -> None:
        self._voice = settings.voice
        self._source: Source = context.source("tag")  # type: ignore[attr-defined]

    async def tag(self, garment: Garment) -> Findings:
        return Findings(tuple(self._claims()))

    def _claims(self) -> Iterable[Claim]:
        voice, source = self._voice, self._source
        odd = int(voice == 2)
        yield Claim("category", CATEGORIES[odd], source, confidence=0.8)
        yield Claim("fit", FITS[odd], source, confidence=0.7)
        yield Claim("color", Color(COLORS[1], 0.6), source, confidence=0.9)
        yield Claim("color", Color(COLORS[3 + odd], 0.3), source, confidence=0.6)
        yield Claim("brand", "Halyard", source, confidence=0.9)
        yield Claim("name", f"Breton top {voice}", source, confidence=0.9)
        yield Claim("descriptions.long", f"A top, in the words of {voice}", source, confidence=0.6, generated=True)
        yield Claim("measurements.waist", Measurement(740.0 + voice, 29, "in"), source, confidence=0.7)
        yield Claim("measurements.length", Measurement(700.0 + 50 * odd, 27, "in"), source, confidence=0.7)
        yield Claim("gender", WORDS.terms("gender")[0], source, confidence=0.9)
        yield Claim("pattern", WORDS.terms("pattern")[0], source, confidence=0.8)
        yield Claim(f"external_ids.voice{voice}", f"id-{voice}", source)


def provider_type(name: str, factory: type) -> ProviderType:
    levels = {"garment_tagger.tag": Level.FULL, "garment_tagger.submit": Level.FULL}
    return ProviderType(
        name=name, title=name, settings=Settings, factory=factory, interfaces=(GarmentTagger,),
        capabilities=Capabilities(levels, {"category": Level.FULL}),
    )  # fmt: skip


@placket.hookimpl
def placket_provider_types() -> Iterable[ProviderType]:
    return [provider_type("silent", Silent), provider_type("talking", Talking)]


PLUGIN = SimpleNamespace(__name__="benchmark", placket_provider_types=placket_provider_types)

ONE = {
    "providers": {"one": {"plugin": "silent"}},
    "routes": {"garment_tagger": {"targets": ["one"], "deadline": "60s"}},
}
THREE = {
    "providers": {f"p{voice}": {"plugin": "talking", "voice": voice} for voice in range(3)},
    "routes": {"garment_tagger": {"strategy": "all", "targets": ["p0", "p1", "p2"], "deadline": "60s"}},
}


async def cpu_per_call(call: Callable[[], Awaitable[object]], calls: int, concurrency: int) -> float:
    """Microseconds of CPU for each of ``calls`` calls, ``concurrency`` at a time."""

    async def worker() -> None:
        for _ in range(calls // concurrency):
            await call()

    gc.collect()  # what the case before left behind is not this one's cost
    start = time.process_time()
    if concurrency == 1:
        await worker()
    else:
        await asyncio.gather(*(worker() for _ in range(concurrency)))
    return (time.process_time() - start) / (calls // concurrency * concurrency) * 1e6


def peer_cpu(python: Path, calls: int) -> float:
    """Microseconds of CPU for one call of litellm's router with a mocked answer, in a process of its own."""
    script = Path(__file__).parent / "litellm_router.py"
    done = subprocess.run(
        [str(python), str(script), str(calls)], capture_output=True, text=True, check=True, env=peer_environment()
    )
    return float(json.loads(done.stdout.splitlines()[-1]))


async def ours(rounds: int, calls: int, python: Path | None) -> dict[str, list[float]]:
    seen: dict[str, list[float]] = {}
    garment = Garment("garment-1")
    async with (
        placket.open(ONE, plugins=[PLUGIN]) as single,
        placket.open(THREE, plugins=[PLUGIN]) as triple,
    ):
        tagger = single.garment_tagger
        cases: dict[str, tuple[Callable[[], Awaitable[object]], int, int]] = {
            "bare": (_direct(garment), calls, 1),
            "routed 1": (lambda: tagger.tag(garment), calls, 1),
            "routed 100": (lambda: tagger.tag(garment), calls, 100),
            "routed 1000": (lambda: tagger.tag(garment), calls, 1000),
            "answers": (_answers(triple, garment), calls // 10, 1),
            "asked": (lambda: triple.garment_tagger.tag(garment), calls // 10, 1),
            "fan-out": (lambda: triple.tag(garment), calls // 10, 1),
        }
        for _ in range(rounds):
            for name, (call, count, concurrency) in cases.items():
                seen.setdefault(name, []).append(await cpu_per_call(call, count, concurrency))
            if python is not None:
                seen.setdefault("litellm", []).append(await asyncio.to_thread(peer_cpu, python, 300))
    return seen


def _answers(router: placket.Router, garment: Garment) -> Callable[[], Awaitable[object]]:
    async def each_in_turn() -> None:
        for target in router.providers:
            await target.provider.tag(garment)  # type: ignore[attr-defined]

    return each_in_turn


def _direct(garment: Garment) -> Callable[[], Awaitable[object]]:
    provider = Silent(Settings(), None)
    return lambda: provider.tag(garment)


def measure(rounds: int = 5, calls: int = 20_000) -> list[Figure]:
    python = peer_python()
    seen = asyncio.run(ours(rounds, calls, python))
    cost = {name: statistics.median(found) for name, found in seen.items()}
    overhead = cost["routed 1"] - cost["bare"]
    growth = statistics.median(many / few for few, many in zip(seen["routed 100"], seen["routed 1000"], strict=True))
    figures = [
        at_most("router overhead, one call at a time", overhead, 25, "us CPU"),
        Figure("the same at 100 at a time", f"{cost['routed 100'] - cost['bare']:.1f} us CPU"),
        Figure("the same at 1,000 at a time", f"{cost['routed 1000'] - cost['bare']:.1f} us CPU"),
        at_most("growth from 100 to 1,000 at a time", growth, 1.15, "times"),
        at_most("fan-out to 3 x 12 claims, merged with provenance", cost["fan-out"], 300, "us CPU"),
        Figure("of that, the providers' own work", f"{cost['answers']:.1f} us CPU"),
        Figure("of that, routing", f"{cost['asked'] - cost['answers']:.1f} us CPU"),
        Figure("of that, merging", f"{cost['fan-out'] - cost['asked']:.1f} us CPU"),
    ]
    if python is None:
        return [*figures, Figure("litellm.Router.acompletion", "not measured: litellm cannot be installed here")]
    return [
        *figures,
        Figure("litellm.Router.acompletion(mock_response)", f"{cost['litellm']:,.0f} us CPU"),
        Figure(
            "litellm's router / this one",
            f"{cost['litellm'] / overhead:.0f}",
            "at least 150",
            cost["litellm"] >= 150 * overhead,
        ),
    ]


if __name__ == "__main__":
    show("Router", measure())

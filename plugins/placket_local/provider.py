"""The embedded provider: analyses pictures and says what it saw, as claims."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING

from placket.errors import Unsupported
from placket.interfaces import Findings, Garment, GarmentTagger
from placket.record import Alternative, ClaimBuilder, Color, Term
from placket.registry import ProviderContext

from .analysis import Analysis, analyze
from .cutout import PROBLEMS
from .tags import Tags

if TYPE_CHECKING:
    from collections.abc import Mapping

    from . import LocalSettings

UNDECODED = ("image/heic", "image/heif")
"""Pictures that Pillow does not decode by itself. Another provider may, so they are unsupported and not invalid."""


class LocalProvider(GarmentTagger):
    """Tags from pixels alone: every claim has a measured confidence, and what cannot be seen is not claimed."""

    def __init__(self, settings: LocalSettings, context: ProviderContext) -> None:
        self._context = context
        self._minimum_quality = settings.minimum_quality
        self._executor = ThreadPoolExecutor(settings.workers, thread_name_prefix="placket-local")

    async def tag(self, garment: Garment) -> Findings:
        """Analyse the garment's front picture.

        Raises InvalidInput when it is no picture or too large, Unsupported for a format that is not decoded here.
        """
        image = garment.image("front")
        data = await self._context.content(image)
        if image.media_type in UNDECODED:
            raise Unsupported(f"{self._context.name} does not read {image.media_type}; convert it to JPEG or PNG")
        loop = asyncio.get_running_loop()
        analysis = await loop.run_in_executor(self._executor, analyze, data, self._palette)
        return self._findings(analysis)

    @cached_property
    def _palette(self) -> Mapping[str, tuple[float, float, float]]:
        vocabulary = self._context.vocabulary
        labs = {term.id: vocabulary.lab(term) for term in vocabulary.terms("color")}
        return {term_id: lab for term_id, lab in labs.items() if lab is not None}

    def _findings(self, analysis: Analysis) -> Findings:
        build = ClaimBuilder(
            self._context.source("tag"), self._context.vocabulary, observed_at=self._context.clock.now()
        )
        cutout = analysis.cutout
        seen = {
            "quality": round(cutout.quality, 3),
            "problems": list(cutout.problems),
            "advice": [PROBLEMS[problem] for problem in cutout.problems],
            "warnings": list(analysis.picture.warnings),
        }
        build.extra("local", "cutout", seen)
        if cutout.quality >= self._minimum_quality and "no-garment" not in cutout.problems:
            self._claim_colors(build, analysis)
            if analysis.tags is not None:
                self._claim_tags(build, analysis.tags)
        return Findings(build.claims, raw=seen)

    def _claim_colors(self, build: ClaimBuilder, analysis: Analysis) -> None:
        for place, seen in enumerate(analysis.colors):
            build.add(
                "color",
                Color(self._term("color", seen.name), round(seen.share, 3), seen.lab),
                raw=seen.name,
                path=f"colors[{place}]",
                confidence=round(seen.confidence, 3),
                alternatives=tuple(
                    Alternative(Color(self._term("color", name)), name, round(confidence, 3))
                    for name, confidence in seen.alternatives
                ),
            )

    def _claim_tags(self, build: ClaimBuilder, tags: Tags) -> None:
        for name, guess in (
            ("category", tags.category),
            ("sleeve_length", tags.sleeve),
            ("pattern", tags.pattern),
        ):
            if guess is None:
                continue
            term = self._term(name, guess.term)
            build.add(
                name,
                term,
                raw=term.label,
                path=name,
                confidence=round(guess.confidence, 3),
                alternatives=tuple(
                    Alternative(self._term(name, other), self._term(name, other).label, round(confidence, 3))
                    for other, confidence in guess.alternatives
                ),
            )

    def _term(self, attribute: str, term_id: str) -> Term:
        term = self._context.vocabulary.get(attribute, term_id)
        assert term is not None, f"the vocabulary has no {attribute} {term_id!r}"
        return term

    async def aclose(self) -> None:
        """Wait for the analyses under way."""
        await asyncio.to_thread(self._executor.shutdown)

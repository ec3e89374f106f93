"""Short ways to say what some sources claim."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from placket.merge import merge
from placket.record.claim import Claim, Method, Source
from placket.record.record import GarmentRecord, Resolution
from placket.record.terms import Term
from placket.record.vocabulary import Vocabulary

Say = Callable[..., Claim]


@pytest.fixture
def term() -> Callable[[str, str], Term]:
    """A word of the built-in vocabulary."""

    def find(attribute: str, word: str) -> Term:
        found = Vocabulary.default().find(attribute, word)
        assert found is not None, word
        return found

    return find


@pytest.fixture
def say() -> Say:
    """``say("amber", "fit", slim, 0.9)`` is a claim; methods and lineages by name."""

    def claim(
        provider: str, field: str, value: Any, confidence: float | None = None, *, lineage: str = "", **details: Any
    ) -> Claim:
        method = Method(details.pop("method", "model"))
        return Claim(field, value, Source(provider, lineage=lineage), confidence=confidence, method=method, **details)

    return claim


@pytest.fixture
def resolve() -> Callable[..., Resolution]:
    """Merge claims about one field and give its resolution."""

    def resolved(*claims: Claim, **options: Any) -> Resolution:
        record: GarmentRecord = merge(claims, id="garment", **options)
        (found,) = record.resolutions.values()
        return found

    return resolved

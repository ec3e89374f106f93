"""The vendor's types and states, by number and by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..works import FAILED, RUNNING, Work
from .quirks import PictofitQuirks
from .stock import FINISHED, REJECTED, Configuration

FRONTAL, REFERENCE = "FRONTAL", "REFERENCE_ADDITIONAL"
PRODUCT_COMPLETED = "PRODUCT_COMPLETED"

CREATED, READY, IN_PROGRESS = "created", "ready", "in-progress"

_STATES = {CREATED: 1, READY: 2, IN_PROGRESS: 3, FINISHED: 4, REJECTED: 6}


class Words:
    """What the vendor calls things, and their numbers, as the quirks have it."""

    def __init__(self, quirks: PictofitQuirks) -> None:
        sparse = quirks.type_ids == "sparse"
        old = quirks.type_names == "old"
        self._quirks = quirks
        self.product_types: Mapping[int, str] = {
            1: "GARMENT" if old else "GARMENT_2D",
            17 if sparse else 2: "GARMENT_3D",
        }
        self.picture_types: Mapping[int, str] = {1: FRONTAL, 12 if sparse else 2: REFERENCE}
        self.callback_types: Mapping[int, str] = {5 if sparse else 1: PRODUCT_COMPLETED}

    def listed(self, types: Mapping[int, str]) -> Any:
        """A list of types as it is answered."""
        if self._quirks.type_list == "names":
            return list(types.values())
        if self._quirks.type_list == "mapping":
            return {name: number for number, name in types.items()}
        return [{"id": number, "name": name} for number, name in types.items()]

    def callback_type(self, text: str) -> str | None:
        """The name of a callback type that is given by its number or its name, in any case of letters."""
        named = {**{str(number): name for number, name in self.callback_types.items()}}
        return named.get(text) or next((name for name in named.values() if name == text.upper()), None)

    def state(self, configuration: Configuration, work: Work | None) -> int:
        """Where a configuration stands, as a number; ``work`` is what its product is built by."""
        return self._number(state_of(configuration, work))

    def _number(self, state: str) -> int:
        if state == REJECTED and self._quirks.rejected == "in-progress":
            state = IN_PROGRESS
        if self._quirks.states == "only-finished" and state != FINISHED:
            return 100 + _STATES[state]
        return _STATES[state]


def state_of(configuration: Configuration, work: Work | None) -> str:
    """Where a configuration stands."""
    if not configuration.is_ready:
        return CREATED
    if configuration.outcome:
        return configuration.outcome
    if work is None:
        return READY
    return {RUNNING: IN_PROGRESS, FAILED: REJECTED}.get(work.state, READY)

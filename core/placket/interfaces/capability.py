"""What a provider declares that it can do."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from attrs import field, frozen


class Level(StrEnum):
    """How far a provider goes with an operation or a field."""

    FULL = "full"
    PARTIAL = "partial"
    """It works, with limits that the provider's page names."""
    NOT_IMPLEMENTED = "not-implemented"
    """The vendor can; this plugin does not yet."""
    UNSUPPORTED = "unsupported"
    """The vendor cannot."""
    UNKNOWN = "unknown"

    @property
    def usable(self) -> bool:
        """Whether a call is worth making."""
        return self in _USABLE


_USABLE = (Level.FULL, Level.PARTIAL)


@frozen
class Capabilities:
    """What a provider type can do, per operation and per field: read by the router, the docs and the conformance kit.

    ``operations`` is keyed ``interface.operation`` as in ``garment_tagger.tag``; ``fields`` by the first part of a
    record field, as in ``color`` or ``measurements``. What is not listed is unsupported. ``interface_fields`` are for a
    provider of several interfaces that do not all tell the same: an interface that is a key here, as in
    ``garment_tagger``, tells those fields, and not ``fields``. A store may keep prices that its tagger cannot see.
    """

    operations: Mapping[str, Level] = field(factory=dict)
    fields: Mapping[str, Level] = field(factory=dict)
    interface_fields: Mapping[str, Mapping[str, Level]] = field(factory=dict)

    def operation(self, interface: str, name: str) -> Level:
        """The level of one operation of one interface."""
        return self.operations.get(f"{interface}.{name}", Level.UNSUPPORTED)

    def fields_of(self, interface: str) -> Mapping[str, Level]:
        """The fields that one interface tells."""
        return self.interface_fields.get(interface, self.fields)

    def field(self, interface: str, name: str) -> Level:
        """The level of one record field in the answers of one interface."""
        return self.fields_of(interface).get(name.partition(".")[0], Level.UNSUPPORTED)

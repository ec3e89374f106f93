"""Writes the page of capabilities from the declarations: ``python docs/reference/generate_capabilities.py``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from placket.interfaces import INTERFACES, Level, operations_of
from placket.record.record import RECORD_FIELDS
from placket.registry import ProviderType, Registry

PAGE = Path(__file__).with_name("capabilities.md")

HEAD = """# What each provider can do

Generated from what the provider types declare by `docs/reference/generate_capabilities.py`; a test compares the two.
The router reads the same declarations, and the conformance kit holds every provider to them.

| | |
|---|---|
| full | it works |
| partial | it works, with limits that the provider's page names |
| later | the vendor can, and this plugin does not yet |
| ? | nobody knows |
| | the vendor cannot |
"""

CELLS = {
    Level.FULL: "full",
    Level.PARTIAL: "partial",
    Level.NOT_IMPLEMENTED: "later",
    Level.UNKNOWN: "?",
    Level.UNSUPPORTED: "",
}


def page() -> str:
    """The whole page."""
    kinds = first_party()
    parts = [HEAD, "## Operations\n"]
    for interface in INTERFACES:
        able = [kind for kind in kinds if interface in kind.interfaces]
        if not able:
            continue
        name = interface.interface_name
        parts.append(f"### `{interface.__name__}`\n")
        rows = [
            (f"`{each}`", [kind.capabilities.operation(name, each) for kind in able])
            for each in operations_of(interface)
        ]
        parts += _table(able, rows)
    parts.append("## Fields\n\nWhat a provider's answers say about a garment, by the field of the record.\n")
    names = dict.fromkeys(path.partition(".")[0] for path in RECORD_FIELDS)
    parts += _table(kinds, [(f"`{name}`", [kind.capabilities.field(name) for kind in kinds]) for name in names])
    return "\n".join(parts).rstrip() + "\n"


def first_party() -> list[ProviderType]:
    """The provider types that come with Placket, by name; others may be installed where this runs."""
    registry = Registry()
    registry.load_all()
    ours = (kind for kind in registry.provider_types if kind.origin is not None and kind.origin.name == "placket")
    return sorted(ours, key=lambda kind: kind.name)


def _table(kinds: Sequence[ProviderType], rows: Iterable[tuple[str, Sequence[Level]]]) -> Iterator[str]:
    yield f"| | {' | '.join(kind.name for kind in kinds)} |"
    yield f"|---|{'---|' * len(kinds)}"
    for name, levels in rows:
        yield f"| {name} | {' | '.join(CELLS[level] for level in levels)} |"
    yield ""


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")

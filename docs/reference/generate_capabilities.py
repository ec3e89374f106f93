"""Writes the page of capabilities from the declarations: ``python docs/reference/generate_capabilities.py``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from placket.interfaces import INTERFACES, Level, operations_of
from placket.record import RECORD_FIELDS
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

FIELDS = """## Fields

What a provider's answers say about a garment, by the field of the record. Where an interface of a provider tells other
fields than the rest, it has a column of its own.
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
        parts += _table([kind.name for kind in able], rows)
    parts.append(FIELDS)
    names = dict.fromkeys(path.partition(".")[0] for path in RECORD_FIELDS)
    told = dict(_told(kinds))
    rows = [(f"`{name}`", [fields.get(name, Level.UNSUPPORTED) for fields in told.values()]) for name in names]
    parts += _table(list(told), rows)
    return "\n".join(parts).rstrip() + "\n"


def _told(kinds: Iterable[ProviderType]) -> Iterator[tuple[str, Mapping[str, Level]]]:
    """What each provider tells, and apart from it what an interface tells that has fields of its own."""
    for kind in kinds:
        yield kind.name, kind.capabilities.fields
        for interface, fields in kind.capabilities.interface_fields.items():
            yield f"{kind.name}, as `{interface}`", fields


def first_party() -> list[ProviderType]:
    """The provider types that come with Placket, by name; others may be installed where this runs."""
    registry = Registry()
    registry.load_all()
    ours = (kind for kind in registry.provider_types if kind.origin is not None and kind.origin.name == "placket")
    return sorted(ours, key=lambda kind: kind.name)


def _table(columns: Sequence[str], rows: Iterable[tuple[str, Sequence[Level]]]) -> Iterator[str]:
    yield f"| | {' | '.join(columns)} |"
    yield f"|---|{'---|' * len(columns)}"
    for name, levels in rows:
        yield f"| {name} | {' | '.join(CELLS[level] for level in levels)} |"
    yield ""


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")

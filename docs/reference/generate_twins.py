"""Writes the page of the twins from their classes: ``python docs/reference/generate_twins.py``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs

from placket_twins.quirks import Quirk, quirks_of
from placket_twins.twin import VENDORS, twin_class
from placket_twins.vendor import VendorTwin, secrets_of

PAGE = Path(__file__).with_name("twins.md")

HEAD = """# Twins

Generated from the twins themselves by `docs/reference/generate_twins.py`; a test compares the two.

A *twin* is a server that speaks one vendor's protocol as the vendor's page describes it, with real work behind it. What
the page leaves open or contradicts is a *quirk*: a switch with a default. `placket serve` takes
`--quirk vendor.switch=setting`, a test `Twin("vendor", quirks=VendorQuirks(switch="setting"))`. A client should bear
every setting.
"""


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for vendor in VENDORS:
        parts += _section(twin_class(vendor))
    return "\n".join(parts).rstrip() + "\n"


def _section(kind: type[VendorTwin]) -> Iterator[str]:
    yield f"## {kind.title} (`{kind.name}`)\n"
    yield f"Serves below `{kind.prefix or '/'}`. Quirks:\n"
    yield "| quirk | default | other settings | what it decides, and what the page says |\n|---|---|---|---|"
    for each in quirks_of(kind.quirks_class):
        yield _quirk(each)
    yield "\nSettings (`--set`, or arguments of `Twin`):\n"
    yield "| setting | default |\n|---|---|"
    masked = secrets_of(kind.settings_class)
    for each in attrs.fields(kind.settings_class):
        yield f"| `{each.name}` | {_setting(each.default, secret=each.name in masked)} |"
    yield ""


def _quirk(quirk: Quirk) -> str:
    others = [f"`{choice}`" for choice in quirk.choices if choice != quirk.default]
    if quirk.type is bool:
        others = [f"`{str(not quirk.default).lower()}`"]
    doc = " ".join(quirk.doc.split()).replace("|", "\\|")
    return f"| `{quirk.name}` | {_shown(quirk.default)} | {', '.join(others) or quirk.type.__name__} | {doc} |"


def _setting(default: Any, *, secret: bool) -> str:
    if secret:
        return f"{_shown(default)} in tests; `placket serve` makes a random one and keeps it"
    return _shown(default)


def _shown(default: Any) -> str:
    if default is None:
        return "none"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    if isinstance(default, tuple):
        return ", ".join(f"`{one}`" for one in default) or "none"
    return f"`{default}`" if default != "" else "empty"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")

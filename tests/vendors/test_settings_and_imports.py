"""What holds for the plugin of every vendor: it costs little to import, and says what each of its settings is for."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, get_args

import attrs
import pytest

VENDORS = {
    "aistetic": ["provider"],
    "autoretouch": ["provider"],
    "pictofit": ["provider"],
    "sartiq": ["provider", "wire"],
    "threadgenius": ["provider", "wire"],
}
"""With the modules of its plugin that are loaded only when a provider is built."""
PAGES = Path(__file__).parents[2] / "docs" / "vendors"


def described(settings: type[Any], prefix: str = "") -> Iterator[tuple[str, attrs.Attribute[Any]]]:
    """Each setting with its name in the configuration, and those of the tables in it."""
    for field in attrs.fields(attrs.resolve_types(settings)):
        yield prefix + field.name, field
        for kind in (field.type, *get_args(field.type)):
            if isinstance(kind, type) and attrs.has(kind):
                yield from described(kind, f"{prefix}{field.name}.")


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_setting_has_a_sentence_and_a_row_on_the_vendor_s_page(vendor: str) -> None:
    (kind,) = import_module(f"placket_{vendor}").placket_provider_types()
    page = (PAGES / f"{vendor}.md").read_text("utf-8")
    for name, field in described(kind.settings):
        assert field.metadata["doc"].endswith("."), name
        assert f"| `{name}` |" in page


@pytest.mark.parametrize("vendor", VENDORS)
def test_importing_the_plugin_loads_nothing_heavy(vendor: str) -> None:
    later = [f"placket_{vendor}.{module}" for module in VENDORS[vendor]]
    heavy = ["aiohttp", "stamina", "tomllib", "structlog", "numpy", *later]
    code = f"import sys, placket_{vendor}; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

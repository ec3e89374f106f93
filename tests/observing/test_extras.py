"""Both plugins come with Placket, and their libraries only where somebody wants them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from placket.errors import ConfigError

LIBRARIES = {
    "prometheus": ("prometheus_client", "placket_prometheus.metrics"),
    "opentelemetry": ("opentelemetry", "placket_opentelemetry.traces"),
}
"""By plugin: its library, and its module that needs the library."""


@pytest.mark.parametrize("plugin", LIBRARIES)
async def test_without_the_library_the_error_says_how_to_get_it(document, opened, monkeypatch, plugin):
    library, needs_it = LIBRARIES[plugin]
    for name in [name for name in sys.modules if name.partition(".")[0] == library]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, library, None)
    monkeypatch.delitem(sys.modules, needs_it, raising=False)
    with pytest.raises(ConfigError, match=rf"pip install 'placket\[{plugin}\]'"):
        async with opened(document("first", (plugin,), a={})):
            pass


@pytest.mark.parametrize("plugin", LIBRARIES)
def test_importing_and_listing_the_plugin_does_not_load_the_library(plugin):
    program = (
        f"import sys, placket_{plugin} as plugin\n"
        "[observer] = plugin.placket_call_observers()\n"
        f"assert observer.name == {plugin!r}\n"
        f"assert {LIBRARIES[plugin][0]!r} not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=50)

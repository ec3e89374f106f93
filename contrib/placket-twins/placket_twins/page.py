"""The human page of a twin: what it is, what it holds, what it was asked."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

import attrs
from jinja2 import Environment, PackageLoader, StrictUndefined

from .plain_text import printable
from .quirks import quirks_of
from .request_log import Seen
from .routes import Route
from .vendor import Holding, VendorTwin

if TYPE_CHECKING:
    from jinja2 import Template


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("placket_twins"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters["printable"] = printable
    return environment.get_template("twin.html.j2")


def render_page(twin: VendorTwin, holdings: Sequence[Holding], seen: Sequence[Seen], routes: Sequence[Route]) -> str:
    """The page as HTML, without scripts and without outside parts."""
    quirks = [(each, getattr(twin.quirks, each.name)) for each in quirks_of(type(twin.quirks))]
    return _template().render(
        twin=twin,
        holdings=holdings,
        seen=seen,
        routes=[route for route in routes if not route.hidden],
        quirks=quirks,
        rules=[attrs.asdict(rule) for rule in twin.ground.faults.rules],
    )

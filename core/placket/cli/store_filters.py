"""The options that say which products of a store are meant."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from ..interfaces import SORT_KEYS, ProductQuery, SortOrder

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

_FILTERS = (
    click.option("--search", metavar="TEXT", default="", help="In name or SKU at least."),
    click.option("--brand", help="Of this brand."),
    click.option("--collection", "collections", multiple=True, help="Of this collection; again for any of several."),
    click.option("--season", help="Of this season, as SS."),
    click.option("--year", type=click.IntRange(1, 9999), help="Of this year."),
    click.option("--gender", help="For this gender."),
    click.option("--product-type", help="Of this type."),
    click.option("--shot-status", "shot_statuses", multiple=True, help="With shots in this state; may be repeated."),
    click.option("--shoot", help="Of this shoot."),
    click.option("--enabled/--disabled", default=None, help="Only those that are enabled, or are not."),
    click.option("--archived/--not-archived", default=None, help="Only those that are archived, or are not."),
    click.option("--public/--private", default=None, help="Only those that are public, or are not."),
    click.option("--demo/--no-demo", default=None, help="Only those that are demonstrations, or are not."),
    click.option("--filler/--no-filler", default=None, help="Only those that are fillers, or are not."),
    click.option(
        "--sort", "sort_by", type=click.Choice(SORT_KEYS), default="created_at", show_default=True, help="By what."
    ),
    click.option("--ascending", is_flag=True, help="The smallest or oldest first."),
)


def filter_options(command: Decorated) -> Decorated:
    """Add the filters; the command takes them as keywords and hands them to `query_of`."""
    for option in reversed(_FILTERS):
        command = option(command)
    return command


def query_of(filters: dict[str, Any], page_size: int = 100) -> ProductQuery:
    """The query that the filters make."""
    order = SortOrder.ASCENDING if filters.pop("ascending") else SortOrder.DESCENDING
    return ProductQuery(order=order, page_size=page_size, **filters)


def are_set(filters: dict[str, Any]) -> bool:
    """Whether any filter limits what is found."""
    return any(value not in (None, "", ()) for name, value in filters.items() if name not in ("sort_by", "ascending"))

"""``placket store facet``: which values a property has in a store."""

from __future__ import annotations

import click

from ..interfaces import Facet, ProductStore
from .calling import ask
from .invocation import Invocation, pass_invocation, shared_options
from .options import json_option, provider_option
from .output import write_json, write_line
from .text import plain


@click.command()
@click.argument("what", type=click.Choice([each.value for each in Facet]))
@click.option("--brand", help="Only of products of this brand.")
@json_option()
@provider_option
@shared_options
@pass_invocation
def facet(invocation: Invocation, what: str, brand: str | None, as_json: bool, provider: str) -> None:
    """List the brands, collections, seasons or years that the products have, one a line."""
    values = ask(invocation, ProductStore, lambda store: store.facet(Facet(what), brand), provider)
    if as_json:
        write_json({what: list(values)})
    elif not values:
        write_line(f"There are no {what}.")
    else:
        for value in values:
            write_line(plain(value))

"""``placket search usage``: what an account of visual search has used."""

from __future__ import annotations

import click

from ..interfaces import VisualSearch
from .calling import ask
from .documents import to_json
from .invocation import Invocation, pass_invocation, shared_options
from .options import json_lines_option, provider_option
from .output import write_json, write_line, write_table
from .text import count, plain


@click.command()
@json_lines_option
@provider_option
@shared_options
@pass_invocation
def usage(invocation: Invocation, as_json: bool, provider: str) -> None:
    """Show what the account has used, by month and operation, as the vendor counts it."""
    used = ask(invocation, VisualSearch, lambda search: search.usage(), provider)
    if as_json:
        for each in used:
            write_json(to_json(each), lines=True)
    elif not used:
        write_line("Nothing was used yet.")
    else:
        rows = [(plain(each.month), plain(each.operation), count(each.calls), count(each.images)) for each in used]
        write_table(("Month", "Operation", "Calls", "Images"), rows)

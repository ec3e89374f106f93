"""``placket store export``: the approved shots of products in one file."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from ..errors import InvalidInput
from ..interfaces import (
    Export,
    ExportRequest,
    Look,
    PolledJob,
    PollSchedule,
    ProductStore,
    Ref,
    SystemClock,
    Ticket,
)
from .calling import ask, command_line, finished, resumable
from .delivery import whole_file
from .documents import to_json
from .invocation import Invocation, pass_invocation, shared_options
from .options import json_lines_option, json_option, limit_option, out_option, provider_option
from .output import waiting, write_json, write_line, write_table
from .references import product_ref, reference
from .store_filters import are_set, filter_options, query_of
from .text import plain

SCHEDULE = PollSchedule(first=0.2, interval=0.5, factor=1.5, maximum=10.0)
"""When an export is looked at."""


@click.command()
@click.argument("products", metavar="[PRODUCT]...", nargs=-1)
@filter_options
@click.option("--look", default="", help="The shots of this look only.")
@click.option("--resume", metavar="EXPORT", help="Fetch an export that was started before, as local/export/17.")
@out_option("The ZIP file to be written.", folder=False)
@json_option()
@provider_option
@shared_options
@pass_invocation
def export(
    invocation: Invocation,
    /,
    products: tuple[str, ...],
    look: str,
    resume: str | None,
    out: Path,
    as_json: bool,
    provider: str,
    **filters: Any,
) -> None:
    """Pack the approved shots of products into one ZIP file.

    PRODUCTs name them, or filters as those of `placket store list` find them.
    """
    filtered = are_set(filters)
    chosen = [bool(products), filtered, bool(look), resume is not None]
    if sum(chosen) != 1:
        raise InvalidInput("say what to export in one way: PRODUCTs, filters, --look, or --resume an export")
    if out.exists():
        raise InvalidInput(f"{out} is there already; name another --out")

    async def work(store: ProductStore) -> Export:
        if resume is not None:
            ref = reference(resume, "export")
        else:
            refs = tuple([await product_ref(store, each) for each in products])
            query = query_of(filters) if filtered else None
            ref = (await store.start_export(ExportRequest(refs, query, look))).ref
        with resumable(command_line(invocation, "store", "export", "--resume", ref, "--out", out)):
            packed = await finished(_job(store, ref), "packing")
            with waiting("downloading"):
                await download(store, ref, out)
        return packed

    packed = ask(invocation, ProductStore, work, provider)
    if as_json:
        write_json({**to_json(packed), "file": str(out)})
    else:
        count = "" if packed.items_total is None else f"{packed.items_total} approved shots in "
        write_line(f"{count}{plain(str(out))}")
        if packed.items_total == 0:
            write_line("Shots are approved with: placket shoot review SKU SHOT approved")


def _job(store: ProductStore, ref: Ref) -> PolledJob[Export]:
    async def look() -> Look[Export]:
        seen = await store.get_export(ref)
        return Look(seen.status, seen)

    clock = SystemClock()
    ticket = Ticket(ref.provider, ProductStore.interface_name, "get_export", ref.id, clock.now())
    return PolledJob(ticket, look, clock=clock, schedule=SCHEDULE)


async def download(store: ProductStore, ref: Ref, out: Path) -> None:
    """Fetch the file of an export, which a store may hand out once; it is whole or not there."""
    with whole_file(out) as file:
        async for piece in store.download_export(ref):
            await asyncio.to_thread(file.write, piece)


@click.command()
@click.argument("named", metavar="[EXPORT]...", nargs=-1)
@json_lines_option
@limit_option(50)
@provider_option
@shared_options
@pass_invocation
def exports(invocation: Invocation, named: tuple[str, ...], as_json: bool, limit: int, provider: str) -> None:
    """List the exports, the newest first, or those that are named, as local/export/17."""
    refs = [reference(each, "export") for each in named]

    async def read(store: ProductStore) -> list[Export]:
        if refs:
            return [await store.get_export(ref) for ref in refs]
        return await store.list_exports().collect(limit)

    found = ask(invocation, ProductStore, read, provider)
    if as_json:
        for each in found:
            write_json(to_json(each), lines=True)
    elif not found:
        write_line("There is no export.")
    else:
        rows = [
            (
                str(each.ref),
                each.status.raw_state or each.status.state.value,
                "?" if each.items_total is None else f"{each.items_done or 0} of {each.items_total}",
                _moment(each.created_at),
                plain(each.status.message),
            )
            for each in found
        ]
        write_table(("Export", "State", "Shots", "Started", "Message"), rows)


@click.command("cancel-export")
@click.argument("export")
@json_option()
@shared_options
@pass_invocation
def cancel_export(invocation: Invocation, export: str, as_json: bool) -> None:
    """Stop an export that is not finished."""
    ref = reference(export, "export")

    stopped = ask(invocation, ProductStore, lambda store: store.cancel_export(ref))
    if as_json:
        write_json(to_json(stopped))
    else:
        write_line(f"{ref}: {plain(stopped.status.raw_state or stopped.status.state)}")


@click.command("dismiss-export")
@click.argument("exports", metavar="EXPORT...", nargs=-1, required=True)
@shared_options
@pass_invocation
def dismiss_export(invocation: Invocation, exports: tuple[str, ...]) -> None:
    """Forget exports that have ended, and their files."""
    refs = [reference(each, "export") for each in exports]

    async def dismiss(store: ProductStore) -> None:
        for ref in refs:
            await store.dismiss_export(ref)
            write_line(f"{ref} is dismissed")

    ask(invocation, ProductStore, dismiss)


def _moment(moment: datetime | None) -> str:
    return "-" if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")

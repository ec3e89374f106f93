"""``placket catalog``: what visual search looks through."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import AsyncIterator
from typing import Any

import click

from ..errors import InvalidInput
from ..interfaces import Catalog, CatalogItem, Uploaded, VisualSearch
from .calling import ask, command_line, finished, resumable
from .documents import to_json
from .failures import DONE, PARTLY_DONE, WRONG_USE
from .invocation import Invocation, pass_invocation, shared_options
from .item_sources import ItemSources
from .options import json_lines_option, json_option, limit_option, pairs, provider_option
from .output import Waiting, complain, waiting, write_json, write_line, write_table
from .references import catalog_ref
from .text import count, paired, plain


@click.group("catalog")
@shared_options
def command() -> None:
    """Make, fill and list the catalogs that visual search looks through.

    CATALOG is a catalog's name, its id, or its whole reference, as local/catalog/0b1c.
    """


@command.command("list")
@json_lines_option
@provider_option
@shared_options
@pass_invocation
def list_catalogs(invocation: Invocation, as_json: bool, provider: str) -> None:
    """List the catalogs."""
    catalogs = ask(invocation, VisualSearch, lambda search: search.list_catalogs().collect(), provider)
    if as_json:
        for catalog in catalogs:
            write_json(to_json(catalog), lines=True)
    elif not catalogs:
        write_line("There is no catalog; make one with: placket catalog create NAME")
    else:
        write_table(
            ("Name", "State", "Items", "Indexed", "Reference"),
            [
                (plain(each.name), each.state, count(each.items_total), count(each.items_indexed), str(each.ref))
                for each in catalogs
            ],
        )


@command.command()
@click.argument("name")
@json_option()
@provider_option
@shared_options
@pass_invocation
def create(invocation: Invocation, name: str, as_json: bool, provider: str) -> None:
    """Make an empty catalog."""
    _tell(ask(invocation, VisualSearch, lambda search: search.create_catalog(name), provider), as_json)


@command.command()
@click.argument("catalog")
@json_option()
@shared_options
@pass_invocation
def show(invocation: Invocation, catalog: str, as_json: bool) -> None:
    """Show a catalog: how far it is, and which pictures could not be used."""

    async def read(search: VisualSearch) -> Catalog:
        return await search.get_catalog(await catalog_ref(search, catalog))

    _tell(ask(invocation, VisualSearch, read), as_json)


@command.command()
@click.argument("catalog")
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True)
@click.option(
    "--metadata", metavar="KEY=VALUE", multiple=True, help="Said of every picture; a VALUE may be JSON, as price=49.5."
)
@click.option("--index", "indexed", is_flag=True, help="Index the catalog afterwards.")
@json_option()
@shared_options
@pass_invocation
@click.pass_context
def add(
    context: click.Context,
    invocation: Invocation,
    catalog: str,
    sources: tuple[str, ...],
    metadata: tuple[str, ...],
    indexed: bool,
    as_json: bool,
) -> None:
    """Add pictures to a catalog; one whose id is there already takes its place.

    SOURCE is a picture, a folder with everything below it, a pattern in quotes, an http(s) address, a .jsonl file, or -
    for JSON Lines on stdin. A line is {"id": ..., "path" or "url": ..., "metadata": {...}}; a path starts from the
    file's folder. A picture that no line names has its path for an id (inside a folder: the path below it), or its
    address. Exit code 3: some were refused; each is named.
    """
    coming = ItemSources(sources, {key: _json_or_text(value) for key, value in _metadata(metadata).items()})
    coming.check()
    name = plain(catalog)
    again = "the same command; what is there already only takes its own place"

    async def fill(search: VisualSearch) -> tuple[Uploaded, Catalog]:
        ref = await catalog_ref(search, catalog)
        with resumable(again), waiting(f"adding to {name}", counted=True) as wait:
            uploaded = await search.add_items(ref, _counted(coming, wait))
        if indexed and uploaded.accepted:
            with resumable(command_line(invocation, "catalog", "index", ref)):
                await finished(await search.index(ref), f"indexing {name}")
        return uploaded, await search.get_catalog(ref)

    uploaded, seen = ask(invocation, VisualSearch, fill)
    refused = (*coming.refused, *uploaded.refused)
    for item, reason in refused:
        complain(f"refused: {plain(item)}: {plain(reason)}")
    if as_json:
        document: dict[str, Any] = {"catalog": to_json(seen), "accepted": uploaded.accepted}
        write_json({**document, "refused": [{"id": item, "reason": reason} for item, reason in refused]})
    else:
        write_line(f"{plain(seen.name)}: {uploaded.accepted} added{f', {len(refused)} refused' if refused else ''}")
        if uploaded.accepted and not indexed:
            write_line(f"They are found once they are indexed: {command_line(invocation, 'catalog', 'index', catalog)}")
    if refused:
        context.exit(PARTLY_DONE if uploaded.accepted else WRONG_USE)
    context.exit(DONE)


async def _counted(sources: ItemSources, wait: Waiting) -> AsyncIterator[CatalogItem]:
    async for item in sources.items():
        wait.advance()
        yield item


def _metadata(given: tuple[str, ...]) -> dict[str, str]:
    return pairs(given, "--metadata", "KEY=VALUE, as brand=Acme")


def _json_or_text(value: str) -> Any:
    try:
        said = json.loads(value)
    except ValueError:
        return value
    # Python reads a brand's name, Infinity, as a number, and no JSON has it.
    return value if isinstance(said, float) and not math.isfinite(said) else said


@command.command()
@click.argument("catalog")
@json_option()
@shared_options
@pass_invocation
@click.pass_context
def index(context: click.Context, invocation: Invocation, catalog: str, as_json: bool) -> None:
    """Make what was added searchable.

    Exit code 3: some pictures could not be used; `placket catalog show` names them, and so does this.
    """

    async def work(search: VisualSearch) -> Catalog:
        ref = await catalog_ref(search, catalog)
        with resumable(command_line(invocation, "catalog", "index", ref)):
            return await finished(await search.index(ref), f"indexing {plain(catalog)}")

    seen = ask(invocation, VisualSearch, work)
    _tell(seen, as_json)
    if seen.errors:
        context.exit(PARTLY_DONE)


@command.command()
@click.argument("catalog")
@json_lines_option
@limit_option(50, "How many are shown; with --json all are.")
@shared_options
@pass_invocation
def items(invocation: Invocation, catalog: str, as_json: bool, limit: int) -> None:
    """List what a catalog holds."""

    async def read(search: VisualSearch) -> None:
        listing = search.list_items(await catalog_ref(search, catalog))
        if as_json:
            async for item in listing:
                write_json(to_json(item), lines=True)
            return
        shown = await listing.collect(limit)
        rows = [(plain(each.id), paired(each.metadata), plain(each.image_url)) for each in shown]
        if not rows:
            write_line(f"The catalog is empty; add to it with: placket catalog add {plain(catalog)} SOURCE...")
            return
        write_table(("Id", "Metadata", "Picture"), rows)
        if listing.total is not None and listing.total > len(shown):
            write_line(f"{len(shown)} of {listing.total}; --limit shows more, --json writes all")

    ask(invocation, VisualSearch, read)


@command.command("remove-items")
@click.argument("catalog")
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@json_option()
@shared_options
@pass_invocation
def remove_items(invocation: Invocation, catalog: str, ids: tuple[str, ...], as_json: bool) -> None:
    """Remove pictures from a catalog by their ids; - reads ids from stdin, one a line."""
    named = [line for one in ids for line in (_lines() if one == "-" else [one])]
    if not named:
        raise InvalidInput("no id was given")

    async def remove(search: VisualSearch) -> int:
        return await search.delete_items(await catalog_ref(search, catalog), named)

    count = ask(invocation, VisualSearch, remove)
    if as_json:
        write_json({"removed": count, "named": len(named)})
    else:
        missing = len(set(named)) - count
        write_line(f"{count} removed" + (f"; {missing} of the ids were not there" if missing > 0 else ""))


def _lines() -> list[str]:
    return [line.rstrip("\r\n") for line in sys.stdin or () if line.strip()]


@command.command()
@click.argument("catalog")
@shared_options
@pass_invocation
def delete(invocation: Invocation, catalog: str) -> None:
    """Delete a catalog and everything in it."""

    async def remove(search: VisualSearch) -> str:
        ref = await catalog_ref(search, catalog)
        await search.delete_catalog(ref)
        return str(ref)

    write_line(f"{ask(invocation, VisualSearch, remove)} is deleted")


def _tell(catalog: Catalog, as_json: bool) -> None:
    if as_json:
        write_json(to_json(catalog))
        return
    counts = f"{count(catalog.items_total)} items, {count(catalog.items_indexed)} indexed"
    write_line(f"{plain(catalog.name)}: {catalog.raw_state or catalog.state}, {counts}", style="bold")
    write_line(str(catalog.ref))
    for error in catalog.errors:
        complain(f"error: {plain(error)}")

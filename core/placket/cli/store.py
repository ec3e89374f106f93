"""``placket store``: products that a store keeps."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from ..errors import InvalidInput, Unsupported
from ..interfaces import Imported, Product, ProductChanges, ProductDraft, ProductStore
from .calling import ask, calling, command_line, conflicts_told, resumable
from .changes import change_options, changes_of
from .documents import held_to_json
from .drafts import Drafts, doubts_of, tell_doubts
from .failures import PARTLY_DONE, WRONG_USE
from .invocation import Invocation, pass_invocation, shared_options
from .known import parse_known, record_field
from .options import claims_option, json_option, limit_option, provider_option, require_beside
from .output import Waiting, complain, waiting, write_json, write_line, write_table
from .references import product_ref
from .single_upsert import upserted_singly
from .store_exports import cancel_export, dismiss_export, export, exports
from .store_facets import facet
from .store_filters import filter_options, query_of
from .tables import write_record
from .text import plain, shown
from .why import why_to_json, write_why

if TYPE_CHECKING:
    from ..interfaces import Listing
    from ..jobs import Router


@click.group("store")
@shared_options
def command() -> None:
    """Put, list, show, change and export the products of a store.

    PRODUCT is a product's SKU, its id, or its whole reference, as local/product/17.
    """


for _other in (facet, export, exports, cancel_export, dismiss_export):
    command.add_command(_other)


@command.command("list")
@filter_options
@limit_option(50, "Products of a page.")
@click.option("--page", metavar="N", type=click.IntRange(min=1), default=1, show_default=True, help="Which page.")
@click.option("--all", "everything", is_flag=True, help="All that is found, as JSON Lines with every claim.")
@json_option("JSON Lines: one record a line.")
@claims_option("--json")
@provider_option
@shared_options
@pass_invocation
def list_products(
    invocation: Invocation,
    /,
    limit: int,
    page: int,
    everything: bool,
    as_json: bool,
    claims: bool,
    provider: str,
    **filters: Any,
) -> None:
    """List products, the newest first.

    With --all, memory does not grow with their number, and `placket store put` reads what is written: nothing is lost
    on the way.
    """
    require_beside(claims, as_json, everything, beside="--json")
    query = query_of(filters, page_size=500 if everything else min(limit, 500))

    async def read() -> None:
        async with calling(invocation, ProductStore, provider) as (router, store):
            listing = store.list(query)
            if everything:
                async for product in listing:
                    write_json(held_to_json(router, product, claims=True), lines=True)
                return
            with waiting("reading"):
                products = (await listing.collect(page * limit))[(page - 1) * limit :]
            if as_json:
                for product in products:
                    write_json(held_to_json(router, product, claims=claims), lines=True)
            else:
                _show_page(router, products, listing, page)

    asyncio.run(read())


def _show_page(router: Router, products: Sequence[Product], listing: Listing[Product], page: int) -> None:
    if not products:
        write_line("There is no such product." if page == 1 else f"Page {page} is behind the end.")
    else:
        rows = []
        for product in products:
            record = router.record_of(product.claims, id=str(product.ref))
            told = (record.sku, record.name, record.brand, record.category, record.color)
            rows.append([*map(shown, told), product.version or "-", str(product.ref)])
        write_table(("SKU", "Name", "Brand", "Category", "Colour", "Version", "Reference"), rows)
    if listing.total is not None and listing.total > len(products):
        write_line(f"{len(products)} of {listing.total}; --page and --limit show others, --all writes all")


@command.command()
@click.argument("product")
@click.option("--why", "fields", metavar="FIELD", multiple=True, help="The whole story of a field; may be repeated.")
@json_option()
@claims_option("--json")
@provider_option
@shared_options
@pass_invocation
def show(
    invocation: Invocation, product: str, fields: tuple[str, ...], as_json: bool, claims: bool, provider: str
) -> None:
    """Show a product, with who says what."""
    require_beside(claims, as_json, beside="--json")
    for name in fields:
        record_field(name)

    async def read(store: ProductStore) -> Product:
        return await store.get(await product_ref(store, product))

    _run(invocation, provider, read, lambda router, found: _show(router, found, fields, as_json, claims))


def _show(router: Router, product: Product, fields: Sequence[str], as_json: bool, claims: bool) -> None:
    record = router.record_of(product.claims, id=str(product.ref))
    stories = [record.why(name) for name in fields]
    if as_json:
        document = held_to_json(router, product, claims=claims)
        write_json({**document, **({"why": [why_to_json(each) for each in stories]} if stories else {})})
        return
    if stories:
        for why in stories:
            write_why(why)
        return
    version = f", version {product.version}" if product.version else ""
    write_line(f"{product.ref}{version}", style="bold")
    write_record(record)


@command.command()
@click.argument("sources", metavar="FILE...", nargs=-1, required=True)
@click.option("--set", "known", metavar="FIELD=VALUE", multiple=True, help="Said of every product, as sku=A-1.")
@json_option()
@provider_option
@shared_options
@pass_invocation
@click.pass_context
def put(
    context: click.Context,
    invocation: Invocation,
    sources: tuple[str, ...],
    known: tuple[str, ...],
    as_json: bool,
    provider: str,
) -> None:
    """Make products, or update those whose SKU is there already.

    FILE has JSON Lines, or one document; - is stdin. A line is either plain, as {"sku": "A-1", "name": "Shirt",
    "color": ["navy"], "measurements": {"length": "68 cm"}, "images": ["front.jpg"]}, or a record that
    `placket tag --json` wrote: then the store gets the picture that was tagged, where it still is, and keeps who said
    what; with --claims the whole of it. Exit code 3: some were refused; each is named.
    """
    facts = parse_known(known)

    async def work() -> tuple[Imported, Drafts]:
        async with calling(invocation, ProductStore, provider) as (router, store):
            coming = Drafts(sources, facts, router.vocabulary)
            again = "the same command; what is there already is updated with the same"
            with resumable(again), waiting("putting", counted=True) as wait:
                return await _upserted(router, store, _counted(coming, wait)), coming

    done, coming = asyncio.run(work())
    refused = (*coming.refused, *done.refused)
    for which, reason in refused:
        complain(f"refused: {plain(which)}: {plain(reason)}")
    tell_doubts(coming.doubtful)
    stored = done.created + done.updated
    if as_json:
        told = [{"product": which, "reason": reason} for which, reason in refused]
        write_json({"created": done.created, "updated": done.updated, "refused": told})
    else:
        write_line(f"{done.created} created, {done.updated} updated{f', {len(refused)} refused' if refused else ''}")
    if refused:
        context.exit(PARTLY_DONE if stored else WRONG_USE)
    if not stored:
        raise InvalidInput(f"there is no product in {', '.join(sources)}")


async def _upserted(router: Router, store: ProductStore, drafts: AsyncIterator[ProductDraft]) -> Imported:
    try:
        return await store.upsert(drafts)
    except Unsupported:
        # Nobody was asked, so no draft is lost; a store that cannot take many at once takes one after another.
        return await upserted_singly(router, store, drafts)


async def _counted(coming: Drafts, wait: Waiting) -> AsyncIterator[ProductDraft]:
    async for draft in coming.drafts():
        wait.advance()
        yield draft


@command.command()
@click.argument("product")
@change_options
@json_option()
@provider_option
@shared_options
@pass_invocation
@click.pass_context
def update(
    context: click.Context,
    invocation: Invocation,
    product: str,
    changes: tuple[str, ...],
    version: str,
    images: tuple[str, ...],
    as_json: bool,
    provider: str,
) -> None:
    """Change what is named of a product, and nothing else; FIELD= takes a field away."""
    wanted = ProductChanges(*changes_of(changes, images), version)

    async def change() -> None:
        async with calling(invocation, ProductStore, provider) as (router, store):
            doubtful = doubts_of(product, wanted.fields, router.vocabulary)
            done = await store.update(await product_ref(store, product), wanted)
            tell_doubts(doubtful)
            _tell(router, done, "is changed", as_json)

    with conflicts_told(context, command_line(invocation, "store", "show", product)):
        asyncio.run(change())


@command.command()
@click.argument("products", metavar="PRODUCT...", nargs=-1, required=True)
@provider_option
@shared_options
@pass_invocation
def delete(invocation: Invocation, products: tuple[str, ...], provider: str) -> None:
    """Delete products for good."""

    async def remove(store: ProductStore) -> list[str]:
        refs = [await product_ref(store, each) for each in products]
        for ref in refs:
            await store.delete(ref)
        return [str(ref) for ref in refs]

    for ref in ask(invocation, ProductStore, remove, provider):
        write_line(f"{ref} is deleted")


@command.command()
@click.argument("product")
@click.option("--undo", is_flag=True, help="Take it out again.")
@json_option()
@provider_option
@shared_options
@pass_invocation
def archive(invocation: Invocation, product: str, undo: bool, as_json: bool, provider: str) -> None:
    """Put a product away, or take it out again."""

    async def move(store: ProductStore) -> Product:
        return await store.archive(await product_ref(store, product), not undo)

    told = "is no longer archived" if undo else "is archived"
    _run(invocation, provider, move, lambda router, done: _tell(router, done, told, as_json))


def _run(
    invocation: Invocation,
    provider: str,
    work: Callable[[ProductStore], Awaitable[Product]],
    tell: Callable[[Router, Product], None],
) -> None:
    async def run() -> None:
        async with calling(invocation, ProductStore, provider) as (router, store):
            tell(router, await work(store))

    asyncio.run(run())


def _tell(router: Router, product: Product, what: str, as_json: bool) -> None:
    if as_json:
        write_json(held_to_json(router, product))
    else:
        version = f"; its version is {product.version}" if product.version else ""
        write_line(f"{product.ref} {what}{version}")

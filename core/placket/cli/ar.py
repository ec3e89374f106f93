"""``placket ar``: content for augmented reality, made of photos."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import click
from attrs import frozen

from ..errors import JobFailed
from ..interfaces import ArConfiguration, ARContentBuilder, ArProduct, ArProductDraft, JobState, Ref
from ..record import ArAsset
from .ar_callbacks import callback_events, register_callback, remove_callback, test_callback
from .calling import ask, calling, command_line, config_for, finished, kept, resumable
from .delivery import Delivery, delivering
from .documents import to_json
from .drafts import picture
from .failures import DONE, PROVIDER_FAILURE
from .invocation import Invocation, pass_invocation, shared_options
from .known import value_of
from .options import json_option, out_option, provider_option
from .output import complain, waiting, write_json, write_line, write_table
from .references import reference
from .text import plain, shown


@frozen
class _Built:
    """A product with its files: ``written`` has one for each asset, or is empty where nothing was to be written."""

    product: ArProduct
    written: tuple[Path | None, ...] = ()


@click.group("ar")
@shared_options
def command() -> None:
    """Have 3D content made of a garment's photos, and fetch it.

    PRODUCT is an AR product's whole reference, as local/ar_product/17: it is shown when it is made.
    """


for _other in (callback_events, register_callback, remove_callback, test_callback):
    command.add_command(_other)


@command.command()
@click.argument("front")
@click.option("--back", metavar="PICTURE", help="A photo of its back.")
@click.option("--mask", metavar="PICTURE", help="White where the garment is, in place of the cut-out.")
@click.option(
    "--color", "colors", metavar="WORD", multiple=True, help="The same in another colour, as red; again for more."
)
@click.option("--name", default="", help="Its name; that of the photo, if not given.")
@click.option("--sku", default="", help="Its SKU.")
@click.option("--length", metavar="LENGTH", help="The garment's length with its unit, as '68 cm'.")
@click.option("--type", "product_type", default="", help="The type of product; see `placket ar types`.")
@click.option("--id", "product_id", default="", help="An id of yours: the same again is the same product.")
@out_option("Where the files are written.")
@json_option()
@provider_option
@shared_options
@pass_invocation
@click.pass_context
def build(
    context: click.Context,
    invocation: Invocation,
    front: str,
    back: str | None,
    mask: str | None,
    colors: tuple[str, ...],
    name: str,
    sku: str,
    length: str | None,
    product_type: str,
    product_id: str,
    out: Path,
    as_json: bool,
    provider: str,
) -> None:
    """Build an AR product of photos, and write its files into a folder.

    FRONT is a path or an http(s) address.
    """
    given = (("front", front), ("back", back), ("mask", mask))
    images = tuple(picture(where, role) for role, where in given if where)
    details = {} if length is None else {"length": value_of("--length", "measurements.length", length)}
    draft = ArProductDraft(
        name or Path(front).stem,
        (
            ArConfiguration("As photographed", images, sku),
            *(ArConfiguration(color, ()) for color in dict.fromkeys(colors)),
        ),
        sku,
        product_type,
        product_id,
        details,
    )

    async def work() -> _Built:
        config = config_for(invocation, ARContentBuilder, provider)
        async with delivering(config, out) as delivery, calling(invocation, ARContentBuilder, provider) as (_, builder):
            with waiting("making the product"):
                ref = (await builder.create_product(draft)).ref
            complain(f"AR product {ref}")
            return await _built(builder, ref, delivery, invocation, draft.name)

    context.exit(_tell(asyncio.run(work()), as_json))


async def _built(
    builder: ARContentBuilder, ref: Ref, delivery: Delivery, invocation: Invocation, name: str = ""
) -> _Built:
    again = command_line(invocation, "ar", "resume", ref, "--out", delivery.folder)
    with resumable(again):
        try:
            product = await finished(await builder.mark_ready(ref), "building")
        except JobFailed as error:
            invocation.show_traceback(error)
            complain(f"error: {error}")
            return _Built(await builder.get_product(ref))
        with kept(command_line(invocation, "ar", "show", ref, "--out", "DIR")), waiting("writing the files"):
            return await _written(product, delivery, name)


async def _written(product: ArProduct, delivery: Delivery, name: str = "") -> _Built:
    name = product.name or name or product.ref.id
    files = [
        await delivery.write(_named(name, each), path=each.path, url=each.url, kind=each.format.partition("-")[0])
        if each.path or each.url
        else None
        for each in product.assets
    ]
    return _Built(product, tuple(files))


def _named(name: str, asset: ArAsset) -> str:
    """The product's name, the variant, and what the format says beyond the file's suffix, as ``web`` in ``glb-web``."""
    kind = asset.format.partition("-")[2]
    return "-".join(part for part in (name, asset.variant, kind) if part)


@command.command()
@click.argument("product")
@out_option("Where the files are written.")
@json_option()
@shared_options
@pass_invocation
@click.pass_context
def resume(context: click.Context, invocation: Invocation, product: str, out: Path, as_json: bool) -> None:
    """Go on with a product that was interrupted or has failed, and write its files."""
    ref = reference(product, ARContentBuilder.ref_kind)

    async def work() -> _Built:
        config = config_for(invocation, ARContentBuilder)
        async with delivering(config, out) as delivery, calling(invocation, ARContentBuilder) as (_, builder):
            return await _built(builder, ref, delivery, invocation)

    context.exit(_tell(asyncio.run(work()), as_json))


@command.command()
@click.argument("product")
@out_option("Write the files that are there into this folder.", required=False)
@json_option()
@shared_options
@pass_invocation
def show(invocation: Invocation, product: str, out: Path | None, as_json: bool) -> None:
    """Show an AR product: how far it is, and its files; nothing is started."""
    ref = reference(product, ARContentBuilder.ref_kind)

    async def read() -> _Built:
        async with calling(invocation, ARContentBuilder) as (_, builder):
            found = await builder.get_product(ref)
        if out is None:
            return _Built(found)
        async with delivering(config_for(invocation, ARContentBuilder), out) as delivery:
            return await _written(found, delivery)

    _tell(asyncio.run(read()), as_json)


@command.command()
@json_option()
@provider_option
@shared_options
@pass_invocation
def types(invocation: Invocation, as_json: bool, provider: str) -> None:
    """List the types of products that can be built, and the roles that pictures can have."""

    async def read(builder: ARContentBuilder) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return await builder.product_types(), await builder.image_roles()

    found, roles = ask(invocation, ARContentBuilder, read, provider)
    if as_json:
        write_json({"product_types": list(found), "image_roles": list(roles)})
    else:
        write_line(f"types: {plain(', '.join(found))}")
        write_line(f"pictures: {plain(', '.join(roles))}")


def _tell(built: _Built, as_json: bool) -> int:
    product = built.product
    if as_json:
        document: dict[str, Any] = to_json(product)
        write_json({**document, "files": [str(each) for each in built.written if each]})
    else:
        write_line(f"{product.ref}: {product.state.value}", style="bold")
        if product.assets:
            places = built.written or [asset.url or asset.path for asset in product.assets]
            rows = [
                (asset.format, asset.variant or "-", _size(asset.byte_size), plain(str(place or "-")))
                for asset, place in zip(product.assets, places, strict=True)
            ]
            write_table(("Format", "Variant", "Size", "File"), rows)
        for claim in product.claims:
            if claim.field.startswith("extra."):
                write_line(f"{plain(claim.path or claim.field)}: {shown(claim.value)}")
    return PROVIDER_FAILURE if product.state in (JobState.FAILED, JobState.CANCELLED) else DONE


def _size(count: int | None) -> str:
    return "-" if count is None else f"{count / 1024:.0f} KiB"

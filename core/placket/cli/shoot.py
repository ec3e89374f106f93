"""``placket shoot``: product shots, made and handed out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import Any, Self

import click
from attrs import frozen

from ..errors import InvalidInput, JobFailed, Unsupported
from ..interfaces import (
    BriefDraft,
    GarmentImage,
    ProductStore,
    Ref,
    ReviewState,
    ShootManager,
    SkuDraft,
    SkuQuery,
)
from ..record import MediaItem, Shot, Vocabulary
from .calling import ask, calling, command_line, config_for, finished, kept, resumable
from .delivery import Delivery, delivering
from .documents import to_json
from .drafts import doubts_of, picture, tell_doubts
from .invocation import Invocation, pass_invocation, shared_options
from .known import parse_known
from .options import json_option, known_option, out_option, provider_option
from .output import complain, waiting, write_json, write_line, write_table
from .references import reference, shot_of, sku_of, sku_ref
from .shoot_lists import brief, list_things, show
from .shoot_plans import cancel, create_look, create_project, delete
from .shoot_update import update
from .shot_versions import generations, revisions, select
from .shots import Made, in_words, tell_made, wanted_shot, write_shots
from .store_exports import download
from .text import plain


@click.group("shoot")
@shared_options
def command() -> None:
    """Have product shots made of photos, look at them, and hand out those that are approved.

    SKU is a garment's SKU in the shoots, or its whole reference, as local/sku/17; BRIEF is a whole reference.
    """


for _other in (
    *(list_things, show, brief),
    *(update, delete, create_project, create_look, cancel),
    *(revisions, generations, select),
):
    command.add_command(_other)


_GARMENT = (
    click.argument("photo"),
    click.option("--back", metavar="PICTURE", help="A photo of its back."),
    click.option("--mask", metavar="PICTURE", help="White where the garment is, in place of the cut-out."),
    click.option("--sku", default="", help="Its SKU: a garment of the shoots that has it gets these photos."),
    known_option("name=Shirt or measurements.length='68 cm'"),
)


def _garment_options(function: Callable[..., None]) -> Callable[..., None]:
    """The options that tell of one garment; the command gets it as ``subject``."""

    @wraps(function)
    def command_of(
        *args: Any, photo: str, back: str | None, mask: str | None, sku: str, known: tuple[str, ...], **options: Any
    ) -> None:
        function(*args, subject=_Garment.of(photo, back, mask, sku, known), **options)

    decorated: Callable[..., None] = command_of
    for option in reversed(_GARMENT):
        decorated = option(decorated)
    return decorated


@command.command()
@_garment_options
@json_option()
@provider_option
@shared_options
@pass_invocation
def add(
    invocation: Invocation,
    subject: _Garment,
    as_json: bool,
    provider: str,
) -> None:
    """Add a garment to the shoots, and order nothing.

    For providers whose shots are ordered elsewhere, as in the vendor's own application; `placket shoot results` fetches
    what a brief of theirs has yielded.
    """

    async def put() -> Ref:
        async with calling(invocation, ShootManager, provider) as (router, shoots):
            return await subject.put(shoots, router.vocabulary)

    ref = asyncio.run(put())
    if as_json:
        write_json({"ref": str(ref)})
    else:
        write_line(str(ref))


@command.command()
@_garment_options
@click.option(
    "--shot",
    "wanted",
    metavar="KIND[,KEY=VALUE...]",
    multiple=True,
    help="A shot, as pack-shot,preset=square-white or color,color=red or detail,count=3; may be repeated.",
)
@click.option("--preset", default="", help="The preset, or the beginning of its name, of shots that name none.")
@click.option("--project", default="", help="The id of the project that it belongs to.")
@click.option("--name", "title", default="", help="The brief's name; that of the photo, if not given.")
@out_option("Where the pictures are written.")
@json_option()
@provider_option
@shared_options
@pass_invocation
@click.pass_context
def run(
    context: click.Context,
    invocation: Invocation,
    subject: _Garment,
    wanted: tuple[str, ...],
    preset: str,
    project: str,
    title: str,
    out: Path,
    as_json: bool,
    provider: str,
) -> None:
    """Have shots made of one garment, and write them into a folder.

    PHOTO is its front: a path or an http(s) address. Without --shot, one of the provider's first kind is made;
    `placket shoot kinds` lists them. Exit code 3: some shots could not be made.
    """

    async def work() -> list[Made]:
        config = config_for(invocation, ShootManager, provider)
        async with delivering(config, out) as delivery, calling(invocation, ShootManager, provider) as (router, shoots):
            try:
                kinds = await shoots.shot_kinds()
            except Unsupported:
                complain("to add the garment and order nothing, which more providers can:  placket shoot add PHOTO")
                raise
            shots = [wanted_shot(each, kinds, preset) for each in wanted or (next(iter(kinds), ""),)]
            garment = await subject.put(shoots, router.vocabulary)
            brief = await shoots.create_brief([garment], BriefDraft(title or subject.name, tuple(shots), project))
            complain(f"brief {brief.ref}, of {garment}: {', '.join(map(in_words, brief.shots or shots))}")
            return await _made(shoots, brief.ref, delivery, invocation)

    context.exit(tell_made(asyncio.run(work()), as_json))


@frozen
class _Garment:
    """A garment to be photographed; a new one that nobody named gets ``name``."""

    name: str
    fields: Mapping[str, Any]
    images: tuple[GarmentImage, ...]

    @classmethod
    def of(cls, photo: str, back: str | None, mask: str | None, sku: str, known: tuple[str, ...]) -> Self:
        given = (("front", photo), ("back", back), ("mask", mask))
        images = tuple(picture(where, role) for role, where in given if where)
        return cls(Path(photo).stem, {**parse_known(known), **({"sku": sku} if sku else {})}, images)

    async def put(self, shoots: ShootManager, vocabulary: Vocabulary) -> Ref:
        """Give these pictures to the one garment that has the SKU, or make a new one; tells of what is doubtful."""
        code = str(self.fields.get("sku") or "")
        there = await shoots.list_skus(SkuQuery(sku=code)).collect(2) if code else []
        same = [each for each in there if sku_of(each) == code]
        doubtful = doubts_of(code or self.name, self.fields, vocabulary)
        if len(same) == 1:
            done = await shoots.update_sku(same[0].ref, SkuDraft(self.fields, self.images))
        else:
            done = await shoots.create_sku(SkuDraft({"name": self.name, **self.fields}, self.images))
        tell_doubts(doubtful)
        return done.ref


async def _made(shoots: ShootManager, brief: Ref, delivery: Delivery, invocation: Invocation) -> list[Made]:
    again = command_line(invocation, "shoot", "resume", brief, "--out", delivery.folder)
    with resumable(again):
        try:
            await finished(await shoots.start_brief(brief), "shooting")
        except JobFailed as error:
            # What became of each shot says more; where there is none, the error is all that there is.
            shots = await shoots.brief_results(brief).collect()
            if not shots:
                raise
            invocation.show_traceback(error)
            complain(f"error: {error}")
        else:
            shots = await shoots.brief_results(brief).collect()
        with kept(command_line(invocation, "shoot", "results", brief, "--out", "DIR")), waiting("writing the pictures"):
            return await write_shots(shots, delivery)


@command.command()
@click.argument("brief")
@out_option("Where the pictures are written.")
@json_option()
@shared_options
@pass_invocation
@click.pass_context
def resume(context: click.Context, invocation: Invocation, brief: str, out: Path, as_json: bool) -> None:
    """Go on with a brief: what is made stays, what is missing or has failed is made, and all is written.

    Exit code 3: some shots could not be made.
    """
    ref = reference(brief, "brief")

    async def work() -> list[Made]:
        config = config_for(invocation, ShootManager)
        async with delivering(config, out) as delivery, calling(invocation, ShootManager) as (_, shoots):
            return await _made(shoots, ref, delivery, invocation)

    context.exit(tell_made(asyncio.run(work()), as_json))


@command.command()
@click.argument("brief")
@out_option("Write the pictures that are there into this folder.", required=False)
@json_option()
@shared_options
@pass_invocation
@click.pass_context
def results(context: click.Context, invocation: Invocation, brief: str, out: Path | None, as_json: bool) -> None:
    """Show what a brief has yielded so far; nothing is started."""
    ref = reference(brief, "brief")

    async def read() -> list[Made]:
        async with calling(invocation, ShootManager) as (_, shoots):
            shots = await shoots.brief_results(ref).collect()
        if out is None:
            return [Made(shot) for shot in shots]
        async with delivering(config_for(invocation, ShootManager), out) as delivery:
            return await write_shots(shots, delivery)

    context.exit(tell_made(asyncio.run(read()), as_json))


@command.command()
@json_option()
@provider_option
@shared_options
@pass_invocation
def kinds(invocation: Invocation, as_json: bool, provider: str) -> None:
    """List the kinds of shots that can be ordered, with their presets, the usual one first."""
    found = ask(invocation, ShootManager, lambda shoots: shoots.shot_kinds(), provider)
    if as_json:
        write_json(to_json(found))
    else:
        write_table(("Kind", "Presets"), [(plain(kind), plain(", ".join(each)) or "-") for kind, each in found.items()])


@command.command()
@click.argument("sku")
@click.argument("shot")
@click.argument("state", type=click.Choice([state.value for state in ReviewState]))
@click.option("--note", default="", help="Why.")
@json_option()
@shared_options
@pass_invocation
def review(invocation: Invocation, sku: str, shot: str, state: str, note: str, as_json: bool) -> None:
    """Say what you think of a shot. SHOT is its id, or its type where the garment has one of that type."""

    async def work(shoots: ShootManager) -> Shot:
        ref = await sku_ref(shoots, sku)
        meant = await shot_of(shoots, ref, shot)
        return await shoots.review(ref, meant.id, ReviewState(state), note)

    done = ask(invocation, ShootManager, work)
    if as_json:
        write_json(to_json(done))
    else:
        write_line(f"{plain(done.shot_type or done.id)} is {plain(done.state)}")


@command.command()
@click.argument("skus", metavar="SKU...", nargs=-1, required=True)
@out_option("Where the files are written.")
@json_option()
@shared_options
@pass_invocation
def export(invocation: Invocation, skus: tuple[str, ...], out: Path, as_json: bool) -> None:
    """Write the approved shots of some garments into a folder, as the provider packs them."""

    async def work() -> list[Path]:
        config = config_for(invocation, ShootManager)
        async with delivering(config, out) as delivery, calling(invocation, ShootManager) as (router, shoots):
            refs = [await sku_ref(shoots, each) for each in skus]
            packed = await finished(await shoots.export_approved(refs), "packing")
            return [await _fetched(item, delivery, router.product_store, invocation) for item in packed]

    files = asyncio.run(work())
    if as_json:
        write_json({"files": [str(each) for each in files]})
    elif not files:
        write_line("Nothing is approved; approve shots with: placket shoot review SKU SHOT approved")
    for each in () if as_json else files:
        write_line(plain(str(each)))


async def _fetched(item: MediaItem, delivery: Delivery, store: ProductStore, invocation: Invocation) -> Path:
    name = item.alt or item.role
    if item.path or item.url:
        return await delivery.write(name, path=item.path, url=item.url)
    # Some vendors hand an export out through their product store only.
    target = delivery.place(name, ".zip")
    if target.exists():  # asked before: a store may hand the file out once
        with kept(command_line(invocation, "store", "export", "--resume", item.vendor_ref, "--out", "FILE")):
            raise InvalidInput(f"{target} is there already; name another --out")
    await download(store, Ref.parse(item.vendor_ref), target)
    return target

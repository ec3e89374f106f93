"""``placket shoot``: the versions of a shot, the runs that made them, and the one that counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import click

from ..errors import InvalidInput
from ..interfaces import Generation, Ref, Revision, ShootManager
from ..record import MediaItem
from .calling import ask
from .documents import to_json
from .invocation import Invocation, pass_invocation, shared_options
from .options import json_lines_option, json_option, limit_option, provider_option
from .output import write_json, write_line, write_table
from .references import shot_of, sku_ref
from .text import plain


@click.command()
@click.argument("sku")
@click.argument("shot")
@json_lines_option
@provider_option
@shared_options
@pass_invocation
def revisions(invocation: Invocation, sku: str, shot: str, as_json: bool, provider: str) -> None:
    """List the versions of a shot, the newest first. SHOT is its id, or its type where there is one of that type."""

    async def read(shoots: ShootManager) -> Sequence[Revision]:
        ref = await sku_ref(shoots, sku)
        return await shoots.revisions(ref, (await shot_of(shoots, ref, shot)).id)

    _tell(ask(invocation, ShootManager, read, provider), as_json, "Revision", "The shot has no picture yet.")


@click.command()
@click.argument("sku")
@json_lines_option
@limit_option(50)
@provider_option
@shared_options
@pass_invocation
def generations(invocation: Invocation, sku: str, as_json: bool, limit: int, provider: str) -> None:
    """List the runs of models for a garment, the newest first, with the pictures that each has made."""

    async def read(shoots: ShootManager) -> Sequence[Generation]:
        return await shoots.list_generations(await sku_ref(shoots, sku)).collect(limit)

    _tell(ask(invocation, ShootManager, read, provider), as_json, "Run", "Nothing was made of this garment yet.")


@click.command()
@click.argument("sku")
@click.argument("shot_type", metavar="TYPE")
@click.argument("picture", required=False)
@click.option("--none", "taken_back", is_flag=True, help="Take the choice back.")
@json_option()
@provider_option
@shared_options
@pass_invocation
def select(
    invocation: Invocation,
    sku: str,
    shot_type: str,
    picture: str | None,
    taken_back: bool,
    as_json: bool,
    provider: str,
) -> None:
    """Choose the picture that counts for a type of shot.

    PICTURE is the id in brackets that `placket shoot generations` shows behind it. TYPE is the type of its shot, as
    `placket shoot show` has it.
    """
    if taken_back == (picture is not None):
        raise InvalidInput("say which PICTURE counts, or --none")

    async def choose(shoots: ShootManager) -> Ref:
        ref = await sku_ref(shoots, sku)
        await shoots.select_shot(ref, shot_type, picture)
        return ref

    ref = ask(invocation, ShootManager, choose, provider)
    if as_json:
        write_json({"ref": str(ref), "shot_type": shot_type, "selected": picture})
    else:
        chosen = "no picture is chosen" if picture is None else f"{plain(picture)} is chosen"
        write_line(f"{chosen} for {plain(shot_type)} of {ref}")


def _tell(found: Sequence[Revision] | Sequence[Generation], as_json: bool, called: str, nothing: str) -> None:
    if as_json:
        for each in found:
            write_json(to_json(each), lines=True)
    elif not found:
        write_line(nothing)
    else:
        rows = [(plain(each.id), plain(each.state) or "-", _pictures(each.images)) for each in found]
        write_table((called, "State", "Pictures"), rows)


def _pictures(images: Iterable[MediaItem]) -> str:
    return "\n".join(plain(_picture(each)) for each in images) or "-"


def _picture(image: MediaItem) -> str:
    where = image.url or image.path
    return f"{where} ({image.vendor_ref})" if where and image.vendor_ref else where or image.vendor_ref

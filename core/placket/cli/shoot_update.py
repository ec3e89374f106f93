"""``placket shoot update``: what is known of a garment of the shoots, changed."""

from __future__ import annotations

import asyncio

import click

from ..interfaces import ShootManager, SkuDraft
from .calling import calling, command_line, conflicts_told
from .changes import change_options, changes_of
from .documents import held_to_json
from .drafts import doubts_of, tell_doubts
from .invocation import Invocation, pass_invocation, shared_options
from .options import json_option, provider_option
from .output import write_json, write_line
from .references import sku_ref


@click.command()
@click.argument("sku")
@change_options
@json_option()
@provider_option
@shared_options
@pass_invocation
@click.pass_context
def update(
    context: click.Context,
    invocation: Invocation,
    sku: str,
    changes: tuple[str, ...],
    version: str,
    images: tuple[str, ...],
    as_json: bool,
    provider: str,
) -> None:
    """Change what is named of a garment of the shoots, and nothing else; FIELD= takes a field away."""
    draft = SkuDraft(*changes_of(changes, images), version)

    async def change() -> None:
        async with calling(invocation, ShootManager, provider) as (router, shoots):
            doubtful = doubts_of(sku, draft.fields, router.vocabulary)
            done = await shoots.update_sku(await sku_ref(shoots, sku), draft)
            tell_doubts(doubtful)
            if as_json:
                write_json(held_to_json(router, done))
            else:
                write_line(f"{done.ref} is changed{done.version and f'; its version is {done.version}'}")

    with conflicts_told(context, command_line(invocation, "shoot", "show", sku)):
        asyncio.run(change())

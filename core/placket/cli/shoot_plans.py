"""What ``placket shoot`` plans with: projects, looks, and what is taken back."""

from __future__ import annotations

import click

from ..interfaces import LookDraft, ProjectDraft, ShootManager
from ..record import Look
from .calling import ask
from .documents import to_json
from .invocation import Invocation, pass_invocation, shared_options
from .options import json_option, provider_option
from .output import write_json, write_line
from .references import reference, sku_ref
from .text import plain


@click.command("create-project")
@click.argument("name")
@json_option()
@provider_option
@shared_options
@pass_invocation
def create_project(invocation: Invocation, name: str, as_json: bool, provider: str) -> None:
    """Make a project, to which briefs and garments can belong."""
    made = ask(invocation, ShootManager, lambda shoots: shoots.create_project(ProjectDraft(name)), provider)
    if as_json:
        write_json(to_json(made))
    else:
        write_line(f"{plain(made.name)}: {made.ref}; its shots are ordered with --project {made.ref.id}")


@click.command("create-look")
@click.argument("skus", metavar="SKU...", nargs=-1, required=True)
@click.option("--name", default="", help="What it is called.")
@json_option()
@shared_options
@pass_invocation
def create_look(invocation: Invocation, skus: tuple[str, ...], name: str, as_json: bool) -> None:
    """Put garments together to an outfit, which is made for the first of them."""

    async def make(shoots: ShootManager) -> Look:
        return await shoots.create_look([await sku_ref(shoots, each) for each in skus], LookDraft(name))

    made = ask(invocation, ShootManager, make)
    if as_json:
        write_json(to_json(made))
    else:
        write_line(f"{plain(made.name) or 'a look'}: {plain(made.id)}")


@click.command()
@click.argument("brief")
@json_option()
@shared_options
@pass_invocation
def cancel(invocation: Invocation, brief: str, as_json: bool) -> None:
    """Make no more shots of a brief; those that are made stay."""
    ref = reference(brief, "brief")

    stopped = ask(invocation, ShootManager, lambda shoots: shoots.cancel_brief(ref))
    if as_json:
        write_json(to_json(stopped))
    else:
        write_line(f"{ref}: {plain(stopped.status.raw_state or stopped.status.state)}")


@click.command()
@click.argument("skus", metavar="SKU...", nargs=-1, required=True)
@shared_options
@pass_invocation
def delete(invocation: Invocation, skus: tuple[str, ...]) -> None:
    """Remove garments from the shoots, with their shots."""

    async def remove(shoots: ShootManager) -> list[str]:
        refs = [await sku_ref(shoots, each) for each in skus]
        for ref in refs:
            await shoots.delete_sku(ref)
        return [str(ref) for ref in refs]

    for ref in ask(invocation, ShootManager, remove):
        write_line(f"{ref} is deleted")

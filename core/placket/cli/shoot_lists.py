"""What ``placket shoot`` lists: briefs, garments, projects, and one garment with its looks and shots."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import click

from ..interfaces import Brief, LookScope, Project, ShootManager, Sku, SkuQuery
from ..record import Look
from .calling import ask, calling
from .documents import held_to_json, to_json
from .invocation import Invocation, pass_invocation, shared_options
from .options import json_lines_option, json_option, limit_option, provider_option
from .output import write_json, write_line, write_table
from .references import CANDIDATES, reference, said, sku_of, sku_ref
from .shots import Made, in_words, tell_made
from .tables import write_record
from .text import plain

_WHAT = ("briefs", "skus", "global-skus", "projects")


# Click 8.2 would put the choices into a second pair of brackets.
@click.command("list")
@click.argument("what", type=click.Choice(_WHAT), default="briefs", metavar=f"[{'|'.join(_WHAT)}]")
@click.option("--project", help="Only of this project, by its id.")
@json_lines_option
@limit_option(50)
@provider_option
@shared_options
@pass_invocation
def list_things(
    invocation: Invocation, what: str, project: str | None, as_json: bool, limit: int, provider: str
) -> None:
    """List the briefs, the garments or the projects of the shoots, the newest first.

    skus are the garments of the shoots; global-skus are those that every project may use.
    """

    async def read() -> None:
        async with calling(invocation, ShootManager, provider) as (router, shoots):
            things: Sequence[Brief | Sku | Project]
            if what == "briefs":
                things = await shoots.list_briefs(project).collect(limit)
            elif what == "projects":
                things = await shoots.list_projects().collect(limit)
            else:
                listed = shoots.list_skus if what == "skus" else shoots.list_global_skus
                things = await listed(SkuQuery(project=project, page_size=min(limit, 100))).collect(limit)
            if as_json:
                for each in things:
                    write_json(held_to_json(router, each) if isinstance(each, Sku) else to_json(each), lines=True)
            elif things:
                _show_things(things)
            else:
                write_line(f"There are no {what}.")

    asyncio.run(read())


def _show_things(things: Sequence[Brief | Sku | Project]) -> None:
    rows: list[tuple[str, ...]] = []
    for each in things:
        if isinstance(each, Brief):
            state = each.status.raw_state or each.status.state.value
            done = "" if each.status.progress is None else f" {each.status.progress:.0%}"
            rows.append((plain(each.name), f"{state}{done}", ", ".join(map(in_words, each.shots)), str(each.ref)))
        elif isinstance(each, Sku):
            rows.append((plain(sku_of(each)) or "-", plain(", ".join(said(each.claims, "name"))), str(each.ref)))
        else:
            rows.append((plain(each.name), str(each.ref)))
    headings = {4: ("Name", "State", "Shots", "Brief"), 3: ("SKU", "Name", "Reference"), 2: ("Name", "Project")}
    write_table(headings[len(rows[0])], rows)


@click.command()
@click.argument("brief")
@json_option()
@shared_options
@pass_invocation
def brief(invocation: Invocation, brief: str, as_json: bool) -> None:
    """Show a brief: how far it is, what it orders, and of which garments."""
    ref = reference(brief, "brief")

    found = ask(invocation, ShootManager, lambda shoots: shoots.get_brief(ref))
    if as_json:
        write_json(to_json(found))
    else:
        _show_things([found])
        write_line(f"of {', '.join(map(str, found.skus)) or 'no garment'}")


@click.command()
@click.argument("sku")
@click.option("--related", is_flag=True, help="Also the looks in which it is worn beside another garment.")
@json_option()
@provider_option
@shared_options
@pass_invocation
def show(invocation: Invocation, sku: str, related: bool, as_json: bool, provider: str) -> None:
    """Show a garment of the shoots with its looks and its shots."""
    scope = LookScope.RELATED if related else LookScope.MAIN

    async def read() -> None:
        async with calling(invocation, ShootManager, provider) as (router, shoots):
            ref = await sku_ref(shoots, sku)
            found = [each for each in await shoots.list_skus(SkuQuery()).collect(CANDIDATES) if each.ref == ref]
            looks = await shoots.list_looks(ref, scope).collect(200)
            shots = await shoots.list_shots(ref).collect(200)
            if as_json:
                document = held_to_json(router, found[0]) if found else {"ref": str(ref)}
                write_json({**document, "looks": to_json(looks), "shots": to_json(shots)})
                return
            version = f", version {found[0].version}" if found and found[0].version else ""
            write_line(f"{ref}{version}", style="bold")
            if found:
                write_record(router.record_of(found[0].claims, id=str(ref)))
            _show_looks(looks)
            tell_made([Made(shot) for shot in shots], as_json=False)

    asyncio.run(read())


def _show_looks(looks: Sequence[Look]) -> None:
    if looks:
        write_table(("Look", "State", "Id"), [(plain(each.name), each.state or "-", each.id) for each in looks])

"""``placket conformance``: does a configured provider keep the rules that every provider keeps?"""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click
from attrs import asdict

from ..config import load_config
from ..interfaces import Image
from .failures import PROVIDER_FAILURE
from .invocation import Invocation, pass_invocation, shared_options
from .options import INTERFACE_NAMES, json_option
from .output import waiting, write_json, write_line, write_table
from .text import plain, seconds

if TYPE_CHECKING:
    from ..testing.conformance.live import Finding


@click.command("conformance")
@click.argument("name")
@click.option(
    "--interface",
    "interfaces",
    type=click.Choice(INTERFACE_NAMES),
    multiple=True,
    help="Check this interface only; may be repeated.",
)
@click.option("--write", is_flag=True, help="Make, change and delete things at the vendor as well.")
@click.option(
    "--photo",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A picture to ask about; by default a drawn one.",
)
@json_option()
@shared_options
@pass_invocation
@click.pass_context
def command(
    context: click.Context,
    invocation: Invocation,
    name: str,
    interfaces: tuple[str, ...],
    write: bool,
    photo: Path | None,
    as_json: bool,
) -> None:
    """Check a configured provider, against its vendor, by the rules that every provider keeps.

    NAME is its name in the configuration. What only reads is called, and so is tagging, which may cost; without
    --write nothing is changed at the vendor. What is made is deleted again, where the provider can do that. Exit
    code 1: a rule is broken.
    """
    findings = asyncio.run(_examined(invocation.config, name, interfaces, write, photo))
    broken = sum(finding.verdict == "failed" for finding in findings)
    if as_json:
        write_json({"provider": name, "broken": broken, "findings": [asdict(finding) for finding in findings]})
    else:
        _show(name, findings, write)
    if broken:
        context.exit(PROVIDER_FAILURE)


async def _examined(
    source: str | None, name: str, interfaces: tuple[str, ...], write: bool, photo: Path | None
) -> list[Finding]:
    from ..testing.conformance.live import examine_live

    image = None if photo is None else Image.of(photo)
    if image is not None:
        image.content()
    config = load_config(source)
    with waiting(f"checking {name}"):
        return [
            finding async for finding in examine_live(config, name, interfaces=interfaces, may_write=write, image=image)
        ]


def _show(name: str, findings: list[Finding], write: bool) -> None:
    write_table(
        ("Interface", "Rule", "Verdict", "Time", "Details"),
        [
            (each.interface, each.check, each.verdict.value, seconds(each.seconds), plain(each.details))
            for each in findings
        ],
        title=f"The rules, and {plain(name)}",
    )
    count = Counter(finding.verdict.value for finding in findings)
    write_line(f"passed: {count['passed']}, failed: {count['failed']}, skipped: {count['skipped']}")
    if not write:
        write_line("Nothing was changed at the vendor; --write also makes, changes and deletes things.")

"""``placket doctor``: is everything there, and if not, what to do next."""

from __future__ import annotations

import asyncio
from collections import Counter

import click
from attrs import asdict

from .examination import Finding, Status, examine
from .failures import WRONG_USE
from .invocation import Invocation, pass_invocation, shared_options
from .options import json_option
from .output import waiting, write_json, write_line, write_table


@click.command("doctor")
@click.option("--network", is_flag=True, help="Connect to each provider's address as well; no request is sent.")
@json_option()
@shared_options
@pass_invocation
@click.pass_context
def command(context: click.Context, invocation: Invocation, network: bool, as_json: bool) -> None:
    """Check the installation and the configuration, and say what to do about each problem.

    Secrets are looked up and never shown. Exit code 2: there is a problem; warnings leave it at 0.
    """
    with waiting("examining"):
        findings = asyncio.run(examine(invocation.config, network=network))
    if as_json:
        write_json({"findings": [asdict(finding) for finding in findings]})
    else:
        _show(findings, network)
    if any(finding.status is Status.PROBLEM for finding in findings):
        context.exit(WRONG_USE)


def _show(findings: list[Finding], network: bool) -> None:
    write_table(
        ("Status", "What", "Found", "What to do"),
        [(finding.status.value, finding.what, finding.found, finding.advice) for finding in findings],
    )
    count = Counter(finding.status for finding in findings)
    write_line(f"problems: {count[Status.PROBLEM]}, warnings: {count[Status.WARNING]}")
    if not network:
        write_line("Nobody was connected to; placket doctor --network does that.")

"""``placket plan``: who would be asked, in which order and why, and what would be made of the answers."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import click

from ..app import open_to_plan
from ..config import Config, load_config
from ..errors import InvalidInput
from ..interfaces import INTERFACES, Combine, Interface, operations_of
from ..record import RECORD_FIELDS
from ..routing import Plan
from .invocation import Invocation, pass_invocation, shared_options
from .options import json_option
from .output import write_json, write_line, write_table
from .tagging import image_of
from .text import amount, plain

_BY_NAME: Mapping[str, type[Interface]] = {interface.interface_name: interface for interface in INTERFACES}


@click.command("plan")
@click.argument("photo", required=False)
@click.option(
    "--interface",
    "interface_name",
    type=click.Choice(list(_BY_NAME)),
    metavar="NAME",
    default="garment_tagger",
    help=f"The interface that would be called: {', '.join(_BY_NAME)}. The first, if not given.",
)
@click.option("--operation", help="Its operation; for the garment tagger, tag.")
@json_option()
@shared_options
@pass_invocation
def command(
    invocation: Invocation, photo: str | None, interface_name: str, operation: str | None, as_json: bool
) -> None:
    """Show who would be asked, in which order and why; nobody is.

    A PHOTO is read to see that it can be asked about; one at an address is not fetched. A provider whose secrets are
    not there is shown with what it lacks; the commands that ask somebody refuse the configuration until they are.
    """
    interface = _BY_NAME[interface_name]
    if operation is None:
        if interface_name != "garment_tagger":
            raise InvalidInput(f"choose an operation with --operation: {', '.join(operations_of(interface))}")
        operation = "tag"
    config = load_config(invocation.config)
    plan, without_secrets = asyncio.run(_plan(config, interface, operation))
    document = {
        "config": config.origin,
        **({} if photo is None else {"photo": _photo(photo)}),
        **_document(plan),
        "without_secrets": without_secrets,
    }
    if operations_of(interface)[operation].combine is Combine.FINDINGS:
        document["merge"] = _merge(config, plan)
    if as_json:
        write_json(document)
    else:
        _show(document, configured=interface_name in config.routes)


async def _plan(config: Config, interface: type[Interface], operation: str) -> tuple[Plan, list[str]]:
    """The plan, and who of the whole configuration lacks a secret."""
    async with open_to_plan(config) as router:
        lacking = [each.name for each in router.providers if each.hindrance is not None]
        return router.plan(interface, operation), lacking


def _photo(photo: str) -> dict[str, Any]:
    image = image_of(photo)
    if image.is_remote:
        return {"input": photo}
    return {"input": photo, "media_type": image.media_type, "bytes": image.byte_size}


def _document(plan: Plan) -> dict[str, Any]:
    return {
        "interface": plan.interface,
        "operation": plan.operation,
        "strategy": plan.strategy,
        "deadline": plan.deadline,
        "note": plan.note,
        "steps": [
            {
                "provider": step.provider,
                "route": step.route,
                "when": step.when,
                "fields": list(step.fields),
                "cost": None if step.cost is None else amount(step.cost),
                "obstacle": step.obstacle or None,
            }
            for step in plan.steps
        ],
    }


def _merge(config: Config, plan: Plan) -> dict[str, Any]:
    """What decides the fields that more than one of these providers can tell, and those with rules of their own."""
    asked = [step for step in plan.steps if not step.obstacle]
    tellers: dict[str, list[str]] = {}
    for step in asked:
        for name in step.fields:
            tellers.setdefault(name, []).append(step.provider)
    rules = config.merge.fields
    own = [path for path in rules if path.partition(".")[0] in tellers or path in tellers]
    # What is kept under extra has the vendor's name in its path, so it never meets.
    shared = [name for name, who in tellers.items() if len(set(who)) > 1 and name in RECORD_FIELDS and name != "extra"]
    names = {step.provider for step in asked}
    return {
        "weights": {name: weight for name, weight in config.weights.items() if name in names and weight != 1},
        "calibrated": sorted(names & config.merge.calibration.keys()),
        "fields": {path: _field(path, config, tellers) for path in dict.fromkeys((*own, *shared))},
    }


def _field(path: str, config: Config, tellers: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    name = path.partition(".")[0]
    declared = RECORD_FIELDS.get(path) or RECORD_FIELDS.get(name)
    rule = config.merge.fields.get(path)
    shown: dict[str, Any] = {
        "providers": list(dict.fromkeys(tellers.get(name, ()))),
        "policy": (rule.policy if rule else None) or (declared.policy if declared else ""),
    }
    if rule is not None:
        chosen = {"prefer": list(rule.prefer), "threshold": rule.threshold, "tolerance_mm": rule.tolerance_mm}
        shown |= {key: value for key, value in chosen.items() if value not in (None, [])}
    return shown


def _show(document: Mapping[str, Any], *, configured: bool) -> None:
    deadline = f", within {document['deadline']:g} s" if document["deadline"] else ""
    write_line(f"{document['interface']}.{document['operation']}: {document['strategy']}{deadline}", style="bold")
    write_line(f"configuration: {plain(document['config'])}")
    if photo := document.get("photo"):
        kind = f"{photo['media_type']}, {photo['bytes']} bytes" if "bytes" in photo else "not fetched"
        write_line(f"picture: {plain(photo['input'])} ({kind})")
    if document["note"]:
        write_line(document["note"])
    if lacking := document["without_secrets"]:
        write_line(
            f"Nobody is asked at all until the secrets of {', '.join(lacking)} are there: without them the whole "
            "configuration is refused."
        )
    steps = document["steps"]
    if not steps:
        name = document["interface"]
        disabled = f"no provider is enabled on the route {name}; enable one of its targets, or name another in it"
        why = disabled if configured else f"the configuration has no route {name}"
        write_line(f"Nobody would be asked: {why}.")
        return
    rows = [
        (
            step["provider"],
            f"not now: {plain(step['obstacle'])}" if step["obstacle"] else step["when"],
            step["route"],
            ", ".join(step["fields"]) or "-",
            step["cost"] or "-",
        )
        for step in steps
    ]
    write_table(("Provider", "Asked", "Route", "Fields", "Cost"), rows)
    _show_merge(document.get("merge", {}))


def _show_merge(merge: Mapping[str, Any]) -> None:
    if weights := merge.get("weights"):
        write_line(f"weights: {', '.join(f'{name} {weight:g}' for name, weight in weights.items())} (others 1)")
    if calibrated := merge.get("calibrated"):
        write_line(f"confidences are calibrated for {', '.join(calibrated)}")
    if fields := merge.get("fields"):
        write_table(
            ("Field", "Can tell", "Policy", "Rules"),
            [
                (
                    path,
                    ", ".join(each["providers"]),
                    each["policy"],
                    "; ".join(
                        f"{key.replace('_', ' ')} {', '.join(each[key]) if key == 'prefer' else each[key]}"
                        for key in ("prefer", "threshold", "tolerance_mm")
                        if key in each
                    ),
                )
                for path, each in fields.items()
            ],
            title="Where answers meet",
        )

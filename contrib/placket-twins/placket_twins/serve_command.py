"""``placket serve``, the command. Errors are raised: the ``placket`` program tells them and chooses the exit code."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from placket.cli import Invocation, complain, pass_invocation, plain, shared_options, waiting, write_json

if TYPE_CHECKING:
    from .serve import Served, Wanted


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="VENDOR|all...")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=8080,
    show_default=True,
    help="The first port; 0 for any free one.",
)
@click.option("--host", help="The address to bind; this machine's loopback if not given.")
@click.option("--expose", is_flag=True, help="Allow other machines to connect: needed for any wider --host.")
@click.option(
    "--state",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder of what outlives the process; twins below Placket's data folder if not given.",
)
@click.option(
    "--quirk",
    "quirks",
    multiple=True,
    metavar="VENDOR.SWITCH=SETTING",
    help="Decide what the vendor's page leaves open, as aistetic.failed=never-completes.",
)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="RULE",
    help="Misbehave by rule, as path=/query,kind=status,status=503,rate=0.2; twin=VENDOR for one twin only.",
)
@click.option("--seed", type=int, default=0, help="The seed of faults: the same requests get the same ones.")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="VENDOR.SETTING=VALUE",
    help="A setting of a twin, as sartiq.token_lifetime=60.",
)
@click.option("--trust", multiple=True, metavar="HOST", help="A private host whose pictures may be fetched.")
@click.option("--json", "as_json", is_flag=True, help="Say where the twins are as one JSON document.")
@shared_options
@pass_invocation
def serve(
    invocation: Invocation,
    names: tuple[str, ...],
    port: int,
    host: str | None,
    expose: bool,
    state: Path | None,
    quirks: tuple[str, ...],
    faults: tuple[str, ...],
    seed: int,
    settings: tuple[str, ...],
    trust: tuple[str, ...],
    as_json: bool,
) -> None:
    """Serve the protocol of one or more vendors on this machine, until Ctrl-C.

    Behind each protocol are the providers that --config routes to; without it the embedded ones, with no key and no
    network. What clients store is kept in the state folder and is there the next time.
    """
    # The servers and their database are loaded here: asking for help needs none of them.
    from .serve import EVERYWHERE, Wanted, default_state, vendors_of
    from .serving import LOOPBACK

    wanted = Wanted(
        vendors=vendors_of(names),
        host=host or (EVERYWHERE if expose else LOOPBACK),
        port=port,
        config=invocation.config,
        state=state or default_state(),
        quirks=quirks,
        faults=faults,
        seed=seed,
        trusted_hosts=trust,
        settings=settings,
        expose=expose,
    )
    asyncio.run(_serve(wanted, as_json=as_json))


async def _serve(wanted: Wanted, *, as_json: bool) -> None:
    from contextlib import AsyncExitStack

    from .serve import interruption, serving
    from .serving import is_loopback

    interrupted = interruption()
    async with AsyncExitStack() as opened:
        with waiting("starting"):
            served = await opened.enter_async_context(serving(wanted))
        if as_json:
            write_json({"twins": [_document(each) for each in served]})
        else:
            _show(served, wanted)
        if not is_loopback(wanted.host):
            complain(
                f"exposed: whoever reaches {wanted.host} can use every route of {', '.join(wanted.vendors)} with these "
                "credentials, unencrypted, and read /openapi.json; the twins' own pages stay on this machine"
            )
        await interrupted.wait()
        complain("stopping")


def _document(served: Served) -> dict[str, Any]:
    return {
        "vendor": served.vendor,
        "base_url": served.url,
        "other_base_urls": list(served.other_urls),
        "credentials": dict(served.credentials),
        "page": f"{served.root}/",
        "openapi": f"{served.root}/openapi.json",
    }


def _show(served: Sequence[Served], wanted: Wanted) -> None:
    for each in served:
        # Not wrapped at the terminal's width, so that it can be copied.
        click.echo(click.style(plain(each.title), bold=True))
        rows = [("base URL", each.url), *(("or", other) for other in each.other_urls)]
        rows += [*each.credentials.items(), ("page", f"{each.root}/")]
        width = max(len(name) for name, _ in rows) + 2
        for name, value in rows:
            click.echo(f"  {plain(name):<{width}}{plain(value)}")
    click.echo(f"State is kept in {plain(str(wanted.state))}. Ctrl-C ends it.")

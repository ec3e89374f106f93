"""``placket login``: a person confirms in a browser that a provider may act in their name."""

from __future__ import annotations

import asyncio

import click
from attrs import evolve

from ..app import open as open_router
from ..config import Config, load_config
from ..errors import ConfigError, ProviderError
from ..interfaces import LoginPrompt
from ..registry import did_you_mean
from .invocation import Invocation, pass_invocation, shared_options
from .output import complain, waiting, write_line
from .text import plain


@click.command("login")
@click.argument("name", metavar="NAME")
@shared_options
@pass_invocation
def command(invocation: Invocation, name: str) -> None:
    """Log in to a provider that wants a person to confirm it.

    NAME is a provider of the configuration. An address and a code are shown on stderr; once somebody has opened the
    one and confirmed the other, in any browser, what was obtained is kept, and later runs need nobody. Exit code 1:
    nobody confirmed it in time, or the vendor refused; 2: there is no such provider, or it has no such login.
    """
    kept = asyncio.run(_log_in(_only(load_config(invocation.config), name), name))
    write_line(f"logged in to {name}; the login is kept in {plain(kept)}")


def _only(config: Config, name: str) -> Config:
    """The configuration of one provider: the secrets of the others need not be there."""
    provider = config.providers.get(name)
    if provider is None:
        raise ConfigError(
            f"there is no provider {name!r}{did_you_mean(name, config.providers)}; "
            f"{plain(config.origin)} has: {', '.join(config.providers)}",
            path="providers",
        )
    return evolve(config, providers={name: evolve(provider, enabled=True)}, routes={})


async def _log_in(config: Config, name: str) -> str:
    async with open_router(config) as router:
        provider = router.target(name).provider
        with waiting("waiting for the confirmation") as wait:

            def show(prompt: LoginPrompt) -> None:
                with wait.paused():
                    _show(prompt)

            try:
                return await provider.login(show)
            except ProviderError as error:
                error.attributed(name, "login")
                raise


def _show(prompt: LoginPrompt) -> None:
    complain(f"open   {plain(prompt.url or prompt.complete_url)}")
    complain(f"enter  {plain(prompt.code)}")
    if prompt.url and prompt.complete_url:
        complain(f"or open, with the code in it, {plain(prompt.complete_url)}")
    complain(
        f"within {prompt.seconds:.0f} seconds" if prompt.seconds < 120 else f"within {prompt.seconds / 60:.0f} minutes"
    )

"""``placket ar``: what a vendor of AR content calls back about."""

from __future__ import annotations

import os

import click

from ..errors import InvalidInput
from ..interfaces import ARContentBuilder
from .calling import ask
from .invocation import Invocation, pass_invocation, shared_options
from .options import json_option, provider_option
from .output import write_json, write_line
from .references import reference
from .text import plain


@click.command("callback-events")
@json_option()
@provider_option
@shared_options
@pass_invocation
def callback_events(invocation: Invocation, as_json: bool, provider: str) -> None:
    """List what the vendor can call back about, one event a line."""
    events = ask(invocation, ARContentBuilder, lambda builder: builder.callback_events(), provider)
    if as_json:
        write_json({"callback_events": list(events)})
    for event in () if as_json else events:
        write_line(plain(event))


@click.command("register-callback")
@click.argument("event")
@click.argument("url")
@click.option(
    "--secret-env", metavar="VARIABLE", help="The environment variable with the secret that each call shall carry."
)
@provider_option
@shared_options
@pass_invocation
def register_callback(invocation: Invocation, event: str, url: str, secret_env: str | None, provider: str) -> None:
    """Have the vendor call URL when something happens; it takes the place of an address that was given before.

    EVENT is one of `placket ar callback-events`.
    """
    if not url:
        raise InvalidInput(f"name an address; to be called no more:  placket ar remove-callback {plain(event)}")
    secret = "" if secret_env is None else os.environ.get(secret_env, "")
    if secret_env is not None and not secret:
        raise InvalidInput(f"the environment has no {secret_env}, which --secret-env names; set it to the secret")
    ask(invocation, ARContentBuilder, lambda builder: builder.register_callback(event, url, secret), provider)
    write_line(f"{plain(event)} calls {plain(url)}")


@click.command("remove-callback")
@click.argument("event")
@provider_option
@shared_options
@pass_invocation
def remove_callback(invocation: Invocation, event: str, provider: str) -> None:
    """Have the vendor call nobody about an event any more."""
    ask(invocation, ARContentBuilder, lambda builder: builder.register_callback(event, ""), provider)
    write_line(f"{plain(event)} calls nobody")


@click.command("test-callback")
@click.argument("event")
@click.argument("product", required=False)
@provider_option
@shared_options
@pass_invocation
def test_callback(invocation: Invocation, event: str, product: str | None, provider: str) -> None:
    """Have the vendor make a test call, about a PRODUCT where one is named."""
    ref = None if product is None else reference(product, ARContentBuilder.ref_kind)
    # Whose product it is knows the event; the route might lead to somebody else.
    asked = provider or (ref.provider if ref else "")
    ask(invocation, ARContentBuilder, lambda builder: builder.test_callback(event, ref), asked)
    write_line(f"a test call about {plain(event)} was asked for")

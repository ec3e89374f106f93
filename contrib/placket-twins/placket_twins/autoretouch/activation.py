"""The page on which a person confirms a login."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined

from ..refusal import Refusal
from ..routes import Asked
from ..serving import is_from_here
from .login import CONFIRMED, DENIED, Login
from .settings import AutoretouchSettings

if TYPE_CHECKING:
    from jinja2 import Template

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "frame-ancestors 'none'",
}

CONFIRMATION = "The device is connected. You can close this page."
DENIAL = "The device was turned away. You can close this page."
UNKNOWN = "There is no login that waits under this code. It may be mistyped, used or too old."


class Activation:
    """Shows the page, and takes what the person decides."""

    def __init__(self, settings: AutoretouchSettings, login: Login) -> None:
        self._settings = settings
        self._login = login

    async def show(self, asked: Asked) -> web.Response:
        """``GET /activate``: the form, filled in where the address has the code."""
        self._check(asked)
        return _page(asked.query.get("user_code", ""), "")

    async def decide(self, asked: Asked) -> web.Response:
        """``POST /activate``: confirmed or denied."""
        self._check(asked)
        code = "".join(asked.body["user_code"].upper().split())
        is_denied = asked.body.get("decision") == "deny"
        if not await self._login.decide(code, DENIED if is_denied else CONFIRMED):
            return _page(code, UNKNOWN, status=404)
        return _page("", DENIAL if is_denied else CONFIRMATION)

    def _check(self, asked: Asked) -> None:
        """Whoever can open the page can log in, so it is for this machine, and for forms of its own."""
        request = asked.request
        if not self._settings.confirm_from_anywhere and not is_from_here(request):
            raise Refusal(403, "logins are confirmed on the machine of the twin")
        if request.headers.get("Origin", asked.base_url) != asked.base_url:
            raise Refusal(403, "logins are confirmed on the twin's own page")


@cache
def _template() -> Template:
    environment = Environment(loader=PackageLoader("placket_twins"), autoescape=True, undefined=StrictUndefined)
    return environment.get_template("activation.html.j2")


def _page(code: str, message: str, *, status: int = 200) -> web.Response:
    text = _template().render(code=code, message=message)
    return web.Response(text=text, status=status, content_type="text/html", headers=_HEADERS)

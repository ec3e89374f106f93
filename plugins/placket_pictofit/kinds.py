"""The types that the service numbers: of products, of images, of callbacks."""

from __future__ import annotations

from collections.abc import Mapping

from placket.errors import ProtocolError, Refused, Unsupported
from placket.transport import HttpClient

from . import wire


class Kinds:
    """One list of types: those that the settings number, and those that the service tells when it has to be asked.

    ``what`` is told to people, and ``setting`` is where they can number a type themselves.
    """

    def __init__(self, http: HttpClient, path: str, known: Mapping[str, int], *, what: str, setting: str = "") -> None:
        self._http = http
        self._path = path
        self._known = [wire.Kind(name, str(number)) for name, number in known.items()]
        self._told: list[wire.Kind] | None = None
        self._what = what
        self._setting = setting

    async def all(self, operation: str) -> list[wire.Kind]:
        """What the service lists now."""
        answer = await self._http.get(self._path, operation=operation)
        document = answer.json()
        listed = wire.kinds(document)
        if listed is None:
            raise answer.protocol_error(f"the answer is no list of {self._what}s")
        self._told = listed
        return listed

    async def find(self, word: str, operation: str) -> wire.Kind:
        """The type that a caller names, by its name or number; the service is asked where the settings do not say.

        Raises Unsupported for a name that neither has, or that has no number.
        """
        if wire.is_number(word.strip()):
            return next((kind for kind in self._all_known() if kind.id == word.strip()), wire.Kind("", word.strip()))
        found = self._named(word)
        if found is None or not found.id:
            await self.all(operation)
            found = self._named(word)
        if found is None:
            names = ", ".join(dict.fromkeys(kind.name for kind in self._all_known())) or "none"
            raise Unsupported(f"the service has no {self._what} {word!r}; it has {names}")
        return found

    async def numbered(self, word: str, operation: str) -> wire.Kind:
        """As `find`, for what needs the number."""
        found = await self.find(word, operation)
        if not wire.is_number(found.id):
            raise Unsupported(f"the service does not number its {self._what} {word!r}; set {self._setting}.{word}")
        return found

    async def name(self, number: str, operation: str) -> str:
        """The name of a type by its number; the number where nobody gives it a name."""
        for ask in (False, True):
            if ask and self._told is None:
                try:
                    await self.all(operation)
                except (Refused, ProtocolError):
                    # A name is a kindness: what was asked for can be told without it.
                    break
            found = next((kind.name for kind in self._all_known() if kind.id == number), "")
            if found:
                return found
        return number

    def _all_known(self) -> list[wire.Kind]:
        return [*self._known, *(self._told or ())]

    def _named(self, word: str) -> wire.Kind | None:
        return next((kind for kind in self._all_known() if folded(kind.name) == folded(word)), None)


def folded(name: str) -> str:
    """A name without the differences between the vendor's pages: its CMS writes Garment_2D for GARMENT_2D."""
    return name.strip().casefold().replace("-", "_").replace(" ", "_")

"""References to stateful things that a provider holds."""

from __future__ import annotations

from typing import Self

from attrs import frozen

from ..errors import InvalidInput


@frozen
class Ref:
    """A catalog, product, SKU or AR product, named by the provider that holds it.

    Calls about it go to that provider, whatever the route says. As text it is ``provider/kind/id``.
    """

    provider: str
    kind: str
    id: str

    def __str__(self) -> str:
        return f"{self.provider}/{self.kind}/{self.id}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``provider/kind/id`` (the id may itself contain slashes)."""
        parts = text.split("/", 2)
        if len(parts) != 3 or not all(parts):
            raise InvalidInput(f"{text!r} is not a reference; write provider/kind/id, as in here/catalog/summer")
        return cls(*parts)

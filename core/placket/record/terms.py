"""A term: one value of the canonical vocabulary."""

from __future__ import annotations

from attrs import field, frozen


class _Placed:
    """Room for what is above a term, once it was asked for; a cached property would slow down every other attribute."""

    __slots__ = ("_above",)
    _above: tuple[Term, ...]


@frozen
class Term(_Placed):
    """One value of one vocabulary attribute: a colour, a fit, a category.

    Two terms are the same when attribute and id are; the rest describes them. Ids with the prefix ``x:`` are Placket's
    own additions to the Shopify taxonomy; ``broader`` then leads to the nearest value the taxonomy has.
    A category's ``broader`` is its parent.
    """

    attribute: str
    id: str
    label: str = field(eq=False)
    gid: str | None = field(default=None, eq=False)
    broader: Term | None = field(default=None, eq=False, repr=False)

    @property
    def above(self) -> tuple[Term, ...]:
        """Everything broader, nearest first."""
        try:
            return self._above
        except AttributeError:
            found = () if self.broader is None else (self.broader, *self.broader.above)
            object.__setattr__(self, "_above", found)
            return found

    @property
    def lineage(self) -> tuple[Term, ...]:
        """The term itself and everything above it, nearest first."""
        return (self, *self.above)

    def is_a(self, other: Term) -> bool:
        """Say whether ``other`` is this term or somewhere above it."""
        return any(term == other for term in self.lineage)

    def __str__(self) -> str:
        return self.label

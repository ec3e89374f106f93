"""Quirks: what a vendor's page leaves open, as named switches with documented defaults.

A vendor's twin declares them as one frozen attrs class::

    @frozen(kw_only=True)
    class AcmeQuirks(Quirks):
        over_limit: Literal["429", "ok-false"] = quirk("429", "The answer to one request too many.")

The annotation is a ``Literal``, ``bool``, ``int``, ``float`` or ``str``. The first line of the text says what is
switched; what follows may say what the page says and what not. The docs page of quirks is made of these classes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal, get_args, get_origin, get_type_hints

import attrs
from attrs import frozen

from placket.errors import InvalidInput
from placket.registry import did_you_mean

_DOC = "placket_twins.quirk"
_FLAGS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_DASHES = re.compile(r"[-_]")


def quirk(default: Any, doc: str) -> Any:
    """A switch: its default, and what it is about."""
    return attrs.field(default=default, metadata={_DOC: doc})


@frozen(kw_only=True)
class Quirks:
    """The base of the quirks of one vendor. A setting that is not among the choices raises InvalidInput."""

    def __attrs_post_init__(self) -> None:
        for each in quirks_of(type(self)):
            value = getattr(self, each.name)
            if each.choices and value not in each.choices:
                raise InvalidInput(f"{each.name} cannot be {value!r}{each.hint(str(value))}")


@frozen
class Quirk:
    """One switch of a vendor. ``choices`` is empty where any value of the ``type`` will do."""

    name: str
    default: Any
    type: type
    choices: tuple[str, ...]
    doc: str

    def parse(self, text: str) -> Any:
        """The setting that a person wrote; raises InvalidInput with what would be right."""
        if self.choices:
            if text not in self.choices:
                raise InvalidInput(f"{self.name} cannot be {text!r}{self.hint(text)}")
            return text
        if self.type is bool:
            if text.lower() not in _FLAGS:
                raise InvalidInput(f"{self.name} is on or off, not {text!r}")
            return _FLAGS[text.lower()]
        try:
            return self.type(text)
        except ValueError:
            raise InvalidInput(f"{self.name} is a number ({self.type.__name__}), not {text!r}") from None

    def hint(self, word: str) -> str:
        """What could be meant, and what there is."""
        return f"{did_you_mean(word, self.choices)} (choices: {', '.join(self.choices)})"


def quirks_of(kind: type[Quirks]) -> tuple[Quirk, ...]:
    """The switches of a vendor, in the order of their declaration."""
    hints = get_type_hints(kind)
    return tuple(_quirk(each, hints[each.name]) for each in attrs.fields(kind) if _DOC in each.metadata)


def _quirk(declared: attrs.Attribute[Any], hint: Any) -> Quirk:
    choices = get_args(hint) if get_origin(hint) is Literal else ()
    return Quirk(declared.name, declared.default, str if choices else hint, choices, declared.metadata[_DOC])


def parse_quirks(written: Iterable[str], kinds: Mapping[str, type[Quirks]]) -> dict[str, Quirks]:
    """The quirks of each vendor from texts such as ``aistetic.failed=never-completes``.

    Raises InvalidInput for an unknown vendor, switch or setting, with what may be meant.
    """
    chosen: dict[str, dict[str, Any]] = {vendor: {} for vendor in kinds}
    for text in written:
        name, equals, value = text.partition("=")
        vendor, dot, switch = name.partition(".")
        if not (equals and dot and vendor and switch):
            raise InvalidInput(f"{text!r} is not a quirk; write vendor.switch=setting, as in aistetic.failed=envelope")
        if vendor not in kinds:
            raise InvalidInput(
                f"no twin of {vendor!r} is served{did_you_mean(vendor, kinds)} (served: {', '.join(kinds)})"
            )
        known = {each.name: each for each in quirks_of(kinds[vendor])}
        found = known.get(_DASHES.sub("_", switch))
        if found is None:
            hint = f"{did_you_mean(switch, known)} (quirks: {', '.join(known)})"
            raise InvalidInput(f"the twin of {vendor} has no quirk {switch!r}{hint}")
        chosen[vendor][found.name] = found.parse(value)
    return {vendor: kinds[vendor](**settings) for vendor, settings in chosen.items()}

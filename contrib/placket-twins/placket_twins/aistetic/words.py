"""What was seen of a garment, said in the words of Aistetic's page: tags, measurements, a description."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from typing import Any

from attrs import field, frozen

from placket.interfaces import Findings
from placket.record import Claim, Color, Measurement, Term, Vocabulary

_MOST_ALTERNATIVES = 3
"""As many as the page shows."""

_MM_PER_INCH = 25.4


@frozen
class _Joint:
    """A word that says a category and one more thing at once, as Skinny Jeans does."""

    category: str
    other: str
    """The record field of the other thing."""
    id: str
    word: str


@frozen
class AisteticWords:
    """The tables of ``words.toml``, and what is said with them."""

    tags: Mapping[str, str]
    words: Mapping[str, Mapping[str, str]] = field(repr=False)
    joints: tuple[_Joint, ...]
    confidences: tuple[tuple[str, float], ...]
    echoed: tuple[str, ...]
    measurements: Mapping[str, str]
    wearers: Mapping[str, str]

    @classmethod
    @cache
    def load(cls) -> AisteticWords:
        """Read the tables that come with the twin, once."""
        import tomllib

        table = tomllib.loads(resources.files(__package__).joinpath("words.toml").read_text("utf-8"))
        return cls(
            tags=table["tags"],
            words=table["words"],
            joints=tuple(_joint(dict(entry)) for entry in table["joint"]),
            confidences=tuple(table["confidence"].items()),
            echoed=tuple(table["echoed"]),
            measurements=table["measurements"],
            wearers=table["wearer"],
        )

    def word(self, term: Term) -> str | None:
        """The vendor's word for a value, or for the nearest value above it that has one."""
        known = self.words.get(term.attribute, {})
        return next((known[each.id] for each in term.lineage if each.id in known), None)

    def confidence(self, probability: float) -> str:
        """The vendor's word for a probability."""
        return next(word for word, least in self.confidences if probability >= least)

    def echo(self, attributes: Mapping[str, str]) -> dict[str, str]:
        """What comes back of an upload's attributes: the page gets "Women's" and answers "Womens"."""
        return {
            name: attributes[name].replace("'", "").replace("\u2019", "") if name == "Gender" else attributes[name]
            for name in self.echoed
            if attributes.get(name)
        }

    def answer(self, findings: Findings, attributes: Mapping[str, str]) -> dict[str, Any]:
        """The parts of a finished query that tell what the garment is.

        A field that nobody saw has no tag, and ``measurements`` is empty when nothing was measured: nothing is made up.
        """
        seen = [claim for claim in findings.claims if claim.is_evidence]
        tags: dict[str, Any] = dict(self.echo(attributes))
        for name, tag in self.tags.items():
            tags.update(self._triplet(tag, self._ranked(seen, name), seen))
        return {
            "annotated_img": next((item.url for item in findings.media if item.role == "annotated"), ""),
            "tag": dict(sorted(tags.items())),
            "measurements": self._measurements(seen),
            "description": self._description(seen, tags, attributes),
        }

    @staticmethod
    def _ranked(seen: Iterable[Claim], name: str) -> list[Claim]:
        """The claims about a field, what counts most first: the larger share of the surface, then the surer."""
        about = [claim for claim in seen if claim.field == name]
        return sorted(about, key=lambda claim: (-_share(claim.value), -(claim.confidence or 0.0)))

    def _triplet(self, tag: str, claims: list[Claim], seen: list[Claim]) -> dict[str, Any]:
        """``X``, ``X Alternatives`` and ``X Confidence``.

        The vendor says one word where several can be true (a blouse in two colours): the others stand first among the
        alternatives.
        """
        if not claims:
            return {}
        first, *others = claims
        possible = [first.value, *(claim.value for claim in others), *(each.value for each in first.alternatives)]
        words = [
            self._said(_term(value), seen if value is first.value else ()) for value in possible if value is not None
        ]
        distinct = list(dict.fromkeys(word for word in words if word))
        if not distinct or words[0] is None:
            return {}
        said: dict[str, Any] = {tag: distinct[0], f"{tag} Alternatives": distinct[1 : 1 + _MOST_ALTERNATIVES]}
        if first.confidence is not None:
            said[f"{tag} Confidence"] = self.confidence(first.confidence)
        return said

    def _said(self, term: Term, seen: Iterable[Claim]) -> str | None:
        if term.attribute == "category":
            ids = {(claim.field, claim.value.id) for claim in seen if isinstance(claim.value, Term)}
            for joint in self.joints:
                if joint.category == term.id and (joint.other, joint.id) in ids:
                    return joint.word
        return self.word(term)

    def _measurements(self, seen: Iterable[Claim]) -> dict[str, int | float]:
        measured = {}
        for claim in seen:
            if claim.name == "measurements" and isinstance(claim.value, Measurement):
                kind = self.measurements.get(claim.key, claim.key.replace("_", " ").capitalize())
                inches = round(claim.value.mm / _MM_PER_INCH, 1)
                measured[f"{kind} (inches)"] = int(inches) if inches.is_integer() else inches
        return dict(sorted(measured.items()))

    def _description(self, seen: list[Claim], tags: Mapping[str, Any], attributes: Mapping[str, str]) -> str:
        """One sentence of what the seller sent and what was seen, and nothing else; empty when nothing was seen."""
        noun = str(tags.get(self.tags["category"], "")).lower()
        pattern = next((claim.value for claim in self._ranked(seen, "pattern")), None)
        colors = [self.word(claim.value.term) for claim in self._ranked(seen, "color") if self._likely(claim)]
        shades = [shade.lower() for shade in dict.fromkeys(colors) if shade]
        if not (noun or shades or pattern):
            return ""
        several = noun.endswith("s") and not noun.endswith("ss")
        words = [
            "these" if several else "this",
            attributes.get("Brand", ""),
            self._wearer(attributes.get("Gender", "")),
            pattern.label.lower() if pattern is not None and pattern.id != "solid" else "",
            noun or "garment",
        ]
        if material := attributes.get("Material"):
            words += ["in", material.lower()]
        if shades:
            words += ["are" if several else "is", _listed(shades[:3])]
        sentence = " ".join(word for word in words if word)
        return f"{sentence[0].upper()}{sentence[1:]}."

    def _likely(self, claim: Claim) -> bool:
        """Sure enough for a sentence, which has no place for a doubt."""
        return claim.confidence is None or self.confidence(claim.confidence) != self.confidences[-1][0]

    def _wearer(self, gender: str) -> str:
        term = Vocabulary.default().find("gender", gender)
        return self.wearers.get(term.id, "") if term else ""


def _joint(entry: dict[str, str]) -> _Joint:
    category, word = entry.pop("category"), entry.pop("word")
    ((other, term_id),) = entry.items()
    return _Joint(category, other, term_id, word)


def _term(value: Any) -> Term:
    term = value.term if isinstance(value, Color) else value
    assert isinstance(term, Term)
    return term


def _share(value: Any) -> float:
    return (value.share or 0.0) if isinstance(value, Color) else 0.0


def _listed(words: list[str]) -> str:
    return " and ".join((", ".join(words[:-1]), words[-1])) if len(words) > 1 else words[0]

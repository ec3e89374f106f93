"""What a photo's passage through the interfaces brought, as a report shows it."""

from __future__ import annotations

from enum import StrEnum

from attrs import field, frozen


class StepState(StrEnum):
    """What became of a step."""

    DONE = "done"
    PARTLY = "partly"
    FAILED = "failed"


@frozen
class Step:
    """One step: its ``name``, which providers it asked, and what came of it in one line.

    ``problems`` are for people: what did not work, and what to do about it.
    """

    name: str
    state: StepState
    said: str
    seconds: float
    providers: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


@frozen
class Similar:
    """A garment that looks alike, with its picture (WebP). A smaller ``distance`` is nearer."""

    name: str
    distance: float | None
    picture: bytes = field(repr=False)


@frozen
class Stored:
    """A product as its store tells it: its reference, and names and values to show."""

    ref: str
    values: tuple[tuple[str, str], ...]


@frozen
class Picture:
    """A picture that a shoot made: what it shows, a small WebP, and the name of the whole file beside the report."""

    kind: str
    small: bytes = field(repr=False)
    file: str


@frozen
class File:
    """A file beside the report. ``size`` is in bytes."""

    name: str
    format: str
    size: int


@frozen
class Model:
    """The garment in three dimensions, in one colour.

    ``glb`` is the model itself; ``still`` a picture of it (WebP) for where it cannot be turned.
    """

    name: str
    glb: bytes = field(repr=False)
    still: bytes = field(repr=False)
    files: tuple[File, ...] = ()


@frozen
class Passage:
    """All of it, in the order in which it happened."""

    steps: tuple[Step, ...] = ()
    similar: tuple[Similar, ...] = ()
    stored: Stored | None = None
    pictures: tuple[Picture, ...] = ()
    models: tuple[Model, ...] = ()

    def step(self, name: str) -> Step | None:
        """A step by its name, None where it was not taken."""
        return next((each for each in self.steps if each.name == name), None)

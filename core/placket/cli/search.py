"""``placket search``: garments that look like one, or show what is asked for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import click
from attrs import evolve

from ..errors import InvalidInput
from ..interfaces import Filter, Image, NearDuplicate, Query, Ref, SearchResults, VisualSearch
from ..record import Box, Detection
from ..record.codec import value_to_json
from .calling import ask
from .documents import to_json
from .invocation import Invocation, pass_invocation, shared_options
from .options import json_lines_option, json_option, limit_option, pairs, provider_option
from .output import waiting, write_json, write_line, write_table
from .references import catalog_ref
from .search_usage import usage
from .tables import write_attempts
from .tagging import attempt_to_json, image_of
from .text import paired, plain, shown

USUAL = "garments"
"""The command that is meant where none is named."""

_BEFORE_COMMAND = {"--config": 2, "-v": 1, "--verbose": 1, "--debug": 1}


class _Search(click.Group):
    """``placket search photo.jpg`` is ``placket search garments photo.jpg``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        at = 0
        while at < len(args) and args[at] in _BEFORE_COMMAND:
            at += _BEFORE_COMMAND[args[at]]
        if at < len(args) and args[at] not in self.commands and args[at] not in ctx.help_option_names:
            args = [*args[:at], USUAL, *args[at:]]
        return super().parse_args(ctx, args)


@click.group("search", cls=_Search)
@shared_options
def command() -> None:
    """Find garments that look like a picture, or show what is asked for.

    `placket search photo.jpg` is short for `placket search garments photo.jpg`; so it is with every option of
    `placket search garments --help`.
    """


command.add_command(usage)


@command.command(USUAL)
@click.argument("photo", required=False)
@click.option("--text", default="", help="What it shows, in words, as 'navy striped dress'.")
@click.option("--attribute", "attributes", metavar="FIELD=WORD", multiple=True, help="What it shows, as color=navy.")
@click.option(
    "--catalog", "catalogs", metavar="CATALOG", multiple=True, help="Where to look; the only one, if not given."
)
@click.option(
    "-k", "--limit", metavar="N", type=click.IntRange(min=1), default=10, show_default=True, help="The most hits."
)
@click.option(
    "--filter",
    "filters",
    metavar="KEY=VALUE",
    multiple=True,
    help="Only with this metadata: brand=acme, size=S,M for any of them, price=10..50 or added=2026-01-01.. for a "
    "range (either end open).",
)
@click.option(
    "--color-weight",
    metavar="NUMBER",
    type=click.FloatRange(0, 1),
    help="How much colour counts: 0 is look alone, 1 colour alone.",
)
@click.option("--region", metavar="X0,Y0,X1,Y1", help="The part of the picture that counts, in fractions of it.")
@click.option("--garment", metavar="WORD", default="", help="The one garment of an outfit that counts, as skirt.")
@click.option("--detect", is_flag=True, help="Search for each garment that is found in the picture.")
@json_option("One JSON document; with --detect JSON Lines, one for each garment.")
@provider_option
@shared_options
@pass_invocation
def garments(
    invocation: Invocation,
    photo: str | None,
    text: str,
    attributes: tuple[str, ...],
    catalogs: tuple[str, ...],
    limit: int,
    filters: tuple[str, ...],
    color_weight: float | None,
    region: str | None,
    garment: str,
    detect: bool,
    as_json: bool,
    provider: str,
) -> None:
    """Find garments by a picture, a text, attributes, or several of them.

    PHOTO is a path, an http(s) address, or - for stdin.
    """
    words = pairs(attributes, "--attribute", "FIELD=WORD, as color=navy")
    if photo is None and not text and not words:
        raise InvalidInput("say what to look for: a PHOTO, --text or --attribute")
    if photo is None and (region or garment or detect or color_weight is not None):
        raise InvalidInput("--region, --garment, --detect and --color-weight are about a PHOTO; give one")
    if detect and (region or garment):
        raise InvalidInput("--detect searches for each garment of the picture; --region and --garment choose one")
    query = Query(
        image=_checked(image_of(photo)) if photo is not None else None,
        text=text,
        region=_region(region) if region else None,
        filters=tuple(_filter(key, value) for key, value in pairs(filters, "--filter", "KEY=VALUE").items()),
        limit=limit,
        garment=garment,
        attributes=words,
        color_weight=color_weight,
    )

    async def find(search: VisualSearch) -> list[tuple[Detection | None, SearchResults]]:
        where = await _catalogs(search, catalogs)
        with waiting("searching"):
            if not detect:
                return [(None, await search.search(query, where))]
            assert query.image is not None
            seen = await search.detect(query.image)
            return [(each, await search.search(evolve(query, region=each.box), where)) for each in seen]

    found = ask(invocation, VisualSearch, find, provider)
    if not found and not as_json:
        write_line("No garment was found in the picture; without --detect the whole of it is searched for.")
    for detection, results in found:
        if as_json:
            write_json(_document(photo, query, detection, results), lines=detect)
        else:
            _show(detection, results)


def _checked(image: Image) -> Image:
    if not image.is_remote:
        image.content()
    return image


async def _catalogs(search: VisualSearch, named: Sequence[str]) -> list[Ref]:
    if named:
        return list(dict.fromkeys([await catalog_ref(search, each) for each in named]))
    there = await search.list_catalogs().collect(20)
    if len(there) == 1:
        return [there[0].ref]
    if not there:
        raise InvalidInput("there is no catalog to look in; make one: placket catalog create NAME")
    names = ", ".join(plain(each.name) for each in there)
    raise InvalidInput(f"say where to look with --catalog, which may be given again: {names}")


def _region(text: str) -> Box:
    try:
        left, top, right, bottom = (float(part) for part in text.split(","))
    except ValueError:
        raise InvalidInput(f"--region is four numbers, as 0.1,0,0.9,0.5, not {text!r}") from None
    if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
        raise InvalidInput(f"--region is left, top, right, bottom in fractions of the picture, 0 to 1, not {text}")
    return (left, top, right, bottom)


def _filter(key: str, text: str) -> Filter:
    """``acme`` is equality, ``S,M`` any of several, ``10..50`` a range; what begins as JSON is JSON."""
    if text[:1] in ('"', "["):
        try:
            value = json.loads(text)
        except ValueError as error:
            raise InvalidInput(f"--filter {key}={text} is not JSON: {error}") from None
        return Filter(key, any_of=tuple(value)) if isinstance(value, list) else Filter(key, equals=value)
    least, dots, most = text.partition("..")
    if dots:
        if not least and not most:
            raise InvalidInput(
                f"--filter {key}=.. is a range without ends; write {key}=10..50, {key}=10.. or {key}=..50"
            )
        return Filter(key, least=_end(least), most=_end(most))
    # Whether the catalog has 10 or "10" is not for the person who types it to know.
    meant = [meaning for part in text.split(",") for meaning in _meanings(part.strip())]
    return Filter(key, equals=meant[0]) if len(meant) == 1 else Filter(key, any_of=tuple(meant))


def _end(text: str) -> float | str | None:
    try:
        return float(text)
    except ValueError:
        return text.strip() or None


def _meanings(text: str) -> list[Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return [text]
    return [value, text] if isinstance(value, bool | int | float) else [text]


def _document(photo: str | None, query: Query, detection: Detection | None, results: SearchResults) -> dict[str, Any]:
    asked = {"input": photo, "text": query.text, "attributes": dict(query.attributes)}
    return {
        **{key: value for key, value in asked.items() if value},
        **({} if detection is None else {"garment": value_to_json(detection)}),
        "hits": [to_json(hit) for hit in results.hits],
        "attempts": [attempt_to_json(attempt) for attempt in results.attempts],
    }


def _show(detection: Detection | None, results: SearchResults) -> None:
    title = "" if detection is None else f"{shown(detection)} at {_box(detection.box)}"
    if not results.hits:
        write_line(f"{title}: nothing was found." if title else "Nothing was found.")
    else:
        several = len({hit.catalog for hit in results.hits}) > 1 or any(len(hit.providers) > 1 for hit in results.hits)
        rows = []
        for place, hit in enumerate(results.hits, start=1):
            where = [f"{hit.catalog} {' '.join(hit.providers)}"] if several else []
            distance = "-" if hit.distance is None else f"{hit.distance:.3f}"
            rows.append([str(place), plain(hit.id), distance, *where, paired(hit.metadata), plain(hit.image_url)])
        write_table(("", "Id", "Distance", *(["Catalog"] if several else []), "Metadata", "Picture"), rows, title=title)
    if any(attempt.error for attempt in results.attempts):
        write_attempts(results.attempts)


def _box(box: Box) -> str:
    return ",".join(f"{edge:.2f}" for edge in box)


@command.command()
@click.argument("catalog")
@click.option(
    "--within",
    metavar="NUMBER",
    type=click.FloatRange(min=0),
    default=0.02,
    show_default=True,
    help="The largest distance of a pair.",
)
@json_lines_option
@limit_option(100, "How many pairs are shown; with --json all are.")
@shared_options
@pass_invocation
def duplicates(invocation: Invocation, catalog: str, within: float, as_json: bool, limit: int) -> None:
    """List the pairs of pictures in a catalog that are the same, or nearly."""

    async def read(search: VisualSearch) -> list[NearDuplicate]:
        pairs_found = search.near_duplicates(await catalog_ref(search, catalog), within)
        if not as_json:
            with waiting("comparing"):
                return await pairs_found.collect(limit + 1)
        async for pair in pairs_found:
            write_json(to_json(pair), lines=True)
        return []

    found = ask(invocation, VisualSearch, read)
    if as_json:
        return
    if not found:
        write_line(f"No two pictures are within {within:g} of each other.")
        return
    rows = [(plain(pair.first), plain(pair.second), f"{pair.distance:.4f}") for pair in found[:limit]]
    write_table(("One", "Other", "Distance"), rows)
    if len(found) > limit:
        write_line(f"These are the first {limit}; --limit shows more, --json writes all.")


@command.command()
@click.argument("photo")
@json_option()
@provider_option
@shared_options
@pass_invocation
def detect(invocation: Invocation, photo: str, as_json: bool, provider: str) -> None:
    """Find the garments in a picture, each with its box in fractions of the picture."""
    image = _checked(image_of(photo))

    async def look(search: VisualSearch) -> tuple[Detection, ...]:
        with waiting("looking"):
            return await search.detect(image)

    seen = ask(invocation, VisualSearch, look, provider)
    if as_json:
        write_json({"input": photo, "detections": [value_to_json(each) for each in seen]})
    elif not seen:
        write_line("No garment was found.")
    else:
        rows = [(shown(each), "-" if each.score is None else f"{each.score:.2f}", _box(each.box)) for each in seen]
        write_table(("Garment", "Score", "Box"), rows)

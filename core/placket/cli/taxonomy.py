"""``placket taxonomy``: the words that records use, and the whole Shopify taxonomy beside them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from ..app import IMPORTED_VOCABULARY, vocabulary_of
from ..app import open as open_router
from ..config import load_config
from ..errors import InvalidInput
from ..record import Term, Vocabulary
from ..record.vocabulary import normalize_word
from ..registry import Registry, did_you_mean
from .delivery import write_whole
from .invocation import Invocation, pass_invocation, shared_options
from .options import json_option
from .output import waiting, write_json, write_line, write_table
from .taxonomy_files import Taxonomy, read_taxonomy
from .text import plain

BRANCH = "aa"
"""Apparel & Accessories."""

_SILENT = "other"
"""A value by this name says nothing about a garment."""


@click.group("taxonomy")
@shared_options
def command() -> None:
    """Look words up in the vocabulary, or import the full Shopify taxonomy."""


@command.command()
@click.argument("word", required=False)
@click.option("--attribute", help="Only as a value of this attribute, as color.")
@json_option()
@shared_options
@pass_invocation
def show(invocation: Invocation, word: str | None, attribute: str | None, as_json: bool) -> None:
    """Show what a word means.

    WORD is a word as a vendor says it, an id, or a GID; without one, the attributes are listed.
    """
    vocabulary, imported = _vocabulary(invocation)
    if attribute is not None and attribute not in vocabulary.attributes():
        hint = did_you_mean(attribute, vocabulary.attributes())
        raise InvalidInput(f"the vocabulary has no attribute {attribute!r}{hint}")
    among = vocabulary.attributes() if attribute is None else (attribute,)
    if word is None:
        _show_attributes(vocabulary, among, imported, as_json)
        return
    terms = list(_meanings(vocabulary, among, word))
    if not terms:
        labels = [term.label for each in among for term in vocabulary.terms(each)]
        hint = did_you_mean(word, labels) or "; vendors' words without a meaning are kept as they are, and flagged"
        raise InvalidInput(f"the vocabulary has no meaning for {word!r}{hint}")
    if as_json:
        write_json({"word": word, "values": [_document(vocabulary, term) for term in terms]})
    else:
        for term in terms:
            _show_term(vocabulary, term)


def _vocabulary(invocation: Invocation) -> tuple[Vocabulary, Path]:
    config = load_config(invocation.config)
    registry = Registry()
    registry.load(config.plugin_names)
    folder = open_router(config).data_folder
    return vocabulary_of(registry, folder), folder / IMPORTED_VOCABULARY


def _meanings(vocabulary: Vocabulary, attributes: tuple[str, ...], word: str) -> Iterator[Term]:
    """What it means, and then whatever has it for a label: a label that several values share means none of them."""
    if word.startswith("gid://"):
        yield from (term for attribute in attributes for term in vocabulary.terms(attribute) if term.gid == word)
        return
    for attribute in attributes:
        meant = vocabulary.get(attribute, word) or vocabulary.find(attribute, word)
        if meant is not None:
            yield meant
        for term in vocabulary.terms(attribute):
            if term != meant and normalize_word(term.label) == normalize_word(word):
                yield term


def _document(vocabulary: Vocabulary, term: Term) -> dict[str, Any]:
    lab = vocabulary.lab(term)
    google = vocabulary.google_category(term)
    return {
        "attribute": term.attribute,
        "id": term.id,
        "gid": term.gid,
        "label": term.label,
        "words": list(vocabulary.words(term)),
        "above": [{"id": each.id, "label": each.label} for each in term.above],
        "below": [{"id": each.id, "label": each.label} for each in _below(vocabulary, term)],
        **({} if lab is None else {"lab": list(lab)}),
        **({} if google is None else {"google_category": google}),
    }


def _below(vocabulary: Vocabulary, term: Term) -> list[Term]:
    return [each for each in vocabulary.terms(term.attribute) if each.broader == term]


def _show_term(vocabulary: Vocabulary, term: Term) -> None:
    told = _document(vocabulary, term)
    write_line(f"{term.attribute}: {plain(term.label)}", style="bold")
    lines = {
        "id": term.id,
        "gid": term.gid or "none; it is not in the Shopify taxonomy",
        "above": " < ".join(f"{each['label']} ({each['id']})" for each in told["above"]),
        "below": ", ".join(f"{each['label']} ({each['id']})" for each in told["below"]),
        "words": ", ".join(told["words"]) or "none: it is found by its id",
        "google": str(told.get("google_category", "")),
        "lab": ", ".join(f"{part:g}" for part in told.get("lab", ())),
    }
    for name, text in lines.items():
        if text:
            write_line(f"  {name}: {plain(text)}")


def _show_attributes(vocabulary: Vocabulary, attributes: tuple[str, ...], imported: Path, as_json: bool) -> None:
    counts = {attribute: len(vocabulary.terms(attribute)) for attribute in attributes}
    there = str(imported) if imported.exists() else None
    if as_json:
        write_json({"version": vocabulary.version, "imported": there, "attributes": counts})
        return
    write_line(f"vocabulary {vocabulary.version}{f', with {plain(there)}' if there else ''}")
    write_table(("Attribute", "Values"), [(name, str(count)) for name, count in counts.items()])


@command.command("import")
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--branch",
    "branches",
    metavar="ID",
    multiple=True,
    default=(BRANCH,),
    show_default=True,
    help="The category with everything below it, as aa-1; may be repeated.",
)
@json_option()
@shared_options
@pass_invocation
def import_(invocation: Invocation, path: Path, branches: tuple[str, ...], as_json: bool) -> None:
    """Add the values of the full Shopify taxonomy to the vocabulary.

    PATH is a checkout of https://github.com/Shopify/product-taxonomy, its dist/en folder, or a folder with the files
    of a release. Later runs have the values: a file with them is written into the data folder, in place of an earlier
    one. Placket's own values keep their meanings, and a label that several values share means none of them; they are
    found by their ids. Nothing is changed unless everything can be read.
    """
    with waiting("reading"):
        taxonomy = read_taxonomy(path)
    for branch in branches:
        if branch not in taxonomy.categories:
            tops = [f"{key} ({name})" for key, name in taxonomy.categories.items() if "-" not in key]
            raise InvalidInput(f"the taxonomy has no category {branch!r}; at its top are {', '.join(tops)}")
    own = Vocabulary.default()
    tables = {"category": _new_categories(taxonomy, own, branches), **_new_values(taxonomy, own)}
    folder = open_router(load_config(invocation.config)).data_folder
    target = folder / IMPORTED_VOCABULARY
    text = _toml(taxonomy.version, tables)
    grown = own.with_imported(text, origin=str(target))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInput(f"the data folder {folder} cannot be made: {error.strerror}; set $PLACKET_DATA") from None
    write_whole(target, text.encode())
    added = {attribute: len(entries) for attribute, entries in tables.items() if entries}
    unclear = sum(
        grown.find(attribute, entry["label"]) != grown.get(attribute, key)
        for attribute, entries in tables.items()
        for key, entry in entries.items()
    )
    if as_json:
        write_json({"version": taxonomy.version, "file": str(target), "added": added, "found_by_id_only": unclear})
        return
    write_line(f"Shopify product taxonomy {plain(taxonomy.version)}: {sum(added.values())} values added")
    write_table(("Attribute", "Added"), [(name, str(count)) for name, count in added.items()])
    if unclear:
        write_line(f"{unclear} of them have a label that means something else, too, and are found by their ids.")
    write_line(f"They are in {plain(str(target))}; delete the file to be without them.")


def _new_categories(taxonomy: Taxonomy, own: Vocabulary, branches: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    wanted: dict[str, dict[str, Any]] = {}
    for key, name in taxonomy.categories.items():
        inside = any(key == branch or key.startswith(f"{branch}-") for branch in branches)
        # What lies above a branch comes with it, or it would hang in the air.
        above = any(branch.startswith(f"{key}-") for branch in branches)
        if (inside or above) and own.get("category", key) is None:
            google = taxonomy.google.get(key)
            wanted[key] = {"label": name, **({} if google is None else {"google": google})}
    return wanted


def _new_values(taxonomy: Taxonomy, own: Vocabulary) -> Mapping[str, dict[str, dict[str, Any]]]:
    tables: dict[str, dict[str, dict[str, Any]]] = {}
    for attribute, values in taxonomy.values.items():
        known = {term.gid for term in own.terms(attribute)}
        taken = {term.id for term in own.terms(attribute)}
        for number, name in sorted(values.items()):
            if f"gid://shopify/TaxonomyValue/{number}" in known or normalize_word(name) == _SILENT:
                continue
            key = re.sub(r"\W+", "_", name.lower()).strip("_")
            if not key or key in taken:
                key = f"{key}_{number}".strip("_")
            taken.add(key)
            tables.setdefault(attribute, {})[key] = {"gid": number, "label": name}
    return tables


def _toml(version: str, tables: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> str:
    """The tables in the format of ``vocabulary.toml``."""
    lines = [
        "# Written by `placket taxonomy import`, from the Shopify product taxonomy.",
        "# Copyright Shopify Inc., MIT License: https://github.com/Shopify/product-taxonomy/blob/main/LICENSE",
        "# Import again to renew it, or delete it to be without these values.",
        f"version = {_quoted(version)}",
    ]
    for attribute, entries in tables.items():
        if entries:
            lines += ["", f"[{attribute}]"]
        for key, entry in entries.items():
            told = ", ".join(f"{name} = {_quoted(value)}" for name, value in entry.items())
            lines.append(f"{_quoted(key)} = {{ {told} }}")
    return "\n".join(lines) + "\n"


def _quoted(value: str | int) -> str:
    # A JSON string is a TOML string, except that TOML wants DEL spelled out.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")

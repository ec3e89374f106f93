"""The files of the Shopify product taxonomy, as its checkouts and its releases have them, read and checked.

``categories``: ``.txt`` has ``{GID} : {Ancestor} > ... > {Name}``; ``.json`` has ``verticals[].categories[]``.
``attributes``: ``.json`` has ``attributes[].values[]``; without it ``attributes.txt`` (``{GID} : {Name}``) and
``attribute_values.txt`` (``{GID} : {Name} [{Attribute name}]``) together. ``integrations/all_mappings.json``, where it
is there, tells the Google product category of each category. A release has the same as ``categories.en.txt.gz``.
Source: https://github.com/Shopify/product-taxonomy (MIT), versions 2024-10 to 2026-08.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeVar

import msgspec
from attrs import frozen

from ..errors import InvalidInput

FIELDS: Mapping[int, str] = {
    1: "color",
    3: "pattern",
    2777: "fabric",
    837: "gender",
    30: "age_group",
    32: "neckline",
    15: "sleeve_length",
    35: "fit",
    80: "closure",
    37: "waist_rise",
    2336: "care",
    3001: "features",
    3245: "dress_style",
    3244: "dress_occasion",
    1204: "boot_style",
}
"""The taxonomy's attributes that the vocabulary has, by their numbers: names and handles change, numbers do not."""

_CATEGORY, _ATTRIBUTE, _VALUE = (f"gid://shopify/Taxonomy{kind}/" for kind in ("Category", "Attribute", "Value"))
_LINE = re.compile(r"(gid://\S+)\s+:\s+(\S.*)")
_OF_ATTRIBUTE = re.compile(r"(.*\S)\s+\[(.+)\]")
_NUMBER = re.compile(r"[0-9]{1,18}")
_CATEGORY_ID = re.compile(r"[a-z]{2}(-\d+)*")
_VERSION = re.compile(r"#.*:\s*(\S+)\s*")

Decoded = TypeVar("Decoded")


@frozen
class Taxonomy:
    """What was read. ``categories`` maps ids to names, ``values`` attributes of the vocabulary to names by number."""

    version: str
    categories: Mapping[str, str]
    values: Mapping[str, Mapping[int, str]]
    google: Mapping[str, int]
    files: tuple[Path, ...]


class _JsonCategory(msgspec.Struct):
    id: str
    name: str


class _Vertical(msgspec.Struct):
    categories: list[_JsonCategory]


class _Categories(msgspec.Struct):
    version: str
    verticals: list[_Vertical]


class _JsonValue(msgspec.Struct):
    id: str
    name: str


class _JsonAttribute(msgspec.Struct):
    id: str
    values: list[_JsonValue]


class _Attributes(msgspec.Struct):
    attributes: list[_JsonAttribute]


class _Named(msgspec.Struct):
    id: str


class _Input(msgspec.Struct):
    category: _Named | None = None


class _Output(msgspec.Struct):
    category: list[_Named] = []


class _Rule(msgspec.Struct):
    input: _Input
    output: _Output | None = None


class _Mapping(msgspec.Struct):
    input_taxonomy: str
    output_taxonomy: str
    rules: list[_Rule]


class _Mappings(msgspec.Struct):
    mappings: list[_Mapping]


def read_taxonomy(path: Path) -> Taxonomy:
    """Read a checkout, its ``dist`` or ``dist/en`` folder, or a folder with the files of a release.

    Raises InvalidInput, naming the file and the line or the place in it, for what is missing or has another form.
    """
    if not path.is_dir():
        raise InvalidInput(f"{path} is no folder; give a checkout of the Shopify product taxonomy, or its dist/en")
    folders = [folder for folder in (path / "dist" / "en", path / "en", path) if folder.is_dir()]
    folder = next((each for each in folders if _file(each, "categories")), None)
    if folder is None:
        raise InvalidInput(f"{path} has no categories.txt or categories.json, nor has a folder dist/en in it")
    categories_file = _required(folder, "categories")
    version, categories = _categories(categories_file)
    values, value_files = _values(folder)
    mappings = _file(folder, "integrations/all_mappings", (".json",)) or _file(
        folder, "integrations.all_mappings", (".json",)
    )
    google = _google(mappings) if mappings else {}
    files = (categories_file, *value_files, *([mappings] if mappings else []))
    return Taxonomy(version, categories, values, google, files)


def _file(folder: Path, name: str, kinds: tuple[str, ...] = (".txt", ".json")) -> Path | None:
    names = (f"{name}{language}{kind}{packed}" for kind in kinds for language in ("", ".en") for packed in ("", ".gz"))
    return next((path for each in names if (path := folder / each).is_file()), None)


def _required(folder: Path, name: str, kinds: tuple[str, ...] = (".txt", ".json")) -> Path:
    found = _file(folder, name, kinds)
    if found is None:
        raise InvalidInput(f"{folder} has no {name}{' or .'.join(kinds)}; is the checkout whole?")
    return found


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
        return gzip.decompress(content) if path.suffix == ".gz" else content
    except (OSError, EOFError, zlib.error) as error:
        raise InvalidInput(f"{path} cannot be read: {error}; fetch it again, if it is damaged") from None


def _is_text(path: Path) -> bool:
    return ".txt" in path.suffixes


def _lines(path: Path, prefix: str) -> Iterator[tuple[str, str, str]]:
    """What ends each GID, the text beside it, and where that is; raises InvalidInput for a line of another form."""
    for number, line in enumerate(_text(path).splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        found = _LINE.fullmatch(line.rstrip())
        if found is None or not found[1].startswith(prefix):
            shown = line if len(line) <= 80 else f"{line[:77]}..."
            raise InvalidInput(f"{path}, line {number}: not of the form `{prefix}... : name`: {shown!r}")
        yield found[1].removeprefix(prefix), found[2], f"{path}, line {number}"


def _text(path: Path) -> str:
    try:
        return _content(path).decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path} is not UTF-8: {error}") from None


def _decoded(path: Path, kind: type[Decoded]) -> Decoded:
    content = _content(path)
    try:
        return msgspec.json.decode(content, type=kind)
    except msgspec.ValidationError as error:
        raise InvalidInput(f"{path} has another form than the taxonomy's: {error}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        place = re.search(r"byte (\d+)", str(error))
        line = content.count(b"\n", 0, int(place[1])) + 1 if place else content.count(b"\n") + 1
        raise InvalidInput(f"{path}, line {line}: not JSON: {error}") from None


def _categories(path: Path) -> tuple[str, Mapping[str, str]]:
    categories: dict[str, str] = {}
    if _is_text(path):
        first = _text(path).partition("\n")[0]
        version = found[1] if (found := _VERSION.fullmatch(first)) else "of unknown version"
        told = ((key, full.rpartition(" > ")[2], where) for key, full, where in _lines(path, _CATEGORY))
    else:
        document = _decoded(path, _Categories)
        version = document.version
        said = (category for vertical in document.verticals for category in vertical.categories)
        told = ((each.id.removeprefix(_CATEGORY), each.name, f"{path}, category {each.id}") for each in said)
    for key, name, where in told:
        if not _CATEGORY_ID.fullmatch(key):
            raise InvalidInput(f"{where}: {key!r} is no category's id, which is as aa-1-4")
        if not name.strip():
            raise InvalidInput(f"{where}: the category has no name")
        categories[key] = name.strip()
    for key in categories:
        above = key.rpartition("-")[0]
        if above and above not in categories:
            raise InvalidInput(f"{path}: {key} ({categories[key]}) lies under {above}, which is not there")
    if not categories:
        raise InvalidInput(f"{path} has no category")
    return version, categories


def _values(folder: Path) -> tuple[Mapping[str, Mapping[int, str]], tuple[Path, ...]]:
    values: dict[str, dict[int, str]] = {name: {} for name in FIELDS.values()}
    path = _file(folder, "attributes", (".json",))
    if path is not None:
        for attribute in _decoded(path, _Attributes).attributes:
            name = FIELDS.get(_number(attribute.id, _ATTRIBUTE, f"{path}, attribute {attribute.id!r}"))
            for value in attribute.values if name else ():
                values[str(name)][_number(value.id, _VALUE, f"{path}, value {value.id!r}")] = value.name
        return values, (path,)
    names_file = _required(folder, "attributes")
    values_file = _required(folder, "attribute_values", (".txt",))
    names = {
        name: FIELDS[number]
        for key, name, where in _lines(names_file, _ATTRIBUTE)
        if (number := _number(key, "", where)) in FIELDS
    }
    for key, text, where in _lines(values_file, _VALUE):
        found = _OF_ATTRIBUTE.fullmatch(text)
        if found is None:
            raise InvalidInput(f"{where}: the value names no attribute, as `Navy [Color]` does: {text!r}")
        if (attribute_name := names.get(found[2])) is not None:
            values[attribute_name][_number(key, "", where)] = found[1]
    return values, (names_file, values_file)


def _number(gid: str, prefix: str, where: str) -> int:
    number = gid.removeprefix(prefix)
    if not _NUMBER.fullmatch(number):
        raise InvalidInput(f"{where}: a GID ends in a number")
    return int(number)


def _google(path: Path) -> Mapping[str, int]:
    to_google = [each for each in _decoded(path, _Mappings).mappings if each.output_taxonomy.startswith("google/")]
    found: dict[str, int] = {}
    for rule in to_google[-1].rules if to_google else ():
        if rule.input.category is not None and rule.output is not None and rule.output.category:
            category = rule.input.category.id
            where = f"{path}, the mapping of {category}"
            found[category.removeprefix(_CATEGORY)] = _number(rule.output.category[0].id, "", where)
    return found

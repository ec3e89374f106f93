"""Reading a configuration: from a file, a mapping, or the embedded default."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
from attrs import frozen

from ..errors import ConfigError, PluginError
from ..logs import in_words
from ..registry.types import ImageHostType, ProviderType
from .model import Config, ProviderConfig

if TYPE_CHECKING:
    from .structuring import Problem

PATH_VARIABLE = "PLACKET_CONFIG"
DEFAULT_FILE = "placket.toml"

_MINIMAL = """a minimal one is:

[providers.local]
plugin = "local"

[routes.garment_tagger]
targets = ["local"]"""
_PLACE = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")


@frozen
class _Document:
    content: Mapping[str, Any]
    origin: str
    folder: Path | None = None


def load_config(
    source: Path | str | Mapping[str, Any] | None = None, environ: Mapping[str, str] | None = None
) -> Config:
    """Read and check a configuration.

    ``source`` is a path, or a mapping of the same shape as the TOML. None means the file that
    ``$PLACKET_CONFIG`` names, then ``placket.toml`` in the working directory, then the embedded default.
    Secrets are not looked up, and plugins not imported.

    Raises ConfigError that lists everything that is wrong, each with its path.
    """
    return _checked(_read(source, os.environ if environ is None else environ))


def examine_config(source: Path | str | Mapping[str, Any] | None = None) -> tuple[Config | None, list[ConfigError]]:
    """What can be read of a configuration, and everything for which `load_config` would refuse it.

    What is wrong is left out, and so is a table that needs it; None when nothing is left. Raises ConfigError when there
    is no document, or when it is no TOML.
    """
    document = _read(source, os.environ)
    config, problems = _examined(document)
    return config, [_config_error([problem], origin=document.origin) for problem in problems]


def default_config() -> Config:
    """The embedded default: one provider ``local``, to which every interface is routed."""
    return _checked(_default())


def structure_settings(
    kind: ProviderType | ImageHostType,
    options: Mapping[str, Any],
    path: str,
    *,
    environ: Mapping[str, str] | None = None,
    folder: Path | None = None,
    resolve: bool = True,
) -> Any:
    """Turn the plugin's own keys of a provider's table into its settings object.

    References to secrets are followed. ``path`` is the table's, as ``providers.here``; ``folder`` is
    `Config.folder`, where relative paths start. With ``resolve=False`` everything is checked except that the
    secrets are there.

    Raises ConfigError as `load_config` does, and PluginError when the settings class itself is at fault.
    """
    from .secrets import SecretReader
    from .structuring import Structurer

    reader = SecretReader(os.environ if environ is None else environ, folder, resolve)
    try:
        settings, problems = Structurer(reader).structure(options, kind.settings, path)
    except Exception as error:
        distribution = str(kind.origin or kind.name)
        fault = error
        while isinstance(fault, ExceptionGroup):
            fault = fault.exceptions[0]
        raise PluginError(
            f"the settings class {kind.settings.__name__} of {distribution} cannot be read: {in_words(fault)}",
            path=path,
            distribution=distribution,
        ) from error
    if problems:
        raise _config_error([_with_common_keys(problem, kind, path) for problem in problems], path=path)
    return settings


def _with_common_keys(problem: Problem, kind: ProviderType | ImageHostType, path: str) -> Problem:
    """Suggest the keys that every provider has, too, where a key is unknown."""
    from ..registry.suggestions import did_you_mean
    from .structuring import UNKNOWN_KEY, Problem

    parent, _, key = problem.path.rpartition(".")
    if parent != path or not problem.message.startswith(UNKNOWN_KEY) or not isinstance(kind, ProviderType):
        return problem
    known = [
        field.alias
        for field in (*attrs.fields(kind.settings), *attrs.fields(ProviderConfig))
        if field.name != "options"
    ]
    return Problem(problem.path, f"{UNKNOWN_KEY}{did_you_mean(key, known)}")


def _checked(document: _Document) -> Config:
    config, problems = _examined(document)
    if config is None or problems:
        raise _config_error(problems, origin=document.origin)
    return config


def _examined(document: _Document) -> tuple[Config | None, list[Problem]]:
    """What can be read of a document, and everything that is wrong in it."""
    from .checks import Reading, check
    from .pruning import NOTHING, without
    from .secrets import SecretReader
    from .structuring import Structurer

    structurer = Structurer(SecretReader({}, document.folder))
    config, problems = structurer.structure(document.content, Config)
    wrong, left, unread = problems, document.content, []
    while config is None:
        # One at a time: leaving out the first may take the place of the second along.
        unread.append(wrong[0].path)
        left = without(left, wrong[0].path)
        if left is NOTHING:
            return None, problems
        config, wrong = structurer.structure(left, Config)
    problems += check(Reading(config, document.content, unread))
    return attrs.evolve(config, origin=document.origin, folder=document.folder), problems


def _config_error(problems: Sequence[Problem], *, path: str = "", origin: str = "") -> ConfigError:
    if len(problems) == 1:
        [problem] = problems
        return ConfigError(problem.message, path=problem.path, origin=origin)
    listed = "\n".join(f"  {problem}" for problem in problems)
    return ConfigError(f"{len(problems)} problems:\n{listed}", path=path, origin=origin)


def _default() -> _Document:
    return _Document(
        _parse(Path(__file__).with_name("default.toml").read_text("utf-8"), "default.toml"), "the embedded default"
    )


def _read(source: Path | str | Mapping[str, Any] | None, environ: Mapping[str, str]) -> _Document:
    document = _found(source, environ)
    if not document.content:
        raise ConfigError(f"{document.origin} is empty; {_MINIMAL}")
    return document


def _found(source: Path | str | Mapping[str, Any] | None, environ: Mapping[str, str]) -> _Document:
    if isinstance(source, Mapping):
        return _Document(source, "the given configuration")
    if source is not None:
        return _from_file(source)
    if environ.get(PATH_VARIABLE):
        return _from_file(environ[PATH_VARIABLE], f", which ${PATH_VARIABLE} names")
    try:
        there = Path(DEFAULT_FILE).exists()
    except OSError as error:
        raise ConfigError(
            f"{DEFAULT_FILE} cannot be looked for in the working directory: {error.strerror}; "
            f"go to another one, or name the file in ${PATH_VARIABLE}"
        ) from None
    return _from_file(DEFAULT_FILE) if there else _default()


def _from_file(source: Path | str, named_by: str = "") -> _Document:
    if isinstance(source, str) and "\n" in source:
        raise ConfigError("a configuration is given as the path of a file or as a mapping, not as TOML text")
    path = Path(source)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise ConfigError(f"there is no file {path}{named_by}; make it, and {_MINIMAL}") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it has no usable name"
        raise ConfigError(f"{path}{named_by} cannot be read: {reason}; name a TOML file that can be") from None
    try:
        text = content.decode("utf-8-sig")  # some editors begin a file with a byte-order mark
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}, line {line}: this is not UTF-8 text; save the file as UTF-8") from None
    return _Document(_parse(text, str(path)), str(path), path.absolute().parent)


def _parse(text: str, origin: str) -> Mapping[str, Any]:
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        place = _PLACE.search(message)
        line, column = (place[1], place[2]) if place and place[1] else _end(text)
        raise ConfigError(f"{origin}, line {line}, column {column}: not TOML: {_PLACE.sub('', message)}") from None
    except ValueError:  # Python's own limit, which the parser lets through
        raise ConfigError(f"{origin}: a number in it has more digits than anybody needs; shorten it") from None
    except RecursionError:
        raise ConfigError(f"{origin}: tables or lists are nested too deeply") from None


def _end(text: str) -> tuple[int, int]:
    return text.count("\n") + 1, len(text) - (text.rfind("\n") + 1) + 1

"""``placket export``: records in a file format that a plugin brings."""

from __future__ import annotations

import errno
import io
import sys
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Iterable, Iterator, Sequence
from contextlib import nullcontext
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, cast

import click
from attrs import define

from ..app import open as open_router
from ..app import vocabulary_of
from ..config import load_config
from ..errors import InvalidInput, PlacketError, PluginError
from ..logs import in_words
from ..record import GarmentRecord, Vocabulary, record_from_json
from ..registry import Exporter, Registry, did_you_mean
from .delivery import whole_file
from .failures import NO_ROOM, PARTLY_DONE, WRONG_USE, message_of
from .invocation import Invocation, pass_invocation, shared_options
from .json_sources import documents_in, refuse_untagged
from .options import out_option
from .output import complain, write_line
from .plugins import loaded_registry
from .tagging import STDIN, nothing_piped
from .text import plain


@click.command("export")
@click.argument("name", metavar="FORMAT")
@click.argument("sources", metavar="[FILE]...", nargs=-1)
@out_option("The file to be written; without it, stdout is.", required=False, folder=False)
@shared_options
@pass_invocation
@click.pass_context
def command(
    context: click.Context, invocation: Invocation, name: str, sources: tuple[str, ...], out: Path | None
) -> None:
    """Write records in a file format that a plugin brings.

    FORMAT is its name; a wrong one lists those that are installed. FILE has records with their claims, as
    `placket tag --json --claims`, `placket tag --jsonl FILE --claims` and `placket store list --all` write them; -
    is stdin, which is read where no FILE is named. Exit code 3: some were refused; each is named.
    """
    registry = loaded_registry()
    exporter = _exporter(registry, name)
    if not sources and nothing_piped():
        raise click.UsageError(f"name a FILE, or: placket tag PHOTO --json --claims | placket export {name}")
    if out is not None and out.exists():
        raise InvalidInput(f"{out} is there already; name another --out")
    reading = _Reading(sources or (STDIN,), _vocabulary(registry, invocation))
    records = reading.records()
    first = next(records, None)
    if first is not None:
        with whole_file(out) if out is not None else nullcontext(cast("BinaryIO", _Stdout())) as file:
            _write(exporter, chain((first,), records), reading, file)
        if out is not None:
            count = f"{reading.accepted} record{'' if reading.accepted == 1 else 's'}"
            write_line(f"{count} in {plain(str(out))}")
    if reading.refused:
        context.exit(PARTLY_DONE if reading.accepted else WRONG_USE)
    if not reading.accepted:
        raise InvalidInput(f"there is no record in {', '.join(sources) or 'stdin'}")


def _exporter(registry: Registry, name: str) -> Exporter:
    installed = {each.name: each for each in registry.exporters}
    if name in installed:
        return installed[name]
    if installed:
        known = f"{did_you_mean(name, installed)}; installed: {', '.join(sorted(installed))}"
    else:
        known = ": no plugin that is installed brings one; the page of a plugin that does says how to get it"
    notes = [f"\nNote: {message_of(broken.to_error())}" for broken in registry.broken]
    raise InvalidInput(f"there is no format {name!r}{known}{''.join(notes)}")


def _vocabulary(registry: Registry, invocation: Invocation) -> Vocabulary:
    return vocabulary_of(registry, open_router(load_config(invocation.config)).data_folder)


@define
class _Reading:
    """The records in ``sources``, one after another; what is none is told and counted.

    ``place`` is where the last document was, and ``failure`` what ended the reading, whatever the plugin that reads
    makes of it.
    """

    sources: Sequence[str]
    vocabulary: Vocabulary
    accepted: int = 0
    refused: int = 0
    place: str = ""
    failure: Exception | None = None

    def records(self) -> Iterator[GarmentRecord]:
        """Each record, read from the disk as it is asked for."""
        try:
            for source in self.sources:
                for place, document in documents_in(source, self._refuse):
                    self.place = place
                    try:
                        if not isinstance(document, dict):
                            raise InvalidInput("it is no record, which is what `placket tag --json --claims` writes")
                        refuse_untagged(document)
                        record = record_from_json(document, vocabulary=self.vocabulary)
                    except InvalidInput as error:
                        self._refuse(place, str(error))
                        continue
                    self.accepted += 1
                    yield record
        except Exception as error:
            self.failure = error
            raise

    def _refuse(self, place: str, reason: str) -> None:
        self.refused += 1
        complain(f"refused: {plain(place)}: {plain(reason)}")


def _write(exporter: Exporter, records: Iterable[GarmentRecord], reading: _Reading, file: BinaryIO) -> None:
    """Have the plugin write; raises PluginError, with the plugin's own error as its cause, when it cannot."""
    write: Callable[..., object] = exporter.write
    try:
        _refuse_unrun(exporter, write(records, file))
    except (KeyboardInterrupt, PlacketError):
        raise
    except BaseException as error:  # a plugin may call sys.exit()
        if reading.failure is None:
            if _is_of_the_output(error):
                raise
            raise PluginError(
                f"the exporter {exporter.name!r} of {exporter.origin} failed: {in_words(error)}; "
                f"it had read as far as {reading.place}"
            ) from error
    if reading.failure is not None:
        raise reading.failure


def _refuse_unrun(exporter: Exporter, returned: object) -> None:
    """Raise PluginError for what an async function or a generator returns: it has not begun to write."""
    if not isinstance(returned, Coroutine | Generator | AsyncGenerator):
        return
    if not isinstance(returned, AsyncGenerator):
        returned.close()  # or Python warns of a coroutine that was never awaited
    raise PluginError(
        f"the exporter {exporter.name!r} of {exporter.origin} wrote nothing: nobody runs the "
        f"{type(returned).__name__} that its write returned; tell its author that write must be a plain function, "
        "without async and yield"
    )


def _is_of_the_output(error: BaseException) -> bool:
    return isinstance(error, OSError) and error.errno in {*NO_ROOM, errno.EPIPE}


class _Stdout(io.BufferedIOBase):
    """Stdout for a plugin, which may close it, as an `io.TextIOWrapper` does that nobody holds any more."""

    def writable(self) -> bool:
        return True

    def write(self, content: Any, /) -> int:
        return sys.stdout.buffer.write(content)

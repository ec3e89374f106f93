"""What a person reads when something goes wrong, and the exit code that a script reads."""

from __future__ import annotations

import errno
from collections.abc import Iterator

from ..errors import AllProvidersFailed, PlacketError, ProviderError
from ..logs import in_words
from .text import plain

DONE = 0
PROVIDER_FAILURE = 1
WRONG_USE = 2
PARTLY_DONE = 3
READER_GONE = 141
"""128 and SIGPIPE: whoever read our output stopped doing so."""

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""What the system says where nothing more can be written."""


def exit_code(error: Exception) -> int:
    """1 when providers failed, and for a fault in code; 2 for wrong use, configuration or input."""
    if isinstance(error, PlacketError) and not isinstance(error, ProviderError | AllProvidersFailed):
        return WRONG_USE
    return PROVIDER_FAILURE


def message_of(error: Exception, plugin_command: str = "") -> str:
    """One line for one cause; a first line and a list where there are several.

    What nobody raised on purpose is the fault of ``plugin_command`` (see `Invocation`), or else of Placket.
    """
    if isinstance(error, AllProvidersFailed):
        causes = list(_causes(error))
        if len(causes) == 1:
            return f"{plain(error.message)}: {plain(str(causes[0]))}"
        return "\n".join([plain(error.message), *(f"  {plain(str(cause))}" for cause in causes)])
    if isinstance(error, PlacketError):
        return "\n".join(plain(line) for line in str(error).splitlines())
    whose, to_whom = (plugin_command, " to its author") if plugin_command else ("Placket", "")
    advice = f"run it again with --debug and report{to_whom} what that prints"
    return f"a fault in {plain(whose)}: {plain(in_words(error))}; {advice}"


def _causes(error: AllProvidersFailed) -> Iterator[Exception]:
    for cause in error.exceptions:
        if isinstance(cause, AllProvidersFailed):
            yield from _causes(cause)
        else:
            yield cause

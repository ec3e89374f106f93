"""Everything Placket raises.

::

    PlacketError
    ├── ConfigError                 the configuration is wrong; the message starts with where
    │   └── PluginError             a plugin is broken or missing; names its distribution
    ├── ProviderError               a provider was asked and did not deliver
    │   ├── Retryable               the same call may work later, or elsewhere
    │   │   ├── RateLimited         too many requests; ``retry_after`` seconds when the vendor said so
    │   │   ├── Unavailable         no connection, or the vendor is down
    │   │   └── TimedOut            no answer before the deadline
    │   ├── Refused                 the vendor understood and said no
    │   │   ├── Unauthenticated     · Forbidden · NotFound · Conflict · InvalidRequest · QuotaExhausted
    │   ├── ProtocolError           the vendor answered something that its contract does not say
    │   ├── JobFailed · JobExpired
    │   └── UnknownOutcome          a write was sent and no answer came: it may have happened
    ├── Unsupported                 this provider cannot do that, and says which configured ones can
    └── InvalidInput                what the caller gave is not usable
        └── InvalidClaim            what a provider claims is not usable: its failure, and not its caller's

    AllProvidersFailed              an exception group: every provider that was asked, and why each failed

``ConfigError`` is not a ``ProviderError``: code that tolerates failing providers never hides a wrong configuration.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from .interfaces.call import Attempt
    from .interfaces.job import Ticket


class PlacketError(Exception):
    """The base of everything Placket raises on purpose.

    ``attempts``: who was asked and how it went, where a routed call ends in the error.
    """

    attempts: tuple[Attempt, ...] = ()


class ConfigError(PlacketError):
    """The configuration is wrong.

    ``path`` says where, as ``providers.here.rate_limit``; it is empty when the whole document is meant. ``origin`` is
    the file, or where else the configuration came from, as far as known.
    """

    def __init__(self, message: str, *, path: str = "", origin: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.origin = origin

    def __str__(self) -> str:
        said = f"config.{self.path}: {self.message}" if self.path else self.message
        if not self.origin:
            return said
        first, colon, listed = said.partition(":\n")
        return f"{first} in {self.origin}{colon}{listed}" if colon else f"{said} ({self.origin})"


class PluginError(ConfigError):
    """A plugin is missing, broken, or registers something it must not.

    ``distribution`` is the installed package it comes from, with its version, as far as known.
    """

    def __init__(self, message: str, *, path: str = "", distribution: str = "") -> None:
        super().__init__(message, path=path)
        self.distribution = distribution


class ProviderError(PlacketError):
    """A provider was asked and did not deliver.

    ``provider`` and ``operation`` are filled in by whoever knows them first (the exchange, or the router).
    ``body`` is an excerpt of the vendor's answer with secrets masked. ``lies_elsewhere``: what stood in the way says
    nothing about the provider's health, as when a picture's own server is down, or our own rate limit left no room.
    """

    lies_elsewhere = False

    def __init__(
        self,
        message: str,
        *,
        provider: str = "",
        operation: str = "",
        status: int | None = None,
        request_id: str = "",
        body: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.provider = provider
        self.operation = operation
        self.status = status
        self.request_id = request_id
        self.body = body

    def attributed(self, provider: str, operation: str) -> Self:
        """Fill in who was asked for what, where it is not known yet; returns the same error."""
        self.provider = self.provider or provider
        self.operation = self.operation or operation
        return self

    def __str__(self) -> str:
        who = ".".join(part for part in (self.provider, self.operation) if part)
        details = [f"HTTP {self.status}"] if self.status is not None else []
        if self.request_id:
            details.append(f"request {self.request_id}")
        text = f"{who}: {self.message}" if who else self.message
        if details:
            text += f" ({', '.join(details)})"
        if self.body:
            text += f"; the answer was: {self.body}"
        return text

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild, (type(self), self.message, {k: v for k, v in vars(self).items() if k != "message"}))


def _rebuild(kind: type[ProviderError], message: str, state: dict[str, Any]) -> ProviderError:
    error = kind(message)
    vars(error).update(state)
    return error


class Retryable(ProviderError):
    """The same call may succeed later, or with another provider."""


class RateLimited(Retryable):
    """Too many requests. ``retry_after``: seconds until the vendor wants to hear from us again, or None."""

    def __init__(self, message: str, *, retry_after: float | None = None, **details: Any) -> None:
        super().__init__(message, **details)
        self.retry_after = retry_after


class Unavailable(Retryable):
    """No connection, or the vendor says that it is down. ``retry_after`` as in `RateLimited`."""

    def __init__(self, message: str, *, retry_after: float | None = None, **details: Any) -> None:
        super().__init__(message, **details)
        self.retry_after = retry_after


class TimedOut(Retryable):
    """No answer before the deadline; what was asked is safe to ask again."""


class Refused(ProviderError):
    """The vendor understood the request and said no; asking again unchanged is pointless."""


class Unauthenticated(Refused):
    """The vendor does not accept our credentials."""


class Forbidden(Refused):
    """The credentials are fine and do not allow this."""


class NotFound(Refused):
    """The vendor does not know the thing named."""


class Conflict(Refused):
    """Somebody else changed the thing, or it exists already."""


class InvalidRequest(Refused):
    """The vendor rejects what was sent. ``fields``: (field path, complaint) pairs, where the vendor names fields."""

    def __init__(self, message: str, *, fields: Sequence[tuple[str, str]] = (), **details: Any) -> None:
        super().__init__(message, **details)
        self.fields = tuple(fields)


class QuotaExhausted(Refused):
    """Out of credits, or the budget set in the configuration is spent."""


class ProtocolError(ProviderError):
    """The vendor answered something that its contract does not say: not JSON, a wrong shape, cut off."""


class JobFailed(ProviderError):
    """The vendor accepted the work and reports that it failed, or that it was cancelled."""


class JobExpired(ProviderError):
    """The vendor no longer knows the job, or did not finish it in time.

    ``ticket`` resumes the job where that may still help, else it is None.
    """

    def __init__(self, message: str, *, ticket: Ticket | None = None, **details: Any) -> None:
        super().__init__(message, **details)
        self.ticket = ticket


class UnknownOutcome(ProviderError):
    """A write was sent and no answer came: it may have happened, so it is neither repeated nor failed over."""


class Unsupported(PlacketError):
    """The provider cannot do this. ``alternatives``: configured providers that can."""

    def __init__(self, message: str, *, alternatives: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.alternatives = tuple(alternatives)

    def __str__(self) -> str:
        if not self.alternatives:
            return self.message
        return f"{self.message}; configured providers that can: {', '.join(self.alternatives)}"


class InvalidInput(PlacketError):
    """What the caller gave is not usable: not an image, too large, a blocked address, an impossible measurement."""


class InvalidClaim(InvalidInput):
    """A claim that no record can hold. Where a provider makes it, that is its failure, and not its caller's."""


class AllProvidersFailed(ExceptionGroup[Exception], PlacketError):
    """Every provider that the route asked has failed: ``exceptions`` holds each cause, ``attempts`` what happened."""

    def __new__(
        cls, message: str, exceptions: Sequence[Exception], attempts: Sequence[Attempt] = ()
    ) -> AllProvidersFailed:
        """Build the group; ``attempts`` are those of the whole routed call, skipped providers included."""
        group = super().__new__(cls, message, exceptions)
        group.attempts = tuple(attempts)
        return group

    def derive(self, exceptions: Sequence[Exception], /) -> AllProvidersFailed:  # type: ignore[override]
        """Keep the type and the attempts when the group is split (``except*``)."""
        return AllProvidersFailed(self.message, exceptions, self.attempts)

    def __str__(self) -> str:
        causes = "; ".join(str(error) or type(error).__name__ for error in self.exceptions)
        return f"{self.message}: {causes}"

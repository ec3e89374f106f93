"""The bounds of what a provider exchanges with its vendor: how long, how large, and how many tries."""

from __future__ import annotations

from attrs import frozen


@frozen
class HttpLimits:
    """The bounds of every exchange of a client.

    ``timeout``: seconds for one try, reading included. ``max_response_bytes`` counts decoded bytes. ``attempts``: tries
    in all. The pause before try n+1 is random between half and all of ``backoff_initial * 2**(n-1)``, at most
    ``backoff_max`` seconds, and never less than the vendor's Retry-After; when it would be longer than
    ``retry_wait_max``, or end after the deadline, there is no further try. ``cool_down_max``: a longer Retry-After is
    not believed.
    """

    timeout: float = 30.0
    max_response_bytes: int = 32 * 1024 * 1024
    attempts: int = 3
    backoff_initial: float = 0.5
    backoff_max: float = 20.0
    retry_wait_max: float = 60.0
    cool_down_max: float = 3600.0

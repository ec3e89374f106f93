"""What all five interfaces have in common."""

from __future__ import annotations

from abc import ABC
from typing import Any, ClassVar

from ..errors import Unsupported
from .job import Job, Ticket


class Interface(ABC):  # noqa: B024 - a provider overrides what it can, and nothing is compulsory
    """The base of the five interfaces. One provider may implement several of them in one class.

    A provider overrides the operations that it declares, and leaves the others: they raise Unsupported. It is built
    inside a running event loop and closed once; it keeps no state that a second process would miss.
    """

    interface_name: ClassVar[str] = ""
    """The name of its route in the configuration, such as ``garment_tagger``."""

    async def resume(self, ticket: Ticket) -> Job[Any]:
        """Take up a job that an earlier process submitted; raises Unsupported when jobs here end with the process."""
        raise Unsupported(f"{ticket.provider} has no jobs that outlive a process: ticket {ticket.id} cannot be resumed")

    def _cannot(self, operation: str) -> Unsupported:
        return Unsupported(f"{type(self).__name__} cannot {self.interface_name}.{operation}")

    async def aclose(self) -> None:
        """Give back what the provider holds. The HTTP session is the app's and stays open."""
        return

"""What all five interfaces have in common."""

from __future__ import annotations

from abc import ABC
from typing import Any, ClassVar

from ..errors import Unsupported
from .job import Job, Ticket
from .login import ShowPrompt


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

    async def login(self, show: ShowPrompt) -> str:
        """Log in with the help of a person, and keep what was obtained for later processes.

        ``show`` is called with what the person must be shown. Returns where the login is kept, in words for people.
        Raises Unsupported when there is nothing to confirm, Unauthenticated when the person does not in time.
        """
        raise Unsupported(f"{type(self).__name__} has no login that a person confirms; its keys are in its settings")

    def _cannot(self, operation: str) -> Unsupported:
        # A provider may be of several interfaces: the one meant is the one that declares the operation.
        named = (base.__dict__["interface_name"] for base in type(self).__mro__ if _declares(base, operation))
        return Unsupported(f"{type(self).__name__} cannot {next(named, self.interface_name)}.{operation}")

    async def aclose(self) -> None:
        """Give back what the provider holds. The HTTP session is the app's and stays open."""
        return


def _declares(interface: type, operation: str) -> bool:
    return operation in vars(interface) and "interface_name" in vars(interface)

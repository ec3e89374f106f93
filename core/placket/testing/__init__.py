"""For the tests of hosts and of plugins: a conformance kit, servers with faults, recordings, virtual time, no network.

A plugin is done when a subclass of one of the ``…Conformance`` classes passes; see ``docs/how-to/write-a-plugin.md``.
Every name is loaded when it is first used. The classes with tests need pytest, nothing else here does except
`network_guard`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy import lazy_names

if TYPE_CHECKING:
    from .conformance.cases import ARConformance as ARConformance
    from .conformance.cases import SearchConformance as SearchConformance
    from .conformance.cases import ShootConformance as ShootConformance
    from .conformance.cases import StoreConformance as StoreConformance
    from .conformance.cases import TaggerConformance as TaggerConformance
    from .conformance.picture import garment_png as garment_png
    from .conformance.samples import Incident as Incident
    from .conformance.stand import Stand as Stand
    from .conformance.violation import NotApplicable as NotApplicable
    from .conformance.violation import Violation as Violation
    from .faults import Fault as Fault
    from .faults import FaultKind as FaultKind
    from .faults import Faults as Faults
    from .loopback_server import LoopbackServer as LoopbackServer
    from .loopback_server import Received as Received
    from .network_guard import NetworkUsed as NetworkUsed
    from .network_guard import only_loopback as only_loopback
    from .recording import RecordingServer as RecordingServer
    from .recording import ReplayServer as ReplayServer
    from .recording import SecretInRecording as SecretInRecording
    from .virtual_time import VirtualClock as VirtualClock
    from .virtual_time import VirtualTimeLoop as VirtualTimeLoop
    from .virtual_time import run_virtual as run_virtual

_HOMES = {
    "ARConformance": "conformance.cases",
    "Fault": "faults",
    "FaultKind": "faults",
    "Faults": "faults",
    "Incident": "conformance.samples",
    "LoopbackServer": "loopback_server",
    "NetworkUsed": "network_guard",
    "NotApplicable": "conformance.violation",
    "Received": "loopback_server",
    "RecordingServer": "recording",
    "ReplayServer": "recording",
    "SearchConformance": "conformance.cases",
    "SecretInRecording": "recording",
    "ShootConformance": "conformance.cases",
    "Stand": "conformance.stand",
    "StoreConformance": "conformance.cases",
    "TaggerConformance": "conformance.cases",
    "Violation": "conformance.violation",
    "VirtualClock": "virtual_time",
    "VirtualTimeLoop": "virtual_time",
    "garment_png": "conformance.picture",
    "only_loopback": "network_guard",
    "run_virtual": "virtual_time",
}

__all__ = sorted(_HOMES)
if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_names(__name__, _HOMES)

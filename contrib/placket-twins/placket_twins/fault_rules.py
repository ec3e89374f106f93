"""Fault rules as people write them: ``path=/query,kind=status,status=503,rate=0.2,retry-after=3``, and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from placket.errors import InvalidInput
from placket.registry import did_you_mean
from placket.testing import Fault, FaultKind

_TYPES: Mapping[str, type] = {
    "kind": str,
    "method": str,
    "path": str,
    "status": int,
    "body": str,
    "retry_after": str,
    "seconds": float,
    "rate": float,
    "times": int,
    "after": int,
}
_OTHER_NAMES = {"route": "path", "latency": "seconds", "delay": "seconds"}


def parse_fault(text: str) -> Fault:
    """The rule that a person wrote; raises InvalidInput that says what would be right.

    Parts are joined by commas; a kind may stand by itself (``reset,path=/query``). Underscore and dash are the same.
    """
    return fault_of(parts_of(text))


def parts_of(text: str) -> dict[str, str]:
    """The parts of a rule that a person wrote, not looked at yet."""
    written: dict[str, str] = {}
    for part in text.split(","):
        name, equals, value = part.strip().partition("=")
        if not equals:
            name, value = "kind", name
        written[name.strip()] = value.strip()
    return written


def fault_of(written: Mapping[str, Any]) -> Fault:
    """The rule that a mapping describes, as `fault_to_json` writes it; raises InvalidInput."""
    details: dict[str, Any] = {}
    for name, value in written.items():
        key = name.strip().lower().replace("-", "_")
        key = _OTHER_NAMES.get(key, key)
        if key not in _TYPES:
            raise InvalidInput(
                f"a fault has no {name!r}{did_you_mean(key, _TYPES)} (it has: {', '.join(map(_shown, _TYPES))})"
            )
        if value is not None:
            details[key] = _converted(key, value)
    if "kind" not in details:
        raise InvalidInput(f"a fault needs a kind: {', '.join(FaultKind)}")
    kind = details.pop("kind").lower().replace("_", "-")
    if kind not in list(FaultKind):
        raise InvalidInput(
            f"there is no fault {kind!r}{did_you_mean(kind, map(str, FaultKind))} (kinds: {', '.join(FaultKind)})"
        )
    _check(details)
    if "body" in details:
        details["body"] = details["body"].encode()
    return Fault(FaultKind(kind), **details)


def fault_to_json(fault: Fault) -> dict[str, Any]:
    """The rule as JSON; what is as by default is left out."""
    defaults = attrs.asdict(Fault(fault.kind))
    shown = {name: value for name, value in attrs.asdict(fault).items() if value != defaults[name] or name == "kind"}
    if "body" in shown:
        shown["body"] = fault.body.decode("utf-8", "replace")
    return {_shown(name): str(value) if name == "kind" else value for name, value in shown.items()}


def _converted(key: str, value: Any) -> Any:
    wanted = _TYPES[key]
    try:
        return wanted(value)
    except (ValueError, TypeError, OverflowError):
        raise InvalidInput(f"{_shown(key)} of a fault is a number, not {value!r}") from None


def _check(details: Mapping[str, Any]) -> None:
    if not 0 <= details.get("rate", 1.0) <= 1:
        raise InvalidInput(f"rate of a fault is a probability from 0 to 1, not {details['rate']}")
    if not 200 <= details.get("status", 500) <= 599:
        raise InvalidInput(f"status of a fault is an HTTP status from 200 to 599, not {details['status']}")
    for name, least, most in (("seconds", 0.0, 3600.0), ("times", 1, 10**9), ("after", 0, 10**9)):
        if name in details and not least <= details[name] <= most:
            raise InvalidInput(f"{name} of a fault is from {least:g} to {most:g}, not {details[name]}")
    if "\r" in details.get("retry_after", "") or "\n" in details.get("retry_after", ""):
        raise InvalidInput("retry-after of a fault is one line")


def _shown(name: str) -> str:
    return name.replace("_", "-")

"""A reload keeps the limiters whose rate stays: what was asked before still counts."""

from __future__ import annotations

import pytest

from placket.errors import ConfigError
from placket.interfaces import SystemClock
from placket.transport import LimiterGroup, Rate


def test_a_limiter_goes_on_where_its_rate_stays() -> None:
    before = LimiterGroup(SystemClock())
    kept, changed = before.limiter("kept", "6/minute"), before.limiter("changed", "6/minute")
    after = LimiterGroup(SystemClock(), before)
    assert after.limiter("kept", "6/minute") is kept
    assert after.limiter("changed", "3/minute") is not changed
    assert after.limiter("changed").rate == Rate.parse("3/minute")


def test_one_configuration_still_has_one_rate_a_group() -> None:
    group = LimiterGroup(SystemClock())
    group.limiter("shared", "6/minute")
    with pytest.raises(ConfigError, match="two rates"):
        group.limiter("shared", "3/minute")

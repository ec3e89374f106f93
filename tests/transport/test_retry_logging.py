"""Retries are logged, and never printed: standard output belongs to the program."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
import stamina
from stamina.instrumentation import get_on_retry_hooks, set_on_retry_hooks

from placket.errors import Unavailable
from placket.transport.retrying import keep_off_stdout


@pytest.fixture(autouse=True)
def _staminas_own_hooks() -> Iterator[None]:
    set_on_retry_hooks(None)
    keep_off_stdout.cache_clear()
    yield
    set_on_retry_hooks(None)
    keep_off_stdout.cache_clear()


def fail_once_and_succeed() -> None:
    for trial in stamina.retry_context(on=Unavailable, attempts=2, wait_initial=0, wait_jitter=0):
        with trial:
            if trial.num == 1:
                raise Unavailable("down for a moment")


def test_a_retry_is_logged_and_not_printed(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    keep_off_stdout()
    with caplog.at_level(logging.WARNING, "stamina"):
        fail_once_and_succeed()
    assert capsys.readouterr().out == ""
    assert "stamina" in caplog.text


def test_hooks_that_the_program_has_set_stay() -> None:
    seen: list[object] = []
    set_on_retry_hooks([seen.append])
    keep_off_stdout()
    fail_once_and_succeed()
    assert len(seen) == 1
    assert tuple(get_on_retry_hooks()) == (seen.append,)

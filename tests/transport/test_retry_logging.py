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


def fail_once_and_succeed(error: type[Exception] = Unavailable) -> None:
    for trial in stamina.retry_context(on=error, attempts=2, wait_initial=0, wait_jitter=0):
        with trial:
            if trial.num == 1:
                raise error("down for a moment")


def test_a_retry_is_logged_as_what_worked_in_the_end(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    keep_off_stdout()
    with caplog.at_level(logging.INFO):
        fail_once_and_succeed()
    assert capsys.readouterr().out == ""
    [line] = caplog.records
    assert (line.name, line.levelno) == ("placket.transport", logging.INFO)
    assert line.getMessage() == "event='retry' wait=0.0 error='down for a moment'"


def test_retries_of_the_program_are_logged_where_stamina_would_log_them(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    keep_off_stdout()
    fail_once_and_succeed(OSError)
    assert capsys.readouterr().out == ""
    assert [line.name for line in caplog.records] == ["stamina"]


def test_what_stamina_counts_for_prometheus_stays() -> None:
    before = get_on_retry_hooks()
    keep_off_stdout()
    assert len(get_on_retry_hooks()) == len(before)


def test_hooks_that_the_program_has_set_stay() -> None:
    seen: list[object] = []
    set_on_retry_hooks([seen.append])
    keep_off_stdout()
    fail_once_and_succeed()
    assert len(seen) == 1
    assert tuple(get_on_retry_hooks()) == (seen.append,)

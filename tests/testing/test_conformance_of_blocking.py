"""The kit finds calls that hold up the event loop, and none where there is none."""

from __future__ import annotations

import socket
import time

import pytest

from placket.testing import Violation

SLEEPS = """
    import time
    time.sleep(1e-6)
    picture ="""
CONNECTS = """
    import urllib.request
    urllib.request.urlopen(str(self._settings.base_url))
    picture ="""
SWALLOWS = """
    import http.client
    try:
        http.client.HTTPConnection("127.0.0.1", 9).connect()
    except Exception:
        pass
    picture ="""
IN_A_THREAD = """
    import asyncio, time, urllib.error, urllib.request

    def wait():
        time.sleep(1e-6)
        try:
            urllib.request.urlopen(str(self._settings.base_url))
        except urllib.error.HTTPError as error:
            error.close()

    await asyncio.to_thread(wait)
    picture ="""


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (SLEEPS, r"^tag holds up the event loop, and every other call with it: time\.sleep\(1e-06\); use the sleep of"),
        (
            CONNECTS,
            r": a client that is not async connects to 127\.0\.0\.1:\d+; use context\.http, or asyncio",
        ),
        (SWALLOWS, r": a client that is not async connects to 127\.0\.0\.1:9; "),
    ],
    ids=["sleeps", "connects", "swallows"],
)
def test_a_call_that_holds_up_the_loop(built, change, complaint):
    subject = built(("        picture =", change))
    with pytest.raises(Violation, match=complaint):
        subject.test_works("tag")


def test_a_thread_may_wait(built):
    subject = built(("        picture =", IN_A_THREAD))
    subject.in_real_time = True
    subject.test_works("tag")


def test_a_server_that_waits_is_not_the_provider(built):
    subject = built(server=(("        picture =", "        __import__('time').sleep(1e-6)\n        picture ="),))
    subject.test_works("tag")


def test_nothing_is_left_of_the_guard(built):
    before = (time.sleep, vars(socket.socket).get("connect"))
    with pytest.raises(Violation):
        built(("        picture =", SLEEPS)).test_works("tag")
    assert (time.sleep, vars(socket.socket).get("connect")) == before

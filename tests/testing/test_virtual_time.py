"""The loop in virtual time."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest
from aiohttp import ClientSession, web

from placket.testing.virtual_time import EPOCH, VirtualClock, VirtualTimeLoop, run_virtual


def test_sleeping_takes_no_time_and_moves_the_clock():
    async def main():
        clock = VirtualClock()
        await clock.sleep(3600)
        return clock.monotonic(), clock.now()

    started = time.monotonic()
    seconds, now = run_virtual(main())
    assert time.monotonic() - started < 5
    assert seconds == pytest.approx(3600)
    assert (now - EPOCH).total_seconds() == pytest.approx(3600)


def test_timers_fire_in_their_order_and_at_their_time():
    async def main():
        seen = []

        async def note(name, seconds):
            await asyncio.sleep(seconds)
            seen.append((name, round(asyncio.get_running_loop().time(), 6)))

        await asyncio.gather(note("c", 30), note("a", 1), note("b", 2.5))
        return seen

    assert run_virtual(main()) == [("a", 1.0), ("b", 2.5), ("c", 30.0)]


def test_timeouts_are_virtual():
    async def main():
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(60):
                await asyncio.Event().wait()
        return asyncio.get_running_loop().time()

    assert run_virtual(main()) == pytest.approx(60)


def test_the_clock_stands_still_while_there_is_work():
    async def main():
        for _ in range(1000):
            await asyncio.sleep(0)
        return asyncio.get_running_loop().time()

    assert run_virtual(main()) == 0.0


def test_a_thread_is_waited_for():
    async def main():
        started = threading.Event()

        def work():
            started.wait(0.2)
            return "done"

        async with asyncio.timeout(0.001):
            return await asyncio.to_thread(work), asyncio.get_running_loop().time()

    assert run_virtual(main()) == ("done", 0.0)


def test_a_server_and_a_client_in_the_same_loop():
    async def main():
        async def handler(request):
            await asyncio.sleep(120)
            return web.Response(text="late")

        app = web.Application()
        app.router.add_get("/", handler)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        async with ClientSession() as session, session.get(f"http://127.0.0.1:{runner.addresses[0][1]}/") as response:
            text = await response.text()
        await runner.cleanup()
        return text, asyncio.get_running_loop().time()

    text, seconds = run_virtual(main())
    assert text == "late"
    assert 120 <= seconds < 125


def test_a_name_is_resolved_in_real_time():
    async def main():
        async with asyncio.timeout(0.001):
            return await asyncio.get_running_loop().getaddrinfo("localhost", 80)

    assert run_virtual(main())


def test_a_deadlock_is_an_error_and_does_not_hang():
    async def main():
        await asyncio.Event().wait()

    with (
        pytest.raises(RuntimeError, match="can never happen"),
        asyncio.Runner(loop_factory=lambda: VirtualTimeLoop(thread_grace=0.01)) as runner,
    ):
        runner.run(main())


def test_a_thread_that_is_not_the_executors_can_wake_the_loop():
    async def main():
        loop, woken = asyncio.get_running_loop(), asyncio.Event()
        thread = threading.Thread(target=loop.call_soon_threadsafe, args=(woken.set,))
        thread.start()
        await woken.wait()
        thread.join()
        return True

    assert run_virtual(main())


def test_errors_come_out():
    async def main():
        raise LookupError("as it is")

    with pytest.raises(LookupError, match="as it is"):
        run_virtual(main())


def test_the_loop_can_be_made_by_hand():
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        assert runner.run(asyncio.sleep(10**6, "slept")) == "slept"

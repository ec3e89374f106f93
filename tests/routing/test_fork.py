"""A router that is open while the process forks, as servers do that load an app before they start their workers."""

from __future__ import annotations

import gc
import os
import select
import signal
import weakref

import pytest

import placket

GARMENT = placket.Garment("g")

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here"),
    # What Python warns of is what is tested: threads do not come along.
    pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning"),
]


@pytest.fixture
def open_sync(config, plugin, tmp_path):
    def opened():
        made = config(a={"says": "acme"})
        return placket.open_sync(made, plugins=[plugin.module()], data_folder=tmp_path, environ={})

    return opened


def in_a_child(work):
    """What ``work`` returns in a forked process, as a text; an error's message where it raises one."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            said = str(work())
        except BaseException as error:  # whatever it is: in the child, pytest must not go on
            said = f"{type(error).__name__}: {error}"
        os.write(writing, said.encode())
        os._exit(0)
    os.close(writing)
    try:
        return os.read(reading, 100_000).decode() if select.select([reading], [], [], 20)[0] else "it hangs"
    finally:
        os.close(reading)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def test_a_forked_process_is_told_to_open_its_own(open_sync):
    with open_sync() as router:
        job = router.garment_tagger.submit(GARMENT)
        begun = router.tag_many([GARMENT, GARMENT])
        next(begun)
        uses = [
            lambda: router.tag(GARMENT),
            lambda: router.tag_many([GARMENT]),
            lambda: router.garment_tagger.tag(GARMENT),
            lambda: router.plan(),
            lambda: job.result(),
            lambda: next(begun),
        ]
        for use in uses:
            said = in_a_child(use)
            assert said.startswith("InvalidInput: ")
            assert f"by process {os.getpid()}" in said
            assert "open one in each process" in said
        assert router.tag(GARMENT).brand == "acme"


def test_a_forked_process_opens_its_own(open_sync):
    app = open_sync()
    with app as router:

        def open_again():
            with app as own:
                return own.tag(GARMENT).brand

        assert in_a_child(open_again) == "acme"
        assert router.tag(GARMENT).brand == "acme"


def test_a_forked_process_that_leaves_closes_nothing_of_its_parent(open_sync, plugin):
    app = open_sync()
    with app as router:
        begun = router.tag_many([GARMENT, GARMENT])
        next(begun)

        def leave():
            app.__exit__(None, None, None)
            begun.close()
            return [each.closed for each in plugin.built]

        assert in_a_child(leave) == "[False]"
        assert router.tag(GARMENT).brand == "acme"
        assert next(begun).record.brand == "acme"
    assert plugin.built[0].closed


def test_a_forked_process_keeps_what_it_would_take_from_its_parent(open_sync, plugin):
    held = {"app": open_sync()}
    held["router"] = held["app"].__enter__()
    provider = weakref.ref(plugin.built[0])

    def let_go():
        held.pop("app").__exit__(None, None, None)
        held.clear()
        plugin.built.clear()
        gc.collect()
        return provider()

    assert in_a_child(let_go) != "None", "collected with its connections, which the parent still uses"
    held.pop("app").__exit__(None, None, None)
    held.clear()
    plugin.built.clear()
    gc.collect()
    assert provider() is None

"""``placket tag --jsonl``: many pictures into one file, in as many runs as it takes."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import jsonschema
import pytest

from placket.record.schema import record_schema

BACKGROUND = """
from __future__ import annotations

import os
import signal
from pathlib import Path

from attrs import frozen

import placket
from placket.interfaces import (
    Capabilities, Findings, GarmentTagger, JobState, JobStatus, Level, Look, PolledJob, PollSchedule, Ticket
)
from placket.record import Claim
from placket.registry import ProviderType, setting


@frozen(kw_only=True)
class Settings:
    folder: Path = setting(doc="What the vendor keeps: a line for each job that it was given.")
    dies_with: tuple[str, ...] = setting(default=(), doc="When each of these was looked at, the process is killed.")


class Background(GarmentTagger):
    def __init__(self, settings, context):
        self.settings, self.context, self.looked = settings, context, set()

    async def submit(self, garment):
        origin = garment.image().origin
        with (self.settings.folder / "submitted").open("a") as submitted:
            submitted.write(origin + "\\n")
        return await self.resume(Ticket(self.context.name, "garment_tagger", "tag", origin, self.context.clock.now()))

    async def resume(self, ticket):
        async def look():
            killed = self.settings.folder / "killed"
            if ticket.id in self.settings.dies_with and not killed.exists():
                self.looked.add(ticket.id)
                if len(self.looked) == len(self.settings.dies_with):
                    killed.touch()
                    os.kill(os.getpid(), signal.SIGKILL)
                return Look(JobStatus(JobState.RUNNING))
            claim = Claim("brand", ticket.id, self.context.source("tag"))
            return Look(JobStatus(JobState.SUCCEEDED), Findings((claim,)))

        return PolledJob(ticket, look, clock=self.context.clock, schedule=PollSchedule(0.0, 0.05))


@placket.hookimpl
def placket_provider_types():
    yield ProviderType(
        name="background",
        title="Works in the background",
        settings=Settings,
        factory=Background,
        interfaces=(GarmentTagger,),
        capabilities=Capabilities({"garment_tagger.tag": Level.FULL}, {"brand": Level.FULL}),
    )
"""


@pytest.fixture
def photos(work_folder: Path):
    def made(count: int) -> list[str]:
        names = [f"{number}.png" for number in range(count)]
        for name in names:
            (work_folder / name).write_bytes(b"\x89PNG\r\n\x1a\n" + name.encode())
        return names

    return made


def lines(path: str = "out.jsonl") -> list[dict]:
    return [json.loads(line) for line in Path(path).read_text().splitlines()]


def inputs() -> list[str]:
    return sorted(line["input"] for line in lines())


def test_each_record_is_a_line(placket, taggers, photos):
    result = placket("tag", *photos(5), "--jsonl", "out.jsonl", "--claims")
    assert result.stdout == "out.jsonl: 5 added\n"
    assert inputs() == photos(5)
    for document in lines():
        jsonschema.validate(document, record_schema())
        assert document["brand"] == "north-says"
        assert [attempt["provider"] for attempt in document["attempts"]] == ["north", "south"]
        assert document["claims"]


def test_what_the_file_has_is_left_out(placket, taggers, photos):
    placket("tag", *photos(3), "--jsonl", "out.jsonl")
    taggers_called = len(taggers.called)
    result = placket("tag", *photos(5), "5.png", "--jsonl", "out.jsonl", exit_code=3)
    assert result.stdout == ("out.jsonl: 2 added, 3 there already, 1 failed, which the same command asks for again\n")
    assert "error: 5.png: there is no image at 5.png" in result.stderr
    assert inputs() == photos(5)
    assert len(taggers.called) == taggers_called + 2 * 2


def test_what_failed_is_asked_again(placket, taggers, photos):
    names = photos(4)
    taggers.configure(north='fails = "2.png"', south='fails = "2.png"')
    placket("tag", *names, "--jsonl", "out.jsonl", exit_code=3)
    assert "2.png" not in inputs()
    taggers.configure()
    assert placket("tag", *names, "--jsonl", "out.jsonl").stdout == "out.jsonl: 1 added, 3 there already\n"
    assert inputs() == names


def test_all_failing_is_a_provider_failure_and_no_line(placket, taggers, photos):
    taggers.configure(north='fails = "always"', south='fails = "always"')
    placket("tag", *photos(2), "--jsonl", "out.jsonl", exit_code=1)
    assert lines() == []


def test_a_picture_named_twice_is_one_line(placket, taggers, photos):
    placket("tag", *photos(2), *photos(2), "--jsonl", "out.jsonl")
    assert inputs() == photos(2)


def test_records_keep_their_id_from_run_to_run(placket, taggers, photos):
    placket("tag", *photos(2), "--jsonl", "one.jsonl")
    placket("tag", *photos(2), "--jsonl", "two.jsonl")
    one, two = ({line["input"]: line["id"] for line in lines(name)} for name in ("one.jsonl", "two.jsonl"))
    assert one == two
    assert len(set(one.values())) == 2


@pytest.mark.skipif(os.name != "posix", reason="a matter of POSIX signals")
@pytest.mark.parametrize("ledger", ["", '\n[jobs]\nledger = "mine.sqlite"\n'])
def test_a_run_that_is_killed_pays_for_nothing_twice(process, site, photos, work_folder, tmp_path, ledger):
    site.install("background", BACKGROUND)
    (work_folder / "placket.toml").write_text(
        '[providers.background]\nplugin = "background"\nfolder = "."\ndies_with = ["4.png", "5.png", "6.png"]\n'
        f'\n[routes.garment_tagger]\ntargets = ["background"]\n{ledger}'
    )
    names = photos(8)
    arguments = ("tag", *names, "--jsonl", "out.jsonl", "--concurrency", "3")
    assert process(*arguments).returncode == -9
    assert inputs() == names[:4]
    second = process(*arguments)
    assert second.returncode == 0, second.stderr
    assert inputs() == names
    submitted = (work_folder / "submitted").read_text().split()
    assert sorted(submitted) == names, "each was submitted once"
    assert (work_folder / "mine.sqlite").exists() is bool(ledger)
    assert (tmp_path / "data" / "jobs.sqlite").exists() is not bool(ledger)


def test_a_last_line_that_was_cut_off_is_tagged_again(placket, taggers, photos):
    placket("tag", *photos(3), "--jsonl", "out.jsonl")
    whole = Path("out.jsonl").read_bytes()
    Path("out.jsonl").write_bytes(whole[:-200])
    assert placket("tag", *photos(3), "--jsonl", "out.jsonl").stdout == "out.jsonl: 1 added, 2 there already\n"
    assert inputs() == photos(3)


def test_a_last_line_without_its_end_is_no_line_that_was_cut_off(placket, taggers, photos):
    placket("tag", *photos(3), "--jsonl", "out.jsonl")
    whole, called = Path("out.jsonl").read_bytes(), len(taggers.called)
    Path("out.jsonl").write_bytes(whole.rstrip(b"\n"))
    assert placket("tag", *photos(4), "--jsonl", "out.jsonl").stdout == "out.jsonl: 1 added, 3 there already\n"
    assert Path("out.jsonl").read_bytes().startswith(whole)
    assert inputs() == photos(4)
    assert len(taggers.called) == called + 2


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="there every file name is text")
def test_a_name_that_is_no_text_is_known_again(placket, taggers, photos):
    odd = os.fsdecode(b"bad\xff.png")
    Path(odd).write_bytes(b"\x89PNG\r\n\x1a\n")
    assert placket("tag", odd, *photos(1), "--jsonl", "out.jsonl").stdout == "out.jsonl: 2 added\n"
    called = len(taggers.called)
    assert placket("tag", odd, *photos(2), "--jsonl", "out.jsonl").stdout == "out.jsonl: 1 added, 2 there already\n"
    assert odd in inputs()
    assert len(taggers.called) == called + 2


@pytest.mark.parametrize("length", [1, 20, 200])
def test_a_first_line_that_was_cut_off_is_tagged_again(placket, taggers, photos, length):
    placket("tag", *photos(1), "--jsonl", "out.jsonl")
    Path("out.jsonl").write_bytes(Path("out.jsonl").read_bytes()[:length])
    assert placket("tag", *photos(1), "--jsonl", "out.jsonl").stdout == "out.jsonl: 1 added\n"
    assert inputs() == photos(1)


def test_a_cut_off_record_in_a_file_of_something_else_is_left_as_well(placket, taggers, photos):
    placket("tag", *photos(1), "--jsonl", "out.jsonl")
    mixed = b'{"name": "x"}\n' + Path("out.jsonl").read_bytes()[:200]
    Path("out.jsonl").write_bytes(mixed)
    assert "line 1: this is no record" in placket("tag", *photos(1), "--jsonl", "out.jsonl", exit_code=2).stderr
    assert Path("out.jsonl").read_bytes() == mixed


def test_a_record_with_half_a_character_is_one_that_the_file_has(placket, taggers, photos):
    run = ("tag", *photos(2), "--known", "name=caf\udce9", "--jsonl", "out.jsonl")
    placket(*run)
    assert [line["name"] for line in lines()] == ["caf\udce9"] * 2
    assert placket(*run).stdout == "out.jsonl: 0 added, 2 there already\n"


FOREIGN = ["a list", '{"name": "x"}', "[1]", '{"input": 7}', '{"na', '{"schema": "placket/garment-record/1"}']


@pytest.mark.parametrize("content", [*FOREIGN, *(f"{each}\n" for each in FOREIGN)])
def test_a_file_of_something_else_is_left_as_it_is(placket, taggers, photos, content):
    Path("out.jsonl").write_text(content)
    result = placket("tag", *photos(1), "--jsonl", "out.jsonl", exit_code=2)
    assert "error: out.jsonl, line 1: this is no record that `placket tag --jsonl` wrote" in result.stderr
    assert Path("out.jsonl").read_text() == content
    assert taggers.called == []


@pytest.mark.parametrize("path", ["no/such/folder/out.jsonl", "."])
def test_a_file_that_cannot_be_written_is_wrong_use(placket, taggers, photos, path):
    placket("tag", *photos(1), "--jsonl", path, exit_code=2)
    assert taggers.called == []


@pytest.mark.skipif(os.name != "posix", reason="a matter of POSIX pipes")
@pytest.mark.parametrize("name", ["pipe", "/dev/full"])
def test_a_pipe_is_no_file_to_go_on_with(placket, taggers, photos, name):
    if name == "pipe":
        os.mkfifo(name)
    elif not Path(name).exists():
        pytest.skip("there is no such device")
    refused = placket("tag", *photos(1), "--jsonl", name, exit_code=2).stderr
    assert (
        f"{name} is a pipe or a device, and a run goes on from what its file has; name a file, or use --json" in refused
    )
    assert taggers.called == []


def test_two_runs_do_not_write_one_file(placket, taggers, photos):
    fcntl = pytest.importorskip("fcntl")
    with Path("out.jsonl").open("ab") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        result = placket("tag", *photos(1), "--jsonl", "out.jsonl", exit_code=2)
    assert "another process is writing out.jsonl" in result.stderr


def test_stdin_has_no_name_to_go_by(placket, taggers):
    assert "stdin" in placket("tag", "-", "--jsonl", "out.jsonl", exit_code=2, input=b"").stderr


def test_the_options_that_do_not_go_together(placket, photo):
    assert "choose one" in placket("tag", photo, "--json", "--jsonl", "out.jsonl", exit_code=2).stderr
    assert "--claims goes with" in placket("tag", photo, "--claims", exit_code=2).stderr
    assert "0 is not in the range" in placket("tag", photo, "--concurrency", "0", exit_code=2).stderr


def test_a_damaged_ledger_is_told_before_anything_is_tagged(placket, taggers, photos, work_folder):
    (work_folder / "mine.sqlite").write_bytes(b"no database at all\n" * 100)
    taggers.configure(rest='[jobs]\nledger = "mine.sqlite"')
    result = placket("tag", *photos(1), "--jsonl", "out.jsonl", exit_code=2)
    assert "config.jobs.ledger: the ledger" in result.stderr
    assert "move it away" in result.stderr
    assert taggers.called == []

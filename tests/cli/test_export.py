"""``placket export``: records in a file format that a plugin brings."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from placket.cli.json_lines import LARGEST_RECORD

PLUGIN = """
import csv
import io
import itertools
import os
import sys
import time

import placket
from placket.errors import InvalidInput
from placket.registry import Exporter


def write(records, file):
    BODY


@placket.hookimpl
def placket_exporters():
    yield Exporter(name="acme-csv", title="CSV", write=write, media_type="text/csv", suffix=".csv")
"""

CSV = """
    with io.TextIOWrapper(file, encoding="utf-8", newline="") as text:
        rows = csv.writer(text)
        for record in records:
            [color] = [each.term for each in record.color]
            rows.writerow([record.brand, color.id, "/".join(each.id for each in color.above)])
"""

ROW = b"north-says,navy,blue\r\n"

FAILED = "error: the exporter 'acme-csv' of placket-acme 1.2.3 failed: "


def install(site, body=CSV):
    """Install a plugin whose exporter has this body."""
    site.install("acme", PLUGIN.replace("    BODY", body.strip("\n")))


@pytest.fixture
def records(placket, taggers, work_folder):
    """Three records that `placket tag` wrote, one a line."""
    taggers.configure(targets=("north",), strategy="first")
    for name in ("a.png", "b.png", "c.png"):
        (work_folder / name).write_bytes(b"\x89PNG\r\n\x1a\n" + name.encode())
    placket("tag", "a.png", "b.png", "c.png", "--jsonl", "records.jsonl", "--claims")
    return Path("records.jsonl")


@pytest.fixture
def record(records):
    """One of them."""
    return json.loads(records.read_text().splitlines()[0])


def left_behind():
    """What the work folder has, apart from what every test brings."""
    return {path.name for path in Path().iterdir()} - {
        "placket.toml",
        "journal.txt",
        "records.jsonl",
        "a.png",
        "b.png",
        "c.png",
    }


class TestWhatIsWritten:
    def test_to_stdout_and_nothing_else(self, placket, site, records):
        install(site)
        result = placket("export", "acme-csv", str(records))
        assert result.stdout_bytes == 3 * ROW
        assert result.stderr == ""

    def test_to_a_file(self, placket, site, records):
        install(site)
        result = placket("export", "acme-csv", str(records), "--out", "records.csv")
        assert result.stdout == "3 records in records.csv\n"
        assert Path("records.csv").read_bytes() == 3 * ROW
        assert left_behind() == {"records.csv"}

    def test_bytes_are_bytes(self, process, site, records):
        install(site, r"    file.write(b'\x00\r\n\xff\n')")
        assert process("export", "acme-csv", str(records)).stdout == b"\x00\r\n\xff\n"

    @pytest.mark.parametrize("out", [(), ("--out", "records.txt")])
    def test_by_a_plugin_that_lets_go_of_what_it_wraps_the_file_in(self, process, site, records, out):
        """Python closes the file with it."""
        install(site, "    text = io.TextIOWrapper(file)\n    text.writelines(each.brand for each in records)")
        done = process("export", "acme-csv", str(records), *out)
        assert (done.returncode, done.stderr) == (0, b"")
        assert (Path("records.txt").read_bytes() if out else done.stdout) == 3 * b"north-says"

    @pytest.mark.parametrize("sources", [(), ("-",)])
    def test_of_what_is_piped_in(self, placket, site, records, sources):
        install(site)
        assert placket("export", "acme-csv", *sources, input=records.read_bytes()).stdout_bytes == 3 * ROW

    def test_of_one_document_over_many_lines_and_of_several_files(self, placket, site, records):
        install(site)
        Path("one.json").write_text(placket("tag", "a.png", "--json", "--claims").stdout)
        written = placket("export", "acme-csv", "one.json", str(records)).stdout_bytes
        assert written == 4 * ROW

    def test_of_what_a_store_keeps(self, placket, site):
        install(site)
        placket("store", "put", "-", input='{"sku": "A", "brand": "Acme", "color": ["navy"]}')
        listed = placket("store", "list", "--all").stdout
        assert placket("export", "acme-csv", input=listed).stdout_bytes == b"Acme,navy,blue\r\n"

    def test_with_the_words_of_plugins_that_the_configuration_does_not_use(self, placket, site, records, record):
        install(site)
        site.install(
            "words",
            """
            import placket
            from placket.record import VocabularyAddition

            @placket.hookimpl
            def placket_vocabulary():
                yield VocabularyAddition(attribute="color", id="x:cerulean", label="Cerulean", broader="blue")
            """,
        )
        document = json.dumps(record).replace('"id": "navy"', '"id": "x:cerulean"')
        assert placket("export", "acme-csv", input=document).stdout_bytes == b"north-says,x:cerulean,blue\r\n"

    def test_one_after_another(self, placket, site, records):
        """The second record is asked for when the first is written, and not before."""
        install(site, "    for record in records:\n        print(record.id, file=sys.stderr)")
        lines = records.read_text().splitlines()
        told = placket("export", "acme-csv", input="\n".join([lines[0], lines[1], "nonsense", lines[2]]), exit_code=3)
        ids = [json.loads(line)["id"] for line in lines]
        assert [line.partition(":")[0] for line in told.stderr.splitlines()] == [*ids[:2], "refused", ids[2]]

    def test_what_is_not_read_is_the_plugins_business(self, placket, site, records):
        install(site, "    file.write(next(iter(records)).brand.encode())")
        assert placket("export", "acme-csv", str(records), "missing.jsonl").stdout == "north-says"


class TestWhatIsRefused:
    def test_each_is_named_and_the_others_are_written(self, placket, site, record):
        install(site)
        without_claims = {key: value for key, value in record.items() if key != "claims"}
        lines = [
            json.dumps(record),
            "nonsense",
            '["sku"]',
            '{"sku": "A"}',
            json.dumps(without_claims),
            '{"input": "photo.jpg", "error": {"type": "Unavailable"}, "attempts": []}',
            json.dumps({**record, "claims": [{"id": "1"}]}),
            "",
            json.dumps(record),
        ]
        result = placket("export", "acme-csv", "--out", "out.csv", input="\n".join(lines), exit_code=3)
        assert result.stdout == "2 records in out.csv\n"
        assert Path("out.csv").read_bytes() == 2 * ROW
        told = result.stderr.splitlines()
        for number, reason in (
            (2, "it is not JSON"),
            (3, "it is no record, which is what `placket tag --json --claims` writes"),
            (4, "this is not a garment record: its schema is None"),
            (5, "this record was written without its claims; write it with claims=True (--claims)"),
            (6, "it is a picture that could not be tagged, and no record"),
            (7, "not a claim as Placket writes them"),
        ):
            assert told[0].startswith(f"refused: stdin, line {number}: ")
            assert reason in told.pop(0)
        assert told == []

    def test_where_all_are_nothing_is_written(self, placket, site, records):
        install(site, "    file.write(b'heading')")
        Path("bad.jsonl").write_text('{"sku": "A"}\n')
        result = placket("export", "acme-csv", "bad.jsonl", "--out", "out.csv", exit_code=2)
        assert result.stderr.startswith("refused: bad.jsonl, line 1: this is not a garment record")
        assert result.stderr.count("\n") == 1
        assert left_behind() == {"bad.jsonl"}
        assert placket("export", "acme-csv", "bad.jsonl", exit_code=2).stdout == ""

    @pytest.mark.parametrize("given", ["", "\n \n"])
    def test_nothing_at_all(self, placket, site, records, given):
        install(site, "    file.write(b'heading')")
        result = placket("export", "acme-csv", "--out", "out.csv", input=given, exit_code=2)
        assert result.stderr == "error: there is no record in stdin\n"
        assert left_behind() == set()
        Path("empty.jsonl").write_text(given)
        assert "no record in empty.jsonl" in placket("export", "acme-csv", "empty.jsonl", exit_code=2).stderr

    def test_a_picture_is_refused_once(self, placket, site, pictures):
        install(site)
        result = placket("export", "acme-csv", str(pictures / "red.png"), exit_code=2)
        assert result.stderr.count("refused:") == 1

    def test_a_line_that_is_far_too_long(self, placket, site, records):
        install(site)
        given = records.read_bytes() + b'{"x": "' + b"x" * LARGEST_RECORD + b'"}'
        assert placket("export", "acme-csv", input=given, exit_code=3).stdout_bytes == 3 * ROW

    def test_a_file_that_is_not_there(self, placket, site, records):
        install(site)
        told = placket("export", "acme-csv", str(records), "missing.jsonl", "--out", "out.csv", exit_code=2).stderr
        assert told == "error: missing.jsonl cannot be read: No such file or directory; name another file\n"
        assert left_behind() == set()

    @pytest.mark.parametrize("swallows", ["pass", "raise RuntimeError('something')"])
    def test_nor_does_a_plugin_that_catches_everything_hide_it(self, placket, site, records, swallows):
        install(site, f"    try:\n        list(records)\n    except Exception:\n        {swallows}")
        told = placket("export", "acme-csv", str(records), "missing.jsonl", "--out", "out.csv", exit_code=2).stderr
        assert told == "error: missing.jsonl cannot be read: No such file or directory; name another file\n"
        assert left_behind() == set()


class TestTheFormat:
    def test_none_is_installed(self, placket):
        told = placket("export", "acme-csv", exit_code=2).stderr
        assert told == (
            "error: there is no format 'acme-csv': no plugin that is installed brings one; the page of a plugin that "
            "does says how to get it\n"
        )

    def test_a_misspelt_one(self, placket, site):
        install(site)
        told = placket("export", "acme_cvs", exit_code=2).stderr
        assert told == "error: there is no format 'acme_cvs'; did you mean 'acme-csv'?; installed: acme-csv\n"

    def test_a_broken_plugin_that_may_have_it_is_named(self, placket, site):
        site.install("rotten", "import nowhere_to_be_found")
        told = placket("export", "acme-csv", exit_code=2).stderr
        assert "Note: the plugin 'rotten' of placket-rotten 1.2.3" in told

    @pytest.mark.skipif(os.name != "posix", reason="a matter of POSIX shells")
    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            ((), "Error: name a FILE, or: placket tag PHOTO --json --claims | placket export acme-csv"),
            (("-",), "error: - reads JSON from stdin, and nothing is piped into it"),
        ],
    )
    def test_nothing_is_piped(self, site, arguments, told):
        install(site)
        command = [sys.executable, "-m", "placket.cli", "export", "acme-csv", *arguments]
        done = subprocess.run(
            ["sh", "-c", '"$@" <&-', "sh", *command], capture_output=True, text=True, timeout=50, check=False
        )
        assert done.returncode == 2
        assert told in done.stderr


class TestAFaultOfThePlugin:
    @pytest.mark.parametrize(
        ("body", "told"),
        [
            ("    file.write(b'some')\n    raise ValueError('no room for brand')", "ValueError: no room for brand"),
            ("    sys.exit(0)", "SystemExit: 0"),
            ("    open('nowhere/template.csv')", "FileNotFoundError: [Errno 2] No such file or directory"),
            ("    raise BrokenPipeError('its own')", "BrokenPipeError: its own"),
            (CSV + "    raise KeyError('x')", "KeyError: 'x'"),
        ],
    )
    def test_is_told_as_its_own(self, placket, site, records, body, told):
        install(site, body)
        result = placket("export", "acme-csv", str(records), "--out", "out.csv", exit_code=2)
        assert result.stderr.startswith(FAILED + told)
        assert result.stderr.count("\n") == 1
        assert left_behind() == set()
        assert placket("export", "acme-csv", str(records), exit_code=2).stderr == result.stderr

    def test_says_how_far_it_had_read(self, placket, site, records):
        install(site, "    list(itertools.islice(records, 2))\n    1 / 0")
        told = placket("export", "acme-csv", str(records), exit_code=2).stderr
        assert told.endswith("ZeroDivisionError: division by zero; it had read as far as records.jsonl, line 2\n")

    @pytest.mark.parametrize(
        ("head", "body", "kind"),
        [
            ("async def write", "    file.write(b'some')", "coroutine"),
            ("def write", "    yield file.write(b'some')", "generator"),
            ("async def write", "    yield file.write(b'some')", "async_generator"),
        ],
    )
    def test_is_that_nobody_runs_what_it_returns(self, placket, site, records, head, body, kind):
        site.install("acme", PLUGIN.replace("def write", head).replace("    BODY", body))
        result = placket("export", "acme-csv", str(records), "--out", "out.csv", exit_code=2)
        assert result.stderr == (
            f"error: the exporter 'acme-csv' of placket-acme 1.2.3 wrote nothing: nobody runs the {kind} that its "
            "write returned; tell its author that write must be a plain function, without async and yield\n"
        )
        assert left_behind() == set()

    def test_is_shown_with_its_traceback_on_request(self, placket, site, records):
        install(site, "    1 / 0")
        told = placket("export", "acme-csv", str(records), "--debug", exit_code=2).stderr
        assert "placket_acme.py" in told

    def test_what_it_says_about_a_record_is_told_in_its_words(self, placket, site, records):
        install(site, "    raise InvalidInput('a record has no SKU; give it one')")
        result = placket("export", "acme-csv", str(records), "--out", "out.csv", exit_code=2)
        assert result.stderr == "error: a record has no SKU; give it one\n"
        assert left_behind() == set()

    def test_half_a_character_that_it_cannot_write(self, placket, site, record):
        install(site)
        record["provenance"]["/brand"]["value"] = "x\ud83d"
        result = placket("export", "acme-csv", "--out", "out.csv", input=json.dumps(record), exit_code=2)
        assert result.stderr.startswith(FAILED + "UnicodeEncodeError: 'utf-8' codec can't encode character '\\ud83d'")
        assert left_behind() == set()

    def test_half_a_character_that_it_can(self, placket, site, record):
        install(site, CSV.replace('"utf-8"', '"utf-8", errors="backslashreplace"'))
        record["provenance"]["/brand"]["value"] = "x\ud83d"
        assert placket("export", "acme-csv", input=json.dumps(record)).stdout_bytes == b"x\\ud83d,navy,blue\r\n"


class TestTheOutput:
    def test_a_file_that_is_there_is_left_alone(self, placket, site, records):
        install(site)
        Path("mine.csv").write_text("mine")
        told = placket("export", "acme-csv", str(records), "--out", "mine.csv", exit_code=2).stderr
        assert told == "error: mine.csv is there already; name another --out\n"
        assert Path("mine.csv").read_text() == "mine"

    def test_a_folder_that_is_not_there(self, placket, site, records):
        install(site)
        told = placket("export", "acme-csv", str(records), "--out", "nowhere/out.csv", exit_code=2).stderr
        assert told == "error: nowhere/out.csv cannot be written: No such file or directory; name another --out\n"

    @pytest.mark.skipif(os.name != "posix", reason="a matter of POSIX signals")
    def test_an_interrupt_leaves_nothing_behind(self, process, site, records):
        install(site, "    file.write(b'some')\n    os.kill(os.getpid(), 2)\n    time.sleep(30)")
        done = process("export", "acme-csv", str(records), "--out", "out.csv")
        assert (done.returncode, done.stderr.strip()) == (130, b"interrupted")
        assert left_behind() == set()

    @pytest.mark.skipif(os.name != "posix", reason="a matter of POSIX shells")
    def test_a_full_disk(self, site, records):
        """The limit on the size of a file stands for it."""
        install(site, "    for _ in range(100):\n        file.write(1000 * b'x')")
        command = [sys.executable, "-m", "placket.cli", "export", "acme-csv", str(records), "--out", "out.csv"]
        done = subprocess.run(
            ["sh", "-c", 'ulimit -f 16; trap "" XFSZ; "$@"', "sh", *command],
            capture_output=True,
            text=True,
            timeout=50,
            check=False,
        )
        assert done.stderr == "error: out.csv cannot be written: File too large; name another --out\n"
        assert done.returncode == 2
        assert left_behind() == set()

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no disk that is always full")
    @pytest.mark.parametrize("size", [10, 1_000_000])
    def test_stdout_on_a_full_disk(self, site, records, size):
        install(site, f"    file.write({size} * b'x')")
        with Path("/dev/full").open("wb") as full:
            done = self.run(full, records)
        assert done.returncode == 2
        assert done.stderr == (
            b"error: the output cannot be written: No space left on device; make room, or send it elsewhere\n"
        )

    @pytest.mark.skipif(os.name != "posix", reason="a matter of POSIX pipes")
    @pytest.mark.parametrize("size", [10, 1_000_000])
    def test_a_reader_that_leaves_early_is_no_error(self, site, records, size):
        install(site, f"    file.write({size} * b'x')")
        read_end, write_end = os.pipe()
        os.close(read_end)
        with io.FileIO(write_end, "w") as gone:
            done = self.run(gone, records)
        assert done.stderr == b""
        assert done.returncode == 141

    def run(self, stdout, records):
        """Run with this stdout."""
        command = [sys.executable, "-m", "placket.cli", "export", "acme-csv", str(records)]
        return subprocess.run(
            command, stdout=stdout, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, timeout=50, check=False
        )

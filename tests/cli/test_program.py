"""The program as a whole: its help, plugins' commands, errors, exit codes, and terminals of every kind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = """
import placket
from placket.registry import Command


def load():
    import click

    BODY

@placket.hookimpl
def placket_commands():
    yield Command(name="wave", help="Wave at the reader.", load=load)
"""

WAVE = '''
    @click.command()
    @click.option("--times", default=1)
    def wave(times):
        """Wave, at length."""
        click.echo("o/" * times)
        return 5

    return wave
'''


def test_help_lists_every_command_with_what_it_does(placket):
    output = placket("--help").stdout
    for name in ("tag", "why", "plan", "providers", "doctor", "config"):
        assert f"\n  {name} " in output
    assert "Exit codes" in output


def test_help_loads_nothing_heavy(tmp_path):
    code = (
        "import sys\nfrom placket.cli.program import program\n"
        "try: program.main(['--help'])\nexcept SystemExit: pass\n"
        "heavy = {'aiohttp', 'numpy', 'PIL', 'scipy', 'rich', 'cattrs', 'structlog', 'stamina'} & set(sys.modules)\n"
        "sys.exit(f'loaded: {heavy}' if heavy else 0)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=50, check=False)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("command", ["tag", "why", "plan", "providers", "doctor", "config", "config check"])
def test_every_command_has_help_under_both_names(placket, command):
    assert placket(*command.split(), "--help").stdout == placket(*command.split(), "-h").stdout


def test_the_version(placket):
    from placket import __version__

    assert placket("--version").stdout == f"placket {__version__}\n"


def test_a_plugins_command_is_listed_and_runs(placket, site):
    site.install("waving", COMMAND.replace("BODY", WAVE.strip()))
    output = placket("--help").stdout
    assert "Commands of plugins" in output
    assert "Wave at the reader." in output
    assert placket("wave", "--times", "2").stdout == "o/o/\n", "what it returns is no exit code"
    assert "Wave, at length." in placket("wave", "--help").stdout


def test_listing_a_plugins_command_does_not_load_it(placket, site):
    site.install("waving", COMMAND.replace("BODY", "raise RuntimeError('loaded')"))
    assert "Wave at the reader." in placket("--help").stdout
    result = placket("wave", exit_code=2)
    assert "the command 'wave' of placket-waving 1.2.3 cannot be loaded: RuntimeError: loaded" in result.stderr


def test_a_command_of_the_wrong_kind_is_refused(placket, site):
    site.install("waving", COMMAND.replace("BODY", "return 7"))
    assert "must be a click.Command" in placket("wave", exit_code=2).stderr


def test_a_plugin_cannot_take_the_name_of_a_command(placket, site, taggers, photo):
    site.install("waving", COMMAND.replace("BODY", WAVE.strip()).replace('name="wave"', 'name="tag"'))
    assert "that name is Placket's own" in " ".join(placket("--help").stdout.split())
    assert "north-says" in placket("tag", photo).stdout


@pytest.mark.parametrize("source", ["import nowhere_to_be_found", "raise SystemExit(4)", "1 +", "pass"])
def test_a_broken_plugin_is_named_in_the_help_and_breaks_nothing(placket, site, source):
    site.install("rotten", source)
    output = " ".join(placket("--help").stdout.split())
    assert "Note: the plugin 'rotten' of placket-rotten 1.2.3" in output
    assert placket("--version").stderr == ""


def test_an_unknown_command_names_the_plugins_that_may_have_it(placket, site):
    site.install("rotten", "import nowhere_to_be_found")
    errors = placket("wave", exit_code=2).stderr
    assert "No such command 'wave'" in errors
    assert "placket-rotten 1.2.3" in errors


def test_a_command_of_a_plugin_that_is_not_installed_is_told_where_it_may_come_from(placket):
    assert "a plugin that is not installed here" in placket("wave", exit_code=2).stderr


def test_a_misspelt_command_is_answered_with_a_suggestion(placket):
    assert "No such command 'provider'. Did you mean 'providers'?" in placket("provider", exit_code=2).stderr


def test_wrong_use_is_told_with_the_usage(placket):
    result = placket("tag", exit_code=2)
    assert "Usage: placket tag" in result.stderr
    assert "PHOTO" in result.stderr


def test_a_wrong_plugin_limit_leaves_the_help_in_place(placket):
    result = placket("--help", env={"PLACKET_PLUGINS": "nothing"})
    assert "PLACKET_PLUGINS names 'nothing'" in " ".join(result.stdout.split())


def test_tracebacks_are_shown_on_request_only(placket, taggers, photo):
    taggers.configure(north='fails = "always"', south='fails = "always"')
    for command, exit_code in (("plan", "missing.png"), 2), (("tag", photo), 1), (("enrich", photo), 1):
        (quiet, loud) = (placket(*command, *debug, exit_code=exit_code) for debug in ((), ("--debug",)))
        assert "Traceback" not in quiet.stderr
        assert "Traceback" in loud.stderr
        assert loud.stderr.splitlines()[-1] == quiet.stderr.splitlines()[-1]


def test_a_fault_in_a_plugins_command_is_one_line_that_names_the_plugin(placket, site):
    site.install("waving", COMMAND.replace("BODY", "return click.Command('wave', callback=lambda: {}['x'])"))
    result = placket("wave", exit_code=1)
    assert result.stderr == (
        "error: a fault in the command 'wave' of placket-waving 1.2.3: KeyError: 'x'; run it again with --debug and "
        "report to its author what that prints\n"
    )


def test_a_fault_of_our_own_is_one_line_too(placket, monkeypatch):
    monkeypatch.setitem(sys.modules, "placket.cli.why", None)
    result = placket("why", exit_code=1)
    assert result.stderr.startswith("error: a fault in Placket: ModuleNotFoundError: ")
    assert result.stderr.endswith("; run it again with --debug and report what that prints\n")
    assert result.stderr.count("\n") == 1


def test_logs_go_to_stderr_when_asked_for(placket, taggers, photo, work_folder):
    (work_folder / "key").write_text("hunter2")
    (work_folder / "key").chmod(0o644)
    taggers.configure(north='key = { file = "key" }')
    result = placket("tag", photo, "--json")
    assert "warning: " in result.stderr
    assert "hunter2" not in result.output
    assert result.stdout.startswith("{")


def test_an_interrupt_ends_with_130_and_no_traceback(process, site, work_folder):
    site.install_tagger("north")
    module = site.folder / "placket_north.py"
    stop = "import os, signal, asyncio; os.kill(os.getpid(), signal.SIGINT); await asyncio.Event().wait()"
    module.write_text(module.read_text().replace("origin = garment.image().origin", stop))
    (work_folder / "placket.toml").write_text(
        '[providers.north]\nplugin = "north"\n[routes.garment_tagger]\ntargets = ["north"]\n'
    )
    (work_folder / "photo.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    result = process("tag", "photo.png")
    assert result.returncode == 130
    assert b"Traceback" not in result.stderr
    assert b"interrupted" in result.stderr


@pytest.mark.skipif(not hasattr(signal, "SIGPIPE"), reason="a matter of POSIX pipes")
@pytest.mark.parametrize("arguments", [("config", "schema"), ("providers",)])
def test_a_reader_that_leaves_early_is_no_error(arguments):
    read_end, write_end = os.pipe()
    os.close(read_end)
    try:
        result = subprocess.run(
            [sys.executable, "-m", "placket.cli", *arguments],
            stdout=write_end,
            stderr=subprocess.PIPE,
            timeout=50,
            check=False,
        )
    finally:
        os.close(write_end)
    assert result.stderr == b""
    assert result.returncode == 141


@pytest.mark.skipif(os.name != "posix", reason="a matter of POSIX shells")
class TestWithoutAStream:
    def run(self, redirection: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run with what a shell makes of ``redirection``."""
        return subprocess.run(
            ["sh", "-c", f'"$@" {redirection}', "sh", sys.executable, "-m", "placket.cli", *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=50,
            check=False,
        )

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no disk that is always full")
    @pytest.mark.parametrize("arguments", [("config", "schema"), ("providers",), ("providers", "--json"), ("--help",)])
    def test_a_full_disk_is_told(self, arguments):
        result = self.run("> /dev/full", *arguments)
        assert result.returncode == 2
        assert result.stderr == (
            "error: the output cannot be written: No space left on device; make room, or send it elsewhere\n"
        )

    @pytest.mark.parametrize("arguments", [("providers",), ("providers", "--json"), ("--version",)])
    def test_a_closed_stdout_is_told_before_anything_is_done(self, arguments):
        result = self.run(">&-", *arguments)
        assert result.returncode == 2
        assert result.stderr == "error: stdout is closed; send it somewhere, as with > answer.txt or > /dev/null\n"

    def test_a_closed_stderr_is_done_without(self, taggers, photo):
        result = self.run("2>&-", "tag", photo, "--json")
        assert result.returncode == 0
        assert result.stdout.startswith("{")
        assert self.run("2>&-", "tag", "missing.png").returncode == 2

    @pytest.mark.parametrize(
        ("arguments", "reads"),
        [
            (("tag", "-"), "- reads a picture from stdin, and nothing is piped into it"),
            (("catalog", "add", "Summer", "-"), "- reads JSON Lines from stdin, and nothing is piped into it"),
            (("catalog", "remove-items", "Summer", "-"), "no id was given"),
            (("store", "put", "-"), "- reads JSON from stdin, and nothing is piped into it"),
        ],
    )
    def test_a_closed_stdin_has_nothing(self, arguments, reads):
        result = self.run("<&-", *arguments)
        assert result.returncode == 2
        assert reads in result.stderr
        assert "fault" not in result.stderr


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
@pytest.mark.parametrize("arguments", [(), ("--json",)])
def test_a_terminal_without_unicode_gets_what_it_can_show(process, taggers, photo, encoding, arguments):
    taggers.configure(north='says = "Zo\u00eb \u7d2b \U0001f457"')
    result = process("tag", photo, *arguments, PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert result.returncode == 0, result.stderr
    text = result.stdout.decode(encoding)
    assert "\\u7d2b" in text


@pytest.mark.skipif(sys.platform == "win32", reason="a matter of POSIX terminals")
class TestOnATerminal:
    def run(self, *arguments: str, **environment: str) -> tuple[int, bytes, bytes]:
        """Run with stderr on a terminal and stdout in a pipe."""
        import pty

        controller, terminal = pty.openpty()
        try:
            done = subprocess.run(
                [sys.executable, "-m", "placket.cli", *arguments],
                env={**os.environ, "TERM": "xterm", **environment},
                stdout=subprocess.PIPE,
                stderr=terminal,
                stdin=subprocess.DEVNULL,
                timeout=50,
                check=False,
            )
            os.write(terminal, b"<end>")
            shown = b""
            while b"<end>" not in shown:
                shown += os.read(controller, 4096)
        finally:
            os.close(terminal)
            os.close(controller)
        return done.returncode, done.stdout, shown.removesuffix(b"<end>")

    def test_progress_is_shown_on_stderr_only(self, taggers, photo):
        code, stdout, shown = self.run("tag", photo, photo, "--json")
        assert code == 0
        assert stdout.count(b"\n") == 2
        assert b"\x1b" not in stdout
        assert b"tagging 2 pictures" in shown

    def test_no_color_is_respected(self, taggers, photo):
        _, _, shown = self.run("tag", photo, NO_COLOR="1")
        assert b"\x1b[3" not in shown, "no colour codes, though the cursor still moves"

    def test_no_progress_where_stderr_is_no_terminal(self, taggers, photo, process):
        assert process("tag", photo, "--json").stderr == b""

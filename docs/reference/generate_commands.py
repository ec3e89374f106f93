"""Writes the page of commands from the commands themselves: ``python docs/reference/generate_commands.py``."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path

import click

from placket.cli.program import COMMANDS, program

PAGE = Path(__file__).with_name("commands.md")

HEAD = """# Commands

Generated from the commands themselves by `docs/reference/generate_commands.py`; a test compares the two.
Plugins add commands of their own: `placket --help` lists them. `placket-twins` brings `placket serve` and
`placket demo`.

Results go to stdout; logs, progress and errors go to stderr. `--json` writes exactly one JSON document to stdout, or
one a line (JSON Lines) for several pictures and for what lists; `--jsonl` writes such lines into a file.

## Exit codes

| code | meaning |
|---|---|
| 0 | done |
| 1 | providers failed, or Placket or a command of a plugin has a fault |
| 2 | wrong use, configuration or input; `providers`, `doctor` or `config check` found a problem |
| 3 | partly done: some pictures, records, items, products or shots could not be used, or a step of `enrich` failed |
| 130 | interrupted |
| 141 | whoever read the output has stopped |
"""


def page() -> str:
    """The whole page."""
    context = click.Context(program, info_name="placket", **program.context_settings)
    parts = [HEAD, *_section(context, "Options of every command")]
    for name in COMMANDS:
        command = program.get_command(context, name)
        assert command is not None
        section = click.Context(command, context, info_name=name)
        parts += _section(section)
        if isinstance(command, click.Group):
            for inner, one in command.commands.items():
                parts += _section(click.Context(one, section, info_name=inner))
    return "\n".join(parts).rstrip() + "\n"


def _section(context: click.Context, title: str = "") -> Iterator[str]:
    # The context is made as a run makes it: a command keeps the names of its help option from the first one it sees.
    command, name = context.command, context.command_path
    yield f"## {title or f'`{name}`'}\n"
    if not title:
        yield f"    {name} {' '.join(command.collect_usage_pieces(context))}\n"
        yield inspect.cleandoc(command.help or "") + "\n"
    shared = {option.name for option in program.params}
    options = [
        option
        for option in command.params
        if isinstance(option, click.Option) and (title or option.name not in shared) and not option.hidden
    ]
    if options:
        yield "| option | what it does |\n|---|---|"
        for option in options:
            yield _row(option, context)
        yield ""


def _row(option: click.Option, context: click.Context) -> str:
    names = ", ".join(f"`{one}`" for one in (*option.opts, *option.secondary_opts))
    if not option.is_flag and not option.count:
        names += f" `{option.make_metavar(context)}`"
    return f"| {names} | {option.help} |"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")

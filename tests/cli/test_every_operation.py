"""The how-to page names a command for every operation of the interfaces, and each is a command."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from placket.cli.program import program
from placket.interfaces import INTERFACES, operations_of

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "command-line.md"

TABLES = {
    found[1]: [tuple(re.findall("`(.*?)`", cell) for cell in row.split("|")[1:3]) for row in found[2].splitlines()]
    for found in re.finditer(r"^\| `(\w+)` \| \|\n\|---\|---\|\n((?:\|.*\n)+)", PAGE.read_text("utf-8"), re.MULTILINE)
}


@pytest.mark.parametrize("interface", INTERFACES)
def test_every_operation_is_in_the_table(interface):
    named = [operation for operations, _ in TABLES[interface.__name__] for operation in operations]
    assert sorted(named) == sorted(operations_of(interface))


@pytest.mark.parametrize(
    "command", sorted({command for rows in TABLES.values() for _, commands in rows for command in commands})
)
def test_every_command_of_the_table_is_there(command):
    context = click.Context(program, info_name="placket")
    first, *words = command.split()
    found = program.get_command(context, first)
    for word in words:
        if isinstance(found, click.Group):
            found = found.commands[word]
        elif word.startswith("--"):
            assert word in [name for parameter in found.params for name in parameter.opts]
        else:
            [choice] = [each.type for each in found.params if isinstance(each.type, click.Choice)]
            assert word in choice.choices
    assert found is not None

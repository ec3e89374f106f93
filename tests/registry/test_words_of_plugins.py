"""The words of plugins: what fits is found, and what does not is told with whose it is."""

from __future__ import annotations

import types
from textwrap import dedent

import pytest

import placket
from placket.errors import PluginError
from placket.record import Vocabulary, VocabularyAddition
from placket.registry import Registry, Stage, hookspecs

HOOK = """
import placket
from placket.record import VocabularyAddition


@placket.hookimpl
def placket_vocabulary():
"""


CONFIG = {"providers": {"here": {"plugin": "local"}}, "routes": {"garment_tagger": {"targets": ["here"]}}}


def adding(*additions: str) -> str:
    """The source of a plugin that yields these additions."""
    return HOOK + "".join(f"    yield VocabularyAddition({addition})\n" for addition in additions)


async def test_the_example_of_the_hook_works(tmp_path):
    example = dedent((hookspecs.placket_vocabulary.__doc__ or "").partition("Example::")[2])
    plugin = types.ModuleType("placket_example")
    vars(plugin).update(placket=placket, VocabularyAddition=VocabularyAddition)
    exec(example, vars(plugin))
    (addition,) = Registry(entry_points=(), extra_plugins=[plugin]).vocabulary
    term = Vocabulary.default().extended([addition]).find(addition.attribute, addition.label)
    assert term is not None
    assert term.id == addition.id
    async with placket.open(CONFIG, plugins=[plugin], data_folder=tmp_path, environ={}):
        pass


@pytest.mark.parametrize(
    ("additions", "complaint"),
    [
        (['"color", "x:petrol", "Petrol"'], "vocabulary addition color.x:petrol: the word 'Petrol' already means"),
        (['"colour", "x:ink", "Ink"'], "vocabulary addition colour.x:ink: there is no attribute 'colour'"),
        (['"color", "ink", "Ink"'], 'write "x:ink"'),
        (['"color", "x:ink", "Ink"'] * 2, "there is such a value already"),
        (['"color", "x:ink", "Ink", broader="x:water"'], "broader 'x:water' is no value of color"),
        (['"color", "x:ink", "Ink", lab=7'], "lab: must be [L, a, b]"),
    ],
)
def test_what_does_not_fit_is_the_plugins_fault_and_the_others_work(install, additions, complaint):
    install("placket-acme", "1.2", {"acme": "placket_acme"}, placket_acme=adding(*additions))
    install("placket-sea", "3.4", {"sea": "placket_sea"}, placket_sea=adding('"color", "x:sea", "Sea"'))
    registry = Registry()
    registry.load_all()
    (broken,) = [each for each in registry.broken if each.name == "acme"]
    assert broken.stage is Stage.VOCABULARY
    assert str(broken.to_error()).startswith(
        "the plugin 'acme' of placket-acme 1.2 adds what the vocabulary cannot have: "
    )
    assert complaint in str(broken.to_error())
    assert "x:sea" in [addition.id for addition in registry.vocabulary]
    with pytest.raises(PluginError, match=r"placket-acme 1\.2"):
        registry.load(["acme"])


@pytest.mark.parametrize(
    ("addition", "complaint"),
    [
        ('"color", "x:ink", 7', "vocabulary addition color.x:ink: label: must be a text, not 7"),
        ('"color", "x:ink", "Ink", "ink blue"', "aliases must be several words"),
    ],
)
def test_what_cannot_be_made_is_the_hooks_fault(install, addition, complaint):
    install("placket-acme", "1.2", {"acme": "placket_acme"}, placket_acme=adding(addition))
    registry = Registry()
    registry.load(["acme"])
    assert [(each.stage, each.distribution) for each in registry.broken] == [(Stage.HOOK, "placket-acme")]
    assert complaint in str(registry.broken[0].to_error())


@pytest.mark.parametrize("addition", ['"color", "x:ink", "Dark"', '"color", "x:dark", "Ink"'])
def test_two_that_add_the_same_are_both_named(install, addition):
    install("placket-acme", "1.2", {"acme": "placket_acme"}, placket_acme=adding('"color", "x:ink", "Ink"'))
    install("placket-sea", "3.4", {"sea": "placket_sea"}, placket_sea=adding(addition))
    with pytest.raises(PluginError, match=r"placket-sea 3\.4 adds what placket-acme 1\.2 has added: .*color\.x:"):
        Registry().load(["acme", "sea"])


async def test_opening_with_words_that_do_not_fit_names_whose_they_are(tmp_path):
    @placket.hookimpl
    def placket_vocabulary() -> list[VocabularyAddition]:
        return [VocabularyAddition("color", "x:petrol", "Petrol")]

    plugin = types.ModuleType("placket_acme")
    plugin.placket_vocabulary = placket_vocabulary
    with pytest.raises(PluginError, match=r"the plugin 'placket_acme' of placket_acme .*'Petrol' already means"):
        async with placket.open(CONFIG, plugins=[plugin], data_folder=tmp_path, environ={}):
            pass

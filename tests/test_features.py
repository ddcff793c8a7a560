"""The one table of elements, and the truth of what it says: acted on, or no effect here."""

import ast
from pathlib import Path
from typing import Final

import zconnect
from zconnect.config import kernel
from zconnect.config.declarations import declarations
from zconnect.config.export import all_kinds
from zconnect.features import FEATURES, VOCABULARY, vocabulary

PACKAGE = Path(zconnect.__file__).parent
# Their attributes are read by the names that stand in the document, before there are elements.
READ_AS_WRITTEN: Final = ("config/include.py", "config/documents.py")
# Attributes without effect whose names other things have as well.
HOMONYMS: Final = {"decode", "folder", "header", "keep_alive", "properties", "requests", "resource", "user", "version"}
# Read all the same: the first is named in the refusal of an opaque token, the others are at hand for resources of extensions.
AT_HAND: Final = {"validation_endpoint_url", "operations_group", "reader_group", "global_operations_group", "global_reader_group"}


def test_every_feature_brings_elements() -> None:
    """A feature without any would be a word without meaning."""
    assert all(FEATURES.values())


def test_the_vocabulary_begins_with_our_own() -> None:
    """Installed extensions come behind."""
    assert vocabulary()[: len(VOCABULARY)] == VOCABULARY


def test_an_element_without_effect_says_so_itself() -> None:
    """One line announces it, instead of one for each attribute."""
    idle = [
        kind.tag
        for kind in all_kinds(VOCABULARY)
        if not kind.unused and all(each.about.unused for each in declarations(kind) if each.field != "id")
    ]
    assert idle == []


def read_by_the_code() -> set[str]:
    """All names that the code reads of anything."""
    nodes = [node for path in PACKAGE.rglob("*.py") for node in ast.walk(ast.parse(path.read_text()))]
    return {node.attr for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)}


def written_in_documents() -> set[object]:
    """The names by which the code reads attributes of a document itself."""
    nodes = [node for name in READ_AS_WRITTEN for node in ast.walk(ast.parse((PACKAGE / name).read_text()))]
    return {node.value for node in nodes if isinstance(node, ast.Constant)}


def test_what_is_acted_on_is_read() -> None:
    """An attribute that nothing reads has no effect, and has to say so."""
    read, written = read_by_the_code(), written_in_documents()
    lies = [
        f"{kind.tag}/@{each.name}"
        for kind in all_kinds(VOCABULARY)
        for each in declarations(kind)
        if not each.about.unused and each.field not in read and not (kind in kernel.ELEMENTS and each.name in written)
    ]
    assert lies == []


def test_what_has_no_effect_is_not_read() -> None:
    """Nor is it said to have none where it has one."""
    declared = [each for kind in all_kinds(VOCABULARY) for each in declarations(kind)]
    idle = {each.field for each in declared if each.about.unused} - {each.field for each in declared if not each.about.unused}
    assert idle & read_by_the_code() == HOMONYMS | AT_HAND

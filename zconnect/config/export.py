"""What the schema for editors and the reference page say alike of an element and of an attribute."""

from collections.abc import Sequence
from inspect import cleandoc

from zconnect.config.datatypes import written
from zconnect.config.declarations import Declaration, concrete, declarations
from zconnect.config.schema import Element


def all_kinds(vocabulary: Sequence[type[Element]]) -> tuple[type[Element], ...]:
    """The elements of a vocabulary and those that only stand inside others, in the order in which they are met."""
    found: dict[int, type[Element]] = {}
    waiting = list(reversed(vocabulary))
    while waiting:
        kind = waiting.pop()
        if id(kind) not in found:
            found[id(kind)] = kind
            inner = [sub for each in declarations(kind) if each.target for sub in concrete(each.target, vocabulary)]
            waiting.extend(reversed(inner))
    return tuple(found.values())


def purpose(kind: type[Element]) -> str:
    """What an element is for: the first paragraph of its docstring."""
    return _paragraphs(kind)[0].replace("\n", " ")


def examples(kind: type[Element]) -> tuple[str, ...]:
    """How it is written: the paragraphs of its docstring that are XML."""
    return tuple(found for found in _paragraphs(kind) if found.startswith("<"))


def _paragraphs(kind: type[Element]) -> list[str]:
    return [cleandoc(found) for found in cleandoc(kind.__doc__ or "").split("\n\n")]


def default(each: Declaration) -> str:
    """The value that an attribute has where nobody writes it, as it would be written; empty where there is none, or a secret one."""
    secret = each.datatype is not None and each.datatype.secret
    return "" if each.required or each.datatype is None or secret else written(each.default, each.datatype)


def effect(each: Declaration) -> str:
    """Whether this server acts on an attribute, or why not, without a full stop."""
    if each.about.unused:
        return f"accepted, no effect here, because {each.about.unused}"
    return "acted on; guards" if each.about.guard else "acted on"


def meaning(each: Declaration) -> str:
    """What an attribute or a nested element means, as a sentence; the first word may be one of its values."""
    return f"{each.about.doc}."

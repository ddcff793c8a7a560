"""The vocabulary as a page for people (Markdown)."""

from collections.abc import Sequence

from zconnect.config.datatypes import Datatype
from zconnect.config.declarations import Declaration, concrete, declarations
from zconnect.config.export import all_kinds, default, effect, purpose
from zconnect.config.schema import Element


def to_reference(vocabulary: Sequence[type[Element]]) -> str:
    """The reference page: a section for each element, a row for each attribute."""
    lines = ["# Elements of server.xml", "", "Written by `./test schemas` from the declarations in the code.", ""]
    for kind in sorted(all_kinds(vocabulary), key=lambda kind: (kind.tag.lower(), kind.__module__)):
        lines += _section(kind, vocabulary, top=kind in vocabulary)
    return "\n".join(lines)


def _section(kind: type[Element], vocabulary: Sequence[type[Element]], *, top: bool) -> list[str]:
    nested = [each for each in declarations(kind) if each.about.form == "children"]
    within = "" if top else f" (inside {', '.join(_parents(kind, vocabulary))})"
    lines = [
        f"## {kind.tag}{within}",
        "",
        purpose(kind),
        "",
        "| attribute | type | default | meaning | here |",
        "| --- | --- | --- | --- | --- |",
    ]
    lines += [_row(each) for each in declarations(kind) if each.about.form != "children"]
    if nested:
        lines += ["", "| child element | meaning | here |", "| --- | --- | --- |"]
        lines += [f"| {_tags(each, vocabulary)} | {_cell(each.about.doc)} | {_cell(effect(each))} |" for each in nested]
    return [*lines, ""]


def _parents(kind: type[Element], vocabulary: Sequence[type[Element]]) -> list[str]:
    found = (
        parent.tag
        for parent in all_kinds(vocabulary)
        for each in declarations(parent)
        if each.target and kind in concrete(each.target, vocabulary)
    )
    return list(dict.fromkeys(found))


def _row(each: Declaration) -> str:
    given = "required" if each.required else f"`{_cell(default(each))}`" if default(each) else ""
    cells = (f"`{each.name}`", _readable_type(each), given, _cell(each.about.doc), _cell(effect(each)))
    return f"| {' | '.join(cells)} |"


def _readable_type(each: Declaration) -> str:
    if each.target is not None:
        return f"{'ids' if each.many else 'id'}, or nested element"
    of: Datatype | None = each.datatype
    if of is None:
        return ""
    name = ", ".join(of.options) if of.options else f"duration ({of.unit})" if of.unit else of.name
    return f"list of {name}" if each.many else name


def _tags(each: Declaration, vocabulary: Sequence[type[Element]]) -> str:
    return ", ".join(f"`{kind.tag}`" for kind in concrete(each.target, vocabulary)) if each.target else ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")

"""The vocabulary as a schema for editors (XSD) and as a reference page for people (Markdown)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import MISSING
from xml.sax.saxutils import escape, quoteattr

from zconnect.config.datatypes import Datatype, written
from zconnect.config.declarations import Declaration, concrete, declarations
from zconnect.config.schema import Element

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<!-- Written by `server schema`; to be named by xsi:noNamespaceSchemaLocation in server.xml. -->
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
  <xs:simpleType name="reference"><xs:restriction base="xs:string"><xs:pattern value=".*\\$\\{.+\\}.*"/></xs:restriction></xs:simpleType>
  <xs:simpleType name="boolean"><xs:union memberTypes="xs:boolean reference"/></xs:simpleType>
  <xs:simpleType name="int"><xs:union memberTypes="xs:long reference"/></xs:simpleType>
  <xs:simpleType name="duration"><xs:union memberTypes="xs:long durationParts reference"/></xs:simpleType>
  <xs:simpleType name="durationParts">
    <xs:restriction base="xs:string"><xs:pattern value="(\\d+ ?(d|h|m|s|ms) ?)+"/></xs:restriction>
  </xs:simpleType>
  <xs:simpleType name="location"><xs:restriction base="xs:string"/></xs:simpleType>
  <xs:simpleType name="password"><xs:restriction base="xs:string"/></xs:simpleType>
  <xs:simpleType name="string"><xs:restriction base="xs:string"/></xs:simpleType>"""


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


def to_xsd(vocabulary: Sequence[type[Element]]) -> str:
    """The schema of server.xml, for editors; the server itself is more lenient (case of attribute names, merging)."""
    kinds = all_kinds(vocabulary)
    names = {id(kind): name for kind, name in zip(kinds, _type_names(kinds), strict=True)}
    lines = [
        _HEAD,
        '  <xs:element name="server">',
        '    <xs:complexType mixed="false">',
        '      <xs:choice minOccurs="0" maxOccurs="unbounded">',
    ]
    lines += [f'        <xs:element name="{kind.tag}" type="{names[id(kind)]}"/>' for kind in vocabulary]
    lines += ["      </xs:choice>", '      <xs:attribute name="description" type="xs:string"/>', "    </xs:complexType>", "  </xs:element>"]
    for kind in kinds:
        lines += _complex_type(kind, vocabulary, names)
    return "\n".join([*lines, "</xs:schema>", ""])


def _type_names(kinds: Iterable[type[Element]]) -> Iterator[str]:
    """A name for the type of each element; two classes may have one tag (user, group)."""
    seen: dict[str, int] = {}
    for kind in kinds:
        seen[kind.tag] = count = seen.get(kind.tag, 0) + 1
        yield f"{kind.tag}.type" if count == 1 else f"{kind.tag}.type{count}"


def _complex_type(kind: type[Element], vocabulary: Sequence[type[Element]], names: dict[int, str]) -> Iterator[str]:
    yield f'  <xs:complexType name="{names[id(kind)]}">'
    yield f"    <xs:annotation><xs:documentation>{escape(_sentence(kind))}</xs:documentation></xs:annotation>"
    inner = dict(_inner(kind, vocabulary, names))
    if inner:
        yield '    <xs:choice minOccurs="0" maxOccurs="unbounded">'
        yield from (f'      <xs:element name="{name}" type="{of}"/>' for name, of in inner.items())
        yield "    </xs:choice>"
    for each in declarations(kind):
        if each.about.form != "children":
            yield from _attribute(each)
    yield "  </xs:complexType>"


def _inner(kind: type[Element], vocabulary: Sequence[type[Element]], names: dict[int, str]) -> Iterator[tuple[str, str]]:
    """Child elements by name: values of lists as text, then nested elements, which win where the names are the same."""
    for each in declarations(kind):
        if (each.about.form == "ref" or each.many) and each.about.form != "children":
            yield each.name, "xs:string"
        for sub in concrete(each.target, vocabulary) if each.target else ():
            yield sub.tag, names[id(sub)]


def _attribute(each: Declaration) -> Iterator[str]:
    yield f"    <xs:attribute name={quoteattr(each.name)}{'' if _has_own_type(each) else f' type={quoteattr(_type(each))}'}>"
    yield f"      <xs:annotation><xs:documentation>{escape(_meaning(each))}</xs:documentation></xs:annotation>"
    if each.datatype and _has_own_type(each):
        yield '      <xs:simpleType><xs:union memberTypes="reference"><xs:simpleType><xs:restriction base="xs:string">'
        yield from (f"        <xs:enumeration value={quoteattr(option)}/>" for option in each.datatype.options)
        yield "      </xs:restriction></xs:simpleType></xs:union></xs:simpleType>"
    yield "    </xs:attribute>"


def _has_own_type(each: Declaration) -> bool:
    return bool(each.datatype and each.datatype.options and not each.many)


def _type(each: Declaration) -> str:
    return "string" if each.datatype is None or each.many else each.datatype.name


def _sentence(kind: type[Element]) -> str:
    return (kind.__doc__ or "").strip().splitlines()[0]


def _meaning(each: Declaration) -> str:
    effect = f"Accepted, no effect here, because {each.about.unused}." if each.about.unused else ""
    return " ".join(filter(None, [f"{each.about.doc}.", _default(each), effect]))


def _default(each: Declaration) -> str:
    if each.default is MISSING:
        return "Required."
    if each.datatype is None or each.default in (None, (), ""):
        return ""
    return f"Default {written(each.default, each.datatype)}."


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
        _sentence(kind),
        "",
        "| attribute | type | default | meaning | here |",
        "| --- | --- | --- | --- | --- |",
    ]
    lines += [_row(each) for each in declarations(kind) if each.about.form != "children"]
    if nested:
        lines += ["", "| child element | meaning | here |", "| --- | --- | --- |"]
        lines += [f"| {_tags(each, vocabulary)} | {_cell(each.about.doc)} | {_effect(each)} |" for each in nested]
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
    default = "required" if each.required else written(each.default, each.datatype) if each.datatype else ""
    cells = (f"`{each.name}`", _readable_type(each), f"`{_cell(default)}`" if default else "", _cell(each.about.doc), _effect(each))
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


def _effect(each: Declaration) -> str:
    if each.about.unused:
        return f"accepted, no effect here, because {_cell(each.about.unused)}"
    return "acted on; guards" if each.about.guard else "acted on"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")

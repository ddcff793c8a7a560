"""The vocabulary as an XML schema, by which an editor completes and checks a server.xml while it is typed.

It is meant for people, so it is narrower than the reader: one spelling of each name, and an attribute for each single value (a list
may be child elements, too). It asks for an attribute only where no other document could give it by a merge.
"""

from collections.abc import Iterator, Sequence
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from zconnect.config.datatypes import UNIT_WORDS
from zconnect.config.declarations import Declaration, concrete, declarations
from zconnect.config.export import all_kinds, default, effect, meaning, purpose
from zconnect.config.kernel import DropinsElement, IncludeElement, VariableElement
from zconnect.config.schema import Element, Properties
from zconnect.config.shape import shape_of

# The reader wants their attributes at once, before anything is merged.
_READ_AT_ONCE: Final = (VariableElement, IncludeElement, DropinsElement)


def _any_case(word: str) -> str:
    """A pattern for a word in upper and lower case; only ASCII marks need a backslash there."""
    both = (f"[{character.lower()}{character.upper()}]" if character.lower() != character.upper() else character for character in word)
    return "".join(each if len(each) > 1 or each.isalnum() or each in "/-_ " else f"\\{each}" for each in both)


_HEAD = f"""<?xml version="1.0" encoding="UTF-8"?>
<!-- Printed by `server schema`; to be named by xsi:noNamespaceSchemaLocation in server.xml. -->
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
  <xs:simpleType name="reference"><xs:restriction base="xs:string"><xs:pattern value=".*\\$\\{{.+\\}}.*"/></xs:restriction></xs:simpleType>
  <xs:simpleType name="boolean">
    <xs:union memberTypes="reference">
      <xs:simpleType>
        <xs:restriction base="xs:string"><xs:enumeration value="true"/><xs:enumeration value="false"/></xs:restriction>
      </xs:simpleType>
      <xs:simpleType>
        <xs:restriction base="xs:string"><xs:pattern value="{_any_case("true")}|{_any_case("false")}"/></xs:restriction>
      </xs:simpleType>
    </xs:union>
  </xs:simpleType>
  <xs:simpleType name="int"><xs:union memberTypes="xs:int reference"/></xs:simpleType>
  <xs:simpleType name="durationParts">
    <xs:restriction base="xs:string">
      <xs:pattern value="\\s*([0-9]+\\s*({"|".join(map(_any_case, UNIT_WORDS))})\\s*)+"/>
    </xs:restriction>
  </xs:simpleType>
  <xs:simpleType name="duration"><xs:union memberTypes="xs:long durationParts reference"/></xs:simpleType>
  <xs:simpleType name="location"><xs:restriction base="xs:string"/></xs:simpleType>
  <xs:simpleType name="password"><xs:restriction base="xs:string"/></xs:simpleType>
  <xs:simpleType name="string"><xs:restriction base="xs:string"/></xs:simpleType>
  <xs:complexType name="text">
    <xs:simpleContent>
      <xs:extension base="xs:string">
        <xs:attribute name="merge-op">
          <xs:annotation>
            <xs:documentation>append: the value joins those of documents read before; set: it replaces them.</xs:documentation>
          </xs:annotation>
          <xs:simpleType>
            <xs:restriction base="xs:string"><xs:enumeration value="append"/><xs:enumeration value="set"/></xs:restriction>
          </xs:simpleType>
        </xs:attribute>
      </xs:extension>
    </xs:simpleContent>
  </xs:complexType>"""


def to_xsd(vocabulary: Sequence[type[Element]]) -> str:
    """The schema (XSD 1.0, no namespace) of a server.xml that may hold these elements."""
    return "\n".join([_HEAD, *_Types(vocabulary).lines(), "</xs:schema>", ""])


class _Types:
    """A complex type for each kind of element; one that others refer to has a second for where it is nested, which may be a `ref`."""

    def __init__(self, vocabulary: Sequence[type[Element]]) -> None:
        self.vocabulary = tuple(vocabulary)
        self.kinds = all_kinds(vocabulary)
        self.names: dict[int, str] = {}
        seen: dict[str, int] = {}
        for kind in self.kinds:  # two classes may have one tag (user, group)
            seen[kind.tag] = count = seen.get(kind.tag, 0) + 1
            self.names[id(kind)] = f"{kind.tag}{'' if count == 1 else count}"
        self.referable = {
            id(found)
            for kind in self.kinds
            for each in declarations(kind)
            if each.about.form == "ref" and each.target
            for found in concrete(each.target, self.vocabulary)
        }

    def lines(self) -> Iterator[str]:
        yield '  <xs:element name="server">'
        yield f"    {_documentation('The configuration of a server.')}"
        yield "    <xs:complexType>"
        yield '      <xs:choice minOccurs="0" maxOccurs="unbounded">'
        for tag, kind in {kind.tag: kind for kind in self.vocabulary}.items():
            yield f'        <xs:element name="{tag}" type="{self.names[id(kind)]}"/>'
        yield "      </xs:choice>"
        yield '      <xs:attribute name="description" type="string">'
        yield f"        {_documentation('What the server is for, in words for people; the server does not read it.')}"
        yield "      </xs:attribute>"
        yield "    </xs:complexType>"
        yield "  </xs:element>"
        for kind in self.kinds:
            yield from self._type(kind)

    def _type(self, kind: type[Element]) -> Iterator[str]:
        name = self.names[id(kind)]
        yield f'  <xs:complexType name="{name}">'
        yield f"    {_documentation(purpose(kind))}"
        inner = self._inner(kind)
        if inner:
            yield '    <xs:choice minOccurs="0" maxOccurs="unbounded">'
            yield from (f'      <xs:element name="{tag}" type="{of}"/>' for tag, of in inner.items())
            yield "    </xs:choice>"
        for each in declarations(kind):
            if each.about.form != "children":
                yield from _attribute(each, asked=each.required and kind in _READ_AT_ONCE)
        if issubclass(kind, Properties):
            yield '    <xs:anyAttribute processContents="skip"/>'
        yield "  </xs:complexType>"
        if id(kind) in self.referable:
            yield f'  <xs:complexType name="{name}.nested">'
            yield f'    <xs:complexContent><xs:extension base="{name}"><xs:attribute name="ref" type="string">'
            yield f"      {_documentation(f'The id of the {kind.tag} that is meant; nothing else of this element is read then.')}"
            yield "    </xs:attribute></xs:extension></xs:complexContent>"
            yield "  </xs:complexType>"

    def _inner(self, kind: type[Element]) -> dict[str, str]:
        """Child elements by name: the values of lists, then nested elements, which win where the names are the same."""
        inner = {each.name: "text" for each in declarations(kind) if each.many and each.about.form != "children"}
        for name, slot in shape_of(kind, self.vocabulary).nested.items():
            if slot.kind:
                spelt = slot.kind.tag if slot.kind.tag.lower() == name else slot.declaration.child
                inner[spelt] = self.names[id(slot.kind)] + (".nested" if slot.declaration.about.form == "ref" else "")
        return inner


def _documentation(text: str) -> str:
    return f"<xs:annotation><xs:documentation>{escape(text)}</xs:documentation></xs:annotation>"


def _attribute(each: Declaration, *, asked: bool) -> Iterator[str]:
    own = tuple(_own_type(each))
    plain = "string" if each.datatype is None or each.many else each.datatype.name
    given = default(each)
    parts = [
        f"name={quoteattr(each.name)}",
        "" if own else f'type="{plain}"',
        'use="required"' if asked else "",
        f"default={quoteattr(given)}" if given else "",
    ]
    yield f"    <xs:attribute {' '.join(filter(None, parts))}>"
    yield f"      {_documentation(_meaning(each))}"
    yield from own
    yield "    </xs:attribute>"


def _own_type(each: Declaration) -> Iterator[str]:
    """The type of an attribute that takes certain words, or numbers of a range."""
    if each.datatype is None or each.many:
        return
    bounds = (("minInclusive", each.about.minimum), ("maxInclusive", each.about.maximum))
    facets = [f'<xs:{facet} value="{bound}"/>' for facet, bound in bounds if bound is not None]
    if each.datatype.options:
        words = "".join(f"<xs:enumeration value={quoteattr(option)}/>" for option in each.datatype.options)
        pattern = f"<xs:pattern value={quoteattr('|'.join(map(_any_case, each.datatype.options)))}/>"
        yield from _union("reference", ("xs:string", words), ("xs:string", pattern))
    elif facets:
        base = "xs:long" if each.datatype.unit or (each.about.maximum or 0) >= 2**31 else "xs:int"
        yield from _union("durationParts reference" if each.datatype.unit else "reference", (base, "".join(facets)))


def _union(members: str, *restrictions: tuple[str, str]) -> Iterator[str]:
    yield f'      <xs:simpleType><xs:union memberTypes="{members}">'
    for base, facets in restrictions:
        yield f'        <xs:simpleType><xs:restriction base="{base}">{facets}</xs:restriction></xs:simpleType>'
    yield "      </xs:union></xs:simpleType>"


def _meaning(each: Declaration) -> str:
    """What an editor shows beside an attribute."""
    given, here = default(each), effect(each)
    told = "Required." if each.required else f"Default {given}." if given else ""
    return " ".join(filter(None, [meaning(each), told, f"{here[:1].upper()}{here[1:]}."]))

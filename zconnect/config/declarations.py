"""What the class of an element declares, read once: names, datatypes, defaults, references, nested elements."""

from collections.abc import Sequence
from dataclasses import MISSING, Field
from functools import cache
from types import NoneType, UnionType
from typing import Any, NamedTuple, Union, get_args, get_origin, get_type_hints

from zconnect.config.datatypes import Datatype, datatype
from zconnect.config.schema import METADATA, Attribute, Element, camel

_ONE = "a server has one such element"


class Declaration(NamedTuple):
    """One attribute or kind of nested elements.

    `field` is its name in Python, `name` the one in XML (`fooRef` for references). `datatype` is None for references
    and nested elements, whose class is `target`. `many`: it holds a tuple. `default` is MISSING where it is required.
    """

    field: str
    name: str
    about: Attribute
    default: Any
    many: bool
    datatype: Datatype | None = None
    target: type[Element] | None = None

    @property
    def required(self) -> bool:
        """Whether an element without it is incomplete."""
        return self.default is MISSING

    @property
    def child(self) -> str:
        """The name that nested elements of a reference may have beside their tags: the reference without `Ref`."""
        return self.name.removesuffix("Ref")


def declarations(kind: type[Element]) -> tuple[Declaration, ...]:
    """Everything that an element class declares, in the order of declaration; raises `TypeError` on a wrong annotation."""
    key: Any = kind  # the type checker takes a class for its instances here, and those of Element for unhashable
    return _declarations(key)


@cache
def _declarations(kind: Any) -> tuple[Declaration, ...]:
    declared = [each for each in kind._fields.values() if METADATA in each.metadata]
    # To have all annotations evaluated is half of the time that a configuration takes, and only one that names a later class needs it.
    hints = get_type_hints(kind) if any(isinstance(each.type, str) for each in declared) else {each.name: each.type for each in declared}
    return tuple(_declaration(kind, each, hints[each.name]) for each in declared)


def _declaration(kind: type[Element], field: "Field[Any]", annotation: Any) -> Declaration:
    about: Attribute = field.metadata[METADATA]
    if kind.unused:
        about = about._replace(unused=kind.unused)
    elif kind.singleton and field.name == "id":
        about = about._replace(unused=_ONE)
    name = about.name or camel(field.name)
    if about.form == "attr":
        read = datatype(annotation, about)
        return Declaration(field.name, name, about, field.default, read.many, datatype=read)
    target, many = _target(annotation)
    if target.unused and not about.unused:
        about = about._replace(unused=target.unused)
    if about.form == "ref":
        name = about.name or f"{name}Ref"
    return Declaration(field.name, name, about, field.default, many, target=target)


def _target(annotation: Any) -> tuple[type[Element], bool]:
    if get_origin(annotation) in (Union, UnionType):
        (annotation,) = (each for each in get_args(annotation) if each is not NoneType)
    many = get_origin(annotation) is tuple
    if many:
        annotation = get_args(annotation)[0]
    kind = get_origin(annotation) or annotation
    if not (isinstance(kind, type) and issubclass(kind, Element)):
        raise TypeError(f"{annotation} is no element class")
    return kind, many


def concrete(target: type[Element], vocabulary: Sequence[type[Element]]) -> tuple[type[Element], ...]:
    """The element classes that a reference or a nested element of a class may be: those at or below it that have a tag."""
    known = tuple(kind for kind in vocabulary if issubclass(kind, target))
    return known if target in known or "tag" not in vars(target) else (target, *known)

"""The words an element is declared with: Element, attr, ref and children.

An element is a frozen dataclass. A field's annotation says its datatype, its declaration says the rest:

    @element
    class OpenidConnectClient(Element):
        '''Accepts access tokens that a trusted issuer signed.'''
        tag = "openidConnectClient"
        issuer_identifier: str = attr(default="", guard=True, doc="The iss claim that a token must carry")
        inbound_propagation: Literal["none", "supported", "required"] = attr(default="none", guard=True, doc="...")
        clock_skew: timedelta = attr(default=timedelta(minutes=5), doc="...")
        audiences: tuple[str, ...] = attr(default=(), guard=True, doc="...")
        client_secret: Password | None = attr(default=None, doc="...")
        auth_filter: AuthFilter | None = ref(guard=True, doc="...")          # authFilterRef, or one nested authFilter
        conditions: tuple[RequestUrl, ...] = children(doc="...")             # nested requestUrl elements

Annotations: bool, int, str, timedelta, Password, Path (a location, normalised), Literal[...] (options), tuple[str, ...]
(comma list or text children), `X | None`; for `ref` an Element class (also a base class: any element below it may be
named) or a tuple of it; for `children` a tuple of an Element class. The attribute's name is the field's name in camel
case, plus `Ref` for references; `name=` gives another. `attr` without a default is a required attribute.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import MISSING, Field, FrozenInstanceError, field
from typing import Any, ClassVar, NamedTuple, TypeVar, dataclass_transform

from zconnect.config.merge import Property, Text
from zconnect.config.passwords import Password
from zconnect.errors import NOWHERE, Problem, Where
from zconnect.messages import Told

METADATA = "zconnect"
T = TypeVar("T")
_NOTHING: Mapping[str, Property] = {}
_ID = "The name by which others refer to this element; what several documents say under one id is put together"


class Attribute(NamedTuple):
    """What a declaration says about one attribute beside its datatype and default.

    `guard`: it narrows who may pass, so a value that cannot be read always stops the start.
    `unit`: what a bare number means in a duration (ms, s, m or h). `unused`: why it has no effect here; such an
    attribute is accepted and announced. `form` is attr, ref or children. `check` raises ValueError on a bad value.
    `variable`: the variable that gives the value where the attribute is not written. `joined`: the list is one text to Liberty.
    `own`: names that look like variables and are filled in later, by what reads the attribute.
    """

    doc: str
    form: str
    name: str | None = None
    guard: bool = False
    unit: str = "ms"
    minimum: int | None = None
    maximum: int | None = None
    unused: str | None = None
    check: Callable[[Any], None] | None = None
    variable: str | None = None
    joined: bool = False
    own: Collection[str] = ()


def attr(
    *,
    doc: str,
    default: Any = MISSING,
    name: str | None = None,
    guard: bool = False,
    unit: str = "ms",
    minimum: int | None = None,
    maximum: int | None = None,
    unused: str | None = None,
    check: Callable[[Any], None] | None = None,
    variable: str | None = None,
    joined: bool = False,
    own: Collection[str] = (),
) -> Any:
    """Declare an attribute; without `default` it is required."""
    about = Attribute(doc, "attr", name, guard, unit, minimum, maximum, unused, check, variable, joined, own)
    return field(default=default, metadata={METADATA: about})


def ref(*, doc: str, default: Any = None, name: str | None = None, guard: bool = False, unused: str | None = None) -> Any:
    """Declare a reference by id (attribute `xRef`), which a nested element of that kind stands for as well."""
    return field(default=default, metadata={METADATA: Attribute(doc, "ref", name, guard, unused=unused)})


def children(*, doc: str, guard: bool = False, unused: str | None = None) -> Any:
    """Declare nested elements that exist only inside this one; none is an empty tuple."""
    return field(default=(), metadata={METADATA: Attribute(doc, "children", guard=guard, unused=unused)})


@dataclass_transform(kw_only_default=True, frozen_default=True)
def element(kind: type[T]) -> type[T]:
    """Make a class below `Element` a kind of elements: to everybody a frozen dataclass, whose methods are those of `Element`.

    To have `dataclass` write them for each of two hundred classes would be a third of the time that a command takes.
    """
    made: Any = kind
    inherited = (each for base in reversed(kind.__bases__) for each in getattr(base, "_fields", {}).items())
    declared = {name: each for name, each in vars(kind).items() if isinstance(each, Field)}
    for name, each in declared.items():
        each.name, each.type = name, kind.__annotations__[name]
        delattr(kind, name)
    made.__dataclass_fields__ = made._fields = {**dict(inherited), **declared}
    made._defaults = {name: each.default for name, each in made._fields.items() if each.default is not MISSING}
    made._factories = {name: each.default_factory for name, each in made._fields.items() if each.default_factory is not MISSING}
    return kind


@element
class Element:
    """One element of server.xml after all text has become values; every element kind is a subclass.

    `tag` is its name in XML. A `singleton` has no id and always exists, made of its defaults if need be.
    `default_id` is the id of elements without one (they merge); without it they are called default-0, default-1, ...
    The element of the id `built_in` exists also where nobody wrote it, made of its defaults; those of the ids `default_id` and
    `implied` do as soon as another one refers to them.
    Where `conditions` holds, each child narrows who may pass, and an unknown one stops the start.
    `unused` is why elements of the kind have no effect here; such a one is accepted, with all that it holds, and announced once.
    `given` has the attributes and children that were written, by their names in lower case.
    """

    tag: ClassVar[str]
    singleton: ClassVar[bool] = False
    default_id: ClassVar[str | None] = None
    built_in: ClassVar[str | None] = None
    implied: ClassVar[str | None] = None
    conditions: ClassVar[bool] = False
    unused: ClassVar[str | None] = None
    _fields: "ClassVar[Mapping[str, Field[Any]]]"
    _defaults: ClassVar[Mapping[str, Any]]
    _factories: ClassVar[Mapping[str, Callable[[], Any]]]

    id: str = field(default="", metadata={METADATA: Attribute(_ID, "attr")})
    where: Where = field(default=NOWHERE, compare=False, repr=False)
    given: Mapping[str, Property] = field(default=_NOTHING, compare=False, repr=False)

    def __init__(self, **values: Any) -> None:
        own = self.__dict__
        own.update(self._defaults)
        for name, make in self._factories.items():
            own[name] = make()
        own.update(values)
        if own.keys() != self._fields.keys():
            raise TypeError(f"{type(self).__name__} has other fields: {', '.join(own.keys() ^ self._fields.keys())}")

    def __setattr__(self, name: str, value: object) -> None:
        raise FrozenInstanceError(f"{self.tag} is never changed")

    def __delattr__(self, name: str) -> None:
        raise FrozenInstanceError(f"{self.tag} is never changed")

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        return self._compared() == other._compared()

    def __hash__(self) -> int:
        return hash(self._compared())

    def __repr__(self) -> str:
        shown = (f"{each.name}={getattr(self, each.name)!r}" for each in self._fields.values() if each.repr)
        return f"{type(self).__name__}({', '.join(shown)})"

    def _compared(self) -> tuple[Any, ...]:
        return tuple(getattr(self, each.name) for each in self._fields.values() if each.compare)

    def mistakes(self) -> Iterable[Problem]:
        """What is wrong with values that are good each by itself: what an opening would refuse or warn of, told before one.

        A path that does not begin with a slash begins at this element.
        """
        return ()

    def mistake(self, told: Told, name: str = "", text: str = "", meant: Sequence[str] = (), *, stops: bool = False) -> Problem:
        """A mistake in the attribute or the children of a name, or in the element as a whole; `text` is what the child in question says."""
        held = self.given.get(name.lower())
        if held is None or isinstance(held.value, str):
            return Problem(told, held.where if held else self.where, f"@{name}" if name else "", tuple(meant), stops=stops)
        where = next((each.where for each in held.value if isinstance(each, Text) and text in each.text), held.where)
        return Problem(told, where, name, tuple(meant), stops=stops)


@element
class Properties(Element):
    """An element whose attributes have names that only their reader knows; a value may be encoded as a password is.

    `values` are names as written with what they say, all but the id.
    """

    values: tuple[tuple[str, Password], ...] = field(default=())


def camel(field_name: str) -> str:
    """`clock_skew` → `clockSkew`: the rule that makes an attribute's name from a field's."""
    return re.sub(r"_(\w)", lambda match: match[1].upper(), field_name)

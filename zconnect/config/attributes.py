"""One attribute of one element: its texts, the variables in them, its value; and everything that can be wrong with them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from zconnect.config.datatypes import STARS, Datatype, UnknownOption, Unlike, datatype, is_odd, likely, split, split_references, written
from zconnect.config.declarations import Declaration
from zconnect.config.merge import Piece, Property, Text
from zconnect.config.passwords import Password
from zconnect.config.schema import Attribute
from zconnect.config.scope import Scope
from zconnect.config.variables import Loop, Variables
from zconnect.messages import error, warning

BAD_OPTION = warning(
    "CWWKG0032W",
    "The attribute {attribute} may not be {value}; the values are {allowed}. {default}",
    "Write one of the values.",
)
BAD_VALUE = warning(
    "CWWKG0083W",
    "The attribute {attribute} cannot be {value}, so its default {default} is used: {cause}.",
    "Correct the value.",
)
NO_VALUE = error("CWWKG0075E", "The attribute {attribute} of {element} cannot be {value}: {cause}.", "Correct the value.")
LOOPING = error(
    "CWWKG0074E",
    "The element {element} is not used: {cause}. Its id is {id}.",
    "Break the circle of variables.",
)
UNDEFINED = warning(
    "ZCON0115W",
    "The variable {variable} in the attribute {attribute} is not defined; the reference stays as it is written.",
    "Define it with <variable>, in bootstrap.properties, in server.env or on the command line, or correct its name.",
)
UNDEFINED_SECRET = error(
    "ZCON0116E",
    "The variable {variable} in the attribute {attribute} is not defined, so the secret would be the text of the reference.",
    "Define it in server.env, in a file of the variables folder or on the command line.",
)
ODD_DURATION = warning(
    "ZCON0117W",
    "The duration {value} of the attribute {attribute} has parts that do not count.",
    "Write numbers and units only, for example 1h30m.",
)
BORROWED = warning(
    "ZCON0170W",
    "No variable is called {variable}; the attribute {attribute} has the value of the attribute {variable} of the same element instead.",
    "Define the variable, or correct its name. In place of a secret there are asterisks.",
)
NO_UNIT = warning(
    "ZCON0142W",
    "The duration {value} of the attribute {attribute} has no unit, so it counts milliseconds.",
    "Write the unit: s for seconds, ms for milliseconds.",
)
LOST_TEXT = warning(
    "ZCON0118W",
    "The attribute {attribute} has text beside a list() reference; that text is not used.",
    "Write the reference alone.",
)
FIRST_WINS = warning(
    "ZCON0119W",
    "{attribute} is written {count} times as a child element, but can have only one value; the first is used.",
    "Remove the others.",
)
NO_ELEMENT = warning(
    "ZCON0120W",
    "The child element {attribute} has attributes or children, but is a plain value; it is not used.",
    "Write the value as the text of the child, or as an attribute of that name.",
)

_SECRET = datatype(Password, Attribute("", "attr"))
_SECOND, _LONG = timedelta(seconds=1), timedelta(minutes=1)


def stand_in(scope: Scope, declaration: Declaration) -> Property | None:
    """What a variable gives an attribute that was not written; a variable that is not usable is told elsewhere."""
    if declaration.about.variable is None:
        return None
    try:
        found = scope.variables.expanded(f"${{{declaration.about.variable}}}")
    except ValueError:
        return None
    return None if found.undefined else Property(declaration.name, scope.piece.where, found.text)


def value_of(scope: Scope, declaration: Declaration, held: Property, datatype: Datatype) -> Any:
    """The value of an attribute that was written; its default, and a problem, where it cannot be read."""
    scope.reading = declaration.name.lower()
    values, unreadable = list[Any](), list[_Unreadable]()
    try:
        texts = _texts(scope, declaration, held, datatype.secret)
    except _Unreadable as cause:
        texts, unreadable = [], [cause]
    for text in texts if declaration.many else texts[:1]:
        try:
            values.append(_read(scope, declaration, datatype, text))
        except _Unreadable as cause:
            unreadable.append(cause)
    for each in unreadable:
        _report(scope, declaration, each)
    if unreadable or not (values or declaration.many):
        scope.broken = scope.broken or declaration.required
        return None if declaration.required else declaration.default
    return tuple(values) if declaration.many else values[0]


def free(name: str) -> Declaration:
    """An attribute of that name as if `Properties` declared it."""
    return Declaration("values", name, Attribute("", "attr", name, guard=True), None, False, _SECRET)


def free_values(scope: Scope) -> tuple[tuple[str, Password], ...]:
    """What an element says in attributes that nothing declares; one that cannot be read stops the start."""
    written = (held for key, held in scope.piece.properties.items() if key not in scope.declared and isinstance(held.value, str))
    values = ((held.name, value_of(scope, free(held.name), held, _SECRET)) for held in written)
    return tuple((name, value) for name, value in values if value is not None)


class _Unreadable(Exception):
    """A text that is no value of its attribute."""

    def __init__(self, text: Text, cause: ValueError) -> None:
        super().__init__(text.text)
        self.text = text.text
        self.where = text.where
        self.cause = cause


def _read(scope: Scope, declaration: Declaration, datatype: Datatype, text: Text) -> Any:
    try:
        value = datatype.read(text.text, scope.variables.get)
        if declaration.about.check:
            declaration.about.check(value)
    except ValueError as cause:
        raise _Unreadable(text, cause) from cause
    if datatype.unit and is_odd(text.text):
        scope.tell(ODD_DURATION(value=text.text, attribute=declaration.name), text.where, f"@{declaration.name}")
    if datatype.unit == "ms" and text.text.isdigit() and timedelta(0) < value < min(_SECOND, (declaration.default or _LONG) / 10):
        told, meant = NO_UNIT(value=text.text, attribute=declaration.name), (f"{text.text}s", f"{text.text}ms")
        scope.tell(told, text.where, f"@{declaration.name}", suggestions=meant)
    return value


def _texts(scope: Scope, declaration: Declaration, held: Property, secret: bool) -> list[Text]:
    """The texts that an attribute or the children of its name hold, with variables replaced."""
    if isinstance(held.value, str) and "${" not in held.value and not declaration.many:
        return [Text(held.value, held.where)]  # nearly all of them
    listing = isinstance(held.value, str) and declaration.many and _listed(scope, Text(held.value, held.where)) is not None
    raw = _raw(held, split if declaration.many and not listing else None)
    if not isinstance(held.value, str):
        elements = [each for each in held.value if isinstance(each, Piece)]
        if elements:
            scope.tell(NO_ELEMENT(attribute=held.name), elements[0].where, held.name, stops=declaration.about.guard)
        if len(raw) > 1 and not declaration.many:
            told = FIRST_WINS(attribute=held.name, count=len(raw))
            scope.tell(told, raw[1].where, held.name, also=(raw[0].where, *(each.where for each in raw[2:])))
    return [text for each in raw for text in _expanded(scope, declaration, each, secret)]


def _raw(held: Property, divided: Callable[[str], list[str]] | None) -> list[Text]:
    """The texts as written, an attribute's `divided` where it holds many."""
    if isinstance(held.value, str):
        return [Text(each, held.where) for each in (divided(held.value) if divided else [held.value])]
    return [each for each in held.value if isinstance(each, Text)]


def reference_ids(scope: Scope, declaration: Declaration, held: Property) -> list[Text]:
    """The ids that a reference names, with variables replaced."""
    raw = _raw(held, split_references if declaration.many else None)
    try:
        return [text for each in raw if each.text for text in _expanded(scope, declaration, each, secret=False)]
    except _Unreadable as cause:
        _report(scope, declaration, cause)
        return []


def _expanded(scope: Scope, declaration: Declaration, written: Text, secret: bool) -> list[Text]:
    raw, name = written.text, declaration.name
    if "${" not in raw:
        return [written]
    listed = _listed(scope, written)
    if listed is not None:
        if not (raw.startswith("${list(") and raw.endswith(")}") and raw.count("${") == 1):
            scope.tell(LOST_TEXT(attribute=name), written.where, f"@{name}")
        return [Text(each, written.where) for each in split(listed)]
    scope.borrowed.clear()
    try:
        text, undefined = scope.variables.expanded(raw, scope)
    except ValueError as cause:
        raise _Unreadable(written, cause) from cause
    for variable in scope.borrowed:
        scope.tell(BORROWED(variable=variable, attribute=name), written.where, f"@{name}")
    for variable in (each for each in undefined if each not in declaration.about.own):
        message = UNDEFINED_SECRET if secret else UNDEFINED
        told, meant = message(variable=variable, attribute=name), scope.variables.nearest(variable)
        also = () if f"${{{variable}}}" in written.text else scope.variables.using(variable)
        scope.tell(told, written.where, f"@{name}", stops=secret, suggestions=meant, also=also)
    return [Text(text, written.where)]


def _listed(scope: Scope, written: Text) -> str | None:
    """The list that takes the place of a whole text, where a reference to one stands anywhere in it."""
    if "${list(" not in written.text:
        return None
    try:
        return scope.variables.listed(written.text, scope)
    except ValueError as cause:
        raise _Unreadable(written, cause) from cause


def _report(scope: Scope, declaration: Declaration, problem: _Unreadable) -> None:
    """Say what is wrong with a value, in Liberty's words for its kind; a guarding attribute stops the start."""
    if _is_told(scope.variables, problem.text):
        scope.broken = scope.broken or declaration.required
        return
    datatype, name, cause = declaration.datatype, declaration.name, problem.cause
    secret = datatype is not None and datatype.secret
    value = STARS if secret else problem.text
    no_default = declaration.required or declaration.default is None
    if isinstance(cause, UnknownOption) and datatype:
        allowed = "".join(f"[{option}]" for option in datatype.options)
        used = "" if no_default else f"The default {written(declaration.default, datatype)} is used."
        told = BAD_OPTION(attribute=name, value=value, allowed=allowed, default=used)
    elif isinstance(cause, Loop) and no_default:
        told = LOOPING(element=scope.kind.tag, cause=str(cause), id=scope.id)
        scope.broken = True
    elif no_default or (datatype is not None and datatype.unit):
        told = NO_VALUE(element=scope.kind.tag, attribute=name, value=value, cause=str(cause))
        scope.broken = scope.broken or no_default
    else:
        default = f"[{written(declaration.default, datatype)}]" if datatype else ""
        told = BAD_VALUE(attribute=name, value=value, default=default, cause=str(cause))
    # Without a secret that it must have an element is not there, so that nothing takes its place.
    stops = declaration.about.guard or isinstance(declaration.default, Password) or (secret and not declaration.required)
    meant = cause.meant if isinstance(cause, Unlike) else likely(problem.text, datatype) if datatype else ()
    scope.tell(told, problem.where, f"@{name}", stops=stops, suggestions=meant)


def _is_told(variables: Variables, text: str) -> bool:
    """Whether the fault is in the values of variables, which is reported where they are defined."""
    try:
        variables.known(text)
    except ValueError:
        return True
    return False

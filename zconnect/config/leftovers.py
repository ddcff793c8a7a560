"""What an element says and no declaration takes: reported, and where it was to guard something it stops the start."""

from zconnect.config.merge import Piece, Property, Text
from zconnect.config.names import SAME, nearest
from zconnect.config.nesting import misplaced
from zconnect.config.schema import Element, Properties
from zconnect.config.scope import Scope
from zconnect.config.shape import Shape
from zconnect.messages import error, warning

UNKNOWN_NAME = warning(
    "ZCON0122W",
    "{element} has no attribute or child element {name}; it is not used.",
    "Correct its name. The reference page has all attributes of the element.",
)
UNKNOWN_GUARD = error(
    "ZCON0123E",
    "{element} has no attribute or child element {name}; it is almost {known}, without which more callers could pass.",
    "Correct its name, or remove it.",
)
UNKNOWN_CONDITION = error(
    "ZCON0172E",
    "{element} has no child element {name}; each of its children is a condition, and without one it holds for more than was meant.",
    "Correct its name, or remove it.",
)


def leftovers(scope: Scope, shape: Shape, vocabulary: tuple[type[Element], ...]) -> None:
    """Report what was written and is not declared; a slip in the name of something that guards stops the start."""
    written = scope.piece.properties
    if written.keys() <= shape.attributes.keys():
        return
    free = issubclass(scope.kind, Properties)
    for key, held in written.items():
        if not (free and isinstance(held.value, str)) and not shape.takes(key, as_attribute=isinstance(held.value, str)):
            _report(scope, shape, held, vocabulary)


def _report(scope: Scope, shape: Shape, held: Property, vocabulary: tuple[type[Element], ...]) -> None:
    element, taken = scope.kind.tag, scope.piece.properties
    parts = [] if isinstance(held.value, str) else held.value
    as_text = isinstance(held.value, str) or any(isinstance(part, Text) for part in parts)
    name = f"@{held.name}" if as_text else held.name
    known = nearest(held.name, shape.names, taken=taken)
    slip = next((each for each in nearest(held.name, shape.names, SAME, taken=taken) if shape.guards(each)), None)
    strays = [part for part in parts if isinstance(part, Piece)]
    found = [problem for part in strays if (problem := misplaced(part, scope.kind, scope.path, vocabulary))]
    if slip:
        told = UNKNOWN_GUARD(element=element, name=held.name, known=slip)
        scope.tell(told, held.where, name, stops=True, suggestions=known)
    elif scope.kind.conditions and not isinstance(held.value, str):
        scope.tell(UNKNOWN_CONDITION(element=element, name=held.name), held.where, name, stops=True, suggestions=known)
    elif found:
        scope.problems.extend(found)
    else:
        scope.tell(UNKNOWN_NAME(element=element, name=held.name), held.where, name, suggestions=known)

"""web.xml → Constraints: which protection a path and a method have, under the rules of the Jakarta Servlet specification, chapter 13.8."""

import logging
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple

from zconnect.config.source import Node, parse, read_bytes
from zconnect.errors import NOWHERE, ConfigurationError, Problem
from zconnect.messages import Told, error, warning
from zconnect.roles import Login, Protection, SecurityRole

UNKNOWN = error(
    "ZCON0611E",
    "The element {element} is not known within {parent} of {document}.",
    "Correct its name. The server does not guess what a security constraint may have meant.",
)
UNREADABLE = error(
    "ZCON0612E",
    "The descriptor {document} cannot be used: {cause}.",
    "Correct it, or remove it: then the application is guarded by zosconnect_zosConnectManager.",
)
UNCOVERED = warning(
    "ZCON0613W",
    "In {document} the pattern {pattern} has constraints for {methods} only: with other methods anybody may reach it.",
    "Leave out http-method so that a constraint holds for every method, or write <deny-uncovered-http-methods/>.",
)

_PARTS: Mapping[str, frozenset[str]] = {
    "security-constraint": frozenset({"display-name", "web-resource-collection", "auth-constraint", "user-data-constraint"}),
    "web-resource-collection": frozenset({"web-resource-name", "description", "url-pattern", "http-method", "http-method-omission"}),
    "auth-constraint": frozenset({"description", "role-name"}),
    "user-data-constraint": frozenset({"description", "transport-guarantee"}),
}
_METHODS: Mapping[str, Literal["BASIC", "CLIENT-CERT", "FORM", "MP-JWT", ""]] = {
    "BASIC": "BASIC",
    "CLIENT-CERT": "CLIENT-CERT",
    "CLIENT_CERT": "CLIENT-CERT",
    "FORM": "FORM",
    "MP-JWT": "MP-JWT",
}

# Exact (or empty: the root itself), path prefix, or extension (12.2); a `*` elsewhere would stand for itself, which nobody means.
_PATTERN = re.compile(r"(/[^*]*)?|(/[^*]*)?/\*|\*\.[^*/]+")

logger = logging.getLogger(__name__)


class _Constraint(NamedTuple):
    """One constraint on one pattern; `methods` None means all but `omitted`."""

    methods: frozenset[str] | None
    omitted: frozenset[str]
    roles: tuple[str, ...] | None  # None: no auth-constraint at all
    secure: bool

    def covers(self, method: str) -> bool:
        return method in self.methods if self.methods is not None else method not in self.omitted


@dataclass(slots=True)
class _Descriptor:
    """What web.xml says about security; patterns are in lower case, as Liberty compares them."""

    document: str
    login: Login = Login("")
    roles: tuple[str, ...] = ()
    deny_uncovered: bool = False
    constraints: dict[str, list[_Constraint]] = field(default_factory=dict)


_OTHERS = ""  # the methods that no constraint speaks of
_Table = Mapping[str, Mapping[str, Protection]]


class WebConstraints:
    """The socket `Constraints` over a descriptor; every answer was made when the application was opened."""

    def __init__(self, table: _Table, rest: Protection, nobody: Protection) -> None:
        self._prefix = {pattern[:-2]: value for pattern, value in table.items() if pattern.endswith("/*")}
        self._extension = {pattern[2:]: value for pattern, value in table.items() if pattern.startswith("*.")}
        self._exact = {pattern: value for pattern, value in table.items() if "*" not in pattern and pattern != "/"}
        self._default = table.get("/")
        self._rest = rest
        self._nobody = nobody
        self._every = {id(each): each for entry in table.values() for each in entry.values()}

    def every(self) -> tuple[Protection, ...]:
        """All protections that `of` may return."""
        return tuple({**self._every, id(self._rest): self._rest, id(self._nobody): self._nobody}.values())

    def of(self, method: str, path: str) -> Protection:
        """The protection of a request: the best pattern counts (12.1), and of it the constraints for the method."""
        entry = self._best(_comparable(path))
        # An application may take `get` for GET, and answers HEAD by what it has for GET.
        method = method.upper()
        found = self._rest if entry is None else entry.get(method) or (method == "HEAD" and entry.get("GET")) or entry[_OTHERS]
        return self._nobody if method == "TRACE" and found.roles is None else found

    def _best(self, path: str) -> Mapping[str, Protection] | None:
        found = self._exact.get("" if path == "/" else path)
        prefix = path
        while found is None and prefix:
            found = self._prefix.get(prefix)
            prefix = prefix.rpartition("/")[0]
        if found is None:
            found = self._prefix.get("")
        if found is None:
            _, dot, extension = path.rpartition("/")[2].rpartition(".")
            found = self._extension.get(extension) if dot else None
        return self._default if found is None else found


def _comparable(path: str) -> str:
    """A path as patterns see it: in lower case as in Liberty, without path parameters and empty segments."""
    path = path.lower()
    if ";" in path or "//" in path:
        path = re.sub(r"/{2,}", "/", re.sub(r";[^/]*", "", path))
    return path


def read_constraints(path: Path, bindings: tuple[SecurityRole, ...], application: str) -> WebConstraints:
    """The constraints of a descriptor; raises `ConfigurationError` where any part of it cannot be understood."""
    try:
        root = parse(read_bytes(path), path.name, str(path))
    except OSError as cause:
        raise ConfigurationError([Problem(UNREADABLE(document=path, cause=cause.strerror), stops=True)]) from cause
    return _compiled(_described(root, str(path)), bindings, application)


def _described(root: Node, document: str) -> _Descriptor:
    descriptor = _Descriptor(document)
    problems: list[Problem] = []
    for node in root.children:
        match node.name:
            case "login-config":
                descriptor.login = _login(node, descriptor, problems)
            case "security-role":
                descriptor.roles += _texts(node, "role-name")
            case "deny-uncovered-http-methods":
                descriptor.deny_uncovered = True
            case "security-constraint":
                _add(node, descriptor, problems)
    if problems:
        raise ConfigurationError(problems)
    return descriptor


def _login(node: Node, descriptor: _Descriptor, problems: list[Problem]) -> Login:
    method = next(iter(_texts(node, "auth-method")), "").upper()
    if method and method not in _METHODS:
        problems.append(_problem(UNREADABLE(document=descriptor.document, cause=f"auth-method {method} is not supported"), node))
    return Login(_METHODS.get(method, ""), next(iter(_texts(node, "realm-name")), None))


def _add(node: Node, descriptor: _Descriptor, problems: list[Problem]) -> None:
    _check(node, descriptor, problems)
    bounds = [each for each in node.children if each.name == "auth-constraint"]
    roles = tuple(role for each in bounds for role in _texts(each, "role-name")) if bounds else None
    guarantees = [text.upper() for each in node.children for text in _texts(each, "transport-guarantee")]
    secure = bool(guarantees) and guarantees[0] != "NONE"
    for collection in (each for each in node.children if each.name == "web-resource-collection"):
        methods = frozenset(text.upper() for text in _texts(collection, "http-method"))
        omitted = frozenset(text.upper() for text in _texts(collection, "http-method-omission"))
        constraint = _Constraint(methods or None, omitted, roles, secure)
        for pattern in _texts(collection, "url-pattern"):
            if _PATTERN.fullmatch(pattern):
                descriptor.constraints.setdefault(pattern.lower(), []).append(constraint)
            else:
                problems.append(_problem(UNREADABLE(document=descriptor.document, cause=f"{pattern} is no url-pattern"), collection))


def _check(node: Node, descriptor: _Descriptor, problems: list[Problem]) -> None:
    """A misspelt word within a constraint would open what it was meant to close."""
    for child in node.children:
        if child.name not in _PARTS.get(node.name, {child.name}):
            problems.append(_problem(UNKNOWN(element=child.name, parent=node.name, document=descriptor.document), child))
        _check(child, descriptor, problems)


def _problem(told: Told, node: Node) -> Problem:
    return Problem(told, node.where or NOWHERE, stops=True)


def _texts(node: Node, name: str) -> tuple[str, ...]:
    return tuple(child.text.strip() for child in node.children if child.name == name)


def _compiled(descriptor: _Descriptor, bindings: tuple[SecurityRole, ...], application: str) -> WebConstraints:
    known: dict[tuple[bool, tuple[str, ...] | None], Protection] = {}

    def protection(secure: bool, roles: tuple[str, ...] | None) -> Protection:
        key = (secure, roles)
        if key not in known:
            known[key] = Protection(secure=secure, roles=roles, bindings=bindings, application=application, login=descriptor.login)
        return known[key]

    table = {pattern: _methods(pattern, each, descriptor, protection) for pattern, each in descriptor.constraints.items()}
    return WebConstraints(table, rest=protection(False, None), nobody=protection(False, ()))


def _methods(
    pattern: str,
    constraints: list[_Constraint],
    descriptor: _Descriptor,
    protection: Callable[[bool, tuple[str, ...] | None], Protection],
) -> Mapping[str, Protection]:
    """The protection of each method that is spoken of, and of all others."""
    named = frozenset[str]().union(*((each.methods or frozenset()) | each.omitted for each in constraints))
    combined = {method: protection(*_combined(method, constraints, descriptor)) for method in (*sorted(named), _OTHERS)}
    open_ones = [method or "all others" for method in combined if not any(each.covers(method) for each in constraints)]
    if open_ones and not descriptor.deny_uncovered:
        UNCOVERED.log(
            logger, document=descriptor.document, pattern=pattern, methods=", ".join(sorted(named - set(open_ones))) or "some methods"
        )
    return combined


def _combined(method: str, constraints: Iterable[_Constraint], descriptor: _Descriptor) -> tuple[bool, tuple[str, ...] | None]:
    """Constraints on one pattern and method (13.8.1): one that excludes wins, then one that asks for nothing, then any role of all."""
    matching = [each for each in constraints if each.covers(method)]
    if not matching:
        return False, (() if descriptor.deny_uncovered else None)
    secure = all(each.secure for each in matching)
    if any(each.roles == () for each in matching):
        return secure, ()
    if any(each.roles is None for each in matching):
        return secure, None
    roles = dict.fromkeys(role for each in matching for role in each.roles or ())
    if "*" in roles:
        roles = dict.fromkeys((*roles, *descriptor.roles))
        del roles["*"]
    return secure, tuple(roles)

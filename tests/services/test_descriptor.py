"""web.xml under the rules of the servlet specification, and where this server is stricter."""

from collections.abc import Callable
from pathlib import Path

import pytest

from zconnect.errors import ConfigurationError
from zconnect.roles import Protection, SecurityRole
from zconnect.services.descriptor import WebConstraints, read_constraints

HEAD = '<?xml version="1.0"?><web-app xmlns="http://xmlns.jcp.org/xml/ns/javaee" version="4.0">'
BINDINGS = (SecurityRole(name="staff"),)


def constraint(patterns: str, roles: str | None = None, methods: str = "", omitted: str = "", guarantee: str = "") -> str:
    """A constraint; patterns, roles and methods are separated by blanks, roles None means no auth-constraint."""

    def many(tag: str, words: str) -> str:
        return "".join(f"<{tag}>{word}</{tag}>" for word in words.split(" ") if word or tag == "url-pattern")

    bound = "" if roles is None else f"<auth-constraint>{many('role-name', roles)}</auth-constraint>"
    data = f"<user-data-constraint><transport-guarantee>{guarantee}</transport-guarantee></user-data-constraint>" if guarantee else ""
    return (
        "<security-constraint><web-resource-collection><web-resource-name>x</web-resource-name>"
        f"{many('url-pattern', patterns)}{many('http-method', methods)}{many('http-method-omission', omitted)}"
        f"</web-resource-collection>{bound}{data}</security-constraint>"
    )


def read(tmp_path: Path, *parts: str) -> WebConstraints:
    path = tmp_path / "web.xml"
    path.write_text(HEAD + "".join(parts) + "</web-app>")
    return read_constraints(path, BINDINGS, "catalog")


def roles(found: Protection) -> object:
    return found.roles


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/open", None),
        ("/exact", ("e",)),
        ("/exact/", None),
        ("/exact/x", None),
        ("/a", ("a",)),
        ("/a/", ("a",)),
        ("/a/x.pdf", ("a",)),
        ("/ab", None),
        ("/a/b", ("b",)),
        ("/a/b/c/d", ("b",)),
        ("/a/b/only", ("o",)),
        ("/x.pdf", ("p",)),
        ("/deep/x.PDF", ("p",)),
        ("/x.pdf/y", None),
        ("/EXACT", ("e",)),
        ("/A/B/x", ("b",)),
        ("//a//b", ("b",)),
        ("/exact;v=1", ("e",)),
        ("/a;x/b;y", ("b",)),
    ],
)
def test_the_best_pattern_counts(tmp_path: Path, path: str, expected: object) -> None:
    """Exact before the longest prefix before extension (12.1); case, parameters and empty segments make no difference."""
    found = read(
        tmp_path,
        *(
            constraint(pattern, role)
            for pattern, role in (("/exact", "e"), ("/a/*", "a"), ("/A/b/*", "b"), ("/a/b/only", "o"), ("*.pdf", "p"))
        ),
    )
    assert found.of("GET", path).roles == expected
    assert found.of("GET", path) in found.every()


@pytest.mark.parametrize(("pattern", "path", "meant"), [("/", "/x/y", True), ("/*", "/", True), ("", "/", True), ("", "/x", False)])
def test_the_root_has_three_spellings(tmp_path: Path, pattern: str, path: str, meant: bool) -> None:
    """/ is the default, /* everything, the empty pattern the root itself."""
    assert read(tmp_path, constraint(pattern, "r")).of("GET", path).roles == (("r",) if meant else None)


COMBINED = [
    ([("a", ""), ("b", "")], ("a", "b")),
    ([("a", ""), (None, "")], None),
    ([("a", ""), ("", "")], ()),
    ([(None, ""), ("", "")], ()),
    ([("**", "")], ("**",)),
    ([("*", "")], ("staff", "boss")),
    ([("other *", "")], ("other", "staff", "boss")),
]


@pytest.mark.parametrize(("parts", "expected"), COMBINED)
def test_constraints_on_one_pattern_combine(tmp_path: Path, parts: list[tuple[str | None, str]], expected: object) -> None:
    """13.8.1: one that excludes wins, then one that asks for nothing; else any role of all. `*` is every role of the descriptor."""
    declared = "<security-role><role-name>staff</role-name></security-role><security-role><role-name>boss</role-name></security-role>"
    found = read(tmp_path, *(constraint("/x", each, guarantee=guarantee) for each, guarantee in parts), declared)
    assert found.of("GET", "/x").roles == expected


@pytest.mark.parametrize(
    ("guarantees", "secure"),
    [
        (["CONFIDENTIAL"], True),
        (["INTEGRAL"], True),
        (["NONE"], False),
        (["CONFIDENTIAL", ""], False),
        (["CONFIDENTIAL", "INTEGRAL"], True),
    ],
)
def test_tls_is_asked_for_where_no_constraint_does_without(tmp_path: Path, guarantees: list[str], secure: bool) -> None:
    """13.8.1: the union of the connection types that are accepted."""
    assert read(tmp_path, *(constraint("/x", "a", guarantee=each) for each in guarantees)).of("GET", "/x").secure is secure


@pytest.mark.parametrize(
    ("method", "expected"),
    [("POST", ("w",)), ("post", ("w",)), ("GET", ("r",)), ("HEAD", ("r",)), ("PUT", None), ("TRACE", ())],
)
def test_methods_are_told_apart(tmp_path: Path, told: Callable[[str], int], method: str, expected: object) -> None:
    """What no constraint covers is open, and announced; HEAD counts as GET, TRACE never passes unguarded."""
    found = read(tmp_path, constraint("/x", "w", "POST"), constraint("/x", "r", "GET"))
    assert found.of(method, "/x").roles == expected
    assert found.of(method, "/x") in found.every()
    assert told("ZCON0613W") == 1


def test_omitted_methods_are_all_but_these(tmp_path: Path) -> None:
    """http-method-omission; deny-uncovered-http-methods closes the rest."""
    part = constraint("/x", "r", omitted="GET")
    assert read(tmp_path, part).of("GET", "/x").roles is None
    assert read(tmp_path, part).of("PUT", "/x").roles == ("r",)
    assert read(tmp_path, part, "<deny-uncovered-http-methods/>").of("GET", "/x").roles == ()


@pytest.mark.parametrize(
    ("text", "method", "realm"),
    [
        ("", "", None),
        ("<login-config><auth-method>BASIC</auth-method><realm-name>R</realm-name></login-config>", "BASIC", "R"),
        ("<login-config><auth-method>client-cert</auth-method></login-config>", "CLIENT-CERT", None),
        ("<login-config><auth-method>FORM</auth-method></login-config>", "FORM", None),
        ("<login-config><auth-method>MP-JWT</auth-method></login-config>", "MP-JWT", None),
    ],
)
def test_the_login_is_that_of_login_config(tmp_path: Path, text: str, method: str, realm: str | None) -> None:
    """With bindings and name of the application in every protection."""
    found = read(tmp_path, text, constraint("/x", "r")).of("GET", "/x")
    assert (found.login.method, found.login.realm, found.bindings, found.application) == (method, realm, BINDINGS, "catalog")


@pytest.mark.parametrize(
    "text",
    [
        "<security-constraint><web-resource-collection><url-pattern>/x</url-pattern></web-resource-collection><auth-contraint/></security-constraint>",
        "<security-constraint><web-resource-collection><url-patern>/x</url-patern></web-resource-collection></security-constraint>",
        constraint("/x*", "r"),
        constraint("x", "r"),
        constraint("/a/*/b", "r"),
        "<login-config><auth-method>DIGEST</auth-method></login-config>",
        "<login-config>",
        "<!-- & -->&amp;&x;",
    ],
    ids=["auth-contraint", "url-patern", "star-in-the-middle", "no-slash", "star-between", "digest", "not-closed", "entity"],
)
def test_what_cannot_be_understood_stops_the_start(tmp_path: Path, text: str) -> None:
    """A misspelt constraint would be an open door."""
    with pytest.raises(ConfigurationError):
        read(tmp_path, text)


def test_a_doctype_is_refused(tmp_path: Path) -> None:
    """As in every document."""
    path = tmp_path / "web.xml"
    path.write_text('<!DOCTYPE web-app PUBLIC "-//Sun Microsystems//DTD Web Application 2.3//EN" "x"><web-app/>')
    with pytest.raises(ConfigurationError, match="DOCTYPE"):
        read_constraints(path, (), "x")


def test_a_folder_is_no_descriptor(tmp_path: Path) -> None:
    """The start stops, instead of serving without constraints."""
    (tmp_path / "web.xml").mkdir()
    with pytest.raises(ConfigurationError, match="ZCON0612E"):
        read_constraints(tmp_path / "web.xml", (), "x")

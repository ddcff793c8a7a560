"""Whatever a server's files hold, reading them gives a configuration or a refusal with problems, and no secret is in them."""

import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.config.vocabulary import VOCABULARY, place_at
from zconnect.config.declarations import declarations
from zconnect.config.export import all_kinds
from zconnect.config.load import load
from zconnect.config.schema import Element
from zconnect.errors import ConfigurationError, Problem
from zconnect.features import VOCABULARY as ALL

SECRET = "planted7secret"
SECONDS = 10  # of the processor, for one server

FILES = ("server.xml", "a.xml", "d/b.xml", "configDropins/defaults/c.xml", "configDropins/overrides/e.xml")
VALUES = (
    *("", " ", "true", "no", "-1", "0", "99999999999999999999", "1h30m", "9" * 400, "a", "b", "a,b", ",", "*", "MERGE", "IGNORE", "FAIL"),
    *("${a}", "${b}", "${a}${b}", "${list(a)}", "${a+1}", "${count(a)}", "${env.A}", "${", "}", "${${a}}", "${id}", "${name}", "${nope}"),
    *(
        "{xor}",
        "{xor}PjM2PDo=",
        "{aes}AA==",
        "{aes-128}",
        "{hash}AAAA",
        "é",
        "\u202e",
        "\U0001f600",
        "&",
        "<",
        "\t",
        "../..",
        "thing(id) e",
    ),
)
LOCATIONS = (
    *FILES,
    "d/",
    "d",
    "",
    "nope.xml",
    "${a}",
    "pipe",
    "/dev/zero",
    "http://127.0.0.1:1/a.xml",
    "ftp://h/",
    "file:/etc/hostname",
    "\\\\h\\x",
)
DIRECTIVES = {
    "include": ("location", "optional", "onConflict", "allow", "alow"),
    "variable": ("name", "value", "defaultValue"),
    "configDropins": ("allow",),
    "server": ("description", "x"),
}


def slips(name: str) -> st.SearchStrategy[str]:
    """A name, mostly right, else without a letter or in capitals."""
    return st.sampled_from((name, name, name, name, name[1:] or "x", name.upper(), name + "s"))


def attributes(names: Sequence[str], secret: frozenset[str]) -> st.SearchStrategy[str]:
    """Attributes as they are written; a secret one has the secret."""

    def written(name: str) -> st.SearchStrategy[tuple[str, str]]:
        values = LOCATIONS if name == "location" else VALUES
        value = st.just(SECRET) if name in secret else st.one_of(st.sampled_from(values), st.text("ab${}()+,.*", max_size=12))
        return st.tuples(st.just(name) if name in secret else slips(name), value)

    pairs = st.lists(st.sampled_from(names).flatmap(written), max_size=5)
    return pairs.map(lambda given: "".join(f" {name}={quoteattr(value)}" for name, value in dict(given).items()))


def elements(vocabulary: Sequence[type[Element]]) -> st.SearchStrategy[str]:
    """Elements of all kinds, in each other in any way."""
    kinds: list[tuple[str, Sequence[str], frozenset[str]]] = []
    kinds += [(name, names, frozenset()) for name, names in DIRECTIVES.items()] * 3
    for kind in all_kinds(vocabulary):
        if kind.tag not in DIRECTIVES:
            declared = declarations(kind)
            secret = frozenset(each.name for each in declared if each.datatype and each.datatype.secret)
            kinds.append((kind.tag, [*(each.name for each in declared), "ref", "merge-op", "x:id"], secret))

    def element(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        def written(kind: tuple[str, Sequence[str], frozenset[str]]) -> st.SearchStrategy[str]:
            tag, names, secret = kind
            inner = st.lists(children, max_size=3).map("".join)
            return st.tuples(slips(tag), attributes(names, secret), inner).map(lambda made: f"<{made[0]}{made[1]}>{made[2]}</{made[0]}>")

        return st.sampled_from(kinds).flatmap(written)

    return st.recursive(st.sampled_from(VALUES).map(escape), element, max_leaves=12)


def documents(vocabulary: Sequence[type[Element]]) -> st.SearchStrategy[str]:
    """Documents that are well-formed but for a colon."""
    return st.lists(elements(vocabulary), max_size=6).map(lambda inner: f'<server xmlns:x="u">{"".join(inner)}</server>')


def spoilt(document: str) -> st.SearchStrategy[bytes]:
    """A document in another encoding, or with some bytes of it cut out or in."""
    encoded = st.sampled_from(("utf-8", "utf-8-sig", "utf-16", "utf-16-be", "latin-1", "utf-7", "cp037")).map(
        lambda codec: document.encode(codec, "replace")
    )
    cuts = st.tuples(st.integers(0, len(document)), st.integers(0, 9), st.one_of(st.binary(max_size=4), st.sampled_from(SPOILERS)))
    return st.tuples(encoded, st.lists(cuts, max_size=3)).map(_cut)


SPOILERS = (
    b"<!DOCTYPE x>",
    b"<![CDATA[",
    b"]]>",
    b"<!--",
    b"-->",
    b"<?x y?>",
    b"\0",
    b"&#0;",
    b"&a;",
    b"&#x10ffff;",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b'"',
)


def _cut(made: tuple[bytes, list[tuple[int, int, bytes]]]) -> bytes:
    data, cuts = made
    for at, length, instead in cuts:
        data = data[:at] + instead + data[at + length :]
    return data


LINES = st.lists(
    st.sampled_from(("a=${b}", "b=${a}", "b=1", "bootstrap.include=b.properties", "\\u12", "=", "x\\", "websphere.java.security", "a.b=é")),
    max_size=4,
)


def outcome(files: dict[str, bytes], vocabulary: Sequence[type[Element]], environment: dict[str, str]) -> str:
    """All that is said of a server of these files, read in a bounded time."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "s"
        for name, data in files.items():
            path = home / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        os.mkfifo(home / "pipe")
        journal: list[Problem] = []
        begun = time.process_time()
        try:
            loaded = load(place_at(home), vocabulary, environment=environment, command_line={}, journal=journal)
            journal += loaded.problems
        except ConfigurationError as refusal:
            journal += refusal.problems
            stopped = any(problem.stops for problem in refusal.problems)
        else:
            stopped = True
        assert stopped, "refused without a cause"
        assert time.process_time() - begun < SECONDS
        return "\n".join(map(str, journal))


fuzz = settings(max_examples=60, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("vocabulary", [VOCABULARY, ALL], ids=["tests", "all"])
def test_any_elements_give_a_configuration_or_problems(vocabulary: Sequence[type[Element]]) -> None:
    """In any number of documents, with variables from everywhere; what is said never holds a secret."""

    @fuzz
    @given(
        st.dictionaries(st.sampled_from(FILES), documents(vocabulary), max_size=4), documents(vocabulary), LINES, st.sampled_from(VALUES)
    )
    def check(others: dict[str, str], main: str, lines: list[str], value: str) -> None:
        texts = {**others, "server.xml": main, "bootstrap.properties": "\n".join(lines), "variables/b": value}
        said = outcome({name: text.encode() for name, text in texts.items()}, vocabulary, {"A": value, "a": "${b}"})
        assert SECRET not in said

    check()


@fuzz
@given(documents(ALL).flatmap(spoilt), documents(ALL).flatmap(spoilt), st.binary(max_size=60))
def test_any_bytes_give_a_configuration_or_problems(main: bytes, drop_in: bytes, rest: bytes) -> None:
    """In every file that is read."""
    files = {"server.xml": main, "configDropins/overrides/o.xml": drop_in, "bootstrap.properties": rest, "variables/v": rest}
    outcome({**files, "variables/w.properties": rest}, ALL, {})

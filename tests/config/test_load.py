"""The whole story: surroundings, order of problems, refusal, and that nothing leaks."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.config.vocabulary import E, read, write
from zconnect.config.schema import Element
from zconnect.errors import ConfigurationError, Problem


def test_variables_come_from_everywhere(tmp_path: Path) -> None:
    """bootstrap.properties with a reference, environment, command line, folder."""
    write(
        tmp_path,
        {
            "bootstrap.properties": "boot=${wlp.server.name}-b\nbootstrap.include=more.properties",
            "more.properties": "more=m",
            "variables/file": "f",
            "server.xml": '<server><e p="${boot}" q="${more}" w="${file}" x="${ENV}" y="${cmd}" z="${boot}"/>'
            '<variable name="cmd" value="xml"/></server>',
        },
    )

    e = read(tmp_path, environment={"ENV": "e"}, command_line={"cmd": "line"}).configuration.one(E)

    assert (e.p, e.q, e.w, e.x, e.y) == ("case-b", "m", "f", "e", "line")


def test_system_properties_stand_between_bootstrap_and_files(tmp_path: Path) -> None:
    """-Dname=value, given or in jvm.options, loses against a variables folder and server.xml (VERIFIED on 26.0.0.3)."""
    write(
        tmp_path,
        {
            "bootstrap.properties": "p=b\nq=b\nw=b\nx=b\ny=b",
            "jvm.options": "-Dq=j\n-Dw=j\n-Dx=j\n-Dy=j",
            "variables/x": "f",
            "server.xml": '<server><e p="${p}" q="${q}" w="${w}" x="${x}" y="${y}"/><variable name="y" value="xml"/></server>',
        },
    )

    e = read(tmp_path, system={"w": "d", "x": "d", "y": "d"}).configuration.one(E)

    assert (e.p, e.q, e.w, e.x, e.y) == ("b", "j", "d", "f", "xml")


def test_all_problems_of_all_documents_come_at_once_in_file_order(tmp_path: Path) -> None:
    """By document as they are read, then by line."""
    write(
        tmp_path,
        {
            "server.xml": '<server>\n<thing id="a" number="x"/>\n<include location="a.xml"/>\n<nope/>\n'
            '<thing id="a" strict="x"/>\n</server>',
            "a.xml": '<server>\n<needy/>\n<variable nam="x"/></server>',
        },
    )
    with pytest.raises(ConfigurationError) as refusal:
        read(tmp_path)

    places = [(each.where.document, each.where.line) for each in refusal.value.problems]
    assert [document for document, _ in places] == sorted(
        (document for document, _ in places), key=["server.xml", "a.xml"].index, reverse=False
    )
    assert len(places) == 7
    assert all(line for _, line in places)


def test_what_stands_in_an_unreadable_part_is_not_missing(tmp_path: Path) -> None:
    """A reference into a broken include gives no second problem."""
    write(
        tmp_path,
        {
            "server.xml": '<server><include location="a.xml"/><thing id="t" filterRef="o" secret="${v}"/></server>',
            "a.xml": '<server><options id="o"/>',
        },
    )
    with pytest.raises(ConfigurationError) as refusal:
        read(tmp_path)

    assert [each.told.message.number for each in refusal.value.problems] == ["CWWKG0014E"]


def test_broken_properties_refuse_the_whole(tmp_path: Path) -> None:
    """As a configuration error like any other."""
    write(tmp_path, {"bootstrap.properties": "bootstrap.include=nope", "server.xml": "<server/>"})
    with pytest.raises(ConfigurationError, match="CWWKE0014E"):
        read(tmp_path)


def test_bootstrap_properties_are_those_of_the_start(tmp_path: Path) -> None:
    """Where somebody has them, the file is not asked (10-dynamic-bootstrap-edited)."""
    write(tmp_path, {"bootstrap.properties": "boot=${more", "server.xml": '<server><e x="${boot}"/></server>'})

    assert read(tmp_path, properties={"boot": "started"}).configuration.one(E).x == "started"


def test_a_refusal_says_where_to_look(tmp_path: Path) -> None:
    """Documents, those that are missing and those elsewhere, drop-ins, folders of variables."""
    elsewhere = tmp_path / "elsewhere" / "more.xml"
    write(tmp_path, {"c/server.xml": f'<server><include location="{elsewhere}"/></server>', "c/variables/sub/v": "1"})
    with pytest.raises(ConfigurationError) as refusal:
        read(tmp_path / "c")

    names = ("server.xml", "configDropins/defaults", "configDropins/overrides", "variables", "variables/sub")
    assert set(refusal.value.documents) == {elsewhere, *(tmp_path / "c" / name for name in names)}


def test_no_secret_leaves_the_loader(tmp_path: Path) -> None:
    """Neither by repr nor in problems, whatever is wrong with it."""
    write(
        tmp_path,
        {
            "server.xml": '<server><thing id="a" secret="planted1"/><include location="a.xml"/><thing id="b" secret="${env.PW}"/>'
            '<thing id="c" name="${secret}" secret="planted4"/></server>',
            "a.xml": '<server><thing id="a" secret="planted2"/></server>',
        },
    )
    journal: list[Problem] = []
    loaded = read(tmp_path, environment={"PW": "planted3"}, journal=journal)

    assert "planted" not in repr(loaded.configuration.all(Element)) + "".join(map(str, journal)) + repr(loaded.problems)


def test_the_loader_is_cheap_to_import() -> None:
    """Cryptography, the HTTP client and the XML library of the schemas are not part of a start."""
    heavy = ("cryptography", "lxml", "http.client", "difflib", "ssl")
    code = f"import sys, zconnect.config.load; print([module for module in {heavy} if module in sys.modules])"

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


LAUGHS = "".join(f'<variable name="v{at}" value="{f"${{v{at + 1}}}" * 10}"/>' for at in range(10)) + '<variable name="v10" value="haha"/>'
HOSTILE = {
    "variables that multiply": LAUGHS + '<e x="${v0}"/><thing id="${v0}" optionsRef="${v0}"/><include location="${v0}" optional="true"/>',
    "a variable of itself in every place": '<variable name="onError" value="${onError}"/>'
    '<variable name="defaultHostName" value="${onError}"/>'
    '<options id="${onError}"/><thing id="t" optionsRef="x" secret="{aes}AA==" name="${list(onError)}" number="${onError+1}"/>',
    "references without end": '<e x="' + "${a" * 20_000 + '" y="' + "${a" * 2_000_000 + '"/>',
    "expressions without end": '<e x="${' + "1+" * 5000 + '1}"/>',
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_hostile_variables_end_in_problems(tmp_path: Path, body: str) -> None:
    """In a bounded time, and never in another exception."""
    write(tmp_path, {"server.xml": f"<server>{body}</server>", "variables/f": "${f}", "bootstrap.properties": "a=${b}\nb=${a}"})

    with pytest.raises(ConfigurationError, match="ZCON0129E"):
        read(tmp_path)

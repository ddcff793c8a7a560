"""Which documents are read, in which order, and how many."""

from pathlib import Path

from tests.config.vocabulary import VOCABULARY, read, told, write
from zconnect.config.load import load
from zconnect.errors import ConfigurationError, Problem
from zconnect.values import Place


def numbers(folder: Path) -> list[str]:
    """The numbers of the problems of a server that is refused."""
    try:
        read(folder)
    except ConfigurationError as refusal:
        return [problem.told.message.number for problem in refusal.problems]
    raise AssertionError("the server was accepted")


def test_documents_are_read_in_liberty_s_order(tmp_path: Path) -> None:
    """Drop-ins by names without case, hidden ones too; includes where they stand (08-dropins-order)."""
    empty = "<server/>"
    names = ("10.xml", "9.xml", "a.xml", "B.xml", "Z.XML", ".h.xml", "c.xml.bak")
    documents = {f"configDropins/defaults/{name}": empty for name in names} | {"i.xml": empty, "configDropins/overrides/o.xml": empty}
    write(tmp_path, documents | {"server.xml": '<server><include location="i.xml"/></server>', "configDropins/defaults/d.xml/x": ""})
    journal: list[Problem] = []

    loaded = read(tmp_path, journal=journal)

    read_in_order = [str(each.told.parameters.get("file", each.told.parameters.get("resource"))) for each in journal]
    assert [Path(name).name for name in read_in_order] == [".h.xml", "10.xml", "9.xml", "a.xml", "B.xml", "Z.XML", "i.xml", "o.xml"]
    assert {"server.xml", "i.xml", "overrides", "defaults", "variables", "o.xml"} <= {path.name for path in loaded.documents}


def test_what_is_not_there_yet_is_watched(tmp_path: Path) -> None:
    """So that it takes effect when it comes: drop-in folders, optional includes, folders of includes, variables."""
    write(
        tmp_path,
        {"server.xml": '<server><include location="late.xml" optional="true"/><include location="d/"/></server>', "d/a.xml": "<server/>"},
    )

    watched = read(tmp_path).documents

    for name in ("late.xml", "d", "d/a.xml", "configDropins/defaults", "configDropins/overrides", "variables"):
        assert tmp_path / name in watched


def test_a_server_needs_a_document(tmp_path: Path) -> None:
    """Without server.xml it does not start."""
    assert numbers(tmp_path) == ["ZCON0106E"]


def test_a_mistake_in_server_xml_does_not_hide_those_of_the_overrides(tmp_path: Path) -> None:
    """Everything is read, whatever is wrong; the real server would leave the overrides out without a word."""
    write(tmp_path, {"server.xml": '<server><include location="nope.xml"/></server>', "configDropins/overrides/o.xml": "<server>"})

    assert numbers(tmp_path) == ["CWWKG0090E", "CWWKG0014E"]


def test_includes_that_multiply_are_stopped(tmp_path: Path) -> None:
    """Twelve documents that each include the next one twice; a link to the folder above."""
    doubled = {f"{at}.xml": f'<server><include location="{at + 1}.xml"/><include location="{at + 1}.xml"/></server>' for at in range(12)}
    write(tmp_path / "a", {**doubled, "12.xml": "<server/>", "server.xml": '<server><include location="0.xml"/></server>'})
    write(tmp_path / "b", {"server.xml": '<server><include location="up/server.xml"/></server>'})
    (tmp_path / "b" / "up").symlink_to(".")

    assert "ZCON0109E" in numbers(tmp_path / "a")
    assert set(numbers(tmp_path / "b")) <= {"ZCON0109E", "CWWKG0090E"}


def test_variables_are_gathered_with_their_places(tmp_path: Path) -> None:
    """A drop-in's variable is not seen by the location of an include in server.xml (01-include-dropin-variable-leading)."""
    write(
        tmp_path,
        {
            "configDropins/defaults/d.xml": '<server><variable name="v" value="sub"/></server>',
            "server.xml": '<server><include location="${v}/a.xml" optional="true"/><e x="${v}"/></server>',
            "sub/a.xml": '<server><e y="1"/></server>',
        },
    )

    loaded = read(tmp_path)

    assert list(told(loaded.problems)) == ["! CWWKG0084W server.xml:1:18 /server/include/@location"]
    assert loaded.variables.definitions["v"].where.document == "configDropins/defaults/d.xml"


def test_places_outside_the_server_have_their_whole_path(tmp_path: Path) -> None:
    """A shared document is called by its path."""
    write(
        tmp_path,
        {"shared/a.xml": "<server><nope/></server>", "s/server.xml": f'<server><include location="{tmp_path}/shared/a.xml"/></server>'},
    )

    place = Place("s", tmp_path, tmp_path / "s", tmp_path / "s", tmp_path)
    (problem,) = load(place, VOCABULARY, environment={}, command_line={}).problems
    assert problem.where.document == f"{tmp_path}/shared/a.xml"

"""server validate."""

import json
from pathlib import Path

import pytest

from tests.cli.home import Home

FEATURES = "<featureManager>\n<feature>jwt-1.0</feature></featureManager>"
GOOD = f"<server>{FEATURES}</server>"


def test_a_good_configuration(home: Home) -> None:
    """0, and it says so."""
    home.write("s1", GOOD)
    done = home.server("validate", "s1")
    assert (done.code, done.out) == (0, "\nThe configuration of server s1 is in order.\n")


def test_warnings(home: Home) -> None:
    """1; each with its place and what was perhaps meant."""
    home.write("s1", f"<server>\n  <loging maxFiles='3'/>{FEATURES}\n</server>")
    done = home.server("validate", "s1")
    assert done.code == 1
    assert "server.xml:2:3" in done.out
    assert "Did you mean logging" in done.out
    assert "can be used: 0 errors, 1 warning." in done.out


def test_errors(home: Home) -> None:
    """2; every problem at once."""
    home.write("s1", "<server>\n  <include location='a.xml'/>\n  <include location='b.xml'/>\n</server>")
    done = home.server("validate", "s1")
    assert done.code == 2
    assert "a.xml" in done.out
    assert "b.xml" in done.out
    assert "cannot be used: 2 errors" in done.out


def test_variables_of_the_command_line_count(home: Home) -> None:
    """As they do for a start."""
    home.write("s1", f"<server>{FEATURES}<include location='${{which}}.xml'/></server>")
    home.write("s1", "<server/>", "there.xml")
    assert home.server("validate", "s1", "--", "--which=there").code == 0
    assert home.server("validate", "s1", "--", "--which=nowhere").code == 2


def test_ten_thousand_mistakes(home: Home) -> None:
    """Misspelt elements and attributes by the thousand are told, as many as anybody would read."""
    elements = "".join(f"<loging{at} maxFiles='3'/>" for at in range(10_000))
    attributes = "".join(f"<keyStore id='{at}' pasword{at}=''/>" for at in range(10_000))
    home.write("s1", f"<server>{elements}{attributes}</server>")
    done = home.server("validate", "s1")
    assert done.code == 2
    assert done.out.count("ZCON0121W") == 10_000
    assert "There are more than 10000 problems" in done.out


def test_nothing_is_made(home: Home) -> None:
    """A check leaves no trace."""
    home.write("s1")
    home.server("validate", "s1")
    assert [path.name for path in home.path("s1").iterdir()] == ["server.xml"]


def test_a_document_for_programs(home: Home) -> None:
    """Nothing but the document is on standard output, whatever else there is to say; the exit codes are the same."""
    home.write("s1", f"<server>\n  <loging maxFiles='3'/>{FEATURES}\n</server>")
    done = home.server("validate", "s1", "surplus", "--format", "json")
    assert done.code == 1
    assert [(each["number"], each["line"], each["suggestions"][0]) for each in json.loads(done.out)] == [("ZCON0121W", 2, "logging")]
    assert done.out.startswith("[")
    assert "CWWKE0027W" in done.err


def test_no_document_without_a_server(home: Home) -> None:
    """Why there is none is on standard error."""
    done = home.server("validate", "s1", "--format=sarif")
    assert (done.code, done.out) == (2, "")
    assert "s1 does not exist" in done.err


def test_features(home: Home) -> None:
    """What a start says of them; in its place."""
    home.write("s1", GOOD.replace("jwt-1.0", "servelt-4.0").replace("</server>", "<loging/></server>"))
    done = home.server("validate", "s1", "--format=json")
    found = [(each["number"], each["line"], each["suggestions"][0]) for each in json.loads(done.out)]
    assert (done.code, found) == (2, [("CWWKF0001E", 2, "servlet-4.0"), ("ZCON0121W", 2, "logging")])
    home.write("s1")
    done = home.server("validate", "s1")
    assert done.code == 1
    assert "CWWKF0009W" in done.numbers


def test_a_path(home: Home, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a folder or of its server.xml, wherever it is; what lies beside it counts."""
    folder = tmp_path_factory.mktemp("elsewhere")
    (folder / "server.xml").write_text(f"<server>{FEATURES}<include location='${{a}}.xml'/><include location='${{env.b}}.xml'/></server>")
    (folder / "bootstrap.properties").write_text("a=x")
    (folder / "server.env").write_text("b=y")
    for name in "xy":
        (folder / f"{name}.xml").write_text("<server/>")
    for path in (folder, folder / "server.xml"):
        assert home.server("validate", str(path)).code == 0
    (folder / "bootstrap.properties").unlink()
    assert home.server("validate", f"{folder}/").code == 2
    monkeypatch.chdir(folder)
    assert [home.server("validate", path).code for path in (".", "./server.xml", "server.xml")] == [2, 2, 2]
    assert [path.name for path in sorted(folder.iterdir())] == ["server.env", "server.xml", "x.xml", "y.xml"]


@pytest.mark.parametrize("path", ["/nowhere/at/all", "./x.xml", "s1/server.xml"])
def test_a_path_to_nothing(home: Home, path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is neither a folder nor a server.xml."""
    (tmp_path / "x.xml").write_text(GOOD)
    monkeypatch.chdir(tmp_path)
    done = home.server("validate", path)
    assert (done.code, done.numbers) == (2, ["ZCON0904E"])


def test_a_folder_without_a_document(home: Home) -> None:
    """One more mistake."""
    home.path("s1").mkdir(parents=True)
    done = home.server("validate", "s1", "--format=json")
    assert (done.code, [each["number"] for each in json.loads(done.out)]) == (2, ["ZCON0106E"])


def test_conflicting_values(home: Home) -> None:
    """They are no mistake, and shown with all places; what could be a secret is not shown."""
    home.write("s1", f"<server>{FEATURES}\n<include location='a.xml'/>\n<logging maxFiles='3' pasword='hush'/><nope/></server>")
    home.write("s1", "<server>\n<logging maxFiles='4' pasword='hush2'/></server>", "a.xml")
    done = home.server("validate", "s1", "--format=json")
    conflict = next(each for each in json.loads(done.out) if each["number"] == "CWWKG0102I")
    assert (done.code, conflict["severity"], conflict["path"]) == (1, "info", "/server/logging")
    assert (conflict["file"], [(each["file"], each["line"]) for each in conflict["also"]]) == ("a.xml", [("server.xml", 4)])
    assert "hush" not in done.out
    home.write("s1", f"<server>{FEATURES}<include location='a.xml'/><logging maxFiles='3'/></server>")
    home.write("s1", "<server><logging maxFiles='4'/></server>", "a.xml")
    done = home.server("validate", "s1")
    assert (done.code, done.numbers) == (0, ["CWWKG0102I"])
    assert "See also server.xml:2:" in done.out
    assert "is in order" in done.out


def test_what_an_opening_would_refuse(home: Home) -> None:
    """As far as the values say so, in one run with the rest; a back end that no service uses is not opened either."""
    home.write(
        "s1",
        f"""<server>{FEATURES}
<openidConnectClient id="a" inboundPropagation="required"
  signatureAlgorithm="none" authFilterRef="f"/>
<authFilter id="f">
  <remoteAddress ip="10.0.0.1|10.0.0.2" matchType="equals"/>
  <requestUrl urlPattern=" "/>
</authFilter>
<zosconnect_zosConnectService id="s" invokeURI="/s" serviceRef="r"/>
<zosconnect_zosConnectServiceRestClient id="r" host="http://u@h"><basicAuth
  userName="x"/></zosconnect_zosConnectServiceRestClient>
<zosconnect_zosConnectServiceRestClient id="unused"/>
<nope/>
</server>""",
    )
    done = home.server("validate", "s1", "--format=json")
    found = [(each["number"], each["line"], each["severity"]) for each in json.loads(done.out)]
    assert found == [
        ("ZCON0421W", 3, "warning"),
        ("ZCON0420E", 4, "error"),
        ("ZCON0401E", 6, "error"),
        ("ZCON0401E", 7, "error"),
        ("ZCON0652E", 10, "error"),
        ("ZCON0653E", 10, "error"),
        ("ZCON0121W", 13, "warning"),
    ]


@pytest.mark.parametrize(
    ("environment", "paint", "plain"),
    [
        ({"TERM": "xterm", "NO_COLOR": ""}, "\x1b[1;33m", "\x1b[0m"),
        ({"TERM": "xterm", "NO_COLOR": "1"}, "", ""),
        ({"TERM": "dumb"}, "", ""),
    ],
)
def test_on_a_terminal(home: Home, environment: dict[str, str], paint: str, plain: str) -> None:
    """The line stands there with a mark below the place and without its secrets; in colour where that is wanted."""
    home.write("s1", f"<server>{FEATURES}\n  <keyStore id='a' pasword='hush'\n\tlocaton='x' password='hush'/>\n</server>")
    shown = home.on_terminal("validate", "s1", **environment).out
    assert "hush" not in shown
    first, second = (each for each in shown.strip("\n").split("\n\n") if "ZCON0122W" in each)
    lines = first.splitlines()
    assert lines[0] == f"{paint}ZCON0122W  server.xml:3:20  /server/keyStore[a]/@pasword{plain}"
    assert lines[2:4] == ["      <keyStore id='a' pasword='*****'", f"      {' ' * 17}{paint}^{plain}"]
    assert second.splitlines()[2:4] == ["      locaton='*****' password='*****'/>", f"      {paint}^{plain}"]
    assert home.server("validate", "s1").out.count("keyStore id") == 0


def test_a_document_that_cannot_be_read_on_a_terminal(home: Home) -> None:
    """Nothing is shown of what stands behind the place: it may be anything."""
    home.write("s1", "<server>\n  <keyStore id='a' password=hush location='x'/>\n</server>")
    shown = home.on_terminal("validate", "s1", TERM="dumb").out
    assert "hush" not in shown
    assert f"      <keyStore id='*****' password=\n      {' ' * 30}^\n" in shown

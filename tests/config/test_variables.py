"""Where values of variables come from, and how they get into texts."""

from pathlib import Path

import pytest

from zconnect.config.source import LONGEST
from zconnect.config.variables import Definition, Loop, Variables, built_in
from zconnect.errors import NOWHERE, Where
from zconnect.values import Place

SOURCES = ("command_line", "value", "files", "properties", "environment", "default")


def variables(
    *,
    command_line: dict[str, str] | None = None,
    value: dict[str, str] | None = None,
    files: dict[str, str] | None = None,
    properties: dict[str, str] | None = None,
    environment: dict[str, str] | None = None,
    default: dict[str, str] | None = None,
    fixed: dict[str, str] | None = None,
) -> Variables:
    """Variables of all kinds."""
    value, default = value or {}, default or {}
    definitions = {name: Definition(name, value.get(name), default.get(name), NOWHERE) for name in value | default}
    return Variables(
        built_in=fixed or {},
        properties=properties or {},
        environment=environment or {},
        command_line=command_line or {},
        files=files or {},
        definitions=definitions,
    )


@pytest.mark.parametrize("first", range(len(SOURCES)))
def test_the_order_of_look_up(first: int) -> None:
    """Command line, <variable>, file, bootstrap.properties, environment, defaultValue: the first that has a value wins."""
    given = {source: {"x": source} for source in SOURCES[first:]}

    assert variables(**given).expanded("${x}").text == SOURCES[first]


def test_names_of_the_environment_are_tried_in_three_spellings() -> None:
    """As written, with underscores, in upper case; env. asks for the environment alone (04-variables-environment-names)."""
    known = variables(environment={"MY_ENV_VAR": "up", "a_b": "low", "A_B": "UP", "C_D": "cd"})

    found = [known.expanded(text).text for text in ("${my.env-var}", "${a.b}", "${c d}", "${env.a_b}", "${env.c_d}")]
    assert found == ["up", "low", "cd", "low", "${env.c_d}"]


TEXTS = {
    "x${nope}y": "x${nope}y",
    "${n}/${k}": "${n}/K",
    "${a${b}}": "X",
    "${a${d}}": "${a${d}}",
    "$${k}": "$K",
    "\\${k}": "\\K",
    "${}": "${}",
    "${k": "${k",
    "${k}}": "K}",
    "${ k }": "${ k }",
    "${K}": "${K}",
    "${k}${k}": "KK",
    "${one+1}": "2",
    "${one+two}": "${one+two}",
    "${two}0": "20",
    "${port+1}": "${port+1}",
    "${env.port+1}": "81",
    "${p(q)}": "${p(q)}",
}


@pytest.mark.parametrize(("text", "result"), TEXTS.items())
def test_references_are_replaced(text: str, result: str) -> None:
    """Vectors 37 to 43 and the recorded cases of escaping, nesting and arithmetic."""
    known = variables(
        value={"k": "K", "b": "1", "a1": "X", "one": "1", "two": "${one+1}", "p(q)": "never"},
        default={"d": "1"},
        environment={"port": "80"},
    )

    assert known.expanded(text).text == result


def test_undefined_references_are_named() -> None:
    """What stays in the text is told."""
    assert variables(value={"k": "K"}).expanded("${a}${k}${b}").undefined == ("a", "b")


def test_long_chains_are_no_trouble() -> None:
    """04-variables-deep-chain."""
    chain = {f"v{at}": f"${{v{at + 1}}}" for at in range(100)} | {"v100": "end"}

    assert variables(value=chain).expanded("${v0}").text == "end"


def test_loops_are_named() -> None:
    """Both among values and among defaults, and of a variable with itself."""
    for source in ("value", "default"):
        with pytest.raises(Loop, match="x → y → x"):
            variables(**{source: {"x": "${y}", "y": "${x}"}}).expanded("${x}")
    with pytest.raises(Loop):
        variables(value={"x": "${x}"}).get("x")
    assert [name for name, _, _ in variables(value={"x": "${y}", "y": "${x}", "z": "1"}).unusable()] == ["x", "y"]
    assert variables(value={"x": "${x}"}).safe("a${x}") == "a${x}"


def test_variables_cannot_fill_the_memory() -> None:
    """Ten levels of ten references end in a refusal."""
    laughs = {f"v{at}": f"${{v{at + 1}}}" * 10 for at in range(10)} | {"v10": "ha" * 100}
    for source in ("value", "default"):
        with pytest.raises(ValueError, match=str(LONGEST)):
            variables(**{source: laughs}).expanded("${v0}")


def test_list_references_give_the_text_to_be_split() -> None:
    """Only where there is one."""
    known = variables(value={"v": "a,b"})

    assert known.listed("x${list(v)}") == "a,b"
    assert known.listed("${v}") is None
    assert known.listed("${list(nope)}") is None


def test_built_in_names_end_with_a_slash() -> None:
    """04-variables-built-in."""
    place = Place("s", Path("/w/usr"), Path("/w/usr/servers/s"), Path("/out/s"), Path("/logs"))
    known = built_in(place, "/v/")

    assert known["wlp.user.dir"] == "/w/usr/"
    assert known["server.config.dir"] == "/w/usr/servers/s/"
    assert known["server.output.dir"] == "/out/s/"
    assert known["shared.config.dir"] == "/w/usr/shared/config/"
    assert known["server.logs.dir"] == "/logs/"
    assert known["wlp.server.name"] == "s"
    assert variables(fixed=known, files={"wlp.server.name": "other"}).get("wlp.server.name") == "s"


def test_the_nearest_variable_of_every_source_is_found() -> None:
    """An expression stands for none, and the environment is reached by two names."""
    known = variables(value={"token.issuer": "x"}, properties={"http.port": "1"}, environment={"KEYCLOAK_URL": "u"})

    assert known.nearest("tokn.issuer") == ("token.issuer",)
    assert known.nearest("HTTP.PORT") == ("http.port",)
    assert known.nearest("env.KEYCLOAK_UR") == ("env.KEYCLOAK_URL",)
    assert known.nearest("keycloak.ur") == ("KEYCLOAK_URL",)
    assert known.nearest("http.prot+1") == ()


def test_the_definitions_that_use_a_variable_are_found() -> None:
    """For a slip in one of them, which shows only where that one is used."""
    where = Where("server.xml", 2)
    known = variables().defined({"a": Definition("a", "x${b}", None, where), "c": Definition("c", None, "b", Where("other"))})

    assert known.using("b") == (where,)

"""What is wrong in the file that stands in for RACF, with its place."""

from pathlib import Path

import pytest

from tests.config.vocabulary import place_at, told, write
from zconnect.config.load import load
from zconnect.errors import ConfigurationError
from zconnect.features import VOCABULARY
from zconnect.security.safelements import is_dn

MISTAKES = [
    ('<user name="ALICE"/>\n<group name="G"><member name="alice"/></group>', []),
    ('<user name="ALICE"/>\n<group name="G"><member name="ALCIE"/></group>', ["ZCON0495E saf.xml:2:25 group/member/@name (ALICE)"]),
    ('<profile class="EJBROLE" name="X"><permit to="NOBODY"/></profile>', ["ZCON0495E saf.xml:1:65 profile/permit/@to"]),
    ('<profile class="EJBROLE" name="X"><permit to="*"/></profile>', []),
    (
        '<user name="ALICE"/>\n<user name="alice"/>',
        ["ZCON0496E saf.xml:1:29 user/@name stops", "ZCON0496E saf.xml:2:7 user/@name stops"],
    ),
    ('<user name="ALICE"/>\n<group name="ALICE"/>', ["ZCON0496E saf.xml:1:29 user/@name stops", "ZCON0496E saf.xml:2:8 group/@name stops"]),
    ('<racmap user="NOBODY" name="x" registry="y"/>', ["ZCON0495E saf.xml:1:31 racmap/@user"]),
    ('<user name="A"/>\n<racdcert user="A" subject="alice"/>', ["ZCON0497E saf.xml:2:20 racdcert/@subject stops"]),
    ('<user name="A"/>\n<racdcert user="A"/>', ["ZCON0497E saf.xml:2:1 racdcert/@subject stops"]),
    ('<user name="TOOLONGNAME"/>', ["CWWKG0075E saf.xml:1:29 user[default-0]/@name stops"]),
    ('<profile class="FACILITY" name="X"/>', ["CWWKG0032W saf.xml:1:32 profile[default-0]/@class stops"]),
]


@pytest.mark.parametrize(("inner", "found"), MISTAKES)
def test_mistakes_have_their_place(tmp_path: Path, inner: str, found: list[str]) -> None:
    """File, line and column, in a file of its own."""
    write(tmp_path, {"server.xml": "<server/>", "configDropins/defaults/saf.xml": f"<server><zconnect_saf>{inner}</zconnect_saf></server>"})
    try:
        problems = load(place_at(tmp_path), VOCABULARY, environment={}, command_line={}).problems
    except ConfigurationError as stopped:
        problems = stopped.problems
    short = [line[2:].replace("configDropins/defaults/", "").replace("/server/zconnect_saf/", "") for line in told(problems)]
    assert [line[line.index(" ") + 1 :] and line for line in short] == found


def test_a_dn_is_told_from_other_texts() -> None:
    """RFC 4514."""
    assert [is_dn(text) for text in ("CN=alice,O=bank", "alice", "")] == [True, False, False]

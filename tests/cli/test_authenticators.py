"""server validate --authenticators: who is asked who a caller is."""

import json

from tests.cli.home import Home

SERVER = """<server>
  <webAppSecurity overrideHttpAuthMethod="CLIENT_CERT" allowFailOverToBasicAuth="true"/>
  <openidConnectClient id="c" inboundPropagation="required" sharedKey="01234567890123456789012345678901" signatureAlgorithm="HS256"
      issuerIdentifier="https://idp.example" audiences="a"><authFilter><requestUrl urlPattern="/c"/></authFilter></openidConnectClient>
  <basicRegistry><user name="alice" password="a"/></basicRegistry>
</server>
"""
WORDS = ("validate", "s1", "--authenticators")
FIRST = """1. openidConnectClient[c] (token, before the cookie)
    asked for requestUrl matchType="contains" urlPattern="/c"
    also where nobody has to log in
    after bad credentials nobody else is asked
"""


def test_a_listing_for_a_person(home: Home) -> None:
    """An authenticator a paragraph, numbered; what is wrong with the configuration is on standard error."""
    home.write("s1", SERVER)
    done = home.server(*WORDS)

    assert FIRST in done.out
    assert [line.partition("(")[0] for line in done.out.splitlines() if line[:1].isdigit()] == [
        "1. openidConnectClient[c] ",
        "2. ltpa ",
        *(f"{at}. {name} " for at, name in enumerate(["client certificate", "user and password"] * 3, start=3)),
    ]
    assert "CWWKF0009W" in done.err


def test_a_list_for_programs(home: Home) -> None:
    """The same; whatever is given for a format of mistakes alone is refused."""
    home.write("s1", SERVER)
    listed = json.loads(home.server(*WORDS, "--format=json").out)

    assert [each["name"] for each in listed][:3] == ["openidConnectClient[c]", "ltpa", "client certificate"]
    assert set(listed[0]) == {"stage", "name", "requests", "volunteers", "ends"}
    assert "ZCON0903E" in home.server(*WORDS, "--format=sarif").err


def test_none_where_there_is_no_configuration(home: Home) -> None:
    """An order of what is not in force would mislead."""
    home.write("s1", '<server><include location="none.xml"/></server>')
    done = home.server(*WORDS)

    assert (done.code, done.out) == (2, "")
    assert "CWWKG0090E" in done.err

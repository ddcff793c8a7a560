"""What is wrong with an ldapRegistry, told before anything is opened."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.config.vocabulary import place_at, told, write
from zconnect.config.load import load
from zconnect.errors import ConfigurationError
from zconnect.features import VOCABULARY

GOOD = 'host="localhost" port="389" baseDN="dc=bank,dc=example" ldapType="Custom"'


def problems(folder: Path, attributes: str, inner: str = "") -> list[str]:
    write(folder, {"server.xml": f'<server>\n<ldapRegistry id="d" {attributes}>{inner}</ldapRegistry></server>'})
    try:
        found = load(place_at(folder), VOCABULARY, environment={}, command_line={}).problems
    except ConfigurationError as stopped:
        found = stopped.problems
    return [line.split(" ", 2)[1] + (" stops" if " stops" in line else "") for line in told(found)]


MISTAKES = [
    (GOOD, "", []),
    ('host="localhost" port="389" baseDN="o=x"', "", ["CWWKG0058E stops"]),
    ('host="localhost" port="389" ldapType="Custom"', "", ["CWWKG0058E stops"]),
    (GOOD.replace("Custom", "Costum"), "", ["CWWKG0032W stops"]),
    (GOOD.replace("389", "0"), "", ["CWWKG0075E stops"]),
    (GOOD.replace("localhost", "ldap.bank.example"), "", ["ZCON0479W"]),
    (GOOD.replace("localhost", "ldap.bank.example") + ' sslEnabled="true"', "", []),
    (GOOD + ' bindDN="cn=a"', "", ["ZCON0477E stops"]),
    (GOOD + ' bindDN="cn=a" bindPassword=""', "", ["ZCON0477E stops"]),
    (GOOD + ' bindDN="cn=a" bindAuthMechanism="none"', "", []),
    (GOOD + ' bindAuthMechanism="GSSAPI"', "", ["ZCON0478E stops"]),
    (GOOD + ' referral="follow"', "", ["ZCON0484W"]),
    (GOOD + ' certificateMapMode="CERTIFICATE_FILTER"', "", ["ZCON0488E stops"]),
    (GOOD + ' certificateMapMode="CERTIFICATE_FILTER" certificateFilter="uid=${SubjectCN}"', "", []),
    (GOOD + ' certificateMapMode="CERTIFICATE_FILTER" certificateFilter="uid=${SubjectSN}"', "", ["ZCON0115W", "ZCON0487E stops"]),
    (GOOD, '<customFilters userFilter="(uid=alice)"/>', ["CWWKG0083W stops"]),
    (GOOD, '<customFilters userFilter="(&amp;(uid=%v)(a=b)"/>', ["CWWKG0083W stops"]),
    (GOOD, '<customFilters userIdMap="uid"/>', ["CWWKG0083W stops"]),
    (GOOD, '<ldapEntityType name="Group" searchBase="ou=x,o=other"/>', ["ZCON0489E stops"]),
    (GOOD, '<ldapEntityType name="Group" searchBase="ou=x,dc=bank,dc=example"/>', []),
    (GOOD + ' customFiltersRef="nothing"', "", ["CWWKG0033W stops"]),
]


@pytest.mark.parametrize(("attributes", "inner", "found"), MISTAKES)
def test_mistakes_are_told_and_guards_stop_the_start(tmp_path: Path, attributes: str, inner: str, found: list[str]) -> None:
    """A filter that would find everybody, a bind without a password, Kerberos: nothing of it waits for a login."""
    assert problems(tmp_path, attributes, inner) == found


def test_without_the_library_the_message_says_what_to_install(tmp_path: Path) -> None:
    """It is an extra; a server without a directory never imports it."""
    write(tmp_path, {"server.xml": f'<server><ldapRegistry id="d" {GOOD}/></server>'})
    script = f"""
import sys, pathlib
from importlib.machinery import PathFinder
kept = PathFinder.find_spec
PathFinder.find_spec = lambda name, *more: None if name == "ldap3" else kept(name, *more)
from tests.config.vocabulary import place_at
from zconnect.config.load import load
from zconnect.errors import ConfigurationError
from zconnect.features import VOCABULARY
assert "ldap3" not in sys.modules
try:
    load(place_at(pathlib.Path({str(tmp_path)!r})), VOCABULARY, environment={{}}, command_line={{}})
except ConfigurationError as stopped:
    print(stopped)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert "ZCON0471E" in done.stdout, done.stderr
    assert 'pip install "zconnect[ldap]"' in done.stdout

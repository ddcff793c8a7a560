"""Under which names the server answers."""

from pathlib import Path

import pytest

from tests.config.vocabulary import place_at, write
from zconnect.config.configuration import Configuration
from zconnect.config.schema import Element
from zconnect.features import VOCABULARY
from zconnect.server.endpoint import HttpEndpoint
from zconnect.server.generation import Source
from zconnect.server.virtualhost import VirtualHost, strangers
from zconnect.values import NO_BODY, Headers, Peer, Request

ENDPOINT, OTHER = HttpEndpoint(id="defaultHttpEndpoint"), HttpEndpoint(id="e2")
OWN = VirtualHost(id="default_host", host_alias=("one.test:9080", "[::1]:9080"))
VH1 = VirtualHost(id="vh1", host_alias=("one.test:9080", "*:9090"))


def asking(authority: str) -> Request:
    return Request("GET", "/", "/", "", Headers([]), NO_BODY, Peer("a", 1, "b", 2), "http", authority, "1.1", 0.0, "1", {})


# Origin: cases virtualhost, virtualhost-default-host and virtualhost-endpoint of the recorded server.
@pytest.mark.parametrize(
    ("elements", "authority", "served"),
    [
        ([OWN], "one.test:9080", True),
        ([OWN], "ONE.test:9080", True),
        ([OWN], "[::1]:9080", True),
        ([OWN], "localhost:9080", False),
        ([OWN], "one.test", False),
        ([OWN], "one.test:80", False),
        ([VH1], "one.test:9080", False),
        ([VH1], "one.test", True),
        ([VH1], "two.test:9080", True),
        ([VH1], "two.test:9090", False),
        ([VH1, OWN], "one.test:9080", True),
        ([VirtualHost(id="vh1", host_alias=("*:9080",), enabled=False)], "one.test:9080", True),
        ([VirtualHost(id="default_host", host_alias=("*:9080",), allow_from_endpoints=(OTHER,))], "a:9080", False),
        ([VirtualHost(id="default_host", host_alias=("*:9080",), allow_from_endpoints=(ENDPOINT,))], "a:9080", True),
    ],
)
def test_names_that_are_not_its_own_get_404(elements: list[Element], authority: str, served: bool) -> None:
    """A name belongs to the host that has it most exactly; what nobody claims belongs to default_host."""
    answer = strangers(Configuration(elements), ENDPOINT)
    assert ((answer(asking(authority)) if answer else None) is None) == served


def test_without_virtual_hosts_nothing_is_asked() -> None:
    """The common case costs nothing."""
    assert strangers(Configuration([]), ENDPOINT) is None
    assert strangers(Configuration([VirtualHost(id="default_host")]), ENDPOINT) is None


def test_hosts_that_make_no_sense_are_told() -> None:
    """One without a name gets no request, and default_host is always there."""
    told = [
        [each.told.message.number for each in host.mistakes()]
        for host in (VirtualHost(id="v"), VirtualHost(id="v", enabled=False), VirtualHost(id="default_host", enabled=False), OWN, VH1)
    ]
    assert told == [["CWWKT0025W"], [], ["CWWKT0024W"], [], []]


SHARED = [
    # hosts, those that are told; VirtualHostMap.addVirtualHost
    ('<virtualHost id="a" hostAlias="one.test"/>\n<virtualHost id="b" hostAlias="two.test,ONE.test:80"/>', ["b", "ONE.test:80", "a"]),
    ('<virtualHost id="a" hostAlias="*:80"/>\n<virtualHost id="default_host" hostAlias="*:80"/>', ["a", "*:80", "default_host"]),
    ('<virtualHost id="a" hostAlias="one.test,one.test"/>\n<virtualHost id="b" hostAlias="one.test" enabled="false"/>', []),
    ('<virtualHost id="a" hostAlias="one.test:81"/>\n<virtualHost id="b" hostAlias="*:81"/>', []),
]


@pytest.mark.parametrize(("content", "expected"), SHARED)
def test_names_that_two_hosts_have_are_told(tmp_path: Path, content: str, expected: list[str]) -> None:
    """At a start, a reload and before them, on the host that is not reached by the name."""
    folder = write(tmp_path / "s", {"server.xml": f"<server>\n{content}\n</server>"})
    problems = Source(place_at(folder), VOCABULARY, {}, {}).load().problems
    found = [problem for problem in problems if problem.told.message.number == "CWWKT0027W"]
    assert [str(value) for problem in found for value in problem.told.parameters.values()] == expected
    assert [(problem.path, problem.where.line) for problem in found] == [
        (f"/server/virtualHost[{host}]/@hostAlias", 3 if host == "b" else 2) for host in expected[:1]
    ]

"""Who may connect, by address and by name."""

import pytest

from zconnect.server.admission import Admission
from zconnect.server.endpoint import TcpOptions

# Origin: cases tcp-address-or-host, tcp-both, tcp-exclude-wild, tcp-host-include, tcp-host-exclude of the recorded server.
CASES = [
    (TcpOptions(), "127.0.0.1", True),
    (TcpOptions(address_include_list=("127.0.0.1",)), "127.0.0.1", True),
    (TcpOptions(address_include_list=("127.0.0.1",)), "127.0.0.2", False),
    (TcpOptions(address_include_list=("10.*.0.1", "127.*.*.*")), "127.8.7.6", True),
    (TcpOptions(address_exclude_list=("127.*.*.*",)), "127.8.7.6", False),
    (TcpOptions(address_exclude_list=("127.*.*.*",)), "10.0.0.1", True),
    (TcpOptions(address_include_list=("127.0.0.1",), address_exclude_list=("127.0.0.1",)), "127.0.0.1", False),
    (TcpOptions(address_include_list=("::1",)), "::1", True),
    (TcpOptions(address_include_list=("2001:db8:*:0:0:0:0:1",)), "2001:db8:ffff::1", True),
    (TcpOptions(address_include_list=("2001:db8:*:0:0:0:0:1",)), "2001:db8:ffff::2", False),
    (TcpOptions(address_exclude_list=("127.0.0.1",)), "::1", True),
    (TcpOptions(host_name_include_list=("localhost",)), "127.0.0.1", True),
    (TcpOptions(host_name_include_list=("LOCALHOST",)), "127.0.0.1", True),
    (TcpOptions(host_name_include_list=("other.test",)), "127.0.0.1", False),
    (TcpOptions(host_name_exclude_list=("localhost",)), "127.0.0.1", False),
    (TcpOptions(address_include_list=("10.0.0.1",), host_name_include_list=("localhost",)), "127.0.0.1", True),
    (TcpOptions(host_name_exclude_list=("other.test",)), "203.0.113.9", False),
]


@pytest.mark.parametrize(("options", "address", "admitted"), CASES)
async def test_lists(options: TcpOptions, address: str, admitted: bool) -> None:
    """No exclude list may have the caller, and one include list has to; a caller whose name cannot be found is in doubt."""
    assert await Admission(options, "e").admits(address) is admitted


@pytest.mark.parametrize(
    ("options", "name"),
    [
        (TcpOptions(address_include_list=("127.0.0",)), "addressIncludeList"),
        (TcpOptions(address_include_list=("127.0.0.0/8",)), "addressIncludeList"),
        (TcpOptions(address_exclude_list=("127.0.0.x",)), "addressExcludeList"),
        (TcpOptions(host_name_include_list=("a.*.b",)), "hostNameIncludeList"),
        (TcpOptions(host_name_exclude_list=("a b",)), "hostNameExcludeList"),
    ],
)
async def test_an_entry_that_cannot_be_read_keeps_everybody_out(options: TcpOptions, name: str, caplog: pytest.LogCaptureFixture) -> None:
    """As the real server does, which says nothing (no CWWKO message)."""
    assert not await Admission(options, "e").admits("127.0.0.1")
    assert f"ZCON0660E: An entry of {name} of the endpoint e" in caplog.text
    assert "CWWKO" not in caplog.text

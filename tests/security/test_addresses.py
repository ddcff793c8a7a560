"""IP ranges of authFilter."""

import pytest

from zconnect.security.addresses import number_of, range_of, ranges_of

# reference of the authFilter element: section 1.7 and the vectors F22 to F27
INSIDE = [
    ("192.168.*.*", "192.168.255.255"),
    ("192.168.*.*", "192.168.0.0"),
    ("10.0.0.9", "10.0.0.9"),
    ("10.0.0.[5-9]", "10.0.0.5"),
    ("10.0.0.[5-9]", "10.0.0.9"),
    ("192.17.[3-9].*", "192.17.9.255"),
    ("127.*", "127.255.255.255"),
    ("1080:0:0:0:8:800:200C:*", "1080::8:800:200c:ffff"),
    ("::1", "0:0:0:0:0:0:0:1"),
    ("::ffff:10.0.0.1", "10.0.0.1"),
    ("10.0.0.*", "::ffff:10.0.0.7"),
    (" 10.0.0.1 ", "10.0.0.1"),
]
OUTSIDE = [
    ("192.168.*.*", "192.169.0.0"),
    ("10.0.0.[5-9]", "10.0.0.4"),
    ("10.0.0.[5-9]", "10.0.0.10"),
    ("192.17.[3-9].*", "192.17.10.0"),
    ("1080:0:0:0:8:800:200C:*", "1080::8:800:200d:0"),
]
MALFORMED = [
    "",
    "*",
    "10.0.0.0/8",
    "192.[2-3].[9-12].*",
    "127.0.0.[5]",
    "127.0.0.[9-5]",
    "10.0.0.1-9",
    "10.0.0.256",
    "10.0.0.*.*",
    "10.*.0.1",
    "[0-300].*.*.*",
    "0177.0.0.1",
    "010.*.*.*",
    "127.1",
    "no-such-host",
    "localhost",
    "10.0.0.1|10.0.0.2",
    "1080:*:0",
]


@pytest.mark.parametrize(("text", "address"), INSIDE)
def test_an_address_of_the_range_is_in_it(text: str, address: str) -> None:
    """Both ends belong to a range, and an IPv4 address mapped into IPv6 is the IPv4 address."""
    low, high = range_of(text)
    assert low <= number_of(address) <= high


@pytest.mark.parametrize(("text", "address"), OUTSIDE)
def test_another_address_is_not_in_the_range(text: str, address: str) -> None:
    """Comparison is by number."""
    low, high = range_of(text)
    assert not low <= number_of(address) <= high


@pytest.mark.parametrize("text", MALFORMED)
def test_what_is_no_range_is_refused(text: str) -> None:
    """Where Liberty drops a condition, and so lets a filter accept more, there is an error instead."""
    with pytest.raises(ValueError, match=r"."):
        range_of(text)


def test_a_list_is_separated_by_bars() -> None:
    """Empty parts do not count; a list without any part is an error."""
    assert len(ranges_of("10.0.0.1||10.0.0.[2-3]")) == 2
    with pytest.raises(ValueError, match="no IP address"):
        ranges_of("|")

"""The places that a command shows."""

from zconnect.cli import places


def test_the_table() -> None:
    """Names end in one column, folders in a slash, as Liberty shows them."""
    lines = places.table("/wlp/usr", "/wlp/usr/servers/s1", "/out/s1").splitlines()
    assert {line.index(": ") for line in lines} == {25}
    assert lines[2:3] + lines[4:] == [
        "             Install root: /wlp/",
        "                User root: /wlp/usr/",
        "                   Config: /wlp/usr/servers/s1/",
        "                   Output: /out/s1/",
    ]


def test_the_log_of_a_command() -> None:
    """When, what, where, and how it ended."""
    text = places.beginning("stop s1", "places") + places.end(21)
    first, *rest = text.splitlines()
    assert first.endswith(" server stop s1")
    assert rest == ["places", "exit code 21"]

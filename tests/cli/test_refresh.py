"""server refresh."""

from tests.cli.home import WEB, Home, free_port
from zconnect.cli.action import Exit

MANUAL = WEB.replace("<featureManager>", '<config updateTrigger="mbean"/><featureManager>')


def test_a_server_that_does_not_look_by_itself(home: Home) -> None:
    """It reads its files when it is asked, and says whether they are in force."""
    first, second = free_port(), free_port()
    home.write("s1", MANUAL.format(port=first))
    home.run("s1")
    home.write("s1", MANUAL.format(port=second))
    assert home.server("refresh", "s1").code == Exit.OK
    assert f"port {second}." in home.log("s1")
    home.write("s1", "<server>")
    assert home.server("refresh", "s1").code == Exit.REDUNDANT


def test_a_server_that_never_looks(home: Home) -> None:
    """updateTrigger=disabled: not even when it is asked, and it says so."""
    home.write("s1", MANUAL.replace("mbean", "disabled").format(port=free_port()))
    home.run("s1")
    assert home.server("refresh", "s1").code == Exit.REDUNDANT
    assert "ZCON0864W" in home.log("s1")
    assert "CWWKG0016I" not in home.log("s1")


def test_a_stopped_server(home: Home) -> None:
    """As with pause: 5."""
    home.write("s1")
    assert home.server("refresh", "s1").code == Exit.UNKNOWN

"""The folder of applications that nobody named."""

from tests.cli.home import Home, home

__all__ = ["home"]

SERVER = """<server>
  <featureManager><feature>jwt-1.0</feature></featureManager>
  <httpEndpoint httpPort="-1" httpsPort="-1"/>
  <applicationMonitor {about}/>
</server>"""


def test_the_folder_is_made_and_what_lies_in_it_is_told(home: Home) -> None:
    home.write("s1", SERVER.format(about=""))
    home.write("s1", "app = None", "dropins/catalog.py")
    home.run("s1")
    assert "ZCON0860W" in home.log("s1")
    assert "catalog.py" in home.log("s1")


def test_another_folder_can_be_named(home: Home) -> None:
    home.write("s1", SERVER.format(about='dropins="incoming"'))
    home.run("s1")
    assert home.path("s1", "incoming").is_dir()
    assert "ZCON0860W" not in home.log("s1")
    home.server("stop", "s1")
    assert not home.path("s1", "incoming").exists()


def test_a_folder_into_which_something_was_put_stays(home: Home) -> None:
    home.write("s1", SERVER.format(about=""))
    home.run("s1")
    home.path("s1", "dropins", "late.py").touch()
    home.server("stop", "s1")
    assert home.path("s1", "dropins", "late.py").exists()


def test_without_features_no_folder_is_made(home: Home) -> None:
    home.write("s1")
    home.run("s1")
    assert not home.path("s1", "dropins").exists()


def test_no_folder_is_made_where_none_is_wanted(home: Home) -> None:
    home.write("s1", SERVER.format(about='dropinsEnabled="false"'))
    home.run("s1")
    assert not home.path("s1", "dropins").exists()


def test_a_folder_that_cannot_be_made_does_not_stop_the_server(home: Home) -> None:
    home.write("s1", SERVER.format(about='dropins="server.xml/within"'))
    home.run("s1")
    assert "ZCON0861W" in home.log("s1")

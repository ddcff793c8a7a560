"""What a dump says about the surroundings; see test_dump.py for the dump itself."""

from xml.etree import ElementTree

from zconnect import __version__
from zconnect.cli.introspection import surroundings


def test_it_can_be_read_by_programs() -> None:
    """The description is XML, whatever stands in it; the packages are one a line."""
    files = {name: content for name, content in surroundings("r/") if isinstance(content, bytes)}
    about = ElementTree.fromstring(files["autopdzip/autopd/autopd-collection-environment-v2.xml"])
    assert about.get("version") == __version__
    assert {len(line.split(maxsplit=2)) for line in files["r/library-inventory.txt"].decode().splitlines()} == {3}

"""The form of locations."""

from pathlib import Path

import pytest

from zconnect.config.location import Location, has_scheme, is_absolute, nearest_paths, normalised, without_credentials

# From 05-values-location of the recorded cases, and sections 2.2 and 5 of the reference.
FORMS = {
    "rel": "rel",
    "rel/": "rel/",
    "a//b": "a/b",
    "a/../b": "b",
    "..\\up": "../up",
    "../../up": "../../up",
    "~/x": "~/x",
    "/abs/./z": "/abs/z",
    "/a/..": "/",
    "a/.": "a/",
    " sp ": " sp ",
    "": "",
    ".": ".",
    "${x}/../y": "${x}/../y",
    "http://h//a/../b": "http://h//a/../b",
    "bogus://h/a": "bogus:/h/a",
}


@pytest.mark.parametrize(("text", "form"), FORMS.items())
def test_locations_are_normalised(text: str, form: str) -> None:
    """Slashes and dots are cleared up, references and addresses stay."""
    assert normalised(text) == form


def test_absolute_locations_do_not_depend_on_where_they_stand() -> None:
    """A slash, a reference, a drive and a scheme make a location absolute."""
    assert all(map(is_absolute, ("/a", "${x}/a", "C:/a", "http://h/a")))
    assert not any(map(is_absolute, ("a", "../a", "C:a")))
    assert has_scheme("ftp://h/a")
    assert not has_scheme("C:/a")


def test_a_location_stays_text() -> None:
    """It can be compared with text and keeps its slash."""
    assert Location("a/") == "a/"


def test_a_path_that_leads_to_nothing_is_put_right(tmp_path: Path) -> None:
    """Its first part that is not there is; what would lead to nothing either is not suggested."""
    (tmp_path / "includes").mkdir()
    (tmp_path / "includes" / "registry.xml").touch()
    for location, meant in {
        "includes/registyr.xml": ("includes/registry.xml",),
        "include/registry.xml": ("includes/registry.xml",),
        "includs/": ("includes/",),
        "includes/registry.xml/": ("includes/registry.xml",),
        "include/other.xml": (),
        "includes/other.xml": (),
    }.items():
        assert nearest_paths(location, tmp_path / location) == meant


ADDRESSES = {
    "http://u:secret@h/x": "http://*****@h/x",
    "https://u:s@cret@h:1/x@y": "https://*****@h:1/x@y",
    "http://h/a@b": "http://h/a@b",
    "x@y/z.xml": "x@y/z.xml",
}


@pytest.mark.parametrize(("location", "shown"), ADDRESSES.items())
def test_credentials_are_not_shown(location: str, shown: str) -> None:
    """Neither a name nor a password of an address; an @ elsewhere is no secret."""
    assert without_credentials(location) == shown

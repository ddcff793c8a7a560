"""The LTPA keys of a server."""

import logging
from pathlib import Path

import pytest

from zconnect.config.passwords import Password
from zconnect.security.keyring import KeyRing, open_key_ring
from zconnect.security.ltpa import Ltpa, ValidationKeys
from zconnect.trust.ltpakeys import made, read

from .support import NOW, assembly


async def ring(settings: Ltpa, **files: bytes) -> tuple[KeyRing, Path, set[Path]]:
    """The ring of a server with files in resources/security, that folder as it then was, and what is watched."""
    async with assembly(settings) as opened:
        file = settings.file(opened.place)
        file.parent.mkdir(parents=True)
        for name, data in files.items():
            (file.parent / f"{name}.keys").write_bytes(data)
        found = await open_key_ring(opened)
        if file.exists():
            assert file.stat().st_mode & 0o077 == 0 or files
            again = await open_key_ring(opened)
            assert (again.own is None) is (found.own is None)
            assert found.own is None or (again.own is not None and again.own.signed(b"x", found.own.sign(b"x")))
        return found, file, opened.watched  # type: ignore[attr-defined]


async def test_keys_are_made_at_the_first_start_and_stay(caplog: pytest.LogCaptureFixture) -> None:
    """CWWKS4104A, and the next start has the same."""
    caplog.set_level(logging.INFO)
    found, _, watched = await ring(Ltpa())
    assert found.own is not None
    assert "CWWKS4104A" in caplog.text
    assert "CWWKS4105I" in caplog.text
    assert not watched


@pytest.mark.parametrize(
    ("variables", "password"),
    [
        ({}, "WebAS"),
        ({"keystore_password": "store"}, "store"),
        ({"keystore_password": "store", "ltpa_keys_password": "own"}, "own"),
    ],
)
async def test_whence_the_password_comes(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], password: str) -> None:
    """As in Liberty: of keysPassword, else of the environment, else the usual one."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert (await ring(Ltpa(), ltpa=made(password)))[0].own is not None
    assert (await ring(Ltpa(keys_password=Password("given")), ltpa=made("given")))[0].own is not None


async def test_a_file_that_does_not_open_is_no_keys(caplog: pytest.LogCaptureFixture) -> None:
    """Neither the one of another password nor a new one in its place."""
    found, _, _ = await ring(Ltpa(keys_password=Password("wrong")), ltpa=made("right"))
    assert found.own is None
    assert list(found.valid(NOW)) == []
    assert "CWWKS4106E" in caplog.text
    assert "wrong" not in caplog.text.replace("the password is wrong", "")


async def test_a_folder_in_its_place_is_no_keys(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What cannot be read is told."""
    async with assembly(Ltpa()) as opened:
        Ltpa().file(opened.place).mkdir(parents=True)
        assert (await open_key_ring(opened)).own is None
    assert "CWWKS4106E" in caplog.text


async def test_keys_that_cannot_be_written_last_as_long_as_the_process(caplog: pytest.LogCaptureFixture) -> None:
    """A read-only image still logs callers in."""
    async with assembly(Ltpa()) as opened:
        (opened.place.output_dir / "resources").write_text("no folder")
        assert (await open_key_ring(opened)).own is not None
    assert "ZCON0440E" in caplog.text


async def test_further_keys_validate_until_their_day(caplog: pytest.LogCaptureFixture) -> None:
    """Those of validationKeys, each with its password; one that does not open is told and does no more."""
    day = "2027-01-15T08:00:00Z"  # NOW
    listed = (
        ValidationKeys(file_name="old.keys", password=Password("o"), valid_until_date=day),
        ValidationKeys(file_name="older.keys", password=Password("wrong")),
        ValidationKeys(file_name="missing.keys", password=Password("m")),
    )
    old = made("o")
    found, _, _ = await ring(Ltpa(validation_keys=listed), old=old, older=made("p"))
    signature = read(old, "o").sign(b"x")
    assert [keys.signed(b"x", signature) for keys in found.valid(NOW - 1)] == [False, True]
    assert [keys.signed(b"x", signature) for keys in found.valid(NOW)] == [False]
    assert caplog.text.count("ZCON0441W") == 4  # two files, two starts


async def test_a_folder_of_keys_validates_and_is_watched() -> None:
    """monitorValidationKeysDir: all *.keys with the password of the first."""
    settings = Ltpa(monitor_validation_keys_dir=True, update_trigger="mbean")
    found, file, watched = await ring(settings, a=made("WebAS"), b=made("WebAS"))
    assert len(list(found.valid(NOW))) == 3
    assert watched == {file, file.parent}

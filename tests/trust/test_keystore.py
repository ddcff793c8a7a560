"""<keyStore>: found, made if need be, and read."""

import logging
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from tests.trust.support import PASSWORD, assembly, certificate, ec_key, entry, revocations, written_trust
from tests.trust.test_jceks import FIXTURE as SEALED
from tests.trust.test_jks import FIXTURE
from zconnect.config.passwords import Password
from zconnect.errors import Unavailable
from zconnect.trust.entries import KeyEntry
from zconnect.trust.keystore import KeyStore, Store, default_store, located
from zconnect.trust.pkcs12 import written
from zconnect.values import Place

CA = entry("ca", ca=True)
SERVER = entry("server", CA)
STORE = KeyStore(id="keys", location="keys.p12", password=Password(PASSWORD))
DEFAULT = KeyStore(id="defaultKeyStore", password=Password(PASSWORD))


def security(folder: Path) -> Path:
    """The folder of keys of a server."""
    path = folder / "resources" / "security"
    path.mkdir(parents=True, exist_ok=True)
    return path


async def opened(folder: Path, settings: KeyStore) -> Store:
    """The store that an element stands for."""
    async with assembly(folder, settings) as made:
        return await made.opened(settings)


async def refusal(folder: Path, settings: KeyStore) -> str:
    """The message with which a store is refused."""
    with pytest.raises(Unavailable) as caught:
        await opened(folder, settings)
    return str(caught.value)


async def test_a_store_gives_keys_and_certificates(tmp_path: Path) -> None:
    """Keys by alias in any letter case, or the first one."""
    (security(tmp_path) / "keys.p12").write_bytes(written(SERVER, PASSWORD))

    store = await opened(tmp_path, STORE)

    assert store.key() == store.key("SERVER") == store.entries.keys["server"]
    assert store.certificate("Server") == SERVER.certificate
    assert store.key("other") is None
    assert store.certificate("other") is None
    assert store.anchors == (SERVER.certificate,)


@pytest.mark.parametrize(("name", "type"), [("java.jks", "PKCS12"), ("java.p12", "JKS"), ("store", "JCEKS")])
@pytest.mark.parametrize("data", [FIXTURE, SEALED], ids=["JKS", "JCEKS"])
async def test_the_file_tells_its_format(name: str, type: str, data: bytes, tmp_path: Path) -> None:
    """A JKS file that is declared PKCS12 loads, and the reverse, as in Liberty."""
    (security(tmp_path) / name).write_bytes(data)

    assert (await opened(tmp_path, replace(STORE, location=name, type=type))).key("ec") is not None


async def test_pem_text_is_a_store(tmp_path: Path) -> None:
    """A file or a folder; each file is watched."""
    folder = security(tmp_path) / "tls"
    folder.mkdir()
    (folder / "server.pem").write_bytes(SERVER.pem)
    async with assembly(tmp_path) as made:
        store = await made.opened(replace(STORE, location="tls", type="PEM", password=None))

    assert store.key("server") is not None
    assert made.watched == {folder, folder / "server.pem"}
    assert (await opened(tmp_path, replace(STORE, location="tls/server.pem"))).key() is not None


@pytest.mark.parametrize(
    ("settings", "data", "expected"),
    [
        (STORE, None, "CWPKI0033E"),
        (STORE, b"nonsense", "CWPKI0033E"),
        (STORE, written(SERVER, "another"), "CWPKI0033E"),
        (STORE, FIXTURE[:-1], "CWPKI0033E"),
        (replace(STORE, type="FOO"), FIXTURE, "CWPKI0033E"),
        (replace(DEFAULT, type="FOO"), None, "CWPKI0033E"),
        (STORE, b"\xce\xce\xce\xce\0\0\0\2", "CWPKI0033E"),
        (replace(STORE, location=""), None, "CWPKI0806E"),
        (replace(STORE, location="safkeyring:///RING", type="JCERACFKS"), None, "CWPKI0033E"),
        (replace(DEFAULT, location="safkeyring:///RING"), None, "CWPKI0033E"),
        (replace(STORE, location="safkeyring://OWNER"), None, "ZCON0350E"),
        (replace(STORE, location="safkeyring://../RING"), None, "ZCON0350E"),
        (replace(STORE, location="safkeyring:///A/B"), None, "ZCON0350E"),
        (replace(STORE, location="keys.p12", type="JCERACFKS"), None, "ZCON0350E"),
        (replace(STORE, type="PKCS11IMPLKS"), None, "ZCON0351E"),
        (replace(DEFAULT, password=Password("short")), None, "CWPKI0808E"),
        (replace(DEFAULT, password=None), None, "CWPKI0819I"),
        (replace(DEFAULT, read_only=True), None, "CWPKI0033E"),
    ],
)
async def test_a_store_that_cannot_be_had_is_told_by_number(
    settings: KeyStore, data: bytes | None, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One clear message with Liberty's number where there is one, and no password in it."""
    monkeypatch.delenv("keystore_password", raising=False)
    if data is not None:
        (security(tmp_path) / "keys.p12").write_bytes(data)

    told = await refusal(tmp_path, settings)

    assert told.startswith(expected)
    assert PASSWORD not in told


@pytest.mark.parametrize(("settings", "told"), [(STORE, True), (replace(DEFAULT, read_only=True), False)])
async def test_a_missing_file_is_told_besides(settings: KeyStore, told: bool, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """CWPKI0807W, where it is not that of the default key store, as in Liberty (WSKeyStore.java)."""
    assert (await refusal(tmp_path, settings)).startswith("CWPKI0033E")
    assert ("CWPKI0807W" in caplog.text) == told


@pytest.mark.parametrize(
    ("location", "folder"),
    [
        ("safkeyring:///Keyring.ZC", "Keyring.ZC"),
        ("safkeyring://START1/Keyring.ZC", "START1/Keyring.ZC"),
        ("safkeyringjce://START1/RING#1", "START1/RING#1"),
    ],
)
async def test_a_key_ring_is_a_folder(location: str, folder: str, tmp_path: Path) -> None:
    """With the type, the filler for a password and the rest that z/OS needs."""
    path = security(tmp_path) / "keyrings" / folder
    path.mkdir(parents=True)
    (path / "server.pem").write_bytes(SERVER.pem)
    settings = replace(STORE, location=location, type="JCERACFKS", file_based=False, read_only=True, password=Password("password"))

    store = await opened(tmp_path, settings)

    assert store.key("server") is not None


async def test_a_revocation_list_that_has_ended_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Because nobody of that authority is believed any more."""
    (security(tmp_path) / "keys.p12").write_bytes(revocations(CA, ends=-timedelta(days=1)).public_bytes(Encoding.PEM))

    assert len((await opened(tmp_path, STORE)).entries.revoked) == 1
    assert "ZCON0352E" in caplog.text


async def test_a_missing_file_is_watched(tmp_path: Path) -> None:
    """So that it is noticed when it comes."""
    async with assembly(tmp_path) as made:
        with pytest.raises(Unavailable):
            await made.opened(STORE)
    assert made.watched == {security(tmp_path) / "keys.p12"}


async def test_updates_can_be_switched_off(tmp_path: Path) -> None:
    """updateTrigger disabled: a changed file counts at the next start."""
    (security(tmp_path) / "keys.p12").write_bytes(written(SERVER, PASSWORD))
    async with assembly(tmp_path) as made:
        await made.opened(replace(STORE, update_trigger="disabled"))
    assert made.watched == set()


def test_a_relative_location_has_three_meanings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The working directory first, then the configuration's resources, then the output's, as in Liberty."""
    for each in ("cwd", "config", "output"):
        (tmp_path / each).mkdir()
    place = Place("s", tmp_path, tmp_path / "config", tmp_path / "output", tmp_path)
    monkeypatch.chdir(tmp_path / "cwd")

    assert located(STORE, place) == tmp_path / "output" / "resources" / "security" / "keys.p12"
    (security(tmp_path / "config") / "keys.p12").touch()
    assert located(STORE, place) == tmp_path / "config" / "resources" / "security" / "keys.p12"
    (tmp_path / "cwd" / "keys.p12").touch()
    assert located(STORE, place) == tmp_path / "cwd" / "keys.p12"
    assert located(replace(STORE, location="/etc/keys.p12"), place) == Path("/etc/keys.p12")


def test_an_old_default_store_counts_while_there_is_no_new_one(tmp_path: Path) -> None:
    """key.jks beside a missing key.p12 is used."""
    place = Place("s", tmp_path, tmp_path, tmp_path, tmp_path)
    (security(tmp_path) / "key.jks").touch()

    assert located(DEFAULT, place).name == "key.jks"
    (security(tmp_path) / "key.p12").touch()
    assert located(DEFAULT, place).name == "key.p12"


async def test_the_default_store_is_made(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """At the first start, with messages, and read at the second."""
    caplog.set_level(logging.INFO)

    made = await opened(tmp_path, DEFAULT)
    again = await opened(tmp_path, DEFAULT)

    assert (tmp_path / "resources" / "security" / "key.p12").is_file()
    assert made.key("default") is not None
    assert made.certificate("default") == again.certificate("default")
    assert "CWPKI0803A" in caplog.text


async def test_the_environment_may_give_the_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Then no keyStore element is needed at all."""
    caplog.set_level(logging.INFO)
    monkeypatch.setenv("keystore_password", "from-the-environment")

    async with assembly(tmp_path) as made:
        store = await default_store(made)

    assert store.key("default") is not None
    assert "CWPKI0820A" in caplog.text
    assert "from-the-environment" not in caplog.text


async def test_the_environment_opens_no_other_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable is the default store's."""
    monkeypatch.setenv("keystore_password", PASSWORD)
    (security(tmp_path) / "keys.p12").write_bytes(written(SERVER, PASSWORD))

    assert (await refusal(tmp_path, replace(STORE, password=None))).startswith("CWPKI0033E")


@pytest.mark.parametrize(("days", "number"), [(5, "CWPKI0016W"), (-1, "CWPKI0017E"), (60, "")])
async def test_an_ending_certificate_is_told(days: int, number: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Thirty days before, and when it is over."""
    own = KeyEntry("own", ec_key("own"), (certificate("own", ec_key("own"), ends=timedelta(days=days)),))
    (security(tmp_path) / "keys.p12").write_bytes(written(own, PASSWORD))

    await opened(tmp_path, STORE)

    assert (number in caplog.text) if number else caplog.text == ""


async def test_a_trust_store_without_keys_opens(tmp_path: Path) -> None:
    """It has anchors and no first key."""
    (security(tmp_path) / "keys.p12").write_bytes(written_trust([("ca", SERVER.chain[1])], PASSWORD))

    store = await opened(tmp_path, STORE)

    assert store.key() is None
    assert store.anchors == (SERVER.chain[1],)

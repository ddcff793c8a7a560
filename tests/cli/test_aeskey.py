"""securityUtility generateAESKey."""

import base64

from tests.cli.home import Home


def test_a_key_of_32_bytes(home: Home) -> None:
    """Another one each time; of one passphrase always the same."""
    first, second = (home.utility("generateAESKey").out.strip() for _ in range(2))
    assert len(base64.b64decode(first, validate=True)) == 32
    assert first != second
    third, fourth = (home.utility("generateAESKey", "--key=abc").out for _ in range(2))
    assert third == fourth


def test_a_file_is_not_overwritten(home: Home) -> None:
    """The key of a running system would be lost."""
    file = home.folder / "a.xml"
    assert home.utility("generateAESKey", f"--createConfigFile={file}").code == 0
    text = file.read_text()
    assert 'name="wlp.aes.encryption.key"' in text
    assert home.utility("generateAESKey", f"--createConfigFile={file}").code == 1
    assert file.read_text() == text

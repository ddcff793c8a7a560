"""Keys for aes that come from files."""

from pathlib import Path

import pytest

from zconnect.cli.passwordoptions import encoded
from zconnect.cli.task import BadArguments, Given
from zconnect.config.passwords import AES_KEY, KEY, Password

RAW = "QyPfW4bUEWoE6xAX6lolWWAbHb8GXJlbp8tyQdxWM2A="
FILES = [
    ("k.properties", f"{KEY}=from-file\n", {KEY: "from-file"}),
    ("k2.properties", f"{AES_KEY}={RAW}\n", {AES_KEY: RAW}),
    ("k.xml", f'<server><variable name="{KEY}" value="from-xml"/></server>', {KEY: "from-xml"}),
]
REFUSED = [
    ("both.properties", f"{KEY}=a\n{AES_KEY}={RAW}\n"),
    ("none.properties", "a=b\n"),
    ("short.properties", f"{AES_KEY}=abc\n"),
]


@pytest.mark.parametrize(("name", "text", "keys"), FILES)
def test_a_key_from_a_file(tmp_path: Path, name: str, text: str, keys: dict[str, str]) -> None:
    """Properties or XML, with one key in it (vectors of the recorded tool)."""
    (tmp_path / name).write_text(text)
    arguments = Given({"aesConfigFile": str(tmp_path / name)}, (), {})
    assert Password(encoded("sesame", "aes", arguments), keys.get).text == "sesame"


@pytest.mark.parametrize(("name", "text"), REFUSED)
def test_a_file_that_does_not_say_which_key(tmp_path: Path, name: str, text: str) -> None:
    """Two keys are as bad as none."""
    (tmp_path / name).write_text(text)
    with pytest.raises(BadArguments):
        encoded("sesame", "aes", Given({"aesConfigFile": str(tmp_path / name)}, (), {}))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """The error names the file."""
    with pytest.raises(BadArguments, match="nosuch"):
        encoded("sesame", "aes", Given({"aesConfigFile": str(tmp_path / "nosuch")}, (), {}))

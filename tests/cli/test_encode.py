"""securityUtility encode."""

import re

import pytest

from tests.cli.home import Home
from zconnect.config.passwords import KEY, Password

KNOWN = [
    # Recorded from the tool of 26.0.0.3.
    (("hello",), "{xor}NzozMzA="),
    (("WebAS",), "{xor}CDo9Hgw="),
    (("  x  ",), "{xor}Jw=="),
    (("--notrim", "  x  "), "{xor}f38nf38="),
    (("Grüße",), "{xor}GC2c45zAOg=="),
    (("--encoding=xor", "--key=k", "hello"), "{xor}NzozMzA="),
]
REFUSED = [
    ("--encoding=aes", "hello"),
    ("--encoding=aes-128", "hello"),
    ("--encoding=AES", "--key=k", "hello"),
    ("--encoding=aes", "--key=k", "--base64Key=a", "hello"),
    ("--encoding=", "hello"),
    ("--encoding=bogus", "hello"),
    ("--bogus=1", "hello"),
    ("hello", "world"),
    ("{xor}NzozMzA=",),
]


@pytest.mark.parametrize(("words", "encoded"), KNOWN)
def test_one_line_and_nothing_else(home: Home, words: tuple[str, ...], encoded: str) -> None:
    """What the tool of 26.0.0.3 prints for it."""
    done = home.utility("encode", *words)
    assert (done.code, done.out, done.err) == (0, f"{encoded}\n", "")


@pytest.mark.parametrize("encoding", ["aes", "aes-128", "aes-256"])
def test_aes_is_read_again_with_its_key(home: Home, encoding: str) -> None:
    """And differs each time."""
    first, second = (home.utility("encode", f"--encoding={encoding}", "--key=k", "sesame").out for _ in range(2))
    assert first != second
    assert Password(first.strip(), {KEY: "k"}.get).text == "sesame"


def test_a_hash_only_matches(home: Home) -> None:
    """It cannot be read back."""
    password = Password(home.utility("encode", "--encoding=hash", "sesame").out.strip())
    assert password.is_hashed
    assert password.matches("sesame")


@pytest.mark.parametrize("words", REFUSED)
def test_what_cannot_be_done(home: Home, words: tuple[str, ...]) -> None:
    """1, an error and the page about the task, all on standard error."""
    done = home.utility("encode", *words)
    assert (done.code, done.out) == (1, "")
    assert re.match(r"\nError: .*\n\n\nUsage:\n", done.err)

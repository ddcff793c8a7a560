"""Encodings of documents: what z/OS writes is read, what can hide markup is refused."""

import pytest

from zconnect.config.charset import readable
from zconnect.config.source import parse
from zconnect.errors import ConfigurationError


def ebcdic(text: str) -> bytes:
    """A text in IBM-1047."""
    return text.translate(str.maketrans("^¬[Ý]¨", "¬^Ý[¨]")).encode("cp037").replace(b"\x25", b"\x15")


def test_a_document_of_z_os_is_read() -> None:
    """IBM-1047 with its own line ends and brackets."""
    data = ebcdic('<?xml version="1.0" encoding="IBM-1047"?>\n<server>\n<e x="[^]"/></server>')

    assert parse(data, "server.xml").children[0].get("x") == "[^]"
    assert parse(data, "server.xml").children[0].where.line == 3


@pytest.mark.parametrize("page", ["IBM037", "cp500", "1140"])
def test_other_code_pages_are_read(page: str) -> None:
    """The pages of the mainframe that are known by several names."""
    codec = "cp" + page[-4:].strip("pcIBM").zfill(3) if page != "1140" else "cp1140"
    data = f'<?xml version="1.0" encoding="{page}"?><server/>'.encode(codec)

    assert readable(data)[0].endswith(b"<server/>")


def test_other_documents_are_left_alone() -> None:
    """What is not EBCDIC goes to the parser as it is."""
    assert readable(b"<server/>") == (b"<server/>", None)


@pytest.mark.parametrize("encoding", ["UTF-7", "UTF-32", "cp1047x", "shift_jis", "unicode_escape", "IBM-930"])
def test_strange_encodings_are_refused(encoding: str) -> None:
    """An encoding that is not on the list stops the start."""
    for data in (
        f'<?xml version="1.0" encoding="{encoding}"?><server/>'.encode(),
        ebcdic(f'<?xml version="1.0" encoding="{encoding}"?><server/>'),
    ):
        with pytest.raises(ConfigurationError):
            parse(data, "server.xml")

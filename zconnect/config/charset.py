"""Bytes of a document → bytes that the XML parser reads; here is what z/OS adds to the usual encodings."""

import re
from codecs import BOM_UTF8
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

# `<?xml` in any EBCDIC code page; the letters that the declaration is made of are the same in all of them.
_EBCDIC_DECLARATION = bytes.fromhex("4c6fa794")
_ENCODING = re.compile(r"""\bencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")

# IBM-1047, the code page of z/OS UNIX, is code page 37 with these six characters changed round.
_OPEN_SYSTEMS: Final = str.maketrans("^¬[Ý]¨", "¬^Ý[¨]")

_EBCDIC: Mapping[str, tuple[str, bool]] = MappingProxyType(
    {
        "1047": ("cp037", True),
        "037": ("cp037", False),
        "37": ("cp037", False),
        "273": ("cp273", False),
        "500": ("cp500", False),
        "1140": ("cp1140", False),
    }
)

# Everything else (UTF-7 above all, in which markup can hide) is refused.
ACCEPTED: Final = frozenset({"utf-8", "utf-16", "utf-16le", "utf-16be", "us-ascii", "iso-8859-1", "iso-8859-15", "windows-1252"})


def readable(data: bytes) -> tuple[bytes, str | None]:
    """The bytes for the parser, and the encoding that they are in where the document's own word no longer holds.

    Raises `LookupError` for an EBCDIC code page that is not known and `UnicodeDecodeError` for bytes outside it.
    """
    if not data.startswith(_EBCDIC_DECLARATION):
        return data.removeprefix(BOM_UTF8), None  # no editor counts it as a column
    declared = _ENCODING.search(data[:200].decode("cp037"))
    page = re.sub(r"^(ibm|cp|ebcdic)?-?0*(?=\d)", "", declared[1].lower()) if declared else "1047"
    codec, open_systems = _EBCDIC[page if page in _EBCDIC else "0" + page]
    text = data.decode(codec)
    if open_systems:
        text = text.translate(_OPEN_SYSTEMS)
    return text.replace("\x85", "\n").encode(), "utf-8"


def decoded(data: bytes) -> str:
    """The text of a document, character for character as the parser counts them; what cannot be read is a replacement character."""
    try:
        data, encoding = readable(data)
    except (LookupError, UnicodeDecodeError):
        return ""
    if encoding is None:
        little, big = data.startswith((b"\xff\xfe", b"<\0")), data.startswith((b"\xfe\xff", b"\0<"))
        declared = _ENCODING.search(data[:200].decode("latin-1"))
        named = declared[1].lower() if declared else ""
        encoding = "utf-16-le" if little else "utf-16-be" if big else named if named in ACCEPTED else "utf-8"
    return data.decode(encoding, "replace")

"""The bytes of documents, within bounds: how many there are, how deep they include each other, how large and slow they are together."""

import time
from collections.abc import Sequence
from typing import Final

from zconnect.config.include import Source
from zconnect.config.remote import PATIENCE, fetch
from zconnect.config.source import LARGEST, MOST_ELEMENTS, read_bytes
from zconnect.messages import Told, error

MOST_DOCUMENTS: Final = 1_000
MOST_BYTES: Final = 4 * LARGEST  # of all documents together
MOST_TAGS: Final = 2 * MOST_ELEMENTS  # the same; start, end and empty ones
DEEPEST_INCLUDE: Final = 32
PATIENCE_IN_ALL: Final = 3 * PATIENCE  # seconds for all that come from elsewhere

TOO_MANY = error(
    "ZCON0109E",
    "The document {document} is not read: there are more than {most} documents, more than {deepest} within each other, "
    "more than {bytes} bytes or more than {tags} tags in all.",
    "Look for includes that multiply; a link to a folder above can cause it.",
)


class Supply:
    """Reads the documents of one configuration."""

    def __init__(self) -> None:
        self._count = self._bytes = self._tags = 0
        self._patience = PATIENCE_IN_ALL

    def refusal(self, source: Source, road: Sequence[str] = ()) -> Told | None:
        """Why a document, to be read after those of `road`, is one too many; None where it is not."""
        self._count += 1
        few = self._count <= MOST_DOCUMENTS and len(road) <= DEEPEST_INCLUDE
        if few and self._bytes <= MOST_BYTES and self._tags <= MOST_TAGS:
            return None
        limits = {"most": MOST_DOCUMENTS, "deepest": DEEPEST_INCLUDE, "bytes": MOST_BYTES, "tags": MOST_TAGS}
        return TOO_MANY(document=source.display, **limits)

    def read(self, source: Source) -> bytes:
        """The bytes of a document; raises `OSError`."""
        data = read_bytes(source.path) if source.path else self._fetched(source.uri)
        self._bytes += len(data)
        self._tags += data.count(b"<")
        return data

    def _fetched(self, url: str) -> bytes:
        if self._patience <= 0:
            raise TimeoutError(f"the documents from elsewhere take longer than {PATIENCE_IN_ALL:.0f} s")
        began = time.monotonic()
        try:
            return fetch(url, patience=min(PATIENCE, self._patience))
        finally:
            self._patience -= time.monotonic() - began

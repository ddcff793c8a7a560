"""Documents that are included by http or https, fetched in a bounded time."""

import time
from typing import Final

from zconnect.config.source import LARGEST

PATIENCE: Final = 10.0  # seconds for one document, connecting included


def fetch(url: str, largest: int = LARGEST, patience: float = PATIENCE) -> bytes:
    """The document at an address; raises `OSError` where it does not come, is too large or comes too slowly."""
    # Most servers include nothing from elsewhere; the client costs a third of the start.
    import http.client
    import urllib.request

    deadline = time.monotonic() + patience
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    parts: list[bytes] = []
    try:
        with opener.open(url, timeout=patience / 2) as answer:
            while piece := answer.read1(65_536):
                parts.append(piece)
                if sum(map(len, parts)) > largest:
                    raise OSError(f"larger than {largest} bytes")
                if time.monotonic() > deadline:
                    raise TimeoutError(f"it takes longer than {patience:.0f} s")
    except (http.client.HTTPException, ValueError) as cause:
        raise OSError(str(cause)) from cause
    return b"".join(parts)

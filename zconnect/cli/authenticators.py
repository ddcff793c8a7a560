"""What `server validate --authenticators` prints: who is asked who a caller is, in which order, for a person or as JSON."""

import json

from zconnect.cli.reading import Reading
from zconnect.messages import printable
from zconnect.security.authenticators import Authenticator, road


def document(reading: Reading, form: str) -> str:
    """The order in a form, `text` or `json`; no text at all where the configuration cannot be used."""
    if reading.loaded is None:
        return ""
    asked = road(reading.loaded.configuration)
    if form == "json":
        return json.dumps([each._asdict() for each in asked], indent=1)
    return "\n\n".join(_paragraph(at, each) for at, each in enumerate(asked, start=1))


def _paragraph(at: int, each: Authenticator) -> str:
    lines = (
        f"{at}. {each.name} ({each.stage})",
        f"    asked for {each.requests}",
        f"    {'also' if each.volunteers else 'not'} where nobody has to log in",
        f"    after bad credentials {'nobody else' if each.ends else 'the next'} is asked",
    )
    return "\n".join(map(printable, lines))

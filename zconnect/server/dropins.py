"""<applicationMonitor>: the folder of applications without an element, which is made as in Liberty and serves nothing.

An application in it would be open or guarded by nobody's word; so each is named in the log instead of being deployed.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import ClassVar, Literal

from zconnect.config.location import Location
from zconnect.config.schema import Element, attr, element
from zconnect.messages import warning

logger = logging.getLogger(__name__)

NOT_DEPLOYED = warning(
    "ZCON0860W",
    "The folder {folder} holds {names}, and nothing in it is served.",
    "Move the application to the folder apps and name it with <webApplication>, where its roles stand as well.",
)
NOT_MADE = warning(
    "ZCON0861W", "The folder {folder} could not be made: {cause}.", 'Give the server the right, or write dropinsEnabled="false".'
)

_NAMED = "applications are named in server.xml, and their changes take effect with the configuration"


@element
class ApplicationMonitor(Element):
    """How applications are watched, and the folder dropins."""

    tag: ClassVar[str] = "applicationMonitor"
    singleton: ClassVar[bool] = True

    update_trigger: Literal["polled", "mbean", "disabled"] = attr(
        default="polled", doc="What makes a changed application start anew", unused=_NAMED
    )
    polling_rate: timedelta = attr(default=timedelta(milliseconds=500), doc="How often applications are looked at", unused=_NAMED)
    dropins: Location = attr(
        default=Location("dropins"),
        doc="The folder of applications without an element; it is made, and what lies in it is told and not served",
    )
    dropins_enabled: bool = attr(default=True, doc="Whether there is such a folder")

    @contextmanager
    def folder(self, config_dir: Path) -> Iterator[None]:
        """Make the folder where it is missing and take it away at the end, as Liberty does; warn of what lies in it."""
        made = config_dir / self.dropins
        try:
            there = made.exists()
            made.mkdir(parents=True, exist_ok=True)
            names = sorted(path.name for path in made.iterdir() if not path.name.startswith("."))
        except OSError as cause:
            NOT_MADE.log(logger, folder=made, cause=cause.strerror)
            yield
            return
        if names:
            NOT_DEPLOYED.log(logger, folder=made, names=", ".join(names[:5]))
        yield
        if not there:
            with suppress(OSError):  # somebody has put something into it
                made.rmdir()

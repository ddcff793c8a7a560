"""<zconnect_workers>: how many processes answer requests."""

import os
from typing import ClassVar

from zconnect.config.schema import Element, attr, element

AUTO = "auto"
_MOST = 256


def _check(text: str) -> None:
    if text.lower() != AUTO and not (text.isascii() and text.isdigit() and 1 <= int(text) <= _MOST):
        raise ValueError(f"it is neither {AUTO} nor a number from 1 to {_MOST}")


@element
class Workers(Element):
    """The processes that answer requests on the ports of the server; all have the same configuration, logs and commands.

    <zconnect_workers count="auto"/>

    Each loads the applications by itself, so what one of them keeps in memory the others do not see. One that dies is replaced.
    """

    tag: ClassVar[str] = "zconnect_workers"
    singleton: ClassVar[bool] = True

    count: str = attr(default="1", check=_check, doc="How many there are, or auto for one for each processor that the server may use")

    @property
    def number(self) -> int:
        """How many processes that is on this machine."""
        return len(os.sched_getaffinity(0)) if self.count.lower() == AUTO else int(self.count)

"""The attributes of a log that say when its file is rolled, the same for each log."""

import re
from datetime import timedelta

from zconnect.config.schema import Element, attr, element
from zconnect.server.logfiles import Rolling

_MEGABYTE = 1024 * 1024
_DAY = 24 * 3600


def _time_of_day(text: str) -> None:
    if text and not re.fullmatch("(?:[01]?[0-9]|2[0-3]):[0-5][0-9]", text):
        raise ValueError("it is no time of day; write it as HH:MM")


@element
class RolledLog(Element):
    """The attributes that decide when a log is rolled and how many files of it stay."""

    max_file_size: int = attr(default=20, minimum=0, doc="How many megabytes a log may have before it is rolled; 0 is no limit")
    max_files: int = attr(default=2, minimum=0, doc="How many files of a log are kept, the current one included; 0 all")
    rollover_start_time: str = attr(
        default="", check=_time_of_day, doc="The time of day, HH:MM, at which logs are rolled for the first time"
    )
    rollover_interval: timedelta = attr(default=timedelta(minutes=-1), unit="m", doc="How often logs are rolled; -1 never")

    @property
    def rolling(self) -> Rolling:
        """What the attributes come to; a start time without an interval is every day."""
        interval = int(self.rollover_interval.total_seconds())
        hours, _, minutes = self.rollover_start_time.partition(":")
        first = int(hours) * 3600 + int(minutes) * 60 if hours.isdigit() and minutes.isdigit() else 0
        if self.rollover_start_time and interval <= 0:
            interval = _DAY
        return Rolling(self.max_file_size * _MEGABYTE, self.max_files, first, max(0, interval))
